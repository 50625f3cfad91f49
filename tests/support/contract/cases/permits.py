"""What each mode lets a client do: register, with and without an id, and delete."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, Like, get, ok, post, refused, register
from contract.documents import by_id, full, guid_of, version
from contract.texts import (
    AS_JSON,
    INNER_1,
    INT,
    LOOSE_JSON,
    ONE,
    OUTER,
    STRICT,
    STRING,
    TAKES_ALL,
    THREE,
    TWO,
    body,
    hard,
    level,
    mode,
    soft,
    unreadable,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

REGISTER = "POST /subjects/{subject}/versions"
SUBJECT = "DELETE /subjects/{subject}"
VERSION = "DELETE /subjects/{subject}/versions/{version}"

HISTORY = (register("s", ONE), register("s", TWO))
READ_ONLY = ("READONLY", "READONLY_OVERRIDE")


def no(state: str, subject: str = "s", context: str = "") -> Gives:
    return refused(422, 42205, f"Subject {subject} in context {context} is {state}")


def gave(schema_id: int) -> Gives:
    return ok({"id": schema_id})


def case(title: str, ask: Ask, gives: Gives, before: tuple[Ask, ...] = (), *after: Any) -> Case:
    route = REGISTER
    if ask.method == "DELETE":
        route = VERSION if "/versions/" in ask.path else SUBJECT
    return Case(route, title, ask, gives, before, after)


def reg(schema: str | None, subject: str = "s", **more: Any) -> Ask:
    return post(f"/subjects/{subject}/versions", body(schema, **more))


def forward(subject_mode: str = "FORWARD") -> Ask:
    return mode(subject_mode, ":.__GLOBAL:")


READS = tuple(
    row
    for name in READ_ONLY
    for setting, scope in (
        (mode(name, "s"), "its own"),
        (mode(name), "the context's"),
        (mode(name, ":.__GLOBAL:"), "the global"),
    )
    for row in (
        case(f"{name}, {scope}: new", reg(THREE), no("in read-only mode"), (*HISTORY, setting)),
        case(f"{name}, {scope}: with an id", reg(THREE, id=9), no("in read-only mode"),
            (*HISTORY, setting)),
        case(f"{name}, {scope}: what is there", reg(ONE), gave(1), (*HISTORY, setting)),
        case(f"{name}, {scope}: delete the subject", soft("s"), no("in read-only mode"),
            (*HISTORY, setting)),
        case(f"{name}, {scope}: delete a version", soft("s", 1), no("in read-only mode"),
            (*HISTORY, setting)),
        case(f"{name}, {scope}: delete the subject for good", hard("s"), no("in read-only mode"),
            (*HISTORY, soft("s"), setting)),
        case(f"{name}, {scope}: delete a version for good", hard("s", 1), no("in read-only mode"),
            (*HISTORY, soft("s"), setting)),
    )
)

IN_CONTEXT = (register(":.c:s", ONE), mode("READONLY", ":.c:"))

SCOPES = (
    case("a context that is read-only: new", reg(TWO, ":.c:s"),
        no("in read-only mode", ":.c:s", ":.c:"), IN_CONTEXT),
    case("a context that is read-only: delete", soft(":.c:s"),
        no("in read-only mode", ":.c:s", ":.c:"), IN_CONTEXT),
    case("a context that is read-only, another one is not", reg(ONE), gave(1), IN_CONTEXT),
    case("a subject that is read-only, another one is not", reg(ONE, "r"), gave(1),
        (*HISTORY, mode("READONLY", "s"))),
    case("a subject that may be written in a context that is read-only", reg(THREE), gave(3),
        (*HISTORY, mode("READONLY"), mode("READWRITE", "s"))),
    case("a subject that may be written where all is read-only", soft("s"), ok([1, 2]),
        (*HISTORY, mode("READONLY", ":.__GLOBAL:"), mode("READWRITE", "s"))),
    case("a context that may be written where all is read-only", reg(THREE), gave(3),
        (*HISTORY, mode("READONLY", ":.__GLOBAL:"), mode("READWRITE"))),
    case("an unknown subject that is read-only: delete", soft("s"), no("in read-only mode"),
        (mode("READONLY", "s"),)),
    case("a subject that is read-only, by an alias", reg(THREE, "other"), no("in read-only mode"),
        (*HISTORY, Ask("PUT", "/config/other", {"alias": "s"}), mode("READONLY", "s"))),
    case("READWRITE: with an id", reg(THREE, id=9), no("not in import mode"), HISTORY),
    case("READWRITE: with an id below 0", reg(THREE, id=-3), gave(3), HISTORY),
)

IMPORTS = tuple(
    row
    for name, setting in (("IMPORT", mode("IMPORT")), ("FORWARD", forward()))
    for row in (
        case(f"{name}: without an id", reg(THREE), no("not in read-write mode"),
            (*HISTORY, setting)),
        case(f"{name}: nothing at all", reg(None), no("not in read-write mode"),
            (*HISTORY, setting)),
        case(f"{name}: what is there, without an id", reg(ONE), gave(1), (*HISTORY, setting)),
        case(f"{name}: what is there, with its id", reg(ONE, id=1), gave(1), (*HISTORY, setting)),
        case(f"{name}: with an id", reg(THREE, id=9), gave(9), (*HISTORY, setting),
            (get("/subjects/s/versions/3"), ok(version("s", 3, 9, THREE)))),
        case(f"{name}: with an id of 0", reg(THREE, id=0), gave(0), (*HISTORY, setting)),
        case(f"{name}: with the highest id", reg(THREE, id=2147483647), gave(2147483647),
            (setting,)),
        case(f"{name}: with an id and a version", reg(THREE, id=9, version=7), gave(9),
            (*HISTORY, setting), (get("/subjects/s/versions"), ok([1, 2, 7])),
            (get("/subjects/s/versions/7"), ok(version("s", 7, 9, THREE)))),
        case(f"{name}: a version before those there", reg(THREE, id=9, version=1), gave(9),
            (setting, reg(ONE, id=1, version=2)), (get("/subjects/s/versions"), ok([1, 2]))),
        case(f"{name}: incompatible", reg(STRICT, id=9), gave(9), (*HISTORY, setting)),
        case(f"{name}: as it came", reg(LOOSE_JSON, "s?normalize=true".partition("?")[0], id=9,
            **AS_JSON), gave(9), (setting,),
            (get("/schemas/ids/9/schema"), ok(text=LOOSE_JSON))),
        case(f"{name}: what new schemas may not be", reg(
            '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"s"}]}',
            id=9), gave(9), (setting,)),
        case(f"{name}: an empty schema", reg("", id=9), gave(9), (setting,),
            (get("/schemas/ids/9/schema"), ok(text=""))),
        case(f"{name}: no schema at all", reg("nonsense", id=9), unreadable("AVRO"), (setting,)),
        case(f"{name}: an id that another schema has", reg(THREE, id=1), refused(422, 42205,
            "Overwrite new schema with id 1 in context  is not permitted."), (*HISTORY, setting)),
        case(f"{name}: the schema under another id", reg(ONE, "r", id=9), gave(9),
            (*HISTORY, setting), (get("/schemas/ids/9?subject=r"), ok(by_id("r", 1, ONE))),
            (get("/schemas/ids/1"), ok(by_id("s", 1, ONE)))),
        case(f"{name}: its own schema under another id", reg(ONE, id=9), gave(9),
            (*HISTORY, setting), (get("/subjects/s/versions"), ok([1, 2, 3]))),
        case(f"{name}: a version that another schema has", reg(THREE, id=9, version=1),
            refused(422, 42205, "Overwrite new schema with id 9 in context  is not permitted."),
            (*HISTORY, setting)),
        case(f"{name}: a version and an id that are there", reg(ONE, id=1, version=1), gave(1),
            (*HISTORY, setting)),
        case(f"{name}: delete the subject", soft("s"), ok([1, 2]), (*HISTORY, setting)),
        case(f"{name}: delete a version", soft("s", 1), ok(1), (*HISTORY, setting)),
        case(f"{name}: delete the subject for good", hard("s"), ok([1, 2]),
            (*HISTORY, soft("s"), setting)),
        case(f"{name}: delete a version for good", hard("s", 1), ok(1),
            (*HISTORY, soft("s"), setting)),
    )
)

EMPTY = (mode("IMPORT", "s"), reg("", id=9), mode("READWRITE", "s"))

AFTERWARDS = (
    case("after an import ids go on from the highest", reg(TWO), gave(10),
        (mode("IMPORT", "s"), reg(ONE, id=9), mode("READWRITE", "s"))),
    case("after the import of a high id", reg(TWO), refused(422, 42205, ANY),
        (mode("IMPORT", "s"), reg(ONE, id=2147483647), mode("READWRITE", "s"))),
    case("after an import versions go on from the highest",
        Ask("POST", "/subjects/s/versions", body(TWO), headers=TAKES_ALL),
        ok(full(10, 8, guid_of(TWO))),
        (mode("IMPORT", "s"), reg(ONE, id=9, version=7), mode("READWRITE", "s"))),
    case("an import in a context has ids of its own", reg(INT, ":.c:s", id=1), gave(1),
        (*HISTORY, mode("IMPORT", ":.c:"))),
    case("an import overwrites in a context's words", reg(INT, ":.c:s", id=1),
        refused(422, 42205, "Overwrite new schema with id 1 in context :.c: is not permitted."),
        (register(":.c:r", STRING), mode("IMPORT", ":.c:"))),
    case("an import refers to what is there", reg(OUTER, id=9, references=[INNER_1]),
        unreadable("AVRO", 'No schema reference found for subject "inner" and version 1'),
        (mode("IMPORT"),)),
    case("an import brings a soft-deleted version back", reg(ONE, id=1, version=1), gave(1),
        (*HISTORY, soft("s", 1), mode("IMPORT")), (get("/subjects/s/versions"), ok([1, 2]))),
    case("an import of the next version of a soft-deleted schema", reg(ONE, id=1), gave(1),
        (*HISTORY, soft("s", 1), mode("IMPORT")), (get("/subjects/s/versions"), ok([2, 3])),
        (get("/subjects/s/versions?deleted=true"), ok([2, 3]))),
    case("a subject in import mode where the context is not", reg(THREE, id=9), gave(9),
        (*HISTORY, mode("IMPORT", "s"))),
    case("another subject where one is in import mode", reg(ONE, "r", id=9),
        no("not in import mode", "r"), (*HISTORY, mode("IMPORT", "s"))),
    case("compatibility is judged again after an import", reg(STRICT), refused(409, 40901, ANY),
        (*HISTORY, mode("IMPORT", "s"), mode("READWRITE", "s"), level("BACKWARD"))),
    case("an empty schema that was imported, then a new one", reg(ONE),
        refused(422, 42201, Like("Compatibility cannot be checked: ")), EMPTY),
    case("an empty schema that was imported, then a new one with its tags",
        reg(ONE, propagateSchemaTags=True), gave(10), (level("NONE"), *EMPTY)),
    case("an empty schema that was imported, shown in any form", reg("", id=9), gave(9),
        (mode("IMPORT", "s"),),
        (get("/schemas/ids/9?format=resolved&findTags=*"), ok(by_id("s", 1, None))),
        (get("/subjects/s/versions/1/schema?format=resolved"), ok(text=""))),
)

CASES = (
    *READS, *SCOPES, *IMPORTS, *AFTERWARDS,
)
