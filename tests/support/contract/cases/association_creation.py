"""POST /associations: a topic is made, and its subjects with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, delete, get, ok, post, refused, register
from contract.texts import INT, ONE, STRING, mode, soft
from contract.ties import (
    OWN_KEY,
    OWN_VALUE,
    SUBJECTS,
    changed,
    create,
    entity,
    exists,
    info,
    request,
    strong,
    weak,
)

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "POST /associations"
TIED = (get("/associations/resources/r"), ok([entity("s")]))
NO_SUBJECT = (get("/subjects?deleted=true"), ok([]))


def case(title: str, ask: Ask, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(ROUTE, title, ask, gives, before, **more)


def made(*infos: Any, **resource: Any) -> Gives:
    return ok(changed(*infos, **resource))


def owned(kind: str = "value", schema: str = STRING) -> Any:
    return info(f":.k:t-{kind}", kind, "STRONG", schema)


WEAK = (
    case("a weak one", create(weak()), made(info("s")), *SUBJECTS, after=(TIED,)),
    case("value is the type when none is named", create({"subject": "s"}), made(info("s")),
         *SUBJECTS),
    case("an empty type is no type", create(weak(kind="")), made(info("s")), *SUBJECTS),
    case("for keys", create(weak("s", "key")), made(info("s", "key")), *SUBJECTS),
    case("for keys and values", create(weak("s", "key"), weak("x", "value")),
         made(info("s", "key"), info("x")), *SUBJECTS),
    case("for values and keys", create(weak("x", "value"), weak("s", "key")),
         made(info("x"), info("s", "key")), *SUBJECTS),
    case("one subject for both", create(weak("s", "key"), weak("s", "value")),
         made(info("s", "key"), info("s")), *SUBJECTS),
    case("said to be weak", create(weak(lifecycle="WEAK")), made(info("s")), *SUBJECTS),
    case("said not to be frozen", create(weak(frozen=False)), made(info("s")), *SUBJECTS),
    case("topic is the type of resource when none is named", create(weak(), resourceType=None),
         made(info("s")), *SUBJECTS),
    case("an empty type of resource is none", create(weak(), resourceType=""), made(info("s")),
         *SUBJECTS),
    case("the second of a resource", create(weak("x", "key")), made(info("x", "key")), *SUBJECTS,
         create(weak()), after=((get("/associations/resources/r"),
                                 ok([entity("s"), entity("x", "key")])),)),
    case("a subject of another context", create(weak(":.c:y")), made(info(":.c:y")),
         register(":.c:y", STRING)),
    case("a name with dots", create(weak(), resourceName="a.b_c-1"),
         made(info("s"), resourceName="a.b_c-1"), *SUBJECTS),
    case("unknown fields", create(weak(x=1), y=2), made(info("s")), *SUBJECTS),
    case("inside a context", post("/contexts/c/associations", request(weak("y"))),
         made(info(":.c:y")), register(":.c:y", STRING)),
    case("in a context by query", create(weak("y"), query="?context=:.c:"), made(info(":.c:y")),
         register(":.c:y", STRING)),
    case("inside a context, whatever the query says",
         post("/contexts/c/associations?context=:.d:", request(weak("y"))),
         made(info(":.c:y")), register(":.c:y", STRING)),
    case("a context that is none", create(weak(), query="?context=a:b"),
         refused(400, 400, "Context name 'a:b' cannot contain a colon"), *SUBJECTS),
)

STRONG = (
    case("with a schema", create(strong()), made(owned()), after=(
        (get("/subjects"), ok([OWN_VALUE])), (get("/contexts"), ok([".", ".k"])),
        (get("/associations/resources/r"), ok([entity(OWN_VALUE, "value", "STRONG")])))),
    case("with schemas for keys and values", create(strong(kind="key"), strong(INT, "value")),
         made(owned("key"), owned(schema=INT)),
         after=((get("/subjects"), ok([OWN_KEY, OWN_VALUE])),)),
    case("said to be strong", create(strong(lifecycle="STRONG")), made(owned())),
    case("said to be frozen", create(strong(frozen=True)), made(owned())),
    case("with its subject named", create(strong(subject=OWN_VALUE)), made(owned())),
    case("inside its context", post("/contexts/k/associations",
         request(strong(subject="t-value"))), made(owned())),
    case("with the schema as it is kept", create(strong(' "string"\n')), made(owned())),
    case("normalised", create(strong('{"type":"record","name":"R","fields":[],"b":1,"a":2}',
         normalize=True)),
         made(owned(schema='{"type":"record","name":"R","fields":[],"a":2,"b":1}'))),
    case("the second of a resource, strong too", create(strong(INT, "key")),
         made(owned("key", INT)), create(strong())),
    case("over soft-deleted versions", create(strong(INT)), made(owned(schema=INT)),
         register(OWN_VALUE, STRING), soft(OWN_VALUE)),
    case("with tags", create({"schema": {"schema": ONE, "schemaTagsToAdd": [
        {"schemaEntity": {"entityPath": "R.a", "entityType": "sr_field"}, "tags": ["PII"]}]}}),
        ok(ANY), after=((get(f"/subjects/{OWN_VALUE}/versions/1/schema"),
                         ok(text=ONE.replace('"string"', '"string","confluent:tags":["PII"]'))),)),
    case("with metadata", create({"schema": {"schema": ONE, "metadata":
         {"properties": {"a": "b"}}}}), ok(ANY),
         after=((get(f"/subjects/{OWN_VALUE}/metadata?key=a&value=b"), ok(ANY)),)),
)

WEAK_TIE = create(weak())
STRONG_TIE = create(strong())
AGAIN = (
    case("again", WEAK_TIE, made(info("s")), *SUBJECTS, WEAK_TIE, after=(TIED,)),
    case("again, saying more", create(weak(lifecycle="WEAK", frozen=False)), made(info("s")),
         *SUBJECTS, WEAK_TIE),
    case("again, and another", create(weak(), weak("x", "key")), made(info("s"), info("x", "key")),
         *SUBJECTS, WEAK_TIE),
    case("again, strong", STRONG_TIE, made(owned()), STRONG_TIE),
    case("again, strong, after it moved on", STRONG_TIE, made(owned()), STRONG_TIE,
         register(OWN_VALUE, '"bytes"')),
    case("again, strong, read-only", STRONG_TIE, made(owned()), STRONG_TIE,
         mode("READONLY", OWN_VALUE)),
    case("again, strong, without its schema", create({"lifecycle": "STRONG"}),
         made(info(OWN_VALUE, lifecycle="STRONG")), STRONG_TIE),
    case("another subject", create(weak("x")), exists(), *SUBJECTS, WEAK_TIE, after=(TIED,)),
    case("another lifecycle", STRONG_TIE, exists(), *SUBJECTS, WEAK_TIE,
         after=(TIED, (get("/contexts"), ok(["."])))),
    case("weak after strong", WEAK_TIE, exists(), *SUBJECTS, STRONG_TIE),
    case("another schema that may follow", create(strong('"bytes"')), exists(), STRONG_TIE,
         after=((get(f"/subjects/{OWN_VALUE}/versions"), ok([1])),)),
    case("another schema that may not follow", create(strong(INT)), exists(), STRONG_TIE),
    case("one of two is another", create(weak("x", "key"), weak("x", "value")), exists(),
         *SUBJECTS, WEAK_TIE, after=(TIED,)),
)


UNTIED = (
    case("after it was untied", create(weak("x")), made(info("x")), *SUBJECTS, WEAK_TIE,
         delete("/associations/resources/r")),
    case("strong again after all was deleted", STRONG_TIE, made(owned()), STRONG_TIE,
         delete("/associations/resources/r?cascadeLifecycle=true")),
)

CASES = (*WEAK, *STRONG, *AGAIN, *UNTIED)
