"""/mode: what may be changed where, and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Like, delete, get, ok, post, put, refused, register
from contract.texts import NESTED, ONE, STRING, config, hard, mode, soft

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

TOP, OF_SUBJECT = "GET /mode", "GET /mode/{subject}"
SET_TOP, SET_OF_SUBJECT = "PUT /mode", "PUT /mode/{subject}"
DROP_TOP, DROP_OF_SUBJECT = "DELETE /mode", "DELETE /mode/{subject}"
GLOBALLY = ":.__GLOBAL:"
IN_C = ":.c:"
FIXED = {"mode_mutability": False}


def modes(text: str) -> Gives:
    return ok({"mode": text})


READWRITE, READONLY, IMPORT = modes("READWRITE"), modes("READONLY"), modes("IMPORT")
FORWARD, NONE = modes("FORWARD"), ok({})


def unset(subject: str) -> Gives:
    return refused(404, 40409, f"Subject '{subject}' does not have subject-level mode configured")


def unknown(subject: str) -> Gives:
    return refused(404, 40401, f"Subject '{subject}' not found.")


def top(title: str, gives: Gives, *before: Ask, at: str = "/mode") -> Case:
    return Case(TOP, title, get(at), gives, before)


def of(subject: str, title: str, gives: Gives, *before: Ask) -> Case:
    return Case(OF_SUBJECT, title, get(f"/mode/{subject}"), gives, before)


def effective(subject: str, title: str, gives: Gives, *before: Ask) -> Case:
    return of(f"{subject}?defaultToGlobal=true", f"in effect: {title}", gives, *before)


READS = (
    top("unset", READWRITE),
    top("what was set", READONLY, mode("READONLY")),
    top("a slash at the end", READONLY, mode("READONLY"), at="/mode/"),
    top("defaultToGlobal says nothing new", READONLY, mode("READONLY"),
        at="/mode?defaultToGlobal=true"),
    top("overriding is another spelling", modes("READONLY_OVERRIDE"), mode("READONLY_OVERRIDE")),
    top("from above all contexts", FORWARD, mode("FORWARD", GLOBALLY)),
    top("not that of another context", READWRITE, mode("READONLY", IN_C)),
    top("inside the default context", READONLY, mode("READONLY"), at="/contexts/:.:/mode"),
    of("s", "unset", unset("s")),
    of("s", "unset, whatever holds for it", unset("s"), register("s", STRING), mode("READONLY")),
    of(":.c:s", "unset in a context", unset(":.c:s"), mode("READONLY", IN_C)),
    of(":.c:", "of a context, unset", unset(":.c:"), mode("READONLY")),
    of("a%2Fb", "an odd name", unset("a/b")),
    of("s?defaultToGlobal=yes", "yes is not true", unset("s")),
    of("s", "its own", READONLY, mode("READONLY", "s")),
    of(":.:s", "by its qualified name", READONLY, mode("READONLY", "s")),
    of(":.c:s", "in a context", IMPORT, mode("IMPORT", ":.c:s")),
    of(":.c:", "of a context", IMPORT, mode("IMPORT", IN_C)),
    of(":.:", "of the default context", READONLY, mode("READONLY")),
    of(":.:", "of the default context, unset", READWRITE),
    of(GLOBALLY, "above all contexts", READONLY, mode("READONLY", GLOBALLY)),
    of(GLOBALLY, "above all contexts, unset", READWRITE, mode("READONLY")),
    of("s", "an alias is not followed", unset("s"), config("s", alias="t"), mode("READONLY", "t")),
    Case(OF_SUBJECT, "inside a context", get("/contexts/c/mode/s"), READONLY,
         (mode("READONLY", ":.c:s"),)),
    Case(OF_SUBJECT, "a context from inside", get("/contexts/.c/mode"), READONLY,
         (mode("READONLY", IN_C),)),
    effective("s", "nothing is set", READWRITE),
    effective("s", "its own", READWRITE, mode("READONLY"), mode("READWRITE", "s")),
    effective("s", "an overriding top does not override", READWRITE, mode("READONLY_OVERRIDE"),
              mode("READWRITE", "s")),
    effective("s", "the top's", READONLY, mode("READONLY"), mode("FORWARD", GLOBALLY)),
    effective("s", "above all contexts", FORWARD, mode("FORWARD", GLOBALLY)),
    effective(":.c:s", "the context's", READONLY, mode("IMPORT"), mode("READONLY", IN_C)),
    effective(":.c:s", "not the default context's", READWRITE, mode("READONLY")),
    effective(":.c:s", "above all contexts, past the default one", READONLY, mode("IMPORT"),
              mode("READONLY", GLOBALLY)),
)


def both(title: str, json: Any, gives: Gives, query: str = "", **more: Any) -> tuple[Case, Case]:
    """Ask for it at the top and of a subject: both take and refuse the same."""
    settings = more.pop("settings", {})
    return (
        Case(SET_TOP, title, put(f"/mode{query}", json, **more), gives, settings=settings),
        Case(SET_OF_SUBJECT, title, put(f"/mode/s{query}", json, **more), gives, settings=settings),
    )


def put_of(subject: str, title: str, text: Any, gives: Gives, *before: Ask, **more: Any) -> Case:
    ask = put(f"/mode/{subject}", {"mode": text})
    return Case(SET_OF_SUBJECT, title, ask, gives, before, **more)


def put_top(title: str, text: Any, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(SET_TOP, title, put("/mode", {"mode": text}), gives, before, **more)


def malformed(message: Any) -> Gives:
    return refused(400, 400, message)


def null(name: str) -> Gives:
    return refused(422, 422, f"{name} must not be null (was null)")


def invalid(subject: str) -> Gives:
    return refused(422, 42208, f"The specified subject '{subject}' is not a valid.")


BAD_MODE = refused(
    422, 42204, "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."
)
NOT_GLOBAL = refused(422, 42204, "Forward mode only supported on global level")
SUBJECTS_THERE = refused(422, 42205, "Cannot import since found existing subjects")
NOT_ALLOWED = refused(422, 42205, "Mode changes are not allowed")

WRITES = (
    *(case for text in ("READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT")
      for case in both(f"mode {text}", {"mode": text}, modes(text))),
    *both("in lower case, answered as it was asked", {"mode": "readonly"}, modes("readonly")),
    *both("null forgets it", {"mode": None}, NONE),
    *both("nothing at all", {}, BAD_MODE),
    *both("an unknown mode", {"mode": "SOME"}, BAD_MODE),
    *both("an empty mode", {"mode": ""}, BAD_MODE),
    *both("a number", {"mode": 1}, BAD_MODE),
    *both("forward", {"mode": "FORWARD"}, NOT_GLOBAL),
    *both("forward in lower case", {"mode": "forward"}, NOT_GLOBAL),
    *both("forward by force", {"mode": "FORWARD"}, NOT_GLOBAL, "?force=true"),
    *both("unknown fields", {"mode": "READONLY", "x": 1}, READONLY),
    *both("changes are not allowed", {"mode": "READONLY"}, NOT_ALLOWED, settings=FIXED),
    *both("changes are not allowed by force either", {"mode": "READWRITE"}, NOT_ALLOWED,
          "?force=true", settings=FIXED),
    *both("an object", {"mode": {}}, malformed(
        "Cannot deserialize value of type `String` from Object value "
        "(token `JsonToken.START_OBJECT`)")),
    *both("an array for a body", [], malformed(
        "Cannot deserialize value of type `ModeUpdateRequest` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    *both("no JSON", None, malformed(Like("Unexpected character ('b' (code 98))")), raw=b"bad"),
    Case(SET_TOP, "no body", put("/mode"), null("updateTopLevelMode.arg1")),
    Case(SET_OF_SUBJECT, "no body", put("/mode/s"), null("updateMode.arg2")),
    Case(SET_OF_SUBJECT, "null", put("/mode/s", raw=b"null"), null("updateMode.arg2")),
    put_of(GLOBALLY, "forward above all contexts", "FORWARD", FORWARD,
           after=((get("/mode"), FORWARD), (get("/mode/:.c:s?defaultToGlobal=true"), FORWARD))),
    put_of("__GLOBAL", "a reserved name", "READONLY", invalid("__GLOBAL")),
    put_of("__EMPTY", "another reserved name", "READONLY", invalid("__EMPTY")),
    put_of("a%0Db", "a name with a control character", "READONLY", invalid("a\rb")),
    put_of("s", "from read-only", "READWRITE", READWRITE, mode("READONLY", "s"),
           after=((get("/mode/s"), READWRITE),)),
    put_of("s", "in a read-only context", "READWRITE", READWRITE, mode("READONLY"),
           after=((register("s", STRING), ok({"id": 1})),)),
    put_of("s", "the subject need not be there", "READONLY", READONLY,
           after=((get("/subjects"), ok([])), (get("/contexts"), ok(["."])))),
    put_of("s", "forgotten", None, NONE, mode("READONLY", "s"),
           after=((get("/mode/s"), unset("s")),)),
    put_top("forgotten", None, NONE, mode("READONLY"), after=((get("/mode"), READWRITE),)),
    Case(SET_OF_SUBJECT, "inside a context", put("/contexts/c/mode/s", {"mode": "READONLY"}),
         READONLY, after=((get("/mode/:.c:s"), READONLY), (get("/mode/s"), unset("s")))),
    Case(SET_OF_SUBJECT, "a context from inside", put("/contexts/c/mode", {"mode": "READONLY"}),
         READONLY, after=((get("/mode/:.c:"), READONLY), (get("/mode"), READWRITE))),
)

LIVE = (register("s", STRING),)
DEAD = (*LIVE, soft("s"))
REFERRED = (*NESTED, soft("outer"), soft("inner"))
KEY = "{magic=1,keytype=SCHEMA,subject=inner,version=1}"
REFERENCED = refused(422, 42206, f"One or more references exist to the schema {KEY}.")
NOTHING_LEFT = ((get("/subjects?deleted=true"), ok([])),)
STILL_THERE = ((get("/subjects?deleted=true"), ok(["s"])),)

IMPORTS = (
    put_of("s", "import over live versions", "IMPORT", SUBJECTS_THERE, *LIVE,
           after=((get("/mode/s"), unset("s")),)),
    put_top("import over live subjects", "IMPORT", SUBJECTS_THERE, *LIVE),
    put_of(":.c:", "import over live subjects of a context", "IMPORT", SUBJECTS_THERE,
           register(":.c:s", STRING)),
    put_of(GLOBALLY, "import over live subjects anywhere", "IMPORT", SUBJECTS_THERE,
           register(":.c:s", STRING)),
    put_of("s", "import beside live subjects", "IMPORT", IMPORT, register("t", STRING)),
    put_top("import beside live subjects of another context", "IMPORT", IMPORT,
            register(":.c:s", STRING)),
    put_of(":.c:", "import beside live subjects of the default context", "IMPORT", IMPORT, *LIVE),
    put_of("s", "import removes the soft-deleted", "IMPORT", IMPORT, *DEAD, after=NOTHING_LEFT),
    put_top("import removes the soft-deleted of the context", "IMPORT", IMPORT, *DEAD,
            after=NOTHING_LEFT),
    put_of("t", "import leaves the soft-deleted of others", "IMPORT", IMPORT, *DEAD,
           after=STILL_THERE),
    put_of("inner", "import over what is referenced", "IMPORT", REFERENCED, *REFERRED),
    put_top("import over what references each other", "IMPORT", IMPORT, *REFERRED,
            after=NOTHING_LEFT),
    Case(SET_TOP, "import over what another context references", put("/mode", {"mode": "IMPORT"}),
         REFERENCED,
         (NESTED[0], register(":.c:outer", NESTED[1].json["schema"],
                              references=[{"name": "Inner", "subject": ":.:inner", "version": 1}]),
          soft(":.c:outer"), soft("inner"))),
    Case(SET_OF_SUBJECT, "import by force", put("/mode/s?force=true", {"mode": "IMPORT"}), IMPORT,
         LIVE, STILL_THERE),
    Case(SET_OF_SUBJECT, "import by force keeps the soft-deleted",
         put("/mode/s?force=true", {"mode": "IMPORT"}), IMPORT, DEAD, STILL_THERE),
    Case(SET_TOP, "import by force", put("/mode?force=TRUE", {"mode": "IMPORT"}), IMPORT, LIVE),
    Case(SET_TOP, "1 is no force", put("/mode?force=1", {"mode": "IMPORT"}), SUBJECTS_THERE, LIVE),
    put_of("s", "import again", "IMPORT", IMPORT, *LIVE, mode("IMPORT", "s"), after=STILL_THERE),
    put_of("s", "the context's import is not the subject's", "IMPORT", SUBJECTS_THERE, *LIVE,
           mode("IMPORT")),
)


def drop_top(title: str, gives: Gives, *before: Ask, query: str = "", **more: Any) -> Case:
    return Case(DROP_TOP, title, delete(f"/mode{query}"), gives, before, **more)


def drop(subject: str, title: str, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(DROP_OF_SUBJECT, title, delete(f"/mode/{subject}"), gives, before, **more)


OF_MANY = (mode("READONLY", "s"), mode("IMPORT", "t"), mode("READONLY", ":.c:s"))
C_AND_D = (mode("IMPORT", IN_C), mode("READONLY", ":.c:s"), mode("READONLY", ":.d:s"))
KEPT = (get("/mode/:.d:s"), READONLY)

DROPS = (
    drop_top("nothing was set", READWRITE),
    drop_top("what was set", READONLY, mode("READONLY"), after=((get("/mode"), READWRITE),)),
    drop_top("subjects keep theirs", READONLY, mode("READONLY"), *OF_MANY,
             after=((get("/mode/s"), READONLY),)),
    drop_top("with those of the subjects", READONLY, mode("READONLY"), *OF_MANY,
             query="?recursive=true",
             after=((get("/mode/s"), unset("s")), (get("/mode/t"), unset("t")),
                    (get("/mode/:.c:s"), READONLY))),
    drop_top("only subjects had any", NONE, *OF_MANY, query="?recursive=true",
             after=((get("/mode/s"), unset("s")),)),
    drop_top("nothing anywhere", NONE, query="?recursive=true"),
    drop_top("changes are not allowed", NOT_ALLOWED, settings=FIXED),
    drop("s", "nothing was set", unknown("s")),
    drop("s", "nothing was set, although the subject is there", unknown("s"), *LIVE),
    drop(":.c:s", "nothing was set in a context", unknown(":.c:s"), mode("READONLY", "s")),
    drop("s", "what was set", READONLY, mode("READONLY", "s"),
         after=((get("/mode/s"), unset("s")),)),
    drop("s?recursive=true", "nothing anywhere", NONE),
    drop("s?recursive=true", "a subject has none within", READONLY, *OF_MANY,
         after=((get("/mode/t"), IMPORT),)),
    drop(":.c:", "of a context", IMPORT, *C_AND_D, after=((get("/mode/:.c:s"), READONLY),)),
    drop(":.c:?recursive=true", "of a context and its subjects", IMPORT, *C_AND_D,
         after=((get("/mode/:.c:"), unset(":.c:")), (get("/mode/:.c:s"), unset(":.c:s")), KEPT)),
    drop(":.c:?recursive=true", "of a context's subjects", NONE, *C_AND_D[1:],
         after=((get("/mode/:.c:s"), unset(":.c:s")), KEPT)),
    drop(GLOBALLY, "above all contexts", FORWARD, mode("FORWARD", GLOBALLY),
         after=((get("/mode"), READWRITE),)),
    drop(GLOBALLY, "above all contexts, unset", READWRITE),
    drop(":.:", "of the default context", READONLY, mode("READONLY"),
         after=((get("/mode"), READWRITE),)),
    drop("s", "changes are not allowed", NOT_ALLOWED, settings=FIXED),
    Case(DROP_OF_SUBJECT, "inside a context", delete("/contexts/c/mode/s"), READONLY,
         (mode("READONLY", ":.c:s"),), ((get("/mode/:.c:s"), unset(":.c:s")),)),
    drop("s", "its last version for good took it along", unknown("s"), *LIVE,
         mode("READWRITE", "s"), soft("s"), hard("s")),
)

# What a mode lets be done; what it says of the rest stands with each route.
READABLE = (get("/subjects/s/versions/1/schema"), ok(text=STRING))
LOOKED_UP = (post("/subjects/s", {"schema": STRING}), ok(ANY))
TESTED = (post("/compatibility/subjects/s/versions", {"schema": ONE}), ok({"is_compatible": False}))
AGAIN = (register("s", STRING), ok({"id": 1}))
NEW = register("s", ONE)


def not_in(state: str) -> Gives:
    return refused(422, 42205, f"Subject s in context  {state}")


EFFECTS = tuple(
    Case(SET_OF_SUBJECT, f"what {text} lets be done",
         put("/mode/s?force=true", {"mode": text}), modes(text), LIVE,
         (READABLE, LOOKED_UP, TESTED, AGAIN, (NEW, not_in(state)),
          (register("s", STRING, id=1), ok({"id": 1}))))
    for text, state in {
        "READONLY": "is in read-only mode",
        "READONLY_OVERRIDE": "is in read-only mode",
        "IMPORT": "is not in read-write mode",
    }.items()
)

CASES = (*READS, *WRITES, *IMPORTS, *DROPS, *EFFECTS)
