"""GET and DELETE of /config: which settings hold where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import Case, delete, get, ok, refused, register
from contract.documents import Ordered
from contract.texts import STRING, config, level, mode

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

TOP, OF_SUBJECT = "GET /config", "GET /config/{subject}"
DROP_TOP, DROP_OF_SUBJECT = "DELETE /config", "DELETE /config/{subject}"

EVERYTHING = {
    "alias": "t",
    "aliasForDeks": "u",
    "normalize": True,
    "validateFields": False,
    "validateNewSchemas": True,
    "validateRules": False,
    "compatibility": "FULL",
    "compatibilityPolicy": "LENIENT",
    "compatibilityGroup": "major",
    "defaultMetadata": {"properties": {"owner": "x"}},
    "overrideMetadata": {"tags": {"**.a": ["PII"]}},
    "defaultRuleSet": {"domainRules": [{"name": "r", "type": "CEL", "expr": "true"}]},
    "overrideRuleSet": {"enableAt": "CLIENT"},
}
RULE = {"name": "r", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "CEL", "expr": "true",
        "disabled": False}
STORED = EVERYTHING | {"defaultRuleSet": {"domainRules": [RULE]}}
SHOWN = Ordered(
    ("compatibilityLevel" if name == "compatibility" else name, value)
    for name, value in STORED.items()
)


def levels(text: str) -> Gives:
    return ok({"compatibilityLevel": text})


def unset(subject: str) -> Gives:
    message = f"Subject '{subject}' does not have subject-level compatibility configured"
    return refused(404, 40408, message)


def top(title: str, gives: Gives, *before: Ask, at: str = "/config", **more: Any) -> Case:
    return Case(TOP, title, get(at), gives, before, **more)


def of(subject: str, title: str, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(OF_SUBJECT, title, get(f"/config/{subject}"), gives, before, **more)


def effective(subject: str, title: str, text: str, *before: Ask) -> Case:
    return of(f"{subject}?defaultToGlobal=true", f"in effect: {title}", levels(text), *before)


GLOBALLY = ":.__GLOBAL:"
IN_C = ":.c:"

TOPS = (
    top("the server's", levels("BACKWARD")),
    top("the server's, as the operator set it", levels("FULL_TRANSITIVE"),
        settings={"compatibility_level": "FULL_TRANSITIVE"}),
    top("validateFields switched on for all",
        ok({"compatibilityLevel": "BACKWARD", "validateFields": True}),
        settings={"validate_fields": True}),
    top("what was set", levels("FULL"), level("FULL")),
    top("a slash at the end", levels("FULL"), level("FULL"), at="/config/"),
    top("defaultToGlobal says nothing new", levels("FULL"), level("FULL"),
        at="/config?defaultToGlobal=true"),
    top("the server's level beside what was set",
        ok(Ordered(normalize=True, compatibilityLevel="BACKWARD")), config(normalize=True)),
    top("everything, in order", ok(SHOWN), config(**EVERYTHING)),
    top("false is a value", ok(Ordered(normalize=False, compatibilityLevel="BACKWARD")),
        config(normalize=False)),
    top("empty values are left out", levels("BACKWARD"),
        config(alias="", defaultMetadata={}, defaultRuleSet={})),
    top("from above all contexts", levels("NONE"), level("NONE", GLOBALLY)),
    top("the context before what is above all", levels("FULL"), level("NONE", GLOBALLY),
        level("FULL")),
    top("not that of another context", levels("BACKWARD"), level("NONE", IN_C)),
    top("inside the default context", levels("FULL"), level("FULL"), at="/contexts/:.:/config"),
)

OWN = (
    of("s", "unset", unset("s")),
    of("s", "unset, whatever holds for it", unset("s"), level("FULL"), level("NONE", GLOBALLY)),
    of("s", "unset, although the subject is there", unset("s"), register("s", STRING)),
    of(":.c:s", "unset in a context", unset(":.c:s"), level("FULL", IN_C), level("FULL", "s")),
    of(":.c:", "of a context, unset", unset(":.c:"), register(":.c:s", STRING)),
    of("a%2Fb", "an odd name", unset("a/b")),
    of("a%00b", "a name with a control character", unset("a\x00b")),
    of("s?defaultToGlobal=1", "1 is not true", unset("s")),
    of("s", "its own", levels("FULL"), level("FULL", "s")),
    of("s", "before the top's", levels("NONE"), level("FULL"), level("NONE", "s")),
    of(":.:s", "by its qualified name", levels("FULL"), level("FULL", "s")),
    of(":.c:s", "in a context", levels("FULL"), level("FULL", ":.c:s")),
    of(":.c:", "of a context", levels("FULL"), level("FULL", IN_C)),
    of(":.c", "of a context, without its end", levels("FULL"), level("FULL", IN_C)),
    of(":.:", "of the default context", levels("FULL"), level("FULL")),
    of(":.:", "of the default context, unset", levels("BACKWARD")),
    of(GLOBALLY, "above all contexts", levels("FULL"), level("FULL", GLOBALLY)),
    of(GLOBALLY, "above all contexts, unset", levels("BACKWARD"), level("FULL")),
    of("s", "everything, in order", ok(SHOWN), config("s", **EVERYTHING)),
    of("s", "an empty one has the server's level, not the top's", levels("BACKWARD"),
        level("FULL"), config("s")),
    of("s", "without a level the server's, not the top's",
        ok({"normalize": True, "compatibilityLevel": "BACKWARD"}), level("FULL"),
        config("s", normalize=True)),
    of("s", "completed from the top",
        ok({"normalize": True, "validateFields": True, "validateNewSchemas": False,
            "validateRules": True, "compatibilityLevel": "NONE",
            "compatibilityPolicy": "LENIENT", "compatibilityGroup": "g"}),
        config(normalize=True, validateFields=True, validateNewSchemas=False, validateRules=True,
               compatibilityPolicy="LENIENT", compatibilityGroup="g", compatibility="FULL"),
        level("NONE", "s")),
    of(":.c:s", "completed from the top in another context too",
        ok({"normalize": True, "compatibilityLevel": "NONE"}),
        config(normalize=True), config(IN_C, validateFields=True), level("NONE", ":.c:s")),
    of("s", "its own values stay", ok({"normalize": False, "compatibilityLevel": "NONE"}),
        config(normalize=True), config("s", normalize=False, compatibility="NONE")),
    of("s", "not completed with aliases and contracts", levels("NONE"),
        config(alias="t", aliasForDeks="u", defaultMetadata={"properties": {"a": "b"}},
               overrideMetadata={"properties": {"a": "b"}},
               defaultRuleSet={"enableAt": "ALL"}, overrideRuleSet={"enableAt": "ALL"}),
        level("NONE", "s")),
    of("s", "an alias is not followed", ok({"alias": "t", "compatibilityLevel": "BACKWARD"}),
        config("s", alias="t"), level("NONE", "t")),
    Case(OF_SUBJECT, "inside a context", get("/contexts/c/config/s"), levels("FULL"),
         (level("FULL", ":.c:s"),)),
    Case(OF_SUBJECT, "a context from inside", get("/contexts/c/config"), levels("FULL"),
         (level("FULL", IN_C),)),
    Case(OF_SUBJECT, "another context from inside a context", get("/contexts/c/config/:.d:s"),
         levels("FULL"), (level("FULL", ":.d:s"),)),
    Case(OF_SUBJECT, "a context from inside, unset", get("/contexts/.c/config"), unset(":.c:")),
)

SCOPES = (
    effective("s", "nothing is set", "BACKWARD"),
    effective("s", "its own", "FULL", level("NONE"), level("FULL", "s")),
    effective("s", "the top's", "NONE", level("NONE"), level("FULL", GLOBALLY)),
    effective("s", "above all contexts", "FULL", level("FULL", GLOBALLY)),
    effective("s", "not another context's", "BACKWARD", level("NONE", IN_C)),
    effective(":.c:s", "the context's", "NONE", level("FULL"), level("NONE", IN_C)),
    effective(":.c:s", "not the default context's", "BACKWARD", level("NONE")),
    effective(":.c:s", "above all contexts, past the default one", "FULL", level("NONE"),
              level("FULL", GLOBALLY)),
    effective(":.c:", "of a context", "FULL", level("NONE"), level("FULL", GLOBALLY)),
    of("s?defaultToGlobal=TRUE", "the top's with all it has", ok(SHOWN), config(**EVERYTHING)),
)


def drop_top(title: str, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(DROP_TOP, title, delete("/config"), gives, before, **more)


def drop(subject: str, title: str, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(DROP_OF_SUBJECT, title, delete(f"/config/{subject}"), gives, before, **more)


def unknown(subject: str) -> Gives:
    return refused(404, 40401, f"Subject '{subject}' not found.")


def readonly(subject: str, context: str = "") -> Gives:
    message = f"Subject {subject} in context {context} is in read-only mode"
    return refused(422, 42205, message)


DEFAULT_AGAIN = ((get("/config"), levels("BACKWARD")),)
GONE = ((get("/config/s"), unset("s")),)

DROPS = (
    drop_top("nothing was set", levels("BACKWARD")),
    drop_top("what was set", levels("FULL"), level("FULL"), after=DEFAULT_AGAIN),
    drop_top("everything, in order", ok(SHOWN), config(**EVERYTHING), after=DEFAULT_AGAIN),
    drop_top("subjects keep theirs", levels("FULL"), level("FULL"), level("NONE", "s"),
             after=((get("/config/s"), levels("NONE")),)),
    drop_top("read-only", readonly(""), level("FULL"), mode("READONLY")),
    drop("s", "nothing was set", unknown("s")),
    drop("s", "only the top's was set", unknown("s"), level("FULL")),
    drop("s", "nothing was set, although the subject is there", unknown("s"),
         register("s", STRING)),
    drop(":.c:s", "nothing was set in a context", unknown(":.c:s"), level("FULL", "s")),
    drop("s", "what was set", levels("FULL"), level("FULL", "s"), after=GONE),
    drop("s", "an empty one", levels("BACKWARD"), config("s"), after=GONE),
    drop(":.c:", "of a context", levels("FULL"), level("FULL", IN_C),
         after=((get("/config/:.c:"), unset(":.c:")),)),
    drop(GLOBALLY, "above all contexts", levels("FULL"), level("FULL", GLOBALLY)),
    drop(GLOBALLY, "above all contexts, unset", levels("BACKWARD")),
    drop(":.:", "of the default context", levels("FULL"), level("FULL"), after=DEFAULT_AGAIN),
    drop("s", "read-only", readonly("s"), level("FULL", "s"), mode("READONLY", "s")),
    drop("s", "unknown comes before read-only", unknown("s"), mode("READONLY")),
    drop(":.c:s", "read-only in a context", readonly(":.c:s", ":.c:"), level("FULL", ":.c:s"),
         mode("READONLY_OVERRIDE", IN_C)),
    Case(DROP_OF_SUBJECT, "inside a context", delete("/contexts/c/config/s"), levels("FULL"),
         (level("FULL", ":.c:s"),), ((get("/config/:.c:s"), unset(":.c:s")),)),
)

CASES = (*TOPS, *OWN, *SCOPES, *DROPS)
