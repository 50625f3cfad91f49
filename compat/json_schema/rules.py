"""What makes an object a JSON Schema: its draft's metaschema, and patterns that are patterns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind

from compat.errors import InvalidSchema, TooComplex
from compat.json_schema.documents import Location, children, escaped, value_at
from compat.json_schema.drafts import METASCHEMAS, Draft, without_scheme
from compat.json_schema.library import metaschemas, refuse
from compat.json_schema.patterns import is_ecma, java_fault
from compat.json_text import read, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from compat.json_schema.documents import Document
    from compat.json_text import JsonValue

VALIDATORS: Mapping[Draft, type[jsonschema_rs.Validator]] = {
    Draft.DRAFT_4: jsonschema_rs.Draft4Validator,
    Draft.DRAFT_6: jsonschema_rs.Draft6Validator,
    Draft.DRAFT_7: jsonschema_rs.Draft7Validator,
    Draft.DRAFT_2019_09: jsonschema_rs.Draft201909Validator,
    Draft.DRAFT_2020_12: jsonschema_rs.Draft202012Validator,
}

# Each of these is compiled, which costs a thousand times what reading it costs.
MAX_ECMA_PATTERNS = 100

# Messages quote the value at fault, which may be the whole schema.
MAX_MESSAGE = 300

# For a fault below alternatives jsonschema-rs tells every fault there is below them, in kilobytes
# each and again at every level: a megabyte of them would take more memory than there is.
MAX_TOLD_VALUES = 200


@cache
def metaschema_validator(draft: Draft) -> jsonschema_rs.Validator:
    """Return the validator of a draft's schemas, the formats of URIs and patterns aside.

    URIs with blanks or angle brackets are common in generated schemas and mean no harm; patterns
    have a rule of their own.
    """
    schema: dict[str, JsonValue] = {"$ref": METASCHEMAS[draft]}
    if draft is Draft.DRAFT_4:
        schema = relaxed_draft_4()
    return VALIDATORS[draft](schema, validate_formats=False, retriever=refuse)


def relaxed_draft_4() -> dict[str, JsonValue]:
    """Return draft 4's metaschema without its wish that `required` name at least one property.

    Draft 6 dropped it, and Confluent 8.3 never had it.
    """
    value = read(write(metaschemas()[without_scheme(METASCHEMAS[Draft.DRAFT_4])].value))
    assert isinstance(value, dict), "a metaschema is an object"
    names = value_at(value, "/definitions/stringArray")
    assert isinstance(names, dict), "the metaschema of draft 4 is known"
    del names["minItems"]
    del value["id"]  # under its own URI it would be the one everybody knows
    return value


def check_metaschemas(document: Document) -> None:
    """Raise InvalidSchema where a document, or a part of it, breaks the draft it declares."""
    value = document.value
    if document.foreign:
        value = read(write(value), allow_non_finite=True)
    for part in sorted(document.foreign, key=lambda each: len(each.pointer), reverse=True):
        schema = value_at(value, part.pointer)
        check_metaschema(schema, part.draft, part.pointer)
        assert isinstance(schema, dict), "only an object declares a draft"
        schema.clear()  # what surrounds it sees some schema or other
    if isinstance(value, dict):
        check_metaschema(value, document.draft)


def check_metaschema(schema: JsonValue, draft: Draft, pointer: str = "") -> None:
    """Raise InvalidSchema where a schema breaks its draft's metaschema."""
    validator = metaschema_validator(draft)
    if validator.is_valid(schema):
        return
    if has_many_values(schema):
        schema, pointer = narrowed(schema, draft, pointer)
    error = next(iter(validator.iter_errors(schema)))
    raise refusal(innermost(error), pointer)


def has_many_values(value: JsonValue) -> bool:
    pending, seen = [value], 0
    while pending and seen <= MAX_TOLD_VALUES:
        here = pending.pop()
        seen += 1
        if isinstance(here, dict | list):
            pending += here.values() if isinstance(here, dict) else here
    return seen > MAX_TOLD_VALUES


def narrowed(schema: JsonValue, draft: Draft, pointer: str) -> tuple[JsonValue, str]:
    """Return the first subschema that is at fault by itself, without what is below, and its place.

    Raises InvalidSchema at once where that is too large for its faults to be told.
    """
    is_valid = metaschema_validator(draft).is_valid
    faulty: tuple[JsonValue, str] | None = None
    copy = read(write(schema), allow_non_finite=True)
    # From the innermost outwards: what was judged is emptied, so each value is looked at once.
    for location in reversed(list(subschemas(Location(pointer, copy, "", draft)))):
        own = location.schema
        if not is_valid(own):
            faulty = (dict(own) if isinstance(own, dict) else own, location.pointer)
        if isinstance(own, dict):
            own.clear()
    assert faulty is not None, "the whole is at fault, so some part of it is"
    part, place = faulty
    if not isinstance(part, dict) or not has_many_values(part):
        return faulty
    for keyword, value in part.items():
        if not is_valid({keyword: value}):
            path = f"#{place}/{escaped(keyword)}"
            raise InvalidSchema("not what the metaschema of the draft asks for", path=path)
    raise InvalidSchema("keywords that do not go together", path=f"#{place}")


def subschemas(start: Location) -> Iterator[Location]:
    """Yield a location and all below it, outer ones first."""
    pending = [start]
    while pending:
        location = pending.pop()
        yield location
        pending += reversed(list(children(location)))


def innermost(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return the error that says most: of alternatives, the one that got deepest."""
    while isinstance(error.kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        inner = [each for branch in error.kind.context for each in branch]
        deepest = max(inner, key=lambda each: len(each.instance_path), default=error)
        if len(deepest.instance_path) <= len(error.instance_path):
            return error
        error = deepest
    return error


def refusal(error: jsonschema_rs.ValidationError, pointer: str) -> InvalidSchema:
    path = "".join(f"/{escaped(str(part))}" for part in error.instance_path)
    message = error.message
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}…"
    return InvalidSchema(message, path=f"#{pointer}{path}")


def check_patterns(locations: Iterable[Location]) -> None:
    """Raise InvalidSchema where a regular expression is none."""
    asked = 0
    for place, pattern in patterns_of(locations):
        fault = java_fault(pattern)
        if fault is None:
            continue
        asked += 1
        if asked > MAX_ECMA_PATTERNS:
            raise TooComplex("too many patterns that only ECMA-262 may understand", path=place)
        if not is_ecma(pattern):
            raise InvalidSchema(f"not a regular expression: {fault}", path=place)


def patterns_of(locations: Iterable[Location]) -> Iterator[tuple[str, str]]:
    """Yield place and text of every pattern."""
    for location in locations:
        schema = location.schema
        if not isinstance(schema, dict):
            continue
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            yield f"#{location.pointer}/pattern", pattern
        by_pattern = schema.get("patternProperties")
        if isinstance(by_pattern, dict):
            for each in by_pattern:
                yield f"#{location.pointer}/patternProperties/{escaped(each)}", each
