"""DELETE of a subject or a version, soft and for good."""

from __future__ import annotations

from contract.case import ANY, Ask, Case, Gives, delete, get, ok, post, refused, register
from contract.documents import by_id, guid_of
from contract.texts import (
    INNER,
    INT,
    NESTED,
    ONE,
    THREE,
    TWO,
    config,
    hard,
    level,
    mode,
    reference,
    register_outer,
    soft,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

SUBJECT = "DELETE /subjects/{subject}"
VERSION = "DELETE /subjects/{subject}/versions/{version}"

HISTORY = (register("s", ONE), register("s", TWO), register("s", THREE))
GONE = (*HISTORY, soft("s"))
NO_SUBJECT = refused(404, 40401, "Subject 's' not found.")
Then = tuple[tuple[Ask, Gives], ...]


def case(ask: Ask, title: str, gives: Gives, before: tuple = HISTORY, after: Then = ()) -> Case:
    route = VERSION if "/versions/" in ask.path else SUBJECT
    return Case(route, title, ask, gives, before, after)


def live(*numbers: int) -> tuple[Ask, Gives]:
    return get("/subjects/s/versions"), ok(list(numbers)) if numbers else NO_SUBJECT


def stored(*numbers: int) -> tuple[Ask, Gives]:
    ask = get("/subjects/s/versions?deleted=true")
    return ask, ok(list(numbers)) if numbers else NO_SUBJECT


SUBJECTS = (
    case(soft("s"), "live versions", ok([1, 2, 3]), HISTORY,
        (live(), stored(1, 2, 3), (get("/schemas/ids/2"), ok(by_id("s", 2, TWO, deleted=True))))),
    case(soft("s"), "those that are live", ok([1, 3]), (*HISTORY, soft("s", 2)),
        (live(), stored(1, 2, 3))),
    case(soft("s"), "all soft-deleted already", refused(404, 40404,
        "Subject 's' was soft deleted.Set permanent=true to delete permanently"), GONE),
    case(soft("s"), "never there", NO_SUBJECT, ()),
    case(soft("s"), "removed for good", NO_SUBJECT, (*GONE, hard("s"))),
    case(soft("s"), "in another context only", NO_SUBJECT, (register(":.c:s", ONE),)),
    case(soft(":.c:s"), "in a context", ok([1]), (*HISTORY, register(":.c:s", ONE)),
        (live(1, 2, 3),)),
    case(soft(":.c:s"), "never there in a context",
        refused(404, 40401, "Subject ':.c:s' not found.")),
    case(delete("/contexts/c/subjects/s"), "through a context's path", ok([1]),
        (register(":.c:s", ONE),)),
    case(soft("other"), "by an alias", ok([1, 2, 3]), (*HISTORY, config("other", alias="s")),
        (live(),)),
    case(soft("a%2Fb%25"), "an odd name", ok([1]), (register("a%2Fb%25", ONE),)),
    case(soft("a%00b"), "a name with a control character",
        refused(404, 40401, "Subject 'a\x00b' not found.")),
    case(delete("/subjects/s?permanent=false"), "permanent must be true to be so", ok([1, 2, 3]),
        HISTORY, (stored(1, 2, 3),)),
    case(delete("/subjects/s?permanent=1"), "1 is not true", ok([1, 2, 3]), HISTORY,
        (stored(1, 2, 3),)),
    case(soft("s"), "its settings stay", ok([1, 2, 3]), (*HISTORY, level("FULL", "s")),
        ((get("/config/s"), ok({"compatibilityLevel": "FULL"})),)),
)

HARD_SUBJECTS = (
    case(hard("s"), "for good", ok([1, 2, 3]), GONE, (stored(), (get("/schemas/ids/2"),
        refused(404, 40403, "Schema 2 not found")), (get("/subjects?deleted=true"), ok([])))),
    case(hard("s"), "for good, what is left of it", ok([2, 3]),
        (*HISTORY, soft("s", 1), hard("s", 1), soft("s")), (stored(),)),
    case(delete("/subjects/s?permanent=TRUE"), "for good, in any case", ok([1, 2, 3]), GONE,
        (stored(),)),
    case(hard("s"), "for good, though live",
        refused(404, 40405, "Subject 's' was not deleted first before being permanently deleted")),
    case(hard("s"), "for good, though one is live",
        refused(404, 40405, "Subject 's' was not deleted first before being permanently deleted"),
        (*HISTORY, soft("s", 1), soft("s", 2))),
    case(hard("s"), "for good, never there", NO_SUBJECT, ()),
    case(hard("s"), "for good, twice", NO_SUBJECT, (*GONE, hard("s"))),
    case(hard("s"), "for good, with its settings", ok([1, 2, 3]),
        (*HISTORY, level("FULL", "s"), mode("READWRITE", "s"), soft("s")), ((get("/config/s"),
        refused(404, 40408, "Subject 's' does not have subject-level compatibility configured")),
        (get("/mode/s"), refused(404, 40409,
        "Subject 's' does not have subject-level mode configured")))),
    case(hard("s"), "for good, schemas that others hold stay", ok([1, 2, 3]),
        (*HISTORY, register("r", TWO), soft("s")),
        ((get("/schemas/ids/2"), ok(by_id("r", 1, TWO))),)),
    case(hard(":.c:s"), "for good in a context, the context stays", ok([1]),
        (register(":.c:s", ONE), soft(":.c:s")), ((get("/contexts"), ok([".", ".c"])),)),
)


def missing(number: int) -> Gives:
    return refused(404, 40402, f"Version {number} not found.")


def was_deleted(number: int) -> Gives:
    return refused(404, 40406, f"Subject 's' Version {number} was soft deleted."
        "Set permanent=true to delete permanently")


def not_deleted(number: int) -> Gives:
    return refused(404, 40407, f"Subject 's' Version {number} was not deleted first before being "
        "permanently deleted")


VERSIONS = (
    case(soft("s", 2), "live", ok(2), HISTORY, (live(1, 3), stored(1, 2, 3),
        (get("/schemas/ids/2"), ok(by_id("s", 2, TWO, deleted=True))))),
    case(soft("s", "latest"), "the latest", ok(3), HISTORY, (live(1, 2),)),
    case(soft("s", "LATEST"), "the latest in any case", ok(3)),
    case(soft("s", -1), "the latest by number", ok(3), HISTORY, (live(1, 2),)),
    case(soft("s", "latest"), "the latest live one", ok(2), (*HISTORY, soft("s", 3)), (live(1),)),
    case(soft("s", 1), "the only one", ok(1), (register("s", ONE),), (live(), stored(1))),
    case(soft("s", 2), "soft-deleted already", was_deleted(2), (*HISTORY, soft("s", 2))),
    case(soft("s", 2), "soft-deleted with its subject", was_deleted(2), GONE),
    case(soft("s", "latest"), "the latest of a soft-deleted subject", missing(-1), GONE),
    case(soft("s", 4), "unknown version", missing(4)),
    case(soft("s", 4), "unknown version of a soft-deleted subject", missing(4), GONE),
    case(soft("s", 1), "removed for good", missing(1), (*HISTORY, soft("s", 1), hard("s", 1))),
    case(soft("s", 1), "unknown subject", NO_SUBJECT, ()),
    case(soft("s", "latest"), "the latest of an unknown subject", NO_SUBJECT, ()),
    case(soft("s", 1), "subject in another context only", NO_SUBJECT, (register(":.c:s", ONE),)),
    case(soft(":.c:s", 1), "in a context", ok(1), (*HISTORY, register(":.c:s", ONE)),
        (live(1, 2, 3),)),
    case(soft("other", 1), "by an alias", ok(1), (*HISTORY, config("other", alias="s")),
        (live(2, 3),)),
    case(soft("s", 1), "its settings stay", ok(1), (register("s", ONE), level("FULL", "s")),
        ((get("/config/s"), ok({"compatibilityLevel": "FULL"})),)),
    *(case(soft("s", text), f"number {text}", refused(422, 42202,
        f"The specified version '{text}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"')) for text in ("0", "-2",
        "2147483648", "first", "1.0")),
    case(soft("s", 0), "number 0 of an unknown subject", refused(422, 42202, ANY), ()),
)

HARD_VERSIONS = (
    case(hard("s", 2), "for good", ok(2), (*HISTORY, soft("s", 2)),
        (stored(1, 3), (get("/schemas/ids/2"), refused(404, 40403, "Schema 2 not found")))),
    case(hard("s", 2), "for good, its subject soft-deleted", ok(2), GONE, (stored(1, 3),)),
    case(hard("s", 2), "for good, though live", not_deleted(2)),
    case(hard("s", "latest"), "the latest for good, though live", not_deleted(3)),
    case(hard("s", "latest"), "the latest for good is a live one", not_deleted(1),
        (*HISTORY, soft("s", 2), soft("s", 3))),
    case(hard("s", "latest"), "the latest for good of a soft-deleted subject", missing(-1), GONE),
    case(hard("s", 4), "for good, unknown version", missing(4)),
    case(hard("s", 1), "for good, unknown subject", NO_SUBJECT, ()),
    case(hard("s", 1), "for good, twice", missing(1), (*HISTORY, soft("s", 1), hard("s", 1))),
    case(hard("s", 1), "the last one for good, with the settings", ok(1),
        (register("s", ONE), level("FULL", "s"), mode("READWRITE", "s"), soft("s", 1)), (stored(),
        (get("/config/s"), refused(404, 40408,
        "Subject 's' does not have subject-level compatibility configured")), (get("/mode/s"),
        refused(404, 40409, "Subject 's' does not have subject-level mode configured")))),
    case(hard("s", 1), "one of two for good, the settings stay", ok(1),
        (register("s", ONE), register("s", TWO), level("FULL", "s"), soft("s")),
        (stored(2), (get("/config/s"), ok({"compatibilityLevel": "FULL"})))),
    case(hard("s", 1), "for good, the schema that another version holds stays", ok(1),
        (register("s", ONE), register("r", ONE), soft("s", 1)),
        ((get("/schemas/ids/1"), ok(by_id("r", 1, ONE))),)),
)


def held(subject: str, number: int) -> Gives:
    key = f"{{magic=1,keytype=SCHEMA,subject={subject},version={number}}}"
    return refused(422, 42206, f"One or more references exist to the schema {key}.")


# Version 2 of the subject refers to version 1, and nobody else does.
WITHIN = (register("s", INNER), level("NONE"), register_outer("s", references=[reference("s")]))
ACROSS = (
    register("inner", INNER),
    register_outer(":.c:outer", references=[reference(":.:inner")]),
)

BY_ID = get("/schemas/ids/2")
BY_GUID = get(f"/schemas/guids/{guid_of(TWO)}")
GONE_BY_ID = (BY_ID, refused(404, 40403, "Schema 2 not found"))
GONE_BY_GUID = (BY_GUID, refused(404, 40403, f"Schema {guid_of(TWO)} not found"))
DEAD = (
    (BY_ID, ok(by_id("s", 2, TWO, deleted=True))),
    (BY_GUID, ok(by_id(None, None, TWO, deleted=True))),
)

# Answers that were given before a delete are not given after it.
REMEMBERED = (
    case(soft("s", 2), "an answer that was given", ok(2), (*HISTORY, BY_ID, BY_GUID), DEAD),
    case(soft("s"), "an answer that was given, by its subject", ok([1, 2, 3]),
        (*HISTORY, BY_ID, BY_GUID), DEAD),
    case(hard("s", 2), "an answer that was given, for good", ok(2),
        (*HISTORY, soft("s", 2), BY_ID, BY_GUID), (GONE_BY_ID, GONE_BY_GUID)),
    case(hard("s"), "an answer that was given, by its subject, for good", ok([1, 2, 3]),
        (*GONE, BY_ID, BY_GUID), (GONE_BY_ID, GONE_BY_GUID)),
    case(soft("s", 2), "an answer that was given, another subject takes over", ok(2),
        (*HISTORY, register("r", TWO), BY_ID), ((BY_ID, ok(by_id("r", 1, TWO))),)),
)

REFERENCES = (
    case(soft("inner"), "referred to", held("inner", 1), NESTED),
    case(soft("inner", 1), "version referred to", held("inner", 1), NESTED),
    case(soft("inner", "latest"), "latest version referred to", held("inner", 1), NESTED),
    case(soft("inner"), "an older version is referred to", held("inner", 1),
        (*NESTED, level("NONE"), register("inner", INT))),
    case(soft("inner", 2), "another version is referred to", ok(2),
        (*NESTED, level("NONE"), register("inner", INT))),
    case(soft("outer"), "the one that refers", ok([1]), NESTED),
    case(soft("inner"), "the one that referred is soft-deleted", ok([1]), (*NESTED, soft("outer"))),
    case(soft("inner", 1), "version, the one that referred is soft-deleted", ok(1),
        (*NESTED, soft("outer"))),
    case(hard("inner"), "for good, the one that refers is soft-deleted", held("inner", 1),
        (*NESTED, soft("outer"), soft("inner"))),
    case(hard("inner", 1), "version for good, the one that refers is soft-deleted",
        held("inner", 1), (*NESTED, soft("outer"), soft("inner"))),
    case(hard("inner"), "for good, the one that referred is gone", ok([1]),
        (*NESTED, soft("outer"), hard("outer"), soft("inner"))),
    case(hard("inner", 1), "version for good, the one that referred is gone", ok(1),
        (*NESTED, soft("outer"), hard("outer"), soft("inner"))),
    case(soft("s"), "referred to by itself", ok([1, 2]), WITHIN),
    case(hard("s"), "for good, referred to by itself", ok([1, 2]), (*WITHIN, soft("s"))),
    case(soft("s", 1), "version referred to by its own subject", held("s", 1), WITHIN),
    case(hard("s", 1), "version for good, referred to by its own subject", held("s", 1),
        (*WITHIN, soft("s"))),
    case(soft("inner"), "referred to from another context", held("inner", 1), ACROSS),
    case(soft(":.c:inner"), "referred to inside a context", held(":.c:inner", 1),
        (register(":.c:inner", INNER), register_outer(":.c:outer"))),
)

TOPIC = {"resourceName": "t", "resourceNamespace": "n", "resourceId": "n:t",
    "resourceType": "topic"}
TIED = (post("/associations", {**TOPIC, "associations": [{"subject": "s"}]}),)
TAKEN = refused(409, 40904, "An association already exists for subject 's'")

ASSOCIATIONS = (
    case(soft("s"), "associated", TAKEN, (*HISTORY, *TIED)),
    case(soft("s", 1), "one of several, associated", ok(1), (*HISTORY, *TIED)),
    case(soft("s", 3), "the last live one, associated", TAKEN,
        (*HISTORY, soft("s", 1), soft("s", 2), *TIED)),
    case(hard("s", 1), "a soft-deleted one for good, associated", ok(1),
        (*HISTORY, soft("s", 1), *TIED)),
)

CASES = (
    *SUBJECTS, *HARD_SUBJECTS, *VERSIONS, *HARD_VERSIONS, *REMEMBERED, *REFERENCES, *ASSOCIATIONS,
)
