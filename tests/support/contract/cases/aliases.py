"""A subject that is another name for one: every route that names a subject, and those that do not.

In these cases `a` stands for `s`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.case import Case, delete, get, ok, post, refused, register
from contract.documents import by_id, known, version
from contract.texts import INT, ONE, STRICT, STRING, TWO, config, level, mode, soft

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# fmt: off

SUBJECT = "/subjects/{subject}"
VERSIONS = f"{SUBJECT}/versions"
VERSION = f"{VERSIONS}/{{version}}"
TEST = "POST /compatibility/subjects/{subject}/versions"

ALIAS = config("a", alias="s")
THERE = (register("s", ONE, metadata={"properties": {"owner": "x"}}), ALIAS)
OWNED = {"metadata": {"properties": {"owner": "x"}}}
FIRST = ok(version("s", 1, 1, ONE, **OWNED))


def alias(route: str, title: str, ask: Ask, gives: Gives, *before: Ask, **more: object) -> Case:
    return Case(route, f"an alias: {title}", ask, gives, before or THERE, **more)


FOLLOWED = (
    alias(f"GET {VERSIONS}", "versions", get("/subjects/a/versions"), ok([1])),
    alias(f"GET {VERSION}", "a version", get("/subjects/a/versions/latest"), FIRST),
    alias(f"GET {VERSION}/schema", "a text", get("/subjects/a/versions/1/schema"), ok(text=ONE)),
    alias(f"GET {VERSION}/referencedby", "referrers", get("/subjects/a/versions/1/referencedby"),
          ok([])),
    alias(f"GET {SUBJECT}/metadata", "by metadata",
          get("/subjects/a/metadata?key=owner&value=x"), FIRST),
    alias(f"POST {SUBJECT}", "a lookup", post("/subjects/a", {"schema": ONE, **OWNED}),
          ok(known("s", 1, 1, ONE, **OWNED))),
    alias(f"POST {SUBJECT}", "a lookup of what is not there",
          post("/subjects/a", {"schema": STRING}), refused(404, 40403, "Schema not found")),
    alias(f"POST {VERSIONS}", "a registration", register("a", TWO), ok({"id": 2}),
          after=((get("/subjects/s/versions"), ok([1, 2])), (get("/subjects"), ok(["s"])))),
    alias(f"POST {VERSIONS}", "a registration names the subject it stands for",
          register("a", TWO),
          refused(422, 42205, "Subject s in context  is in read-only mode"),
          *THERE, mode("READONLY", "s")),
    alias(f"POST {VERSIONS}", "its own mode has no say", register("a", TWO), ok({"id": 2}),
          *THERE, mode("READONLY", "a")),
    alias(f"POST {VERSIONS}", "its own level has no say", register("a", STRICT), ok({"id": 2}),
          *THERE, level("NONE", "s"), config("a", compatibility="FULL")),
    alias(f"POST {VERSION}/tags", "other tags", post("/subjects/a/versions/1/tags",
          {"newVersion": 2, "metadata": {"properties": {"owner": "y"}}}), ok({"id": 2}),
          after=((get("/subjects/s/versions"), ok([1, 2])),)),
    alias(f"DELETE {VERSION}", "a version", delete("/subjects/a/versions/1"), ok(1),
          after=((get("/subjects?deletedOnly=true"), ok(["s"])),)),
    alias(f"DELETE {SUBJECT}", "a subject", delete("/subjects/a"), ok([1]),
          after=((get("/subjects?deletedOnly=true"), ok(["s"])),)),
    alias(TEST, "a test", post("/compatibility/subjects/a/versions", {"schema": STRING}),
          ok({"is_compatible": False})),
    alias(f"{TEST}/{{version}}", "a test of one version",
          post("/compatibility/subjects/a/versions/1", {"schema": TWO}),
          ok({"is_compatible": True})),
    alias(f"{TEST}/{{version}}", "a test of a version that is not there",
          post("/compatibility/subjects/a/versions/2", {"schema": TWO}),
          refused(404, 40402, "Version 2 not found.")),
    alias("GET /schemas/ids/{id}", "by id", get("/schemas/ids/1?subject=a"),
          ok(by_id("s", 1, ONE, **OWNED))),
    alias("GET /schemas/ids/{id}/schema", "text by id", get("/schemas/ids/1/schema?subject=a"),
          ok(text=ONE)),
    alias("GET /associations/subjects/{subject}", "associations", get("/associations/subjects/a"),
          ok([])),
)

LIMITS = (
    alias(f"GET {VERSIONS}", "one step only", get("/subjects/b/versions"),
          refused(404, 40401, "Subject 'a' not found."), *THERE, config("b", alias="a")),
    alias(f"GET {VERSIONS}", "of itself", get("/subjects/s/versions"), ok([1]),
          register("s", ONE), config("s", alias="s")),
    alias(f"GET {VERSIONS}", "in its context", get("/subjects/:.c:a/versions"), ok([1]),
          register(":.c:s", ONE), config(":.c:a", alias="s")),
    alias(f"GET {VERSIONS}", "into another context", get("/subjects/a/versions"), ok([1]),
          register(":.c:s", ONE), config("a", alias=":.c:s")),
    alias(f"GET {VERSIONS}", "inside a context", get("/contexts/c/subjects/a/versions"), ok([1]),
          register(":.c:s", ONE), config(":.c:a", alias="s")),
    alias(f"GET {VERSIONS}", "of a context is none", get("/subjects/a/versions"),
          refused(404, 40401, "Subject 'a' not found."), register("s", ONE), config(alias="s")),
    alias(f"GET {VERSIONS}", "an empty one is none", get("/subjects/a/versions"), ok([1]),
          register("a", ONE), config("a", alias="")),
    alias(f"GET {VERSIONS}", "for keys has no say here", get("/subjects/a/versions"),
          refused(404, 40401, "Subject 'a' not found."), register("s", ONE),
          config("a", aliasForDeks="s")),
    alias(f"GET {VERSIONS}", "taken back", get("/subjects/a/versions"),
          refused(404, 40401, "Subject 'a' not found."), *THERE, config("a", alias=None)),
    alias(f"GET {VERSIONS}", "hides what the subject has", get("/subjects/a/versions"), ok([1]),
          register("a", INT), register("a", '"long"'), *THERE),
    alias("GET /subjects", "is not listed", get("/subjects"), ok(["s"])),
    alias("GET /config/{subject}", "keeps its own config", get("/config/a"),
          ok({"alias": "s", "compatibilityLevel": "BACKWARD"}), *THERE, level("NONE", "s")),
    alias("GET /mode/{subject}", "keeps its own mode", get("/mode/a"), ok({"mode": "IMPORT"}),
          *THERE, mode("IMPORT", "a")),
    alias("GET /schemas", "listed without aliases", get("/schemas"), ok([FIRST.json])),
    alias("GET /schemas", "listed with aliases", get("/schemas?aliases=true"),
          ok([version("s", 1, 1, ONE, aliases=["a"], **OWNED)])),
    alias("GET /schemas", "found by its alias", get("/schemas?aliases=true&subjectPrefix=a"),
          ok([version("s", 1, 1, ONE, aliases=["a"], **OWNED)])),
    alias("GET /schemas", "not found by its alias unless asked", get("/schemas?subjectPrefix=a"),
          ok([])),
    alias(f"GET {VERSION}", "stands for what is gone", get("/subjects/a/versions/1"),
          refused(404, 40401, "Subject 's' not found."), *THERE, soft("s")),
)

CASES = (*FOLLOWED, *LIMITS)
