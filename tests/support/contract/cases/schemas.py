"""Schemas by id and by GUID, and the types there are."""

from __future__ import annotations

from typing import Any

from contract.case import Ask, Case, Gives, get, ok, refused, register
from contract.documents import Ordered, by_id
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    INT,
    JSON,
    ONE,
    PROTO,
    STRING,
    STRING_GUID,
    TWO,
    config,
    hard,
    soft,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ID = "GET /schemas/ids/{id}"
TEXT = "GET /schemas/ids/{id}/schema"
SUBJECTS = "GET /schemas/ids/{id}/subjects"
VERSIONS = "GET /schemas/ids/{id}/versions"
GUID = "GET /schemas/guids/{guid}"
GUID_IDS = "GET /schemas/guids/{guid}/ids"

HISTORY = (register("s", ONE), register("s", TWO))
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")


def one(title: str, tail: str, gives: Gives, before: tuple[Ask, ...] = HISTORY) -> tuple[Case, ...]:
    """Ask for a schema and for its text, which are found or refused alike."""
    schema_id, _, query = tail.partition("?")
    query = f"?{query}" if query else ""
    text = ok(text=gives.json["schema"]) if gives.status == 200 else gives
    return (
        Case(ID, title, get(f"/schemas/ids/{schema_id}{query}"), gives, before),
        Case(TEXT, title, get(f"/schemas/ids/{schema_id}/schema{query}"), text, before),
    )


def unknown(schema_id: Any) -> Gives:
    return refused(404, 40403, f"Schema {schema_id} not found")


FIRST = ok(by_id("s", 1, ONE))
SPREAD = (register("s", ONE), register(":.c:s", STRING), register(":.c:r", INT))

BY_ID = (
    *one("the only one", "1", ok(by_id("s", 1, STRING)), (register("s", STRING),)),
    *one("an older version", "1", FIRST),
    *one("JSON", "1", ok(by_id("s", 1, JSON, **AS_JSON)), (register("s", JSON, **AS_JSON),)),
    *one("Protobuf", "1", ok(by_id("s", 1, PROTO, **AS_PROTO)),
        (register("s", PROTO, **AS_PROTO),)),
    *one("soft-deleted", "1", ok(by_id("s", 1, ONE, deleted=True)), (*HISTORY, soft("s", 1))),
    *one("soft-deleted with its subject", "1", ok(by_id("s", 1, ONE, deleted=True)),
        (*HISTORY, soft("s"))),
    *one("a live version before a soft-deleted one", "1", ok(by_id("t", 1, ONE)),
        (register("s", ONE), register("t", ONE), soft("s"))),
    *one("registered again", "1", ok(by_id("s", 2, ONE)),
        (register("s", ONE), soft("s"), register("s", ONE))),
    *one("its subject named", "1?subject=s", FIRST),
    *one("one of two subjects named", "1?subject=t", ok(by_id("t", 1, ONE)),
        (*HISTORY, register("t", ONE))),
    *one("an alias of its subject", "1?subject=other", FIRST,
        (*HISTORY, config("other", alias="s"))),
    *one("a subject that does not hold it", "1?subject=t", FIRST, (*HISTORY, register("t", TWO))),
    *one("an unknown subject", "1?subject=t", FIRST),
    *one("no subject is the default context", "1", FIRST, SPREAD),
    *one("an empty subject is the default context", "1?subject=", FIRST, SPREAD),
    *one("a context", "1?subject=:.c:", ok(by_id(":.c:s", 1, STRING)), SPREAD),
    *one("a context without its end", "1?subject=:.c", ok(by_id(":.c:s", 1, STRING)), SPREAD),
    *one("a subject in a context", "2?subject=:.c:r", ok(by_id(":.c:r", 1, INT)), SPREAD),
    *one("a bare subject that holds it in another context", "2?subject=r",
        ok(by_id(":.c:r", 1, INT)), SPREAD),
    *one("the default context by name", "1?subject=:.:", FIRST, SPREAD),
    *one("in another context only", "2", unknown(2), SPREAD),
    *one("a qualified subject that does not hold it", "1?subject=:.c:r", unknown(1), SPREAD),
    *one("a context that does not hold it", "3?subject=:.c:", unknown(3), SPREAD),
    *one("an unknown context", "1?subject=:.d:", unknown(1), SPREAD),
    *one("unknown", "3", unknown(3)),
    *one("0", "0", unknown(0)),
    *one("negative", "-1", unknown(-1)),
    *one("the highest", "2147483647", unknown(2147483647)),
    *one("removed for good", "1", unknown(1), (*HISTORY, soft("s", 1), hard("s", 1))),
    *one("removed with its subject", "2", unknown(2), (*HISTORY, soft("s"), hard("s"))),
    *one("beyond an int", "2147483648", NOT_FOUND),
    *one("far beyond an int", "9" *40, NOT_FOUND),
    *one("below an int", "-2147483649", NOT_FOUND),
    *one("text", "abc", NOT_FOUND),
    *one("a fraction", "1.0", NOT_FOUND),
    *one("the highest id asked for, in any case", "1?fetchMaxId=no", FIRST),
    Case(ID, "with the highest id", get("/schemas/ids/1?fetchMaxId=true"),
        ok(by_id("s", 1, ONE, maxId=2)), HISTORY),
    Case(ID, "with the highest id of its context", get("/schemas/ids/1?fetchMaxId=TRUE"),
        ok(by_id("s", 1, ONE, maxId=1)), SPREAD),
    Case(ID, "with the highest id of another context",
        get("/schemas/ids/1?fetchMaxId=true&subject=:.c:"), ok(by_id(":.c:s", 1, STRING, maxId=2)),
        SPREAD),
    Case(ID, "with the highest id ever given", get("/schemas/ids/1?fetchMaxId=true"),
        ok(by_id("s", 1, ONE, maxId=2)), (*HISTORY, soft("s", 2), hard("s", 2))),
    Case(ID, "through a context's path", get("/contexts/c/schemas/ids/2"),
        ok(by_id(":.c:r", 1, INT)), SPREAD),
    Case(ID, "through a context's path, with a subject",
        get("/contexts/c/schemas/ids/1?subject=s"), ok(by_id(":.c:s", 1, STRING)), SPREAD),
    Case(TEXT, "is no JSON string", get("/schemas/ids/1/schema"),
        ok(text=STRING, headers={"content-type": "application/vnd.schemaregistry.v1+json"}),
        (register("s", STRING),)),
)

SHARED = (
    register("b", ONE),
    register("a", ONE),
    register("dead", ONE),
    register("a", TWO),
    register(":.c:a", TWO),
    soft("dead"),
)


def held(title: str, tail: str, *pairs: tuple[str, int], before: tuple = SHARED) -> tuple:
    """Ask who holds an id, as subjects and as versions."""
    schema_id, _, query = tail.partition("?")
    query = f"?{query}" if query else ""
    documents = [Ordered(subject=subject, version=number) for subject, number in pairs]
    return (
        Case(SUBJECTS, title, get(f"/schemas/ids/{schema_id}/subjects{query}"),
            ok([subject for subject, _ in pairs]), before),
        Case(VERSIONS, title, get(f"/schemas/ids/{schema_id}/versions{query}"), ok(documents),
            before),
    )


def nobody(title: str, tail: str, gives: Gives, before: tuple[Ask, ...] = SHARED) -> tuple:
    schema_id, _, query = tail.partition("?")
    query = f"?{query}" if query else ""
    return (
        Case(SUBJECTS, title, get(f"/schemas/ids/{schema_id}/subjects{query}"), gives, before),
        Case(VERSIONS, title, get(f"/schemas/ids/{schema_id}/versions{query}"), gives, before),
    )


NO_SCHEMA = refused(404, 40403, "Schema not found")

HOLDERS = (
    *held("live ones", "1", ("a", 1), ("b", 1)),
    *held("with the soft-deleted", "1?deleted=true", ("a", 1), ("b", 1), ("dead", 1)),
    *held("one", "2", ("a", 2)),
    *held("only soft-deleted ones", "1", before=(register("s", ONE), soft("s"))),
    *held("a subject chooses the context, not among its holders", "1?subject=b", ("a", 1),
        ("b", 1)),
    *held("a context", "1?subject=:.c:", (":.c:a", 1)),
    *held("a subject in a context", "1?subject=:.c:a", (":.c:a", 1)),
    *held("a bare subject that holds it in another context", "2?subject=r", (":.c:r", 1),
        before=SPREAD),
    *held("an unknown subject", "1?subject=x", ("a", 1), ("b", 1)),
    *held("a page", "1?offset=1&limit=1", ("b", 1)),
    *held("a page beyond the end", "1?offset=9"),
    *held("one version a subject", "1", ("s", 2),
        before=(register("s", ONE), soft("s"), register("s", ONE))),
    *nobody("unknown", "9", NO_SCHEMA),
    *nobody("0", "0", NO_SCHEMA),
    *nobody("negative", "-5", NO_SCHEMA),
    *nobody("not in the context", "2?subject=:.c:", NO_SCHEMA),
    *nobody("not held by the qualified subject", "1?subject=:.c:b", NO_SCHEMA),
    *nobody("removed for good", "2", NO_SCHEMA, (*SHARED, soft("a", 2), hard("a", 2))),
    *nobody("text", "abc", NOT_FOUND),
    *nobody("beyond an int", "2147483648", NOT_FOUND),
    *nobody("a limit that is no number", "1?limit=x", NOT_FOUND),
)

TWICE = (register(":.c:r", INT), register(":.c:s", STRING), register(":.b:s", STRING))
BOTH = (*TWICE, register("s", STRING))
BARE = "095d71cf12556b9d5e330ad575b3df5d"


def ids(*pairs: tuple[str, int]) -> Gives:
    return ok([Ordered(context=context, id=schema_id) for context, schema_id in pairs])


def guid(title: str, text: str, gives: Gives, before: tuple[Ask, ...] = BOTH) -> Case:
    return Case(GUID, title, get(f"/schemas/guids/{text}"), gives, before)


def guid_ids(title: str, text: str, gives: Gives, before: tuple[Ask, ...] = BOTH) -> Case:
    return Case(GUID_IDS, title, get(f"/schemas/guids/{text}/ids"), gives, before)


NOBODY = "00000000-0000-0000-0000-000000000000"
FOUND = ok(by_id(None, None, STRING))
GONE = (register("s", STRING), soft("s"), hard("s"))

GUIDS = (
    guid("known", STRING_GUID, FOUND),
    guid("in a context only", STRING_GUID, FOUND, TWICE),
    guid("in upper case", STRING_GUID.upper(), FOUND),
    guid("without dashes", BARE, FOUND),
    guid("soft-deleted", STRING_GUID, ok(by_id(None, None, STRING, deleted=True)),
        (register("s", STRING), soft("s"))),
    guid("soft-deleted in one subject only", STRING_GUID, FOUND,
        (register("s", STRING), register("t", STRING), soft("s"))),
    guid("unknown", NOBODY, unknown(NOBODY)),
    guid("no guid", "abc", unknown("abc")),
    guid("an odd text", "a%2Fb", unknown("a/b")),
    guid("removed for good", STRING_GUID, unknown(STRING_GUID), GONE),
    guid("through a context's path", STRING_GUID, FOUND),
    guid_ids("in several contexts, by their names", STRING_GUID,
        ids((".", 1), (".b", 1), (".c", 2))),
    guid_ids("in one context", STRING_GUID, ids((".b", 1), (".c", 2)), TWICE),
    guid_ids("without dashes", BARE, ids((".", 1), (".b", 1), (".c", 2))),
    guid_ids("soft-deleted", STRING_GUID, ids((".", 1)), (register("s", STRING), soft("s"))),
    guid_ids("unknown", NOBODY, ok([])),
    guid_ids("no guid", "abc", ok([])),
    guid_ids("removed for good", STRING_GUID, ok([]), GONE),
)

TYPES = (
    Case("GET /schemas/types", "all of them", get("/schemas/types"),
        ok(["JSON", "PROTOBUF", "AVRO"])),
)

CASES = (
    *BY_ID, *HOLDERS, *GUIDS, *TYPES,
)
