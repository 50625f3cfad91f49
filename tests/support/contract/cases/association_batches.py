"""POST /associations:batchGet and :batchMutate: one result or error for each, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import Ask, Case, Like, get, ok, post, refused, register
from contract.documents import Ordered
from contract.texts import INT, ONE, STRICT, STRING, TWO, mode
from contract.ties import (
    OTHER_TOPIC,
    OWN_KEY,
    OWN_VALUE,
    SUBJECTS,
    TOPIC,
    changed,
    create,
    entity,
    frozen,
    info,
    invalid,
    request,
    strong,
    weak,
)

if TYPE_CHECKING:
    from contract.case import Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

GET, MUTATE = "POST /associations:batchGet", "POST /associations:batchMutate"
EMPTY = "cannot be null or empty"


def asks(*questions: dict[str, Any], query: str = "") -> Ask:
    return post(f"/associations:batchGet{query}", {"requests": list(questions)})


def mutates(*requests: dict[str, Any], query: str = "", at: str = "") -> Ask:
    return post(f"{at}/associations:batchMutate{query}", {"requests": list(requests)})


def results(*found: Any) -> Gives:
    """The answer: results as they stand, and refusals as errors."""
    return ok({"results": [
        {"error": one.json} if hasattr(one, "json") else {"result": one} for one in found
    ]}, status=207)


def found(title: str, ask: Ask, gives: Gives, *before: Ask) -> Case:
    return Case(GET, title, ask, gives, before)


TIED = (*SUBJECTS, create(weak("s", "key"), weak("x", "value")), create(weak(), **OTHER_TOPIC))
KEY, VALUE = info("s", "key"), info("x")
R, Q = {"resourceId": "r"}, {"resourceId": "q"}
BY_NAME = {"resourceName": "t", "resourceNamespace": "k"}
BOTH = changed(KEY, VALUE)
OTHER = changed(info("s"), **OTHER_TOPIC)


def unknown(**resource: str) -> Ordered:
    names = ("resourceName", "resourceNamespace", "resourceId")
    given = {name: resource[name] for name in names if name in resource}
    return Ordered(**given, resourceType="topic")


def with_schema(one: Ordered, schema: str) -> Ordered:
    return Ordered(**one, schema=Ordered(schemaType="AVRO", schema=schema))


GETS = (
    found("by id", asks(R), results(BOTH), *TIED),
    found("by name", asks(BY_NAME), results(BOTH), *TIED),
    found("by name in any namespace", asks({"resourceName": "t", "resourceNamespace": "-"}),
          results(BOTH), *TIED),
    found("by name without a namespace", asks({"resourceName": "t"}), results(BOTH), *TIED),
    found("several, in order", asks(Q, R, Q), results(OTHER, BOTH, OTHER), *TIED),
    found("some are not there", asks({"resourceId": "none"}, R),
          results(unknown(resourceId="none"), BOTH), *TIED),
    found("not there by name", asks({"resourceName": "n", "resourceNamespace": "k"}),
          results(unknown(resourceName="n", resourceNamespace="k")), *TIED),
    found("of a type", asks({**R, "associationTypes": ["value"]}), results(changed(VALUE)), *TIED),
    found("of both types", asks({**R, "associationTypes": ["value", "key"]}), results(BOTH), *TIED),
    found("of no type in particular", asks({**R, "associationTypes": []}), results(BOTH), *TIED),
    found("of a type that is none", asks({**R, "associationTypes": ["x"]}),
          results(unknown(resourceId="r")), *TIED),
    found("of a lifecycle", asks({**R, "lifecycle": "WEAK"}), results(BOTH), *TIED),
    found("of another lifecycle", asks({**R, "lifecycle": "STRONG"}),
          results(unknown(resourceId="r")), *TIED),
    found("of a type of resource", asks({**R, "resourceType": "topic"}), results(BOTH), *TIED),
    found("with schemas", asks(R, query="?includeSchemas=true"),
          results(changed(with_schema(KEY, STRING), with_schema(VALUE, INT))), *TIED),
    found("with the newest schemas", asks(R, query="?includeSchemas=true"),
          results(changed(with_schema(KEY, '"bytes"'), with_schema(VALUE, INT))), *TIED,
          register("s", '"bytes"')),
    found("without schemas", asks(R, query="?includeSchemas=no"), results(BOTH), *TIED),
    found("a strong one", asks(R), results(changed(info(OWN_VALUE, lifecycle="STRONG"))),
          create(strong())),
    found("one says of what", asks({}, R, {"resourceNamespace": "k"}),
          results(invalid("resourceId", EMPTY), BOTH, invalid("resourceId", EMPTY)), *TIED),
    found("by any name", asks({"resourceName": "-"}), results(changed(KEY, VALUE, info("s"))),
          *TIED),
    Case(GET, "no more than a page", asks({"resourceName": "-"}), results(BOTH), TIED,
         settings={"schema_page": 2}),
    Case(GET, "inside a context", Ask("POST", "/contexts/c/associations:batchGet",
         {"requests": [R]}), results(BOTH), TIED),
)


def op(kind: str, **tie: Any) -> dict[str, Any]:
    return {"opType": kind, **tie}


def done(title: str, ask: Ask, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(MUTATE, title, ask, gives, before, **more)


def listed(*rows: Any, at: str = "r") -> tuple[Ask, Gives]:
    return get(f"/associations/resources/{at}"), ok(list(rows))


CREATE, UPSERT, DELETE = "CREATE", "UPSERT", "DELETE"
NEW = request(op(CREATE, **weak()))
NEW_STRONG = request(op(CREATE, **strong()))
OWNED = info(OWN_VALUE, "value", "STRONG", STRING)
CHANGES = (
    done("create", mutates(NEW), results(changed(info("s"))), *SUBJECTS,
         after=(listed(entity("s")),)),
    done("create, strong", mutates(NEW_STRONG), results(changed(OWNED)),
         after=((get("/subjects"), ok([OWN_VALUE])),)),
    done("create two",
         mutates(request(op(CREATE, **strong(kind="key")), op(CREATE, **strong(INT)))),
         results(changed(info(OWN_KEY, "key", "STRONG", STRING),
                         info(OWN_VALUE, "value", "STRONG", INT)))),
    done("create again", mutates(NEW), results(changed(info("s"))), *SUBJECTS, create(weak())),
    done("upsert what is there", mutates(request(op(UPSERT, **weak()))),
         results(changed(info("s"))), *SUBJECTS, create(weak())),
    done("upsert what is not there", mutates(request(op(UPSERT, **weak()))),
         results(changed(info("s"))), *SUBJECTS),
    done("upsert a schema", mutates(request(op(UPSERT, **strong(TWO)))),
         results(changed(info(OWN_VALUE, "value", "STRONG", TWO))), create(strong(ONE))),
    done("delete one and show the other", mutates(request(op(DELETE, associationType="key"))),
         results(changed(VALUE)), *TIED, after=(listed(entity("x")),)),
    done("value is the type when none is named", mutates(request(op(DELETE))),
         results(changed(KEY)), *TIED),
    done("delete the last", mutates(request(op(DELETE), **OTHER_TOPIC)),
         results(changed(**OTHER_TOPIC)), *TIED, after=(listed(at="q"),)),
    done("delete with what it owns", mutates(request(op(DELETE, cascadeLifecycle=True))),
         results(changed()), create(strong()),
         after=((get("/subjects?deletedOnly=true"), ok([OWN_VALUE])),)),
    done("delete a weak one with what it does not own",
         mutates(request(op(DELETE, cascadeLifecycle=True))), results(changed(KEY)), *TIED,
         after=((get("/subjects"), ok(["s", "x"])),)),
    done("create one, delete the other", mutates(request(
         op(DELETE, associationType="key"), op(CREATE, **weak("s", "value")))),
         results(changed(info("s"))), *SUBJECTS, create(weak("x", "key"))),
    done("the other way round", mutates(request(
         op(CREATE, **weak("s", "value")), op(DELETE, associationType="key"))),
         results(changed(info("s"))), *SUBJECTS, create(weak("x", "key"))),
    done("a weak one gives way to a strong one", mutates(request(
         op(DELETE, associationType="key"), op(CREATE, **strong()))),
         results(changed(OWNED)), *SUBJECTS, create(weak("x", "key"))),
    done("one after the other", mutates(NEW, request(op(UPSERT, **weak("x", "key"))),
         request(op(DELETE, associationType="value"))),
         results(changed(info("s")), changed(info("x", "key")), changed(info("x", "key"))),
         *SUBJECTS),
    done("several resources", mutates(NEW, request(op(CREATE, **weak("x")), **OTHER_TOPIC)),
         results(changed(info("s")), changed(info("x"), **OTHER_TOPIC)), *SUBJECTS),
    done("inside a context", mutates(request(op(CREATE, **weak("y"))), at="/contexts/c"),
         results(changed(info(":.c:y"))), register(":.c:y", STRING)),
    done("tried", mutates(NEW, NEW_STRONG, query="?dryRun=true"), results(changed(), changed()),
         *SUBJECTS, after=(listed(), (get("/subjects"), ok(["s", "x"])))),
    done("tried without an id", mutates(request(op(CREATE, **weak()), resourceId=None),
         query="?dryRun=true"),
         results(Ordered({k: v for k, v in TOPIC.items() if k != "resourceId"})), *SUBJECTS),
)

TWICE = "may only appear once per request, but '{}' appears more than once"
NO_VERSION = refused(409, 40907, "No active (non-deleted) version exists for subject 'none'")
NONE = request(op(CREATE, **weak("none")))
FROZEN = frozen(OWN_VALUE)
ERRORS = (
    done("one is refused, the others are done", mutates(NONE, NEW), results(
        NO_VERSION, changed(info("s"))), *SUBJECTS, after=(listed(entity("s")),)),
    done("the others are done, whichever comes first",
         mutates(NEW, request(op(CREATE, **weak("none")), **OTHER_TOPIC)),
         results(changed(info("s")), NO_VERSION), *SUBJECTS, after=(listed(entity("s")),)),
    done("a resource is done as a whole or not at all", mutates(request(
        op(CREATE, **weak("s", "key")), op(UPSERT, **weak("none", "value")))),
        results(NO_VERSION), *SUBJECTS, after=(listed(),)),
    done("and leaves no schema", mutates(request(
        op(CREATE, **strong(kind="key")), op(CREATE, **strong("nonsense", "value")))),
        results(refused(422, 42201, Like("Invalid schema of type AVRO"))),
        after=((get("/subjects?deleted=true"), ok([])), (get("/contexts"), ok(["."])))),
    done("a type twice",
         mutates(request(op(UPSERT, **weak()), op(DELETE, associationType="value"))),
         results(invalid("associationType", TWICE.format("value"))), *SUBJECTS, create(weak()),
         after=(listed(entity("s")),)),
    done("a type that is none", mutates(request(op(DELETE, associationType="x"))),
         results(invalid("associationType", "must be either 'key' or 'value'"))),
    done("delete what is not there", mutates(request(op(DELETE))),
         results(refused(404, 40410, "Association for 'r' not found."))),
    done("delete a frozen one", mutates(request(op(DELETE))), results(FROZEN), create(strong())),
    done("change a frozen one", mutates(request(op(UPSERT, lifecycle="WEAK"))), results(FROZEN),
         create(strong())),
    done("a schema that may not follow", mutates(request(op(UPSERT, **strong(STRICT)))),
         results(refused(409, 40901, Like("Schema being registered is incompatible"))),
         create(strong(ONE))),
    done("a schema by import", mutates(request(op(UPSERT, **strong(TWO)))), results(invalid(
         "schema", f"cannot be provided while subject '{OWN_VALUE}' is in IMPORT mode")),
         create(strong(ONE)), mode("IMPORT", OWN_VALUE)),
    done("read-only", mutates(NEW), results(refused(
         422, 42205, "Subject s in context  is in read-only mode")), *SUBJECTS,
         mode("READONLY", "s")),
    done("no associations", mutates(request()), results(invalid("associations", EMPTY))),
    done("no id", mutates(request(op(CREATE, **weak()), resourceId="")),
         results(invalid("resourceId", EMPTY)), *SUBJECTS),
    done("tried, and wrong", mutates(NONE, query="?dryRun=true"), results(NO_VERSION)),
)


def batch(title: str, json: Any, gives: Gives, **more: Any) -> tuple[Case, Case]:
    """Both take and refuse the same bodies."""
    return (Case(GET, title, post("/associations:batchGet", json, **more), gives),
            Case(MUTATE, title, post("/associations:batchMutate", json, **more), gives))


NO_TYPE = refused(400, 400, "missing type id property 'opType'")
BODIES = (
    *batch("no requests", {"requests": []}, invalid("requests", EMPTY)),
    *batch("requests are null", {"requests": None}, invalid("requests", EMPTY)),
    *batch("nothing", {}, invalid("requests", EMPTY)),
    *batch("no JSON", None, refused(400, 400, Like("Unexpected character")), raw=b"{bad}"),
    *batch("requests that are no list", {"requests": {}}, refused(
        400, 400, Like("Cannot deserialize value of type `"))),
    *batch("a request that is none", {"requests": ["r"]}, refused(400, 400, Like("Cannot "))),
    Case(GET, "no body", post("/associations:batchGet"),
         refused(422, 422, "batchGetAssociations.arg1 must not be null (was null)")),
    Case(MUTATE, "no body", post("/associations:batchMutate"),
         refused(422, 422, "mutateAssociations.arg4 must not be null (was null)")),
    Case(GET, "an array", post("/associations:batchGet", []), refused(
        400, 400, "Cannot deserialize value of type `AssociationBatchGetRequest` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    Case(MUTATE, "an array", post("/associations:batchMutate", []), refused(
        400, 400, "Cannot deserialize value of type `AssociationBatchRequest` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    done("an operation without a type refuses all", mutates(NEW, request(weak())), NO_TYPE,
         *SUBJECTS, after=(listed(),)),
    done("an operation of another type", mutates(request(op("PATCH", **weak()))), refused(
        400, 400, 'Cannot deserialize value of type `OpType` from String "PATCH": '
        "not one of the values accepted for Enum class: [CREATE, DELETE, UPSERT]")),
    done("a context that is none", mutates(NEW, query="?context=a:b"),
         refused(400, 400, "Context name 'a:b' cannot contain a colon")),
)

CASES = (*GETS, *CHANGES, *ERRORS, *BODIES)
