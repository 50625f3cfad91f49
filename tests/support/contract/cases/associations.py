"""GET /associations and DELETE: which subjects belong to which topics, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.case import Case, Gives, delete, get, ok, refused, register
from contract.texts import INT, STRING, config, mode, soft
from contract.ties import (
    OTHER_TOPIC,
    OWN_KEY,
    OWN_VALUE,
    SUBJECTS,
    create,
    entity,
    frozen,
    strong,
    weak,
)

if TYPE_CHECKING:
    from contract.case import Ask

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

BY_SUBJECT = "GET /associations/subjects/{subject}"
BY_NAME = "GET /associations/resources/{namespace}/{name}"
BY_ID = "GET /associations/resources/{resourceId}"
DROP = "DELETE /associations/resources/{resourceId}"
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")

# `s` and `x` belong to t; `s` belongs to u and v too.
V_TOPIC = {**OTHER_TOPIC, "resourceName": "v", "resourceNamespace": "l", "resourceId": "p"}
TIED = (
    *SUBJECTS,
    create(weak("s", "key"), weak("x", "value")),
    create(weak("s"), **OTHER_TOPIC),
    create(weak("s"), **V_TOPIC),
)
T_KEY, T_VALUE = entity("s", "key"), entity("x", "value")
U, V = entity("s", **OTHER_TOPIC), entity("s", **V_TOPIC)
OWNED = (create(strong(kind="key"), strong(INT, "value")),)


def listing(route: str, path: str, title: str, *rows: object, before: tuple[Ask, ...] = TIED,
            ) -> Case:
    return Case(route, title, get(path), ok(list(rows)), before)


SUBJECT = "/associations/subjects/s"
NAME, ID = "/associations/resources/k/t", "/associations/resources/r"

# query: what it leaves of the two associations of t
FILTERS = {
    "": (T_KEY, T_VALUE),
    "?resourceType=topic": (T_KEY, T_VALUE),
    "?resourceType=": (T_KEY, T_VALUE),
    "?resourceType=connector": (),
    "?associationType=key": (T_KEY,),
    "?associationType=value": (T_VALUE,),
    "?associationType=key&associationType=value": (T_KEY, T_VALUE),
    "?associationType=other": (),
    "?lifecycle=WEAK": (T_KEY, T_VALUE),
    "?lifecycle=weak": (T_KEY, T_VALUE),
    "?lifecycle=STRONG": (),
    "?offset=1": (T_VALUE,),
    "?limit=1": (T_KEY,),
    "?offset=0&limit=-1": (T_KEY, T_VALUE),
    "?offset=2": (),
    "?limit=0": (T_KEY, T_VALUE),
    "?offset=-3&limit=1": (T_KEY,),
    # As the stock serializers ask before they send anything.
    "?resourceType=topic&associationType=value&offset=0&limit=-1": (T_VALUE,),
}
UNREADABLE = ("?offset=x", "?limit=1.5", "?limit=2147483648", "?lifecycle=FIRM", "?lifecycle=NONE")

READS = (
    *(listing(route, f"{path}{query}", f"asked {query or 'for all'}", *rows)
      for route, path in ((BY_NAME, NAME), (BY_ID, ID)) for query, rows in FILTERS.items()),
    *(Case(route, f"not read: {query}", get(f"{path}{query}"), NOT_FOUND, TIED)
      for route, path in ((BY_SUBJECT, SUBJECT), (BY_NAME, NAME), (BY_ID, ID))
      for query in UNREADABLE),
    listing(BY_SUBJECT, SUBJECT, "of several resources", T_KEY, U, V),
    listing(BY_SUBJECT, f"{SUBJECT}?associationType=value", "of one type", U, V),
    listing(BY_SUBJECT, f"{SUBJECT}?lifecycle=STRONG", "of another lifecycle"),
    listing(BY_SUBJECT, f"{SUBJECT}?resourceType=other", "of another type of resource"),
    listing(BY_SUBJECT, f"{SUBJECT}?offset=1&limit=1", "a page", U),
    listing(BY_SUBJECT, "/associations/subjects/none", "no such subject"),
    listing(BY_SUBJECT, "/associations/subjects/:.c:s", "a subject of another context"),
    listing(BY_SUBJECT, "/associations/subjects/:.:s", "by its qualified name", T_KEY, U, V),
    listing(BY_SUBJECT, "/contexts/c/associations/subjects/s", "inside a context",
            entity(":.c:s"), before=(register(":.c:s", STRING), create(weak(":.c:s")))),
    listing(BY_SUBJECT, "/associations/subjects/a", "by an alias", T_KEY, U, V,
            before=(*TIED, config("a", alias="s"))),
    listing(BY_SUBJECT, "/associations/subjects/:.k:t-key", "a strong one",
            entity(OWN_KEY, "key", "STRONG"), before=OWNED),
    listing(BY_SUBJECT, "/associations/subjects/a%2Fb", "an odd name", entity("a/b"),
            before=(register("a%2Fb", STRING), create(weak("a/b")))),
    listing(BY_NAME, "/associations/resources/-/t", "in any namespace", T_KEY, T_VALUE),
    listing(BY_NAME, "/associations/resources/k/-", "of any name", T_KEY, T_VALUE, U),
    listing(BY_NAME, "/associations/resources/-/-", "any at all", T_KEY, T_VALUE, U, V),
    listing(BY_NAME, "/associations/resources/l/t", "in another namespace"),
    listing(BY_NAME, "/associations/resources/-/none", "no such resource"),
    listing(BY_NAME, "/associations/resources/k%2Fl/t", "a namespace with a slash",
            entity("s", resourceNamespace="k/l"),
            before=(*SUBJECTS, create(weak(), resourceNamespace="k/l"))),
    listing(BY_ID, "/associations/resources/q", "of another resource", U),
    listing(BY_ID, "/associations/resources/none", "no such resource"),
    listing(BY_ID, "/associations/resources/-", "no wildcard for ids"),
    listing(BY_ID, "/associations/resources/a%2Fb%25", "an odd id",
            entity("s", resourceId="a/b%"),
            before=(*SUBJECTS, create(weak(), resourceId="a/b%"))),
    listing(BY_ID, ID, "strong ones", entity(OWN_KEY, "key", "STRONG"),
            entity(OWN_VALUE, "value", "STRONG"), before=OWNED),
    Case(BY_ID, "no more than a page", get("/associations/resources/-/-"), ok([T_KEY, T_VALUE]),
         TIED, settings={"schema_page": 2}),
)


def drop(query: str, title: str, gives: Gives, *before: Ask, at: str = ID, **more: object) -> Case:
    return Case(DROP, title, delete(f"{at}{query}"), gives, before, **more)


NOTHING = ok(status=204)
UNKNOWN = refused(404, 40410, "Association for 'r' not found.")


def left(*rows: object, at: str = ID) -> tuple[Ask, Gives]:
    return get(at), ok(list(rows))


BOTH_LEFT = left(entity(OWN_KEY, "key", "STRONG"), entity(OWN_VALUE, "value", "STRONG"))
LIVE = (get("/subjects"), ok([OWN_KEY, OWN_VALUE]))
DEAD = (get("/subjects?deletedOnly=true"), ok([OWN_KEY, OWN_VALUE]))
CASCADE = "?cascadeLifecycle=true"

DROPS = (
    drop("", "all of a resource", NOTHING, *TIED, after=(left(), left(U, V, at=SUBJECT))),
    drop("?associationType=key", "one of two", NOTHING, *TIED, after=(left(T_VALUE),)),
    drop("?associationType=key&associationType=value", "both by name", NOTHING, *TIED,
         after=(left(),)),
    drop("?resourceType=topic", "of a type of resource", NOTHING, *TIED, after=(left(),)),
    drop("", "weak ones leave the subjects", NOTHING, *TIED,
         after=((get("/subjects"), ok(["s", "x"])),)),
    drop(CASCADE, "weak ones leave the subjects even so", NOTHING, *TIED,
         after=(left(), (get("/subjects"), ok(["s", "x"])))),
    drop("", "and then the subject may be deleted", NOTHING, *SUBJECTS, create(weak()),
         after=((delete("/subjects/s"), ok([1])),)),
    drop("", "no such resource", UNKNOWN),
    drop("", "no such resource, one of another id", UNKNOWN, *SUBJECTS,
         create(weak(), **OTHER_TOPIC)),
    drop("?associationType=value", "none of that type", UNKNOWN, *SUBJECTS,
         create(weak("s", "key"))),
    drop("?associationType=other", "no such type", UNKNOWN, *TIED),
    drop("?resourceType=connector", "no such type of resource", UNKNOWN, *TIED),
    drop(CASCADE, "no such resource, whatever else", UNKNOWN),
    drop("", "a frozen one", frozen(OWN_KEY, "key"), *OWNED, after=(BOTH_LEFT, LIVE)),
    drop("?cascadeLifecycle=1", "1 is not true", frozen(OWN_KEY, "key"), *OWNED),
    drop(CASCADE, "frozen ones with what they own", NOTHING, *OWNED, after=(left(), DEAD)),
    drop(f"{CASCADE}&associationType=key", "one frozen one", NOTHING, *OWNED,
         after=(left(entity(OWN_VALUE, "value", "STRONG")), (get("/subjects"), ok([OWN_VALUE])))),
    drop("?dryRun=true", "a dry run", NOTHING, *TIED, after=(left(T_KEY, T_VALUE),)),
    drop(f"{CASCADE}&dryRun=true", "a dry run of what is owned", NOTHING, *OWNED,
         after=(BOTH_LEFT, LIVE)),
    drop("?dryRun=true", "a dry run says what would be wrong", frozen(OWN_KEY, "key"), *OWNED),
    drop("?dryRun=true", "a dry run of nothing", UNKNOWN),
    drop("", "read-only",
         refused(422, 42205, "Subject s in context  is in read-only mode"), *TIED,
         mode("READONLY", "s"), after=(left(T_KEY, T_VALUE),)),
    drop(CASCADE, "read-only, owned",
         refused(422, 42205, f"Subject {OWN_VALUE} in context :.k: is in read-only mode"), *OWNED,
         mode("READONLY", OWN_VALUE), after=(BOTH_LEFT, LIVE)),
    drop("", "import", NOTHING, *TIED, mode("IMPORT", "s")),
    drop(CASCADE, "what is owned is referred to", refused(
        422, 42206, "One or more references exist to the schema "
        f"{{magic=1,keytype=SCHEMA,subject={OWN_KEY},version=1}}."),
        create(strong('{"type":"fixed","name":"F","size":1}', "key")), mode("IMPORT", "y"),
        register("y", '{"type":"array","items":"F"}', id=9,
                 references=[{"name": "F", "subject": OWN_KEY, "version": 1}]),
        after=(left(entity(OWN_KEY, "key", "STRONG")), (get("/subjects"), ok([OWN_KEY, "y"])))),
    Case(DROP, "inside a context", delete(f"/contexts/c{ID}"), NOTHING, TIED, (left(),)),
)

# What an association means for its subject, asked of the routes of the subject.
GUARDED = (
    Case("DELETE /subjects/{subject}", "tied to a topic", delete("/subjects/s"),
         refused(409, 40904, "An association already exists for subject 's'"), TIED),
    Case("DELETE /subjects/{subject}", "tied to a topic, for good",
         delete("/subjects/s?permanent=true"),
         refused(409, 40904, "An association already exists for subject 's'"), TIED),
    Case("DELETE /subjects/{subject}/versions/{version}", "the last one of a tied subject",
         delete("/subjects/s/versions/1"),
         refused(409, 40904, "An association already exists for subject 's'"), TIED),
    Case("DELETE /subjects/{subject}/versions/{version}", "not the last one of a tied subject",
         delete("/subjects/s/versions/1"), ok(1),
         (*TIED, config("s", compatibility="NONE"), register("s", INT))),
    Case("DELETE /subjects/{subject}/versions/{version}", "for good, of a tied subject",
         delete("/subjects/s/versions/1?permanent=true"), ok(1),
         (*TIED, config("s", compatibility="NONE"), register("s", INT), soft("s", 1))),
    Case("POST /subjects/{subject}/versions", "a reference to what a topic owns",
         register("y", '{"type":"array","items":"F"}',
                  references=[{"name": "F", "subject": OWN_VALUE, "version": 1}]),
         refused(422, 42205,
                 f"Subject '{OWN_VALUE}' has a strong association and cannot be referenced"),
         (create(strong('{"type":"fixed","name":"F","size":1}')),)),
    Case("POST /subjects/{subject}/versions", "a reference to what a topic only uses",
         register("y", '{"type":"array","items":"F"}',
                  references=[{"name": "F", "subject": "f", "version": 1}]), ok({"id": 2}),
         (register("f", '{"type":"fixed","name":"F","size":1}'), create(weak("f")))),
    Case("POST /subjects/{subject}/versions", "the next schema of what a topic owns",
         register(OWN_VALUE, '"bytes"'), ok({"id": 2}), (create(strong(STRING)),)),
)

CASES = (*READS, *DROPS, *GUARDED)
