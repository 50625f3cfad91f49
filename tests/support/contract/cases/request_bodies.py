"""Bodies as JSON readers of the JVM take them: what is read in spite of all, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contract.case import ANY, Ask, Case, Gives, Like, ok, refused, register
from contract.texts import ONE, STRING

if TYPE_CHECKING:
    from collections.abc import Callable

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off


class Route(NamedTuple):
    """A route that reads a body: a sound one without its closing brace, and what it gives."""

    template: str
    ask: str
    entity: str
    open_body: str
    status: int = 200
    before: tuple[Ask, ...] = ()


THERE = (register("s", ONE),)
TIE = ('{"resourceName":"t","resourceNamespace":"k","resourceId":"r","associations":'
       '[{"subject":"s"}]')
SCHEMA = '{"schema":' + '"' + ONE.replace('"', '\\"') + '"'
ROUTES = (
    Route("POST /subjects/{subject}", "POST /subjects/s", "RegisterSchemaRequest", SCHEMA,
          before=THERE),
    Route("POST /subjects/{subject}/versions", "POST /subjects/s/versions",
          "RegisterSchemaRequest", SCHEMA),
    Route("POST /subjects/{subject}/versions/{version}/tags", "POST /subjects/s/versions/1/tags",
          "TagSchemaRequest", '{"newVersion":2', before=THERE),
    Route("POST /compatibility/subjects/{subject}/versions",
          "POST /compatibility/subjects/s/versions", "RegisterSchemaRequest", SCHEMA),
    Route("POST /compatibility/subjects/{subject}/versions/{version}",
          "POST /compatibility/subjects/s/versions/latest", "RegisterSchemaRequest", SCHEMA),
    Route("PUT /config", "PUT /config", "ConfigUpdateRequest", '{"compatibility":"FULL"'),
    Route("PUT /config/{subject}", "PUT /config/s", "ConfigUpdateRequest", '{"normalize":true'),
    Route("PUT /mode", "PUT /mode", "ModeUpdateRequest", '{"mode":"READONLY"'),
    Route("PUT /mode/{subject}", "PUT /mode/s", "ModeUpdateRequest", '{"mode":"READONLY"'),
    Route("POST /associations", "POST /associations", "AssociationCreateOrUpdateRequest", TIE,
          before=THERE),
    Route("PUT /associations/resources/{resourceId}", "PUT /associations/resources/r",
          "AssociationCreateOrUpdateRequest", TIE, before=THERE),
    Route("POST /associations:batchGet", "POST /associations:batchGet",
          "AssociationBatchGetRequest", '{"requests":[{"resourceId":"r"}]', 207),
    Route("POST /associations:batchMutate", "POST /associations:batchMutate",
          "AssociationBatchRequest", '{"requests":[{"resourceId":"r"}]', 207),
)


def each(title: str, make: Callable[[Route], str | bytes], gives: Gives | None = None,
         ) -> tuple[Case, ...]:
    """Send it to every route; without a refusal it must be taken as a sound body is."""
    found = []
    for route in ROUTES:
        method, path = route.ask.split()
        made = make(route)
        raw = made if isinstance(made, bytes) else made.encode()
        wanted = ok(ANY, status=route.status) if gives is None else gives
        found.append(Case(route.template, f"body: {title}", Ask(method, path, raw=raw), wanted,
                          route.before))
    return tuple(found)


def malformed(message: Any) -> Gives:
    return refused(400, 400, message)


NULL = refused(422, 422, Like("", ".arg", " must not be null (was null)"))

TAKEN = (
    *each("sound", lambda route: f"{route.open_body}}}"),
    *each("with spaces and lines around", lambda route: f" \r\n\t{route.open_body}\n}} \n"),
    *each("with something after it", lambda route: f"{route.open_body}}} and more"),
    *each("with another object after it", lambda route: f"{route.open_body}}}{{}}"),
    *each("with unknown fields", lambda route: f'{route.open_body},"x":1,"y":{{"z":[]}}}}'),
    *each("with unknown fields in any script", lambda route: f'{route.open_body},"ä😀":"ß"}}'),
    *each("with a field twice", lambda route: f"{route.open_body},{route.open_body[1:]}}}"),
    *each("with a byte order mark", lambda route: f"\ufeff{route.open_body}}}"),
)

REFUSED = (
    *each("nothing", lambda _: "", NULL),
    *each("spaces", lambda _: " \n", NULL),
    *each("null", lambda _: "null", NULL),
    *each("no field name", lambda _: "{bad}", malformed(
        "Unexpected character ('b' (code 98)): was expecting double-quote to start field name")),
    *each("not a word of JSON", lambda _: "nonsense", malformed(ANY)),
    *each("cut off", lambda route: route.open_body, malformed(
        Like("Unexpected end-of-input: expected close marker for Object"))),
    *each("a brace", lambda _: "{", malformed(
        Like("Unexpected end-of-input: expected close marker for Object"))),
    *each("a bracket", lambda _: "[", malformed(
        Like("Unexpected end-of-input: expected close marker for Array"))),
    *each("a text", lambda _: '"x"', malformed(Like("Cannot "))),
    *each("a number", lambda _: "1", malformed(Like("Cannot "))),
    *each("a flag", lambda _: "true", malformed(Like("Cannot "))),
    *each("bytes that are no text", lambda route: route.open_body.encode() + b',"x":"\xff"}',
          malformed(Like("Invalid UTF-8 start byte 0xff"))),
    *each("nested too deep", lambda route: f'{route.open_body},"x":{"[" * 9000}{"]" * 9000}}}',
          malformed(ANY)),
)

ARRAYS = tuple(
    Case(route.template, "body: a list", Ask(*route.ask.split(), raw=b"[{}]"), malformed(
        f"Cannot deserialize value of type `{route.entity}` from Array value "
        "(token `JsonToken.START_ARRAY`)"), route.before)
    for route in ROUTES
)

REGISTER = "POST /subjects/{subject}/versions"


def sent(title: str, text: str, gives: Gives) -> Case:
    ask = Ask("POST", "/subjects/s/versions", raw=text.encode())
    return Case(REGISTER, f"body: {title}", ask, gives)


def number(text: str) -> Gives:
    return malformed(
        f'Cannot deserialize value of type `Integer` from String "{text}": '
        "not a valid `java.lang.Integer` value")


TEXT = STRING.replace('"', '\\"')
COERCED = (
    sent("an id as text", f'{{"schema":"{TEXT}","id":"-1"}}', ok({"id": 1})),
    sent("an id as empty text", f'{{"schema":"{TEXT}","id":""}}', ok({"id": 1})),
    sent("an id with a fraction", f'{{"schema":"{TEXT}","id":-1.5}}', ok({"id": 1})),
    sent("an id of null", f'{{"schema":"{TEXT}","id":null}}', ok({"id": 1})),
    sent("a version as text", f'{{"schema":"{TEXT}","version":"1"}}', ok({"id": 1})),
    sent("an id that is no number", f'{{"schema":"{TEXT}","id":"abc"}}', number("abc")),
    sent("an id with letters", f'{{"schema":"{TEXT}","id":"1x"}}', number("1x")),
    sent("an id beyond an int", f'{{"schema":"{TEXT}","id":99999999999}}', malformed(
        "Numeric value (99999999999) out of range of int (-2147483648 - 2147483647)")),
    sent("an id as list", f'{{"schema":"{TEXT}","id":[1]}}', malformed(
        "Cannot deserialize value of type `Integer` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    sent("an id as object", f'{{"schema":"{TEXT}","id":{{}}}}', malformed(
        "Cannot deserialize value of type `Integer` from Object value "
        "(token `JsonToken.START_OBJECT`)")),
    sent("a schema as object", '{"schema":{"type":"string"}}', malformed(
        "Cannot deserialize value of type `String` from Object value "
        "(token `JsonToken.START_OBJECT`)")),
    sent("a schema as list", '{"schema":["null"]}', malformed(
        "Cannot deserialize value of type `String` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    sent("a kind of rule that is none", f'{{"schema":"{TEXT}","ruleSet":{{"domainRules":'
         '[{"name":"r","kind":"FOO","type":"CEL"}]}}', malformed(
        'Cannot deserialize value of type `RuleKind` from String "FOO": '
        "not one of the values accepted for Enum class: [CONDITION, TRANSFORM]")),
    sent("escapes", '{"sch\\u0065ma":"\\u0022string\\u0022"}', ok({"id": 1})),
)

CASES = (*TAKEN, *REFUSED, *ARRAYS, *COERCED)
