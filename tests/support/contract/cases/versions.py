"""The versions of a subject: lists, one version, its text."""

from __future__ import annotations

from contract.case import Case, Gives, get, ok, refused, register
from contract.documents import version
from contract.texts import (
    INNER_1,
    NESTED,
    ONE,
    OUTER,
    STRING,
    THREE,
    TWO,
    config,
    hard,
    soft,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

LIST = "GET /subjects/{subject}/versions"
ONE_VERSION = "GET /subjects/{subject}/versions/{version}"
TEXT = "GET /subjects/{subject}/versions/{version}/schema"

HISTORY = (register("s", ONE), register("s", TWO), register("s", THREE))
# 1 removed for good, 2 soft-deleted, 3 live.
WORN = (*HISTORY, soft("s", 1), hard("s", 1), soft("s", 2))
GONE = (*HISTORY, soft("s"))
NO_SUBJECT = refused(404, 40401, "Subject 's' not found.")
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")


def no_version(number: int) -> Gives:
    return refused(404, 40402, f"Version {number} not found.")


def invalid(text: str) -> Gives:
    return refused(
        422,
        42202,
        f"The specified version '{text}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"',
    )


def numbers(title: str, query: str, gives: object, before: tuple = WORN) -> Case:
    answer = gives if isinstance(gives, Gives) else ok(gives)
    return Case(LIST, title, get(f"/subjects/s/versions{query}"), answer, before=before)


LISTS = (
    numbers("in ascending order", "", [1, 2, 3], HISTORY),
    numbers("live ones", "", [3]),
    numbers("with the soft-deleted", "?deleted=true", [2, 3]),
    numbers("only the soft-deleted", "?deletedOnly=true", [2]),
    numbers("the soft-deleted as negative numbers", "?deletedAsNegative=true", [-2, 3]),
    numbers("false in any other text", "?deleted=no&deletedOnly=1&deletedAsNegative=y", [3]),
    numbers("a soft-deleted subject has none", "", NO_SUBJECT, GONE),
    numbers("those of a soft-deleted subject", "?deleted=true", [1, 2, 3], GONE),
    numbers("only those of a soft-deleted subject", "?deletedOnly=true", [1, 2, 3], GONE),
    numbers("negative ones of a soft-deleted subject", "?deletedAsNegative=true", [-1, -2, -3],
        GONE),
    numbers("none is soft-deleted", "?deletedOnly=true", NO_SUBJECT, HISTORY),
    numbers("unknown subject", "", NO_SUBJECT, ()),
    numbers("unknown subject, with the soft-deleted", "?deleted=true", NO_SUBJECT, ()),
    numbers("a subject removed for good", "?deleted=true", NO_SUBJECT, (*GONE, hard("s"))),
    numbers("not those of other contexts", "", NO_SUBJECT, (register(":.c:s", ONE),)),
    numbers("a page", "?offset=1&limit=1", [2], HISTORY),
    numbers("a limit of 0 is none", "?offset=1&limit=0", [2, 3], HISTORY),
    numbers("a page beyond the end", "?offset=3", [], HISTORY),
    numbers("a limit that is no number", "?limit=x", NOT_FOUND, HISTORY),
    Case(LIST, "of a subject in a context", get("/subjects/:.c:s/versions"), ok([1]),
        before=(register(":.c:s", ONE),)),
    Case(LIST, "of the default context by name", get("/subjects/:.:s/versions"), ok([1, 2, 3]),
        before=HISTORY),
    Case(LIST, "unknown subject in a context", get("/subjects/:.c:s/versions"),
        refused(404, 40401, "Subject ':.c:s' not found."), before=HISTORY),
    Case(LIST, "through a context's path", get("/contexts/c/subjects/s/versions"), ok([1]),
        before=(register(":.c:s", ONE),)),
    Case(LIST, "of an alias", get("/subjects/other/versions"), ok([1, 2, 3]),
        before=(*HISTORY, config("other", alias="s"))),
    Case(LIST, "the odd name is answered as it was meant", get("/subjects/a%2Fb%25%22/versions"),
        refused(404, 40401, "Subject 'a/b%\"' not found.")),
    Case(LIST, "a name with a control character", get("/subjects/a%00b/versions"),
        refused(404, 40401, "Subject 'a\x00b' not found.")),
)


def one(title: str, tail: str, gives: Gives, before: tuple = HISTORY) -> tuple[Case, Case]:
    """Ask for a version and for its text, which are found or refused alike."""
    path, _, query = tail.partition("?")
    query = f"?{query}" if query else ""
    text = gives
    if gives.status == 200:
        text = ok(text=gives.json["schema"])
    return (
        Case(ONE_VERSION, title, get(f"/subjects/{path}{query}"), gives, before=before),
        Case(TEXT, title, get(f"/subjects/{path}/schema{query}"), text, before=before),
    )


V1, V2, V3 = (
    ok(version("s", number, number, text)) for number, text in enumerate((ONE, TWO, THREE), 1)
)
DEAD_2 = ok(version("s", 2, 2, TWO, deleted=True))

FOUND = (
    *one("a number", "s/versions/2", V2),
    *one("the first", "s/versions/1", V1),
    *one("latest", "s/versions/latest", V3),
    *one("latest in any case", "s/versions/LaTest", V3),
    *one("latest with spaces around", "s/versions/%20latest%20", V3),
    *one("-1", "s/versions/-1", V3),
    *one("a number with a sign", "s/versions/+2", V2),
    *one("a number with spaces around", "s/versions/%202", V2),
    *one("a number with zeros in front", "s/versions/0000000000000000002", V2),
    *one("latest is a live one", "s/versions/latest", V2, (*HISTORY, soft("s", 3))),
    *one("latest is a live one even with the soft-deleted", "s/versions/latest?deleted=true", V2,
        (*HISTORY, soft("s", 3))),
    *one("soft-deleted, asked for", "s/versions/2?deleted=true", DEAD_2, WORN),
    *one("soft-deleted with the subject, asked for", "s/versions/2?deleted=true", DEAD_2, GONE),
    *one("in a context", ":.c:s/versions/1", ok(version(":.c:s", 1, 1, ONE)),
        (register("x", STRING), register(":.c:s", ONE))),
    *one("an unqualified subject in whichever context has it", "s/versions/1",
        ok(version(":.c:s", 1, 1, ONE)), (register(":.c:s", ONE),)),
    *one("the default context comes first", "s/versions/1", V1,
        (*HISTORY, register(":.c:s", STRING))),
    *one("other contexts for a version that the default context lacks", "s/versions/2",
        ok(version(":.c:s", 2, 2, TWO)),
        (register("s", STRING), register(":.c:s", ONE), register(":.c:s", TWO))),
    *one("of an alias", "other/versions/1", V1, (*HISTORY, config("other", alias="s"))),
    *one("an alias that is a subject too is still an alias", "other/versions/1", V1,
        (*HISTORY, register("other", STRING), config("other", alias="s"))),
    *one("an alias is followed once", "far/versions/1", ok(version("other", 1, 4, STRING)),
        (*HISTORY, register("other", STRING), config("other", alias="s"), config("far",
        alias="other"))),
    *one("an alias within its context", ":.c:other/versions/1", ok(version(":.c:s", 1, 1, ONE)),
        (register(":.c:s", ONE), config(":.c:other", alias="s"))),
    *one("an odd name", "a%2Fb%25%22%F0%9F%98%80/versions/1", ok(version('a/b%"😀', 1, 1, STRING)),
        (register("a%2Fb%25%22%F0%9F%98%80", STRING),)),
    *one("an unknown format", "s/versions/1?format=nonsense", V1),
    *one("not resolved", "outer/versions/1",
        ok(version("outer", 1, 2, OUTER, references=[INNER_1])), NESTED),
)

MISSING = (
    *one("unknown subject", "s/versions/1", NO_SUBJECT, ()),
    *one("latest of an unknown subject", "s/versions/latest", NO_SUBJECT, ()),
    *one("unknown version", "s/versions/4", no_version(4)),
    *one("the highest number", "s/versions/2147483647", no_version(2147483647)),
    *one("soft-deleted", "s/versions/2", no_version(2), WORN),
    *one("removed for good", "s/versions/1?deleted=true", no_version(1), WORN),
    *one("all soft-deleted", "s/versions/1", NO_SUBJECT, GONE),
    *one("latest of a soft-deleted subject", "s/versions/latest", NO_SUBJECT, GONE),
    *one("latest of a soft-deleted subject, with the soft-deleted",
        "s/versions/latest?deleted=true", no_version(-1), GONE),
    *one("unknown version of a soft-deleted subject", "s/versions/4?deleted=true", no_version(4),
        GONE),
    *one("a qualified subject is not looked for elsewhere", ":.d:s/versions/1",
        refused(404, 40401, "Subject ':.d:s' not found."), HISTORY),
    *one("an alias of an unknown subject", "s/versions/1",
        refused(404, 40401, "Subject 't' not found."), (*HISTORY, config("s", alias="t"))),
)

BAD_NUMBERS = {
    "zero": "0",
    "minus two": "-2",
    "beyond an int": "2147483648",
    "far beyond an int": "9" * 40,
    "text": "first",
    "a fraction": "1.5",
    "two signs": "-+1",
    "a sign alone": "-",
    "hexadecimal": "0x1",
    "a space inside": "1%202",
    "a slash": "1%2F2",
    "almost latest": "latest1",
}
WRITTEN = {"1%202": "1 2", "1%2F2": "1/2"}

INVALID = tuple(
    case
    for title, text in BAD_NUMBERS.items()
    for case in one(f"number: {title}", f"s/versions/{text}", invalid(WRITTEN.get(text, text)))
)

CASES = (*LISTS, *FOUND, *MISSING, *INVALID)
