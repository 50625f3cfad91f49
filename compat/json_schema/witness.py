"""A message that its writer takes and its reader does not, tried with real validators."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from compat.finding import Witness
from compat.json_schema.effort import Effort
from compat.json_schema.library import refuse
from compat.json_schema.name_patterns import ENGINES
from compat.json_schema.reading import Reading
from compat.json_schema.routes import Route
from compat.json_schema.rules import VALIDATORS
from compat.json_schema.shapes import Shapes
from compat.json_text import read, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jsonschema_rs

    from compat.finding import Finding
    from compat.json_schema.routes import Step
    from compat.json_schema.schema import JsonSchema
    from compat.json_text import JsonValue

MAX_TRIES = 2_000
MAX_REFUSED = 20
# Counting what a validator would have to do takes longer than doing it.
MAX_COUNTED = 50_000
MAX_MESSAGE = 300  # of what a validator says, which may quote half a schema

# Below many alternatives a validator has a fault for each of them.
MAX_FAULTS = 20

UNUSABLE = "a validator cannot use the schemas: {}"
TOO_MUCH = "a validator would have too much to do with schemas that refer to themselves like these"
GIVEN_UP = "no message was found in the time that there is for looking"
NOTHING_FOUND = (
    "none of the messages that were tried is accepted by the writer schema and refused by the "
    "reader schema at this place; Confluent's rule compares the schemas, and may refuse what no "
    "message shows"
)


def witness(finding: Finding, *, reader: JsonSchema, writer: JsonSchema) -> Witness | str:
    """Return a message that shows a finding between two schemas, or the reason there is none."""
    try:
        shapes = Shapes()
        trial = Trial(shapes, reader=reader, writer=writer)
        route = Route(Reading(reader, shapes).root, Reading(writer, shapes).root, finding.path)
        return trial.of(route)
    except (InvalidSchema, ValueError) as error:
        return UNUSABLE.format(str(error)[:MAX_MESSAGE])


class Trial:
    """Both schemas as validators have them."""

    def __init__(self, shapes: Shapes, *, reader: JsonSchema, writer: JsonSchema) -> None:
        self.reader = validator(reader)
        self.writer = validator(writer)
        # Without references the text itself bounds the work.
        self.efforts = [
            Effort(schema) for schema in (reader, writer) if shapes.refers(shapes.of(schema.value))
        ]

    def of(self, route: Route) -> Witness | str:
        refused = 0
        for document in islice(route.documents(), MAX_TRIES):
            if not all(effort.is_affordable(document) for effort in self.efforts):
                refused += 1
                if refused > MAX_REFUSED:
                    break
                continue
            if self.writer.is_valid(document) and not self.reader.is_valid(document):
                failure = self.failure(document, route.place)
                if failure is not None:
                    text = write(document)
                    return Witness(text, failure, text.encode())
            if sum(effort.spent for effort in self.efforts) > MAX_COUNTED:
                return GIVEN_UP
        return TOO_MUCH if refused else NOTHING_FOUND

    def failure(self, document: JsonValue, place: Sequence[Step]) -> str | None:
        """Return what the reader says, None when that is about another place."""
        for error in islice(self.reader.iter_errors(document), MAX_FAULTS):
            if is_about(error, list(place)):
                message = error.message
                return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
        return None


def is_about(error: jsonschema_rs.ValidationError, place: list[Step]) -> bool:
    """Tell whether a fault is at a place or below, or above it and not about another member."""
    at = list(error.instance_path)
    if at[: len(place)] == place:
        return True
    if place[: len(at)] != at:
        return False
    member, kind = place[len(at)], error.kind
    if kind.name == "required":
        return getattr(kind, "property", member) == member
    return member in getattr(kind, "unexpected", [member])


def validator(schema: JsonSchema) -> jsonschema_rs.Validator:
    """Return a validator that has all references at hand; raises ValueError, InvalidSchema."""
    value = read(schema.rendered("bundled"), allow_non_finite=True)
    for engine in ENGINES[:-1]:
        try:
            return compiled(schema, value, engine)
        except ValueError:
            continue
    return compiled(schema, value, ENGINES[-1])


def compiled(
    schema: JsonSchema,
    value: JsonValue,
    engine: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions,
) -> jsonschema_rs.Validator:
    assert isinstance(value, dict | bool), "nothing else is a schema"
    return VALIDATORS[schema.draft](
        value, retriever=refuse, validate_formats=False, pattern_options=engine
    )
