"""Messages of the log's protocol in every version that is spoken, drawn or built from its table."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from kio.schema.errors import ErrorCode

from accord_log.kafka.fields import (
    BOOL,
    BYTES,
    INT8,
    INT16,
    INT32,
    INT64,
    RECORDS,
    STRING,
    UUID,
)
from accord_log.kafka.layout import Array, Structure, layout
from accord_log.kafka.messages import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    from accord_log.kafka.fields import Kind, Message
    from accord_log.kafka.layout import Field, Form

# Every request and response in every version.
SPOKEN: list[tuple[type[Message], int]] = [
    (cls, version)
    for request in REQUESTS.values()
    for cls in (request, request.response)
    for version in cls.versions
]
INTEGERS = {INT8: 7, INT16: 15, INT32: 31, INT64: 63}  # with so many bits and a sign
# What kio makes a time of; it counts in floats, and its calendar ends with the year 9999.
TIMES = {"log_append_time_ms", "transaction_start_time_ms"}
LAST_MS = 253_402_300_799_000
DURATIONS = {"retention_time_ms", "session_lifetime_ms"}
EXACT = 2**52


def spoken_id(spoken: object) -> str:
    """Name a class or a version in a test's id."""
    return spoken.__name__ if isinstance(spoken, type) else str(spoken)


def messages(cls: type[Message], version: int) -> SearchStrategy[Any]:
    """Draw messages whose every value kio can hold too."""
    return _structures(layout(cls, version))


def full_message(cls: type[Message], version: int) -> Any:
    """Build the message whose every field is told, and whose arrays have two elements."""
    return _full(layout(cls, version), count(1))


def built(structure: Structure, fields: dict[str, Any]) -> Any:
    """Build a structure from JSON, where bytes are hexadecimal."""
    known = {field.name: field for field in (*structure.fields, *structure.tagged)}
    return structure.made(**{name: _built(known[name].form, fields[name]) for name in fields})


def _built(form: Form, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(form, Structure):
        return built(form, value)
    if isinstance(form, Array):
        return [_built(form.of, element) for element in value]
    return bytes.fromhex(value) if form in (BYTES, RECORDS, UUID) else value


def _full(form: Form, numbers: Iterator[int]) -> Any:
    if isinstance(form, Structure):
        fields = (*form.fields, *form.tagged)
        return form.made(**{field.name: _full(field.form, numbers) for field in fields})
    if isinstance(form, Array):
        return [_full(form.of, numbers), _full(form.of, numbers)]
    number = next(numbers)
    return number if form in INTEGERS else FULL[form](number)


FULL: dict[Kind, Callable[[int], Any]] = {
    STRING: "né{}".format,
    BYTES: lambda number: b"\x80" * number,
    RECORDS: lambda number: b"\x00" * number,
    UUID: lambda number: number.to_bytes(16, "big"),
    BOOL: lambda _: True,
}


def _structures(structure: Structure) -> SearchStrategy[Any]:
    fields = (*structure.fields, *structure.tagged)
    return st.builds(structure.made, **{field.name: _values(field) for field in fields})


def _values(field: Field) -> SearchStrategy[Any]:
    if field.tag is not None and isinstance(field.form, Structure):
        # One that is as it is when it is absent is not written, and is read as none.
        default = field.form.made()
        return st.none() | _structures(field.form).filter(lambda made: made != default)
    values = _named(field)
    return st.none() | values if field.nullable else values


def _named(field: Field) -> SearchStrategy[Any]:
    if field.name.endswith("error_code"):
        return st.sampled_from([int(code) for code in ErrorCode])
    if field.name in TIMES:
        return st.integers(0, LAST_MS)
    return st.integers(-EXACT, EXACT) if field.name in DURATIONS else _forms(field.form)


def _forms(form: Form) -> SearchStrategy[Any]:
    if isinstance(form, Structure):
        return _structures(form)
    if isinstance(form, Array):
        return st.lists(_forms(form.of), max_size=3)
    return KINDS[form]


KINDS: dict[Kind, SearchStrategy[Any]] = {
    BOOL: st.booleans(),
    STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    BYTES: st.binary(max_size=200),
    RECORDS: st.binary(max_size=200),
    UUID: st.binary(min_size=16, max_size=16),
    **{kind: st.integers(-(2**bits), 2**bits - 1) for kind, bits in INTEGERS.items()},
}
