"""PUT /associations/resources/{resourceId}: a topic that exists is tied, or sends a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Like, get, ok, put, refused, register
from contract.texts import (
    INNER,
    INT,
    ONE,
    OUTER,
    STRICT,
    STRING,
    TWO,
    mode,
    reference,
    soft,
    unreadable,
)
from contract.ties import (
    OTHER_TOPIC,
    OWN_KEY,
    OWN_VALUE,
    PUT_PATH,
    SUBJECTS,
    changed,
    conflict,
    create,
    entity,
    frozen,
    info,
    invalid,
    nothing_tied,
    request,
    strong,
    upsert,
    weak,
)

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "PUT /associations/resources/{resourceId}"


def case(title: str, ask: Ask, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(ROUTE, title, ask, gives, before, **more)


def made(*infos: Any, **resource: Any) -> Gives:
    return ok(changed(*infos, **resource))


NO_TIE = (get("/associations/resources/r"), ok([]))
TIED = (get("/associations/resources/r"), ok([entity("s")]))
WEAK_TIE = (*SUBJECTS, create(weak()))
STRONG_TIE = (create(strong(ONE)),)
VERSIONS = f"/subjects/{OWN_VALUE}/versions"
STILL_ONE = (get(VERSIONS), ok([1]))

BAD_RULES = {"domainRules": [{"name": "r"}]}

NEW = (
    case("a weak one", upsert(weak()), made(info("s")), *SUBJECTS, after=(TIED,)),
    case("said to be weak", upsert(weak(lifecycle="WEAK", frozen=False)), made(info("s")),
         *SUBJECTS),
    case("for keys and values", upsert(weak("s", "key"), weak("x", "value")),
         made(info("s", "key"), info("x")), *SUBJECTS),
    case("beside another", upsert(weak("x", "key")), made(info("x", "key")), *WEAK_TIE),
    case("one there, one not", upsert(weak(), weak("x", "key")),
         made(info("s"), info("x", "key")), *WEAK_TIE),
    case("the id of the path is enough", put(PUT_PATH, request(weak(), resourceId=None)),
         made(info("s")), *SUBJECTS),
    case("an odd id", put("/associations/resources/a%2Fb", request(weak(), resourceId="a/b")),
         made(info("s"), resourceId="a/b"), *SUBJECTS),
    case("inside a context", put(f"/contexts/c{PUT_PATH}", request(weak("y"))),
         made(info(":.c:y")), register(":.c:y", STRING)),
    case("in a context by query", upsert(weak("y"), query="?context=:.c:"), made(info(":.c:y")),
         register(":.c:y", STRING)),
)

KEPT = (
    case("what is there", upsert(weak()), made(info("s")), *WEAK_TIE, after=(TIED,)),
    case("what is there, without its subject", upsert(weak(None, lifecycle="WEAK")),
         made(info("s")), *WEAK_TIE),
    case("what is there, its subject qualified", upsert(weak(":.:s")), made(info("s")), *WEAK_TIE),
    case("what is there, read-only", upsert(weak()), made(info("s")), *WEAK_TIE,
         mode("READONLY", "s")),
    case("a strong one as it is", upsert(weak(None)), made(info(OWN_VALUE, lifecycle="STRONG")),
         *STRONG_TIE),
    case("a strong one as it is, in full",
         upsert(weak(OWN_VALUE, "value", lifecycle="STRONG", frozen=True)),
         made(info(OWN_VALUE, lifecycle="STRONG")), *STRONG_TIE),
    case("a topic that was renamed", upsert(weak(), resourceName="t2"),
         made(info("s"), resourceName="t2"), *WEAK_TIE, after=(TIED,)),
)

EVOLVED = (
    case("the next schema", upsert(strong(TWO)), made(info(OWN_VALUE, "value", "STRONG", TWO)),
         *STRONG_TIE, after=((get(VERSIONS), ok([1, 2])),)),
    case("the next schema, said to be strong", upsert(strong(TWO, lifecycle="STRONG", frozen=True)),
         made(info(OWN_VALUE, "value", "STRONG", TWO)), *STRONG_TIE),
    case("the same schema", upsert(strong(ONE)), made(info(OWN_VALUE, "value", "STRONG", ONE)),
         *STRONG_TIE, after=(STILL_ONE,)),
    case("the next schemas of both", upsert(strong('"bytes"', "key"), strong(TWO, "value")),
         made(info(OWN_KEY, "key", "STRONG", '"bytes"'), info(OWN_VALUE, "value", "STRONG", TWO)),
         *STRONG_TIE, create(strong(STRING, "key"))),
    case("tags carried over", upsert({"schema": {"schema": TWO, "propagateSchemaTags": True}}),
         ok(ANY), create({"schema": {"schema": ONE, "schemaTagsToAdd": [
             {"schemaEntity": {"entityPath": "R.a", "entityType": "sr_field"}, "tags": ["PII"]}]}}),
         after=((get(f"{VERSIONS}/2?findTags=PII"), ok(ANY)),)),
    case("a schema that may not follow", upsert(strong(STRICT)), refused(409, 40901, Like(
        "Schema being registered is incompatible with an earlier schema for subject "
        f'"{OWN_VALUE}", details: [')), *STRONG_TIE, after=(STILL_ONE,)),
    case("one of two may not follow", upsert(strong('"bytes"', "key"), strong(STRICT, "value")),
         refused(409, 40901, ANY), *STRONG_TIE, create(strong(STRING, "key")),
         after=(STILL_ONE, (get(f"/subjects/{OWN_KEY}/versions"), ok([1])))),
    case("no schema", upsert(strong("nonsense")), unreadable("AVRO"), *STRONG_TIE,
         after=(STILL_ONE,)),
    case("too large", upsert(strong(f'{{"type":"string","x":"{"x" * 1024}"}}')), refused(
        422, 42209, "Register operation failed because schema is too large"), *STRONG_TIE,
        settings={"max_schema_bytes": 1024}),
    case("bad rules", upsert({"schema": {"schema": TWO, "ruleSet": BAD_RULES}}),
         refused(422, 42210, "Missing rule type"), *STRONG_TIE, after=(STILL_ONE,)),
    case("read-only", upsert(strong(TWO)), refused(
        422, 42205, f"Subject {OWN_VALUE} in context :.k: is in read-only mode"), *STRONG_TIE,
        mode("READONLY", ":.k:"), after=(STILL_ONE,)),
    case("import", upsert(strong(TWO)), invalid(
        "schema", f"cannot be provided while subject '{OWN_VALUE}' is in IMPORT mode"),
        *STRONG_TIE, mode("IMPORT", OWN_VALUE), after=(STILL_ONE,)),
    case("the next schema, tried", upsert(strong(TWO), query="?dryRun=true"), made(), *STRONG_TIE,
         after=(STILL_ONE,)),
    case("tried, and may not follow", upsert(strong(STRICT), query="?dryRun=true"),
         refused(409, 40901, ANY), *STRONG_TIE),
)

LATE_SCHEMA = invalid(
    "schema",
    "cannot be provided when adding an association to an existing topic; an association with a "
    "schema must be created with the topic")
LATE_STRONG = invalid(
    "lifecycle",
    "cannot be STRONG when creating an association; STRONG associations must be created with the "
    "topic")
MIXED = ("all associations for a resource must have the same lifecycle, "
         "but got key=WEAK, value=STRONG")
EMPTY = "cannot be null or empty"

INVALID = (
    case("schema: the topic is there", upsert(strong()), LATE_SCHEMA, after=(NO_TIE, (
        get("/subjects"), ok([])))),
    case("schema: for a subject that is there", upsert(strong(INT, subject="s")), LATE_SCHEMA,
         *SUBJECTS, after=((get("/subjects/s/versions"), ok([1])),)),
    case("schema: for a subject that others use", upsert(strong(subject="s")), LATE_SCHEMA,
         *SUBJECTS, create(weak(), **OTHER_TOPIC)),
    case("lifecycle: strong", upsert(weak(lifecycle="STRONG")), LATE_STRONG, *SUBJECTS,
         after=(NO_TIE,)),
    case("lifecycle: frozen is strong", upsert(weak(None, frozen=True)), LATE_STRONG),
    case("lifecycle: a schema for a weak one", upsert(strong(INT)), invalid(
        "lifecycle", "cannot be WEAK when schema is provided"), *WEAK_TIE,
        after=((get("/subjects/s/versions"), ok([1])),)),
    case("lifecycle: a schema and said to be weak", upsert(strong(lifecycle="WEAK")), invalid(
        "lifecycle", "cannot be WEAK when schema is provided")),
    case("lifecycle: nothing said of a weak one", upsert(weak(None)), invalid(
        "lifecycle", "at least lifecycle or schema must be provided for update"), *WEAK_TIE),
    case("lifecycle: weak, of what is the topic's own by its new name",
         upsert(weak(None, lifecycle="WEAK"), resourceName="u"), invalid(
         "lifecycle", "cannot change to WEAK when subject matches default format ':.k:u-value'"),
         register(":.k:u-value", STRING), create(weak(":.k:u-value"))),
    case("lifecycle: weak beside a strong one", upsert(weak("s", "value")), invalid(
        "lifecycle", MIXED.replace("WEAK, value=STRONG", "STRONG, value=WEAK")), *SUBJECTS,
        create(strong(kind="key"))),
    case("subject: another for a weak one", upsert(weak("x")), invalid(
        "subject", "subject of association cannot be changed from 's' to 'x'"), *WEAK_TIE,
        after=(TIED,)),
    case("subject: one of another context", upsert(weak(), query="?context=:.c:"), invalid(
        "subject", "subject of association cannot be changed from 's' to ':.c:s'"), *WEAK_TIE),
    case("subject: another for a strong one", upsert(weak("x")), invalid(
        "subject", f"subject of association cannot be changed from '{OWN_VALUE}' to 'x'"),
        *STRONG_TIE),
    case("subject: not named", upsert(weak(None)), invalid(
        "subject", "must be provided for WEAK associations"), after=(NO_TIE,)),
    case("subject: the topic's own", upsert(weak(OWN_VALUE)), invalid(
        "subject", f"WEAK associations cannot use subject '{OWN_VALUE}'")),
    case("subject: empty", upsert(weak("")), invalid("subject", "must not be empty"), *WEAK_TIE),
    case("frozen: a weak one", upsert(weak(frozen=True)), invalid(
        "frozen", "frozen attribute of association cannot be changed"), *WEAK_TIE, after=(TIED,)),
    case("frozen: a weak one, to be strong", upsert(weak(lifecycle="STRONG", frozen=True)), invalid(
        "frozen", "frozen attribute of association cannot be changed"), *WEAK_TIE),
    case("frozen: strong is frozen", upsert(weak(lifecycle="STRONG")), invalid(
        "frozen", "association with lifecycle of STRONG cannot be frozen=false"), *WEAK_TIE,
        after=(TIED,)),
    case("frozen: one of two made strong", upsert(weak("x", "value", lifecycle="STRONG")), invalid(
        "frozen", "association with lifecycle of STRONG cannot be frozen=false"), *SUBJECTS,
        create(weak("s", "key"), weak("x", "value"))),
    case("frozen: a strong one", upsert(weak(OWN_VALUE, frozen=False)), invalid(
        "frozen", "frozen attribute of association cannot be changed"), *STRONG_TIE),
    case("frozen: strong and not frozen", upsert(weak(lifecycle="STRONG", frozen=False)), invalid(
        "frozen", "association with lifecycle of STRONG cannot be frozen=false"), *STRONG_TIE),
    case("frozen: weak and frozen", upsert(weak(lifecycle="WEAK", frozen=True)), invalid(
        "frozen", "association with lifecycle of WEAK cannot be frozen"), *WEAK_TIE),
    case("frozen: a schema and not frozen", upsert(strong(frozen=False)), invalid(
        "frozen", "cannot be false when a schema is provided"), *STRONG_TIE),
    *(case(f"resourceId: {title}", put(PUT_PATH, request(weak(), resourceId=value)), invalid(
        "resourceId",
        "Resource ID in the path parameter does not match the resource ID in the request body"),
        *SUBJECTS, after=(NO_TIE,)) for title, value in (("another", "q"), ("empty", ""))),
    *(case(f"{name}: null", upsert(weak(), **{name: None}), invalid(name, EMPTY), *SUBJECTS)
      for name in ("resourceName", "resourceNamespace")),
    case("resourceType: another", upsert(weak(), resourceType="x"), invalid(
        "resourceType", "must be 'topic'"), *SUBJECTS),
    case("associations: none", upsert(), invalid("associations", EMPTY)),
    case("associationType: another", upsert(weak(kind="x")), invalid(
        "associationType", "must be either 'key' or 'value'"), *SUBJECTS),
    case("associationType: twice", upsert(weak(), weak("x")), invalid(
        "associationType", "may only appear once per request, but 'value' appears more than once"),
        *SUBJECTS, after=(NO_TIE,)),
    case("one of two is wrong", upsert(weak("s", "key"), strong(INT, "value")), LATE_SCHEMA,
         *SUBJECTS, after=(NO_TIE,)),
)

IMPORTED = (mode("IMPORT", ":.k:"), register(OWN_VALUE, INNER, id=7))
BARE = upsert(weak(OWN_VALUE, lifecycle="STRONG"))
REFERS = register("y", OUTER, id=9, references=[reference(OWN_VALUE)])

STORED = (
    case("frozen stays strong", upsert(weak(None, lifecycle="WEAK")), frozen(OWN_VALUE),
         *STRONG_TIE),
    case("no version is there", upsert(weak("none")),
         conflict(40907, "No active (non-deleted) version exists for subject 'none'"),
         after=(nothing_tied(),)),
    case("no live version is there", upsert(weak()),
         conflict(40907, "No active (non-deleted) version exists for subject 's'"), *SUBJECTS,
         soft("s")),
    case("what a topic owns", upsert(weak(":.k:u-value")), conflict(
        40905, "A strong association already exists for subject ':.k:u-value'"),
        create(strong(), **OTHER_TOPIC)),
    case("what others use too", upsert(weak()), made(info("s")), *SUBJECTS,
         create(weak(), **OTHER_TOPIC)),
    case("a read-only subject", upsert(weak()), refused(
        422, 42205, "Subject s in context  is in read-only mode"), *SUBJECTS,
        mode("READONLY", "s"), after=(NO_TIE,)),
    case("import: strong", BARE, made(info(OWN_VALUE, lifecycle="STRONG")), *IMPORTED),
    case("import: strong, as it is", BARE, made(info(OWN_VALUE, lifecycle="STRONG")), *IMPORTED,
         BARE),
    case("import: strong, where others are tied", BARE, conflict(
        40904, f"An association already exists for subject '{OWN_VALUE}'"), *IMPORTED,
        create(weak(OWN_VALUE), **OTHER_TOPIC)),
    case("import: strong, referred to by others", BARE, refused(
        422, 42206, f"One or more references exist to the schema {OWN_VALUE}."), *IMPORTED,
        mode("IMPORT"), REFERS),
    case("import: strong, without a version", BARE, conflict(
        40907, f"No active (non-deleted) version exists for subject '{OWN_VALUE}'"), IMPORTED[0]),
    case("tried", upsert(weak(), query="?dryRun=true"), made(), *SUBJECTS, after=(NO_TIE,)),
    case("tried, and wrong", upsert(weak("none"), query="?dryRun=true"), conflict(
        40907, "No active (non-deleted) version exists for subject 'none'")),
    case("no body", put(PUT_PATH),
         refused(422, 422, "createOrUpdateAssociation.arg5 must not be null (was null)")),
    case("no JSON", put(PUT_PATH, raw=b"{bad}"), refused(400, 400, Like("Unexpected character"))),
)

CASES = (*NEW, *KEPT, *EVOLVED, *INVALID, *STORED)
