"""PUT of /config: settings are merged, and checked before anything is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Like, get, ok, put, refused
from contract.cases.config import EVERYTHING, GLOBALLY, IN_C, STORED, levels, readonly, unset
from contract.documents import Ordered
from contract.texts import config, level, mode

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# fmt: off

TOP, OF_SUBJECT = "PUT /config", "PUT /config/{subject}"
LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL",
          "FULL_TRANSITIVE")
BAD_LEVEL = refused(
    422,
    42203,
    "Invalid compatibility level. Valid values are none, backward, forward, full, "
    "backward_transitive, forward_transitive, and full_transitive",
)


def both(title: str, json: Any, gives: Gives, *before: Ask, **more: Any) -> tuple[Case, Case]:
    """Ask for it at the top and of a subject: both take and refuse the same."""
    own = tuple(put(f"/config/s{ask.path.removeprefix('/config')}", ask.json) for ask in before)
    return (
        Case(TOP, title, put("/config", json, **more), gives, before),
        Case(OF_SUBJECT, title, put("/config/s", json, **more), gives, own),
    )


def of(subject: str, title: str, json: Any, gives: Gives, *before: Ask, **more: Any) -> Case:
    return Case(OF_SUBJECT, title, put(f"/config/{subject}", json), gives, before, **more)


def stored(**settings: Any) -> Gives:
    """The merge as it is stored, with the level under its name in requests."""
    return ok(Ordered((name, settings[name]) for name in EVERYTHING if name in settings))


FULL = {"compatibility": "FULL"}

MERGES = (
    *(case for text in LEVELS for case in both(
        f"level {text}", {"compatibility": text.lower()}, stored(compatibility=text))),
    *both("a level in mixed case", {"compatibility": "fUlL"}, stored(**FULL)),
    *both("nothing", {}, stored()),
    *both("nothing keeps what was there", {}, stored(**FULL), config(**FULL)),
    *both("everything, in order", EVERYTHING, ok(Ordered(STORED))),
    *both("absent is kept", {"normalize": True}, stored(normalize=True, **FULL), config(**FULL)),
    *both("null is cleared", {"compatibility": None}, stored(normalize=True),
          config(normalize=True, **FULL)),
    *both("null where nothing was", {"alias": None}, stored()),
    *both("everything cleared", dict.fromkeys(EVERYTHING), stored(), config(**EVERYTHING)),
    *both("present is set", {"normalize": False}, stored(normalize=False, **FULL),
          config(normalize=True, **FULL)),
    *both("metadata is replaced, not merged", {"defaultMetadata": {"properties": {"b": "2"}}},
          stored(defaultMetadata={"properties": {"b": "2"}}),
          config(defaultMetadata={"properties": {"a": "1"}})),
    *both("an empty alias", {"alias": ""}, stored(alias="")),
    *both("empty metadata", {"defaultMetadata": {}}, stored(defaultMetadata={})),
    *both("a policy in lower case", {"compatibilityPolicy": "lenient"},
          stored(compatibilityPolicy="LENIENT")),
    *both("an unknown policy is none", {"compatibilityPolicy": "MILD"},
          stored(**FULL), config(compatibilityPolicy="LENIENT", **FULL)),
    *(case for text in ("STRICT", "LENIENT", "LOGICAL") for case in both(
        f"policy {text}", {"compatibilityPolicy": text}, stored(compatibilityPolicy=text))),
    *both("the name of answers is unknown in requests", {"compatibilityLevel": "FULL"}, stored()),
    *both("unknown fields", {"x": {"y": []}, **FULL}, stored(**FULL)),
    *both("a flag as text", {"normalize": "True"}, stored(normalize=True)),
    *both("a flag as number", {"normalize": 1}, stored(normalize=True)),
    *both("a text as number", {"alias": 12}, stored(alias="12")),
    *both("a text as flag", {"alias": True}, stored(alias="true")),
    *both("what stands behind the body", None, stored(**FULL), raw=b'{"compatibility":"FULL"} x'),
)

PLACES = (
    of("s", "the subject need not be there", FULL, stored(**FULL),
       after=((get("/subjects?deleted=true"), ok([])), (get("/contexts"), ok(["."])))),
    of(":.c:s", "in a context that need not be there", FULL, stored(**FULL),
       after=((get("/contexts"), ok(["."])), (get("/config/:.c:s"), levels("FULL")))),
    of(":.c:", "of a context", FULL, stored(**FULL),
       after=((get("/config/:.c:"), levels("FULL")),)),
    of(":.:", "of the default context", FULL, stored(**FULL),
       after=((get("/config"), levels("FULL")),)),
    of(GLOBALLY, "above all contexts", FULL, stored(**FULL),
       after=((get("/config"), levels("FULL")),)),
    of("a%2Fb%20%C3%A4", "an odd name", FULL, stored(**FULL),
       after=((get("/config/a%2Fb%20%C3%A4"), levels("FULL")),)),
    of("s", "an alias is not followed", FULL, stored(alias="t", **FULL), config("s", alias="t"),
       after=((get("/config/t"), unset("t")),)),
    Case(TOP, "inside the default context", put("/contexts/:.:/config", FULL), stored(**FULL),
         after=((get("/config"), levels("FULL")),)),
    Case(OF_SUBJECT, "a context from inside", put("/contexts/c/config", FULL), stored(**FULL),
         after=((get("/config/:.c:"), levels("FULL")), (get("/config"), levels("BACKWARD")))),
    Case(OF_SUBJECT, "a subject from inside", put("/contexts/c/config/s", FULL), stored(**FULL),
         after=((get("/config/:.c:s"), levels("FULL")), (get("/config/s"), unset("s")))),
)


def null(name: str) -> Gives:
    return refused(422, 422, f"{name} must not be null (was null)")


def malformed(message: Any) -> Gives:
    return refused(400, 400, message)


def rule(**changes: Any) -> dict[str, Any]:
    return {"domainRules": [{"name": "r", "type": "CEL"} | changes]}


BAD_RULES = {
    "a rule without a type": (rule(type=None), "Missing rule type"),
    "a rule without a name": (rule(name=None), "Missing rule name"),
    "a migration as domain rule": (
        rule(mode="UPGRADE"), "Domain rules can only be WRITE, READ, WRITEREAD"),
}

REFUSED = (
    *(case for title, text in {"unknown": "SOME", "empty": "", "a number": 5}.items()
      for case in both(f"a level: {title}", {"compatibility": text}, BAD_LEVEL, config(**FULL))),
    *both("one bad setting refuses all", {"normalize": True, "compatibility": "SOME"}, BAD_LEVEL),
    *(case for title, (rules, message) in BAD_RULES.items()
      for name in ("defaultRuleSet", "overrideRuleSet")
      for case in both(f"{name}: {title}", {name: rules}, refused(422, 42210, message))),
    *both("a flag that is none", {"normalize": "yes"}, malformed(
        'Cannot deserialize value of type `Boolean` from String "yes": '
        'only "true" or "false" recognized')),
    *both("a flag as object", {"normalize": {}}, malformed(
        "Cannot deserialize value of type `Boolean` from Object value "
        "(token `JsonToken.START_OBJECT`)")),
    *both("a level as object", {"compatibility": {}}, malformed(
        "Cannot deserialize value of type `String` from Object value "
        "(token `JsonToken.START_OBJECT`)")),
    *both("a kind of rule that is none", {"defaultRuleSet": rule(kind="FOO")}, malformed(
        'Cannot deserialize value of type `RuleKind` from String "FOO": '
        "not one of the values accepted for Enum class: [CONDITION, TRANSFORM]")),
    *both("an array", [], malformed(
        "Cannot deserialize value of type `ConfigUpdateRequest` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    *both("no JSON", None, malformed(
        "Unexpected character ('b' (code 98)): was expecting double-quote to start field name"),
        raw=b"{bad}"),
    *both("half an object", None, malformed(
        Like("Unexpected end-of-input: expected close marker for Object")),
        raw=b'{"compatibility":"FULL"'),
    Case(TOP, "no body", put("/config"), null("updateTopLevelConfig.arg1")),
    Case(TOP, "null", put("/config", raw=b"null"), null("updateTopLevelConfig.arg1")),
    Case(OF_SUBJECT, "no body", put("/config/s"), null("updateSubjectLevelConfig.arg2")),
    Case(OF_SUBJECT, "null", put("/config/s", raw=b" null "),
         null("updateSubjectLevelConfig.arg2")),
    *both("a text that no database keeps", {"alias": "a\0b"}, refused(422, 42205, ANY)),
)


def invalid(subject: str) -> Gives:
    return refused(422, 42208, f"The specified subject '{subject}' is not a valid.")


NOT_HERE = (
    of("__GLOBAL", "a reserved name", FULL, invalid("__GLOBAL")),
    of("__EMPTY", "another reserved name", FULL, invalid("__EMPTY")),
    of(":.c:__EMPTY", "a reserved name in a context", FULL, invalid(":.c:__EMPTY")),
    of("a%0Ab", "a name with a control character", FULL, invalid("a\nb")),
    of("a%7Fb", "a name with another control character", FULL, invalid("a\x7fb")),
    Case(TOP, "read-only", put("/config", FULL), readonly(""), (mode("READONLY"),)),
    Case(TOP, "read-only, overriding", put("/config", FULL), readonly(""),
         (mode("READONLY_OVERRIDE"),)),
    of("s", "read-only", FULL, readonly("s"), mode("READONLY", "s")),
    of("s", "read-only by its context", FULL, readonly("s"), mode("READONLY")),
    of("s", "read-only above all contexts", FULL, readonly("s"), mode("READONLY", GLOBALLY)),
    of(":.c:s", "read-only by another context", FULL, readonly(":.c:s", ":.c:"),
       mode("READONLY", IN_C)),
    of("s", "writable in a read-only context", FULL, stored(**FULL), mode("READONLY"),
       mode("READWRITE", "s")),
    of(":.c:s", "writable beside a read-only context", FULL, stored(**FULL), mode("READONLY")),
    of("s", "import", FULL, stored(**FULL), mode("IMPORT", "s")),
    of("s", "forward", FULL, stored(**FULL), mode("FORWARD", GLOBALLY)),
    of("s", "a refused change leaves the old one", {"compatibility": "SOME"}, BAD_LEVEL,
       level("NONE", "s"), after=((get("/config/s"), levels("NONE")),)),
)

CASES = (*MERGES, *PLACES, *REFUSED, *NOT_HERE)
