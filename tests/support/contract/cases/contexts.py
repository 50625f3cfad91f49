"""/contexts, and every other path seen from inside a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Like, delete, get, ok, post, put, refused, register
from contract.documents import by_id, known, version
from contract.texts import (
    INT,
    ONE,
    OUTER,
    STRING,
    TWO,
    config,
    hard,
    level,
    mode,
    reference,
    soft,
)

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

LIST, DROP = "GET /contexts", "DELETE /contexts/{context}"
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")
NOTHING = ok(status=204)

SPREAD = tuple(register(f":.{name}:s", STRING) for name in ("b", "ab", "a"))


def listed(title: str, query: str, *names: str, before: tuple[Ask, ...] = SPREAD) -> Case:
    return Case(LIST, title, get(f"/contexts{query}"), ok(list(names)), before)


LISTS = (
    listed("only the default one", "", ".", before=()),
    listed("the default one first", "", ".", ".a", ".ab", ".b"),
    listed("a slash at the end", "/", ".", ".a", ".ab", ".b"),
    listed("from inside a context", "/a/contexts", ".", ".a", ".ab", ".b"),
    listed("a prefix", "?contextPrefix=.a", ".a", ".ab"),
    listed("a prefix that all have", "?contextPrefix=.", ".", ".a", ".ab", ".b"),
    listed("a prefix without its dot", "?contextPrefix=a"),
    listed("a prefix that is a qualified name", "?contextPrefix=:.a:"),
    listed("an empty prefix", "?contextPrefix=", ".", ".a", ".ab", ".b"),
    listed("a page", "?offset=1&limit=2", ".a", ".ab"),
    listed("a page beyond the end", "?offset=9"),
    listed("no limit at all with 0", "?limit=0&offset=2", ".ab", ".b"),
    listed("no limit at all with a negative one", "?limit=-2&offset=2", ".ab", ".b"),
    listed("a negative offset is none", "?offset=-1&limit=1", "."),
    Case(LIST, "a limit that is no number", get("/contexts?limit=x"), NOT_FOUND),
    Case(LIST, "an offset beyond an int", get("/contexts?offset=2147483648"), NOT_FOUND),
    listed("not made by settings", "", ".",
           before=(level("FULL", ":.c:"), level("FULL", ":.c:s"), mode("READONLY", ":.d:s"))),
    listed("kept when its subjects are gone", "", ".", ".c",
           before=(register(":.c:s", STRING), soft(":.c:s"), hard(":.c:s"))),
    listed("a name of its own", "", ".", ".a b/ä",
           before=(register(":.a%20b%2F%C3%A4:s", STRING),)),
)


def drop(context: str, title: str, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(DROP, title, delete(f"/contexts/{context}"), gives, before, **more)


def not_empty(context: str) -> Gives:
    return refused(422, 42211, f"The specified context ':{context}:' is not empty.")


EMPTIED = (register(":.c:s", STRING), soft(":.c:s"), hard(":.c:s"))
ONLY_DEFAULT = ((get("/contexts"), ok(["."])),)
WRONG_METHOD = refused(405, 405, "HTTP 405 Method Not Allowed")

DROPS = (
    drop(".c", "empty", NOTHING, *EMPTIED, after=ONLY_DEFAULT),
    *(drop(name, f"written {name}", NOTHING, *EMPTIED, after=ONLY_DEFAULT)
      for name in ("c", ":.c:", ":.c", ".c/")),
    drop(".c", "unknown", NOTHING),
    drop(".c", "a live subject is left", not_empty(".c"), register(":.c:s", STRING)),
    drop("c", "a soft-deleted subject is left", not_empty(".c"), *EMPTIED[:2]),
    drop(".c", "others are not asked", NOTHING, *EMPTIED, register(":.d:s", STRING),
         register("s", STRING), after=((get("/contexts"), ok([".", ".d"])),)),
    drop("a:b", "a colon inside",
         refused(400, 400, "Context name 'a:b' cannot contain a colon")),
    Case(DROP, "the default one is no context to delete", delete("/contexts/%2E"), WRONG_METHOD,
         (register("s", STRING),)),
    Case(DROP, "a context is not there to be got", get("/contexts/.c"), WRONG_METHOD),
)

# The same schema in two contexts has an id of its own in each.
TWICE = (register("s", STRING), register(":.c:t", INT), register(":.c:s", ONE),
         register(":.c:s", TWO))
V1 = version(":.c:s", 1, 2, ONE)
UNKNOWN_IN_D = refused(404, 40401, "Subject ':.d:s' not found.")


def inside(route: str, title: str, ask: Ask, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(route, f"inside a context: {title}", ask, gives, before or TWICE, **more)


SUBJECT_ROUTE = "/subjects/{subject}"
VERSIONS = f"{SUBJECT_ROUTE}/versions"
ONE_VERSION = f"{VERSIONS}/{{version}}"
AT = "/contexts/c"

INSIDE = (
    inside("GET /subjects", "its own", get(f"{AT}/subjects"), ok([":.c:s", ":.c:t"])),
    inside("GET /subjects", "a prefix", get(f"{AT}/subjects?subjectPrefix=s"), ok([":.c:s"])),
    inside("GET /subjects", "another context's prefix",
           get(f"{AT}/subjects?subjectPrefix=:.:"), ok(["s"])),
    inside("GET /subjects", "any context", get(f"{AT}/subjects?subjectPrefix=:*:s"),
           ok([":.c:s", "s"])),
    inside("GET /subjects", "other parameters", get(f"{AT}/subjects?deleted=true&offset=1"),
           ok([":.c:t"])),
    inside("GET /subjects", "none", get("/contexts/d/subjects"), ok([])),
    inside("GET /subjects", "the default context", get("/contexts/:.:/subjects"), ok(["s"])),
    inside("GET /schemas", "its own", get(f"{AT}/schemas?latestOnly=true"),
           ok([version(":.c:s", 2, 3, TWO), version(":.c:t", 1, 1, INT)])),
    inside("GET /schemas", "a prefix", get(f"{AT}/schemas?subjectPrefix=t"),
           ok([version(":.c:t", 1, 1, INT)])),
    inside("GET /schemas", "the default context", get("/contexts/%2E/schemas"),
           ok([version("s", 1, 1, STRING)])),
    inside(f"POST {SUBJECT_ROUTE}", "a lookup", post(f"{AT}/subjects/s", {"schema": ONE}),
           ok(known(":.c:s", 1, 2, ONE))),
    inside(f"POST {SUBJECT_ROUTE}", "a lookup of what only others have",
           post(f"{AT}/subjects/s", {"schema": STRING}), refused(404, 40403, "Schema not found")),
    inside(f"DELETE {SUBJECT_ROUTE}", "a subject", delete(f"{AT}/subjects/s"), ok([1, 2]),
           after=((get("/subjects"), ok([":.c:t", "s"])),)),
    inside(f"GET {VERSIONS}", "versions", get(f"{AT}/subjects/s/versions"), ok([1, 2])),
    inside(f"GET {VERSIONS}", "a subject called subjects",
           get(f"{AT}/subjects/subjects/versions"), ok([1]), register(":.c:subjects", STRING)),
    inside(f"GET {VERSIONS}", "qualified already", get(f"{AT}/subjects/:.c:s/versions"),
           ok([1, 2])),
    inside(f"GET {VERSIONS}", "qualified for another", get(f"{AT}/subjects/:.d:s/versions"),
           UNKNOWN_IN_D),
    inside(f"POST {VERSIONS}", "a registration",
           post(f"{AT}/subjects/u/versions", {"schema": STRING}), ok({"id": 4}),
           after=((get("/subjects?subjectPrefix=:.c:u"), ok([":.c:u"])),)),
    inside(f"POST {VERSIONS}", "references are of the context",
           post(f"{AT}/subjects/u/versions",
                {"schema": OUTER.replace("Inner", "R"), "references": [reference("s", 1, "R")]}),
           ok({"id": 4})),
    inside(f"GET {ONE_VERSION}", "a version", get(f"{AT}/subjects/s/versions/1"), ok(V1)),
    inside(f"GET {ONE_VERSION}", "the name with dot", get("/contexts/.c/subjects/s/versions/1"),
           ok(V1)),
    inside(f"GET {ONE_VERSION}", "the name with colons",
           get("/contexts/:.c:/subjects/s/versions/1"), ok(V1)),
    inside(f"GET {ONE_VERSION}", "not from others", get("/contexts/d/subjects/s/versions/1"),
           UNKNOWN_IN_D),
    inside(f"GET {ONE_VERSION}", "the default context looks everywhere",
           get("/contexts/:.:/subjects/t/versions/1"), ok(version(":.c:t", 1, 1, INT))),
    inside(f"GET {ONE_VERSION}/schema", "a text", get(f"{AT}/subjects/s/versions/2/schema"),
           ok(text=TWO)),
    inside(f"GET {ONE_VERSION}/referencedby", "referrers",
           get(f"{AT}/subjects/s/versions/1/referencedby"), ok([])),
    inside(f"DELETE {ONE_VERSION}", "a version", delete(f"{AT}/subjects/s/versions/2"), ok(2),
           after=((get("/subjects/:.c:s/versions"), ok([1])),)),
    inside(f"GET {SUBJECT_ROUTE}/metadata", "by metadata", get(f"{AT}/subjects/s/metadata"),
           refused(404, 40403, "Schema not found")),
    inside("GET /schemas/ids/{id}", "its own id", get(f"{AT}/schemas/ids/1"),
           ok(by_id(":.c:t", 1, INT))),
    inside("GET /schemas/ids/{id}", "a subject's id", get(f"{AT}/schemas/ids/2?subject=s"),
           ok(by_id(":.c:s", 1, ONE))),
    inside("GET /schemas/ids/{id}", "an id of others", get("/contexts/d/schemas/ids/1"),
           refused(404, 40403, "Schema 1 not found")),
    inside("GET /schemas/ids/{id}", "a subject that does not hold it",
           get(f"{AT}/schemas/ids/2?subject=t"), refused(404, 40403, "Schema 2 not found")),
    inside("GET /schemas/ids/{id}", "a subject of another context",
           get(f"{AT}/schemas/ids/1?subject=:.:s"), ok(by_id("s", 1, STRING))),
    inside("GET /schemas/ids/{id}", "the default context", get("/contexts/:.:/schemas/ids/1"),
           ok(by_id("s", 1, STRING))),
    inside("GET /schemas/ids/{id}/schema", "a text", get(f"{AT}/schemas/ids/3/schema"),
           ok(text=TWO)),
    inside("GET /schemas/ids/{id}/subjects", "holders", get(f"{AT}/schemas/ids/1/subjects"),
           ok([":.c:t"])),
    inside("GET /schemas/ids/{id}/versions", "holders", get(f"{AT}/schemas/ids/2/versions"),
           ok([{"subject": ":.c:s", "version": 1}])),
    inside("POST /compatibility/subjects/{subject}/versions", "a test",
           post(f"{AT}/compatibility/subjects/s/versions", {"schema": STRING}),
           ok({"is_compatible": False})),
    inside("POST /compatibility/subjects/{subject}/versions/{version}", "a test of one version",
           post(f"{AT}/compatibility/subjects/t/versions/latest", {"schema": '"long"'}),
           ok({"is_compatible": True})),
    inside("GET /v1/metadata/id", "what has no context", get(f"{AT}/v1/metadata/id"), ok(ANY)),
    inside("GET /schemas/types", "types", get(f"{AT}/schemas/types"), ok(ANY)),
    inside("GET /subjects", "a colon inside", get("/contexts/a:b/subjects"),
           refused(400, 400, Like("Context name '", "' cannot contain a colon"))),
    inside("GET /subjects", "no name is the default context", get("/contexts//subjects"),
           ok(["s"])),
    inside("GET /subjects", "unknown paths", get(f"{AT}/nonsense"), NOT_FOUND),
)

FOUND = (register(":.c:s", STRING), register(":.b:s", INT), register("x", ONE))
HERE_TOO = (*FOUND, register("s", ONE))

SEARCHES = (
    Case(f"GET {ONE_VERSION}", "searched: contexts in order", get("/subjects/s/versions/1"),
         ok(version(":.b:s", 1, 1, INT)), FOUND),
    Case(f"GET {ONE_VERSION}", "searched: latest", get("/subjects/s/versions/latest"),
         ok(version(":.b:s", 1, 1, INT)), FOUND),
    Case(f"GET {ONE_VERSION}", "searched: not past the default context",
         get("/subjects/s/versions/1"), ok(version("s", 1, 1, ONE)), HERE_TOO),
    Case(f"GET {ONE_VERSION}", "searched: nowhere", get("/subjects/s/versions/2"),
         refused(404, 40402, "Version 2 not found."), HERE_TOO),
    Case(f"POST {SUBJECT_ROUTE}", "searched: whoever has it",
         post("/subjects/s", {"schema": STRING}), ok(known(":.c:s", 1, 1, STRING)), HERE_TOO),
    Case(f"POST {SUBJECT_ROUTE}", "searched: nowhere", post("/subjects/s", {"schema": '"long"'}),
         refused(404, 40403, "Schema not found"), HERE_TOO),
    Case(f"GET {ONE_VERSION}/referencedby", "searched: whoever has it",
         get("/subjects/s/versions/1/referencedby"), ok([]), FOUND),
    Case("GET /schemas/ids/{id}", "searched: a subject that only others have",
         get("/schemas/ids/1?subject=s"), ok(by_id(":.b:s", 1, INT)), FOUND),
    Case("GET /schemas/ids/{id}", "searched: a subject that nobody has",
         get("/schemas/ids/1?subject=y"), ok(by_id("x", 1, ONE)), FOUND),
    Case(f"GET {VERSIONS}", "not searched", get("/subjects/s/versions"),
         refused(404, 40401, "Subject 's' not found."), FOUND),
    Case(f"DELETE {SUBJECT_ROUTE}", "not searched", delete("/subjects/s"),
         refused(404, 40401, "Subject 's' not found."), FOUND),
    Case("POST /compatibility/subjects/{subject}/versions", "not searched",
         post("/compatibility/subjects/s/versions", {"schema": ONE}),
         ok({"is_compatible": True}), FOUND),
    Case("POST /compatibility/subjects/{subject}/versions/{version}", "not searched",
         post("/compatibility/subjects/s/versions/1", {"schema": ONE}),
         refused(404, 40402, "Version 1 not found."), FOUND),
    Case("GET /config/{subject}", "not searched", get("/config/s"),
         refused(404, 40408, "Subject 's' does not have subject-level compatibility configured"),
         (config(":.c:s", normalize=True),)),
    Case("PUT /mode/{subject}", "not searched", put("/mode/s", {"mode": "READONLY"}),
         ok({"mode": "READONLY"}), FOUND, ((register(":.c:s", ONE), ok(status=409)),)),
)

CASES = (*LISTS, *DROPS, *INSIDE, *SEARCHES)
