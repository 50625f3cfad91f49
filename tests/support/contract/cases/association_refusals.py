"""POST /associations: what is refused, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Like, get, ok, post, refused, register
from contract.texts import (
    INNER,
    INT,
    ONE,
    OUTER,
    STRING,
    STRING_GUID,
    TWO,
    config,
    level,
    mode,
    reference,
    soft,
    unreadable,
)
from contract.ties import (
    OTHER_TOPIC,
    OWN_KEY,
    OWN_VALUE,
    SUBJECTS,
    TOPIC,
    changed,
    conflict,
    create,
    entity,
    info,
    invalid,
    nothing_tied,
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


WEAK_TIE = create(weak())
STRONG_TIE = create(strong())
def resource(title: str, name: str, detail: str, **changes: Any) -> Case:
    return case(f"{name}: {title}", create(weak(), **changes), invalid(name, detail), *SUBJECTS,
                after=(nothing_tied(),))


def wrong(title: str, name: str, detail: str, *ties: dict[str, Any]) -> Case:
    return case(f"{name}: {title}", create(*ties), invalid(name, detail), *SUBJECTS,
                after=(nothing_tied(),))


EMPTY = "cannot be null or empty"
NOT_FROZEN = "association with lifecycle of STRONG cannot be frozen=false"
LONG_NAME = "n" * 257

INVALID = (
    *(resource(f"is {title}", name, EMPTY, **{name: value})
      for name in ("resourceName", "resourceNamespace", "resourceId")
      for title, value in (("null", None), ("empty", ""))),
    *(resource("has a colon", name, "illegal character ':'", **{name: "a:b"})
      for name in ("resourceName", "resourceNamespace")),
    resource("has a control character", "resourceName", "illegal character '\n'",
             resourceName="a\nb"),
    resource("is too long", "resourceName", "exceeds max length of 256", resourceName=LONG_NAME),
    resource("is another", "resourceType", "must be 'topic'", resourceType="connector"),
    resource("in upper case", "resourceType", "must be 'topic'", resourceType="TOPIC"),
    case("associations: none", create(), invalid("associations", EMPTY)),
    case("associations: null", post("/associations", TOPIC), invalid("associations", EMPTY)),
    wrong("is another", "associationType", "must be either 'key' or 'value'", weak(kind="header")),
    wrong("in upper case", "associationType", "must be either 'key' or 'value'", weak(kind="KEY")),
    wrong("twice", "associationType",
          "may only appear once per request, but 'key' appears more than once",
          weak("s", "key"), weak("x", "key")),
    wrong("twice by default", "associationType",
          "may only appear once per request, but 'value' appears more than once",
          weak("s", "value"), weak("x")),
    wrong("is not named", "subject", "must be provided for WEAK associations", weak(None)),
    wrong("is not named, said to be weak", "subject", "must be provided for WEAK associations",
          weak(None, lifecycle="WEAK")),
    wrong("is empty", "subject", "must not be empty", weak("")),
    wrong("has a control character", "subject", "must not be empty", weak("a\0")),
    wrong("is the topic's own", "subject", f"WEAK associations cannot use subject '{OWN_VALUE}'",
          weak(OWN_VALUE)),
    wrong("is another", "subject", f"frozen associations must use subject '{OWN_VALUE}'",
          strong(subject="s")),
    wrong("is that of keys", "subject", f"frozen associations must use subject '{OWN_VALUE}'",
          strong(subject=OWN_KEY)),
    wrong("with a schema", "lifecycle", "cannot be WEAK when schema is provided",
          strong(lifecycle="WEAK")),
    wrong("not both", "lifecycle", "all associations for a resource must have the same lifecycle, "
          "but got key=STRONG, value=WEAK", strong(kind="key"), weak()),
    wrong("not both, weak first", "lifecycle", "all associations for a resource must have the same "
          "lifecycle, but got key=WEAK, value=STRONG", weak("s", "key"), strong()),
    case("lifecycle: strong beside a weak one", create(strong()), invalid(
        "lifecycle", "all associations for a resource must have the same lifecycle, "
        "but got key=WEAK, value=STRONG"), *SUBJECTS, create(weak("s", "key"))),
    case("lifecycle: weak beside a strong one", create(weak()), invalid(
        "lifecycle", "all associations for a resource must have the same lifecycle, "
        "but got key=STRONG, value=WEAK"), *SUBJECTS, create(strong(kind="key"))),
    wrong("a weak one", "frozen", "association with lifecycle of WEAK cannot be frozen",
          weak(lifecycle="WEAK", frozen=True)),
    wrong("not a strong one", "frozen", NOT_FROZEN, weak(None, lifecycle="STRONG", frozen=False)),
    wrong("not with a schema", "frozen", "cannot be false when a schema is provided",
          strong(frozen=False)),
    wrong("not with a schema, said to be strong", "frozen",
          "cannot be false when a schema is provided", strong(lifecycle="STRONG", frozen=False)),
    case("frozen: there are schemas", create(strong(INT)), invalid(
        "frozen", "cannot create a frozen association when schemas already exist in the subject"),
        register(OWN_VALUE, STRING), after=((get(f"/subjects/{OWN_VALUE}/versions"), ok([1])),)),
    wrong("not there, said to be frozen", "schema",
          "schema must be provided when creating a frozen association", weak(None, frozen=True)),
    wrong("not there, said to be strong", "schema",
          "schema must be provided when creating a frozen association",
          weak(None, lifecycle="STRONG")),
)

# The same topic name under another id has the same subject of its own.
RENEWED = {"resourceId": "r2"}
STORED = (
    case("no version is there", create(weak("none")),
         conflict(40907, "No active (non-deleted) version exists for subject 'none'"),
         after=(nothing_tied(),)),
    case("no live version is there", create(weak()),
         conflict(40907, "No active (non-deleted) version exists for subject 's'"), *SUBJECTS,
         soft("s")),
    case("the second has no version, so there is no first",
         create(weak("s", "key"), weak("none", "value")),
         conflict(40907, "No active (non-deleted) version exists for subject 'none'"), *SUBJECTS,
         after=(nothing_tied(),)),
    case("a weak one of what a topic owns", create(weak(OWN_VALUE), **OTHER_TOPIC),
         conflict(40905, f"A strong association already exists for subject '{OWN_VALUE}'"),
         STRONG_TIE),
    case("two topics own nothing together", create(strong(), **RENEWED),
         conflict(40904, f"An association already exists for subject '{OWN_VALUE}'"), STRONG_TIE),
    case("strong where another topic is tied", create(strong(), **RENEWED),
         conflict(40904, f"An association already exists for subject '{OWN_VALUE}'"),
         register(OWN_VALUE, STRING), create(weak(OWN_VALUE), **OTHER_TOPIC)),
    case("weak where others are weak", create(weak(), **OTHER_TOPIC),
         made(info("s"), **OTHER_TOPIC), *SUBJECTS, WEAK_TIE),
    case("read-only", WEAK_TIE, refused(422, 42205, "Subject s in context  is in read-only mode"),
         *SUBJECTS, mode("READONLY", "s"), after=(nothing_tied(),)),
    case("read-only, strong", STRONG_TIE, refused(
        422, 42205, f"Subject {OWN_VALUE} in context :.k: is in read-only mode"),
        mode("READONLY", ":.k:"), after=(NO_SUBJECT, (get("/contexts"), ok(["."])))),
    case("no schema", create(strong("nonsense")), unreadable("AVRO"),
         after=(NO_SUBJECT, nothing_tied(), (get("/contexts"), ok(["."])))),
    case("an empty schema", create(strong("")), refused(422, 42201, "Empty schema"),
         after=(NO_SUBJECT,)),
    case("the second is no schema, so there is no first", create(strong(kind="key"),
         strong("nonsense", "value")), unreadable("AVRO"), after=(
        NO_SUBJECT, nothing_tied(), (get(f"/schemas/guids/{STRING_GUID}/ids"), ok([])))),
    case("too large", create(strong(f'{{"type":"string","x":"{"x" * 1024}"}}')), refused(
        422, 42209, "Register operation failed because schema is too large"), after=(NO_SUBJECT,),
        settings={"max_schema_bytes": 1024}),
    case("bad rules", create({"schema": {"schema": ONE, "ruleSet": {"domainRules": [
        {"name": "r"}]}}}), refused(422, 42210, "Missing rule type"), after=(NO_SUBJECT,)),
    case("bad tags", create({"schema": {"schema": ONE, "schemaTagsToAdd": [
        {"schemaEntity": {"entityPath": "X", "entityType": "sr_record"}, "tags": ["T"]}]}}),
        refused(422, 42201, ANY), after=(NO_SUBJECT,)),
    case("an id without import", create({"schema": {"schema": ONE, "id": 7}}), refused(
        422, 42205, f"Subject {OWN_VALUE} in context :.k: is not in import mode"),
        after=(NO_SUBJECT,)),
    case("a reference to nowhere", create({"schema": {"schema": OUTER, "references":
         [reference(":.:inner")]}}), unreadable("AVRO", "No schema reference found"),
         after=(NO_SUBJECT,)),
    case("a reference to what another topic owns", create({"schema": {"schema": OUTER, "references":
         [reference(":.k:u-value")]}}), refused(
        422, 42205, "Subject ':.k:u-value' has a strong association and cannot be referenced"),
        create(strong(INNER), **OTHER_TOPIC)),
    case("not above all contexts", create(strong(), resourceNamespace="__GLOBAL"), refused(
        422, 42208, "The specified subject ':.__GLOBAL:t-value' is not a valid."),
        after=(NO_SUBJECT,)),
    case("the subject of its own stands for another", create(strong()),
         conflict(40907, f"No active (non-deleted) version exists for subject '{OWN_VALUE}'"),
         config(OWN_VALUE, alias="other"), after=(NO_SUBJECT, nothing_tied())),
    case("at any level of its context", create(strong(TWO)), made(owned(schema=TWO)),
         level("FULL_TRANSITIVE", ":.k:")),
)

BODIES = (
    case("no body", post("/associations"),
         refused(422, 422, "createAssociation.arg4 must not be null (was null)")),
    case("an array", post("/associations", []), refused(
        400, 400, "Cannot deserialize value of type `AssociationCreateOrUpdateRequest` from Array "
        "value (token `JsonToken.START_ARRAY`)")),
    case("a lifecycle that is none", create(weak(lifecycle="FIRM")), refused(
        400, 400, 'Cannot deserialize value of type `LifecyclePolicy` from String "FIRM": '
        "not one of the values accepted for Enum class: [STRONG, WEAK]"), *SUBJECTS),
    case("a flag that is none", create(weak(frozen="yes")), refused(
        400, 400, Like('Cannot deserialize value of type `Boolean` from String "yes"')), *SUBJECTS),
    case("associations that are no list", post("/associations", {**TOPIC, "associations": {}}),
         refused(400, 400, Like("Cannot deserialize value of type `"))),
    case("an association that is none", create("s"), refused(  # type: ignore[arg-type]  # wrong on purpose
        400, 400, Like("Cannot "))),
)

CASES = (*INVALID, *STORED, *BODIES)
