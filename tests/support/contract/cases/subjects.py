"""GET /subjects, and the newest version of a subject by its metadata."""

from __future__ import annotations

from contract.case import Case, get, ok, refused, register
from contract.documents import version
from contract.texts import ONE, STRING, THREE, TWO, config, hard, soft

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

LIST = "GET /subjects"
BY_METADATA = "GET /subjects/{subject}/metadata"

NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")
SPREAD = tuple(register(name, STRING) for name in (":.c:foo", "foo", "bar", ":.c:bar", "foot"))
# live: both, first, again · soft-deleted: gone · removed for good: away
MIXED = (
    register("both", ONE),
    register("both", TWO),
    soft("both", 1),
    register("gone", ONE),
    soft("gone"),
    register("away", ONE),
    soft("away"),
    hard("away"),
    register("again", ONE),
    soft("again"),
    register("again", ONE),
)
ODD_NAMES = ("a%2Fb", "%22q%22", "100%25", "%F0%9F%98%80", "a%20b", "%C3%A4", "%2E%2E", "a:b", ":b")


def listed(title: str, query: str, *names: str, before: tuple = SPREAD) -> Case:
    return Case(LIST, title, get(f"/subjects{query}"), ok(list(names)), before=before)


LISTS = (
    Case(LIST, "none yet", get("/subjects"), ok([])),
    listed("sorted, qualified outside the default context", "", ":.c:bar", ":.c:foo", "bar", "foo",
        "foot"),
    listed("a slash at the end", "/", ":.c:bar", ":.c:foo", "bar", "foo", "foot"),
    listed("an empty prefix is the default context", "?subjectPrefix=", "bar", "foo", "foot"),
    listed("a prefix in the default context", "?subjectPrefix=foo", "foo", "foot"),
    listed("a prefix that nothing has", "?subjectPrefix=fooz"),
    listed("a context", "?subjectPrefix=:.c:", ":.c:bar", ":.c:foo"),
    listed("a context without its end", "?subjectPrefix=:.c", ":.c:bar", ":.c:foo"),
    listed("a prefix in a context", "?subjectPrefix=:.c:f", ":.c:foo"),
    listed("an unknown context", "?subjectPrefix=:.d:"),
    listed("the default context by name", "?subjectPrefix=:.:f", "foo", "foot"),
    listed("any context", "?subjectPrefix=:*:", ":.c:bar", ":.c:foo", "bar", "foo", "foot"),
    listed("a prefix in any context", "?subjectPrefix=:*:foo", ":.c:foo", "foo", "foot"),
    listed("wildcards are no prefix", "?subjectPrefix=f*"),
    listed("a prefix is not a pattern", "?subjectPrefix=f_"),
    listed("a prefix with a per cent sign", "?subjectPrefix=%25"),
    listed("inside a context", "?subjectPrefix=f&limit=1", "foo"),
    listed("unknown parameters", "?foo=bar", ":.c:bar", ":.c:foo", "bar", "foo", "foot"),
    listed("without the soft-deleted", "", "again", "both", before=MIXED),
    listed("with the soft-deleted", "?deleted=true", "again", "both", "gone", before=MIXED),
    listed("only the soft-deleted", "?deletedOnly=true", "gone", before=MIXED),
    listed("only the soft-deleted beats with them", "?deleted=true&deletedOnly=true", "gone",
        before=MIXED),
    listed("true in any case", "?deleted=TrUe", "again", "both", "gone", before=MIXED),
    listed("1 is not true", "?deleted=1", "again", "both", before=MIXED),
    listed("yes is not true", "?deleted=yes", "again", "both", before=MIXED),
    listed("nothing is not true", "?deleted=", "again", "both", before=MIXED),
    listed("odd names", "", '"q"', "..", "100%", ":b", "a b", "a/b", "a:b", "ä", "😀",
        before=tuple(register(name, STRING) for name in ODD_NAMES)),
    listed("the empty subject", "", "", before=(register(":.:", STRING),)),
)

PAGES = (
    listed("a page", "?offset=1&limit=2", ":.c:foo", "bar"),
    listed("a page beyond the end", "?offset=5&limit=2"),
    listed("from an offset on", "?offset=3", "foo", "foot"),
    listed("no limit at all with 0", "?limit=0&offset=3", "foo", "foot"),
    listed("no limit at all with a negative one", "?limit=-7&offset=3", "foo", "foot"),
    listed("the highest limit", "?limit=2147483647&offset=4", "foot"),
    listed("a negative offset is none", "?offset=-1&limit=1", ":.c:bar"),
    Case(LIST, "an offset that is no number", get("/subjects?offset=x"), NOT_FOUND),
    Case(LIST, "a limit that is no number", get("/subjects?limit=1.5"), NOT_FOUND),
    Case(LIST, "an empty limit", get("/subjects?limit="), NOT_FOUND),
    Case(LIST, "a limit beyond an int", get("/subjects?limit=2147483648"), NOT_FOUND),
    Case(LIST, "an offset beyond an int", get("/subjects?offset=-2147483649"), NOT_FOUND),
)

OWNED = {"properties": {"owner": "x", "team": "t"}}
OTHER = {"properties": {"owner": "y", "team": "t"}}
BARE = {"tags": {"**.a": ["PII"]}}
HISTORY = (
    register("s", ONE, metadata=OWNED),
    register("s", TWO, metadata=OTHER),
    register("s", THREE, metadata=BARE),
)


def newest(title: str, query: str, gives: object, before: tuple = HISTORY) -> Case:
    ask = get(f"/subjects/s/metadata{query}")
    return Case(BY_METADATA, title, ask, gives, before=before)


SECOND = ok(version("s", 2, 2, TWO, metadata=OTHER))
FIRST = ok(version("s", 1, 1, ONE, metadata=OWNED))
NONE = refused(404, 40403, "Schema not found")
UNKNOWN = refused(404, 40401, "Subject 's' not found.")

METADATA = (
    newest("without pairs the newest with properties", "", SECOND),
    newest("one pair", "?key=owner&value=x", FIRST),
    newest("the newest of several", "?key=team&value=t", SECOND),
    newest("all pairs must agree", "?key=owner&value=x&key=team&value=t", FIRST),
    newest("pairs go by position", "?key=team&key=owner&value=t&value=x", FIRST),
    newest("no version has the value", "?key=owner&value=z", NONE),
    newest("no version has the key", "?key=x&value=owner", NONE),
    newest("one of two pairs disagrees", "?key=owner&value=x&key=team&value=u", NONE),
    newest("no version has properties", "", NONE, (register("s", ONE),)),
    newest("unknown subject", "", UNKNOWN, ()),
    newest("not in other contexts", "", UNKNOWN, (register(":.c:s", ONE, metadata=OWNED),)),
    newest("soft-deleted subject", "", UNKNOWN, (*HISTORY, soft("s"))),
    newest("without a soft-deleted version", "?key=team&value=t", FIRST, (*HISTORY, soft("s", 2))),
    newest("with a soft-deleted version", "?key=team&value=t&deleted=true",
        ok(version("s", 2, 2, TWO, metadata=OTHER, deleted=True)), (*HISTORY, soft("s", 2))),
    newest("in a format", "?key=owner&value=y&format=resolved", SECOND),
    Case(BY_METADATA, "by an alias", get("/subjects/other/metadata"), SECOND,
        before=(*HISTORY, config("other", alias="s"))),
)

CASES = (*LISTS, *PAGES, *METADATA)
