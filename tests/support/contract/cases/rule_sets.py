"""Rule sets: stored, replaced, refused."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, Like, get, ok, post, refused, register
from contract.documents import Ordered, version
from contract.texts import ONE, TWO, body

REGISTER = "POST /subjects/{subject}/versions"

Then = tuple[Ask, Gives]


def case(
    title: str, json: Any, gives: Gives, before: tuple[Ask, ...] = (), *after: Then, **more: Any
) -> Case:
    return Case(REGISTER, title, post("/subjects/s/versions", json, **more), gives, before, after)


def has(*numbers: int) -> Then:
    return get("/subjects/s/versions"), ok(list(numbers))


def holds(number: int, schema_id: int, text: str, **more: Any) -> Then:
    ask = get(f"/subjects/s/versions/{number}")
    return ask, ok(version("s", number, schema_id, text, **{"guid": ANY, **more}))


def gave(schema_id: int) -> Gives:
    return ok({"id": schema_id})


def rule(name: Any = "r", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "CEL", **more}


def stored_rule(name: str = "r", mode: str = "WRITEREAD", **more: Any) -> Ordered:
    order = ("doc", "kind", "mode", "type", "tags", "params", "expr", "onSuccess", "onFailure")
    fields = {"kind": "TRANSFORM", "mode": mode, "type": "CEL", **more}
    pairs = [(key, fields[key]) for key in order if key in fields]
    return Ordered([("name", name), *pairs, ("disabled", more.get("disabled", False))])


def domain(*rules: Any) -> dict[str, Any]:
    return {"domainRules": list(rules)}


WHOLE_RULE = {
    "disabled": True,
    "onFailure": "ERROR,NONE",
    "onSuccess": "NONE",
    "expr": "size(x) > 0",
    "params": {"b": "2", "a": "1"},
    "tags": ["PII", "A", "PII"],
    "type": "CEL",
    "mode": "WRITEREAD",
    "kind": "CONDITION",
    "doc": "d",
    "name": "_r-1",
}
WHOLE_RULE_STORED = stored_rule(
    "_r-1",
    doc="d",
    kind="CONDITION",
    tags=["A", "PII"],
    params=Ordered(a="1", b="2"),
    expr="size(x) > 0",
    onSuccess="NONE",
    onFailure="ERROR,NONE",
    disabled=True,
)
WHOLE_RULES = {
    "enableAt": "CLIENT",
    "encodingRules": [rule("e", mode="WRITE")],
    "domainRules": [WHOLE_RULE, rule("r2", mode="READ")],
    "migrationRules": [rule("m", mode="UPDOWN"), rule("n", mode="UPGRADE")],
}
WHOLE_RULES_STORED = Ordered(
    migrationRules=[stored_rule("m", "UPDOWN"), stored_rule("n", "UPGRADE")],
    domainRules=[WHOLE_RULE_STORED, stored_rule("r2", "READ")],
    encodingRules=[stored_rule("e", "WRITE")],
    enableAt="CLIENT",
)
RULED = (register("s", ONE, ruleSet=domain(rule())),)

RULE_SETS = (
    case(
        "all rules, in order",
        body(ONE, ruleSet=WHOLE_RULES),
        gave(1),
        (),
        holds(1, 1, ONE, ruleSet=WHOLE_RULES_STORED),
    ),
    case(
        "an empty rule set is not shown",
        body(ONE, ruleSet={"domainRules": []}),
        gave(1),
        (),
        holds(1, 1, ONE),
    ),
    case(
        "what a rule is by default",
        body(ONE, ruleSet=domain(rule())),
        gave(1),
        (),
        holds(1, 1, ONE, ruleSet=domain(stored_rule())),
    ),
    case(
        "another rule set is another schema",
        body(ONE, ruleSet=domain(rule("r2"))),
        gave(2),
        RULED,
        holds(2, 2, ONE, ruleSet=domain(stored_rule("r2"))),
    ),
    case(
        "the same rule set is the same schema",
        body(ONE, ruleSet=domain(rule())),
        gave(1),
        RULED,
        has(1),
    ),
    case("no rule set is that of the version before", body(ONE), gave(1), RULED, has(1)),
    case(
        "no rule set for the next version is that of the version before",
        body(TWO),
        gave(2),
        RULED,
        holds(2, 2, TWO, ruleSet=domain(stored_rule())),
    ),
    case(
        "an empty rule set takes that of the version before away",
        body(ONE, ruleSet={}),
        gave(2),
        RULED,
        holds(2, 2, ONE),
    ),
    case(
        "the order of rules counts",
        body(ONE, ruleSet=domain(rule("b"), rule("a"))),
        gave(2),
        (register("s", ONE, ruleSet=domain(rule("a"), rule("b"))),),
        has(1, 2),
    ),
)


def bad(title: str, message: Any, **rule_set: Any) -> Case:
    return case(
        title,
        body(ONE, ruleSet=rule_set),
        refused(422, 42210, message),
        (),
        (get("/subjects?deleted=true"), ok([])),
    )


def bad_name(name: Any, message: str) -> Case:
    return bad(f"name {str(name)[:20]!r}", message, domainRules=[rule(name)])


MIGRATION = "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"
DOMAIN = "Domain rules can only be WRITE, READ, WRITEREAD"
ENCODING = "Encoding rules can only be WRITE, READ, WRITEREAD"
SEVERAL = "Multiple actions only valid with WRITEREAD and UPDOWN"
TWICE = "Found rule with duplicate name 'r'"

BAD_RULES = (
    bad("a name twice", TWICE, domainRules=[rule(), rule()]),
    bad(
        "a name twice among migrations",
        TWICE,
        migrationRules=[rule(mode="UPGRADE"), rule(mode="DOWNGRADE")],
    ),
    *(
        bad(f"migration {mode}", MIGRATION, migrationRules=[rule(mode=mode)])
        for mode in ("READ", "WRITE", "WRITEREAD")
    ),
    bad("migration of the default mode", MIGRATION, migrationRules=[rule()]),
    *(
        bad(f"domain {mode}", DOMAIN, domainRules=[rule(mode=mode)])
        for mode in ("UPGRADE", "DOWNGRADE", "UPDOWN")
    ),
    *(
        bad(f"encoding {mode}", ENCODING, encodingRules=[rule(mode=mode)])
        for mode in ("UPGRADE", "DOWNGRADE", "UPDOWN")
    ),
    bad("no type", "Missing rule type", domainRules=[{"name": "r"}]),
    bad("a null type", "Missing rule type", domainRules=[rule(type=None)]),
    bad("no name", "Missing rule name", domainRules=[{"type": "CEL"}]),
    bad_name("", "Empty rule name"),
    bad_name("x" * 257, "Rule name too long"),
    bad_name("1a", "Illegal initial character in rule name: 1a"),
    bad_name("-a", "Illegal initial character in rule name: -a"),
    bad_name("a b", "Illegal character in rule name: a b"),
    bad_name("a.b", "Illegal character in rule name: a.b"),
    bad(
        "two actions on writing", SEVERAL, domainRules=[rule(mode="WRITE", onFailure="ERROR,NONE")]
    ),
    bad("two actions on reading", SEVERAL, domainRules=[rule(mode="READ", onSuccess="A,B")]),
    bad(
        "two actions on upgrading", SEVERAL, migrationRules=[rule(mode="UPGRADE", onFailure="A,B")]
    ),
    case("a name as long as may be", body(ONE, ruleSet=domain(rule("x" * 256))), gave(1)),
    case(
        "two actions on writing and reading",
        body(ONE, ruleSet=domain(rule(onFailure="A,B"))),
        gave(1),
    ),
    case(
        "two actions on upgrading and downgrading",
        body(ONE, ruleSet={"migrationRules": [rule(mode="UPDOWN", onSuccess="A,B")]}),
        gave(1),
    ),
    case(
        "a bad rule before a bad schema",
        body("nonsense", ruleSet=domain({"name": "r"})),
        refused(422, 42210, "Missing rule type"),
    ),
    *(
        case(
            f"an unknown {field}",
            body(ONE, ruleSet=domain(rule(**{field: "x"}))),
            refused(400, 400, Like("Cannot deserialize value of type `")),
        )
        for field in ("kind", "mode", "disabled")
    ),
    case(
        "an unknown place of execution",
        body(ONE, ruleSet={"enableAt": "MOON"}),
        refused(400, 400, Like("Cannot deserialize value of type `")),
    ),
)

CASES = (
    *RULE_SETS,
    *BAD_RULES,
)
