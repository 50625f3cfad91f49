"""Read request bodies as Confluent's JSON reader does: what it takes, and what it says.

Trailing tokens are ignored, numbers and booleans are taken for texts, unknown fields are dropped.
Source: Confluent 8.3, Jackson with its default coercions.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from registry.errors import MalformedRequest, NullBody
from registry.model import MAX_ID

if TYPE_CHECKING:
    from enum import Enum

    from starlette.requests import Request

TOKENS = {
    dict: ("Object", "START_OBJECT"),
    list: ("Array", "START_ARRAY"),
    str: ("String", "VALUE_STRING"),
    int: ("Integer", "VALUE_NUMBER_INT"),
    float: ("Floating-point", "VALUE_NUMBER_FLOAT"),
}
MIN_INT = -MAX_ID - 1

# A body of ten megabytes can hold three million empty lists, which take seconds to read and
# hundreds of megabytes to keep. Commas and brackets inside texts are counted along: the largest
# schema that any format reads has fewer.
MAX_PARTS = 1_500_000
# Rules, tags, properties, requests of a batch: what people write has tens, generated ones hundreds.
MAX_MEMBERS = 10_000
# Each request of a batch is a transaction of its own.
MAX_BATCH = 1000
# As many as the setting for references can allow.
MAX_REFERENCES = 100_000
# A smaller body is read in less time than a thread takes to start.
THREAD_BYTES = 64_000


class Body(BaseModel):
    """A request body: fields in camel case, unknown ones dropped."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


B = TypeVar("B", bound=Body)


def mismatch(wanted: str, value: object) -> PydanticCustomError:
    """Return the complaint about a value of the wrong kind."""
    return PydanticCustomError("mismatch", "{text}", {"text": mismatch_text(wanted, value)})


def mismatch_text(wanted: str, value: object) -> str:
    if isinstance(value, bool):
        name, token = "Boolean", f"VALUE_{str(value).upper()}"
    else:
        name, token = TOKENS.get(type(value), ("Null", "VALUE_NULL"))
    return (
        f"Cannot deserialize value of type `{wanted}` from {name} value (token `JsonToken.{token}`)"
    )


def as_text(value: object) -> object:
    """Take numbers and booleans as the text they were written as."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise mismatch("String", value)


def as_int(value: object) -> object:
    """Take texts of digits and cut fractions; refuse what a Java int cannot hold."""
    if value is None:
        return None
    if isinstance(value, bool | dict | list):
        raise mismatch("Integer", value)
    if isinstance(value, str):
        return _int_from_text(value)
    assert isinstance(value, int | float)
    if not MIN_INT <= value <= MAX_ID:
        text = f"Numeric value ({value}) out of range of int ({MIN_INT} - {MAX_ID})"
        raise PydanticCustomError("range", "{text}", {"text": text})
    return int(value)


def _int_from_text(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        number = int(text) if len(text) <= len(str(MIN_INT)) else MAX_ID + 1
    except ValueError:
        number = MAX_ID + 1
    if MIN_INT <= number <= MAX_ID:
        return number
    complaint = (
        f'Cannot deserialize value of type `Integer` from String "{text}": '
        "not a valid `java.lang.Integer` value"
    )
    raise PydanticCustomError("integer", "{text}", {"text": complaint})


def as_flag(value: object) -> object:
    """Take the texts `true` and `false`, and numbers as C does."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    if isinstance(value, str):
        complaint = (
            f'Cannot deserialize value of type `Boolean` from String "{value}": '
            'only "true" or "false" recognized'
        )
        raise PydanticCustomError("boolean", "{text}", {"text": complaint})
    raise mismatch("Boolean", value)


def as_member(kind: type[Enum], java_name: str) -> Any:  # noqa: ANN401 - a validator for pydantic
    """Return a check that a text names a member."""

    def check(value: object) -> object:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise mismatch(java_name, value)
        try:
            return kind(value)
        except ValueError:
            members = ", ".join(sorted(member.value for member in kind))
            complaint = (
                f'Cannot deserialize value of type `{java_name}` from String "{value}": '
                f"not one of the values accepted for Enum class: [{members}]"
            )
            raise PydanticCustomError("member", "{text}", {"text": complaint}) from None

    return check


def as_list(value: object) -> object:
    return _list_of(value, most=MAX_MEMBERS)


def as_texts(value: object) -> object:
    """Take a list of texts; the first wrong one of thousands is told, not all of them."""
    listed = as_list(value)
    if not isinstance(listed, list):
        return None
    texts = [as_text(item) for item in listed]
    if None in texts:
        raise mismatch("String", None)
    return texts


def as_batch(value: object) -> object:
    return _list_of(value, most=MAX_BATCH)


def as_long_list(value: object) -> object:
    return _list_of(value, most=MAX_REFERENCES)


def _list_of(value: object, *, most: int) -> object:
    if value is None:
        return None
    if not isinstance(value, list):
        raise mismatch("ArrayList", value)
    return _bounded(value, most)


def as_map(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise mismatch("LinkedHashMap", value)
    return _bounded(value, MAX_MEMBERS)


def _bounded(value: list[Any] | dict[str, Any], most: int) -> object:
    if len(value) > most:
        kind = "A list" if isinstance(value, list) else "An object"
        text = f"{kind} has {len(value)} members, more than the limit of {most}"
        raise PydanticCustomError("members", "{text}", {"text": text})
    return value


async def read_body(request: Request, kind: type[B], *, null_name: str) -> B:
    """Return the body; `null_name` is what Confluent calls it when it is missing.

    Raises NullBody, MalformedRequest.
    """
    raw = await request.body()
    if len(raw) < THREAD_BYTES:
        return body_of(raw, kind, null_name=null_name)
    return await asyncio.to_thread(body_of, raw, kind, null_name=null_name)


def body_of(raw: bytes, kind: type[B], *, null_name: str) -> B:
    """Return the body that the bytes hold; raises NullBody, MalformedRequest."""
    value = parse_json(raw)
    if value is None:
        raise NullBody(null_name)
    if not isinstance(value, dict):
        raise MalformedRequest(mismatch_text(kind.__name__, value))
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise MalformedRequest(_first_complaint(error)) from error


def _first_complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    ours = first.get("ctx", {}).get("text")
    if isinstance(ours, str):
        return ours
    java_name = "RegisterSchemaRequest" if not first["loc"] else str(first["loc"][-1])
    return mismatch_text(java_name, first.get("input"))


def parse_json(raw: bytes) -> object:
    """Return the first JSON value of the body, None for an empty one; raises MalformedRequest."""
    if not raw.strip():
        return None
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MAX_PARTS:
        raise MalformedRequest(f"The body has more than {MAX_PARTS} parts")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _parse_leniently(raw)


def _parse_leniently(raw: bytes) -> object:
    """Take the first value and ignore what follows it; say what is wrong as Jackson does."""
    try:
        text = raw.decode().lstrip("\ufeff \t\r\n")
        value, _ = json.JSONDecoder().raw_decode(text)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"Invalid UTF-8 at byte {error.start}") from error
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise MalformedRequest(f"A text has half of a surrogate pair ({half})") from error
    except RecursionError as error:
        raise MalformedRequest("Document nesting depth exceeds the maximum allowed") from error
    except json.JSONDecodeError as error:
        raise MalformedRequest(_jackson_text(error)) from error
    except ValueError as error:
        raise MalformedRequest("A number has too many digits") from error
    return value


def _jackson_text(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
        kind = "Array" if error.doc.startswith("[") else "Object"
        return f"Unexpected end-of-input: expected close marker for {kind}"
    char = error.doc[error.pos]
    expected = {
        "Expecting property name enclosed in double quotes": (
            "was expecting double-quote to start field name"
        ),
        "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
        "Expecting ',' delimiter": "was expecting comma to separate entries",
    }.get(error.msg, "expected a valid value (JSON String, Number, Array, Object or token)")
    return f"Unexpected character ('{char}' (code {ord(char)})): {expected}"
