"""GET /schemas: versions with all that is known of them."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, get, ok, post, refused, register
from contract.documents import MILLIS, Ordered, version
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    INNER,
    INNER_1,
    INT,
    JSON,
    NESTED,
    ONE,
    OUTER,
    PROTO,
    STRING,
    TWO,
    config,
    hard,
    soft,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "GET /schemas"
NOT_FOUND = refused(404, 404, "HTTP 404 Not Found")

SPREAD = (
    register("b", ONE),
    register("a", ONE),
    register("a", TWO),
    register(":.c:a", STRING),
    register("ab", INT),
)
A_1 = version("a", 1, 1, ONE)
A_2 = version("a", 2, 2, TWO)
AB = version("ab", 1, 3, INT)
B = version("b", 1, 1, ONE)
IN_C = version(":.c:a", 1, 1, STRING)


def case(title: str, query: str, *rows: Any, before: tuple[Ask, ...] = SPREAD) -> Case:
    return Case(ROUTE, title, get(f"/schemas{query}"), ok(list(rows)), before)


PREFIXES = (
    case("none yet", "", before=()),
    case("those of the default context, by subject and number", "", A_1, A_2, AB, B),
    case("an empty prefix", "?subjectPrefix=", A_1, A_2, AB, B),
    case("a prefix", "?subjectPrefix=a", A_1, A_2, AB),
    case("a prefix that nothing has", "?subjectPrefix=x"),
    case("a context", "?subjectPrefix=:.c:", IN_C),
    case("a prefix in a context", "?subjectPrefix=:.c:b"),
    case("any context", "?subjectPrefix=:*:", IN_C, A_1, A_2, AB, B),
    case("a prefix in any context", "?subjectPrefix=:*:a", IN_C, A_1, A_2, AB),
    Case(ROUTE, "through a context's path", get("/contexts/c/schemas"), ok([IN_C]), SPREAD),
    Case(ROUTE, "through a context's path, with a prefix",
        get("/contexts/c/schemas?subjectPrefix=b"), ok([]), SPREAD),
    case("a page", "?offset=1&limit=2", A_2, AB),
    case("a page beyond the end", "?offset=4&limit=2"),
    case("a limit of 0 is none", "?limit=0", A_1, A_2, AB, B),
    case("a negative limit is none", "?limit=-1&offset=3", B),
    case("a negative offset is none", "?offset=-2&limit=1", A_1),
    Case(ROUTE, "a limit beyond the most is none", get("/schemas?limit=4"), ok([A_1, A_2, AB]),
        SPREAD, settings={"schema_page": 3}),
    Case(ROUTE, "the most that a page takes", get("/schemas"), ok([A_1, A_2, AB]), SPREAD,
        settings={"schema_page": 3}),
    Case(ROUTE, "a page as long as may be", get("/schemas?limit=3&offset=1"), ok([A_2, AB, B]),
        SPREAD, settings={"schema_page": 3}),
    Case(ROUTE, "a limit that is no number", get("/schemas?limit=x"), NOT_FOUND),
    Case(ROUTE, "an offset that is no number", get("/schemas?offset=1.0"), NOT_FOUND),
)

DELETED = (*SPREAD, soft("a", 2), soft("b"), soft("ab"), hard("ab"))
DEAD_2 = version("a", 2, 2, TWO, deleted=True)
DEAD_B = version("b", 1, 1, ONE, deleted=True)

STATES = (
    case("without the soft-deleted", "", A_1, before=DELETED),
    case("with the soft-deleted", "?deleted=true", A_1, DEAD_2, DEAD_B, before=DELETED),
    case("the latest of each", "?latestOnly=true", A_2, AB, B),
    case("the latest of each that is live", "?latestOnly=true", A_1, before=DELETED),
    case("the latest of each, with the soft-deleted", "?latestOnly=true&deleted=true", DEAD_2,
        DEAD_B, before=DELETED),
    case("the latest of each, a page", "?latestOnly=true&offset=1&limit=1", AB),
    case("the latest of each in any context", "?latestOnly=TRUE&subjectPrefix=:*:", IN_C, A_2, AB,
        B),
)

RULE = {"name": "r", "type": "CEL"}
STORED_RULE = Ordered(name="r", kind="TRANSFORM", mode="WRITEREAD", type="CEL", disabled=False)
RULES = {"domainRules": [STORED_RULE]}
RULED = (
    register("a", ONE, ruleSet={"domainRules": [RULE]}),
    register("a", TWO, ruleSet={"encodingRules": [{**RULE, "type": "ENCRYPT"}]}),
    register("b", ONE),
)
CEL = version("a", 1, 1, ONE, ruleSet=RULES)
ENCRYPTED = version("a", 2, 2, TWO,
    ruleSet={"encodingRules": [Ordered({**STORED_RULE, "type": "ENCRYPT"})]})

CONTENTS = (
    case("a type of rule", "?ruleType=CEL", CEL, before=RULED),
    case("another type of rule", "?ruleType=ENCRYPT", ENCRYPTED, before=RULED),
    case("a type that no rule has", "?ruleType=cel", before=RULED),
    case("a type of rule among the latest", "?ruleType=CEL&latestOnly=true", before=RULED),
    case("no type of rule", "?ruleType=", CEL, ENCRYPTED, version("b", 1, 3, ONE), before=RULED),
    case("references and metadata", "", version("inner", 1, 1, INNER),
        version("outer", 1, 2, OUTER, references=[INNER_1], metadata={"properties": {"a": "b"}}),
        before=(NESTED[0], register("outer", OUTER, references=[INNER_1],
        metadata={"properties": {"a": "b"}}))),
    case("all types", "", version("a", 1, 1, ONE), version("j", 1, 2, JSON, **AS_JSON),
        version("p", 1, 3, PROTO, **AS_PROTO), before=(register("a", ONE), register("j", JSON,
        **AS_JSON), register("p", PROTO, **AS_PROTO))),
)

ALIASES = (*SPREAD, config("x", alias="b"), config("y", alias="b"), config(":.c:y", alias="a"))
NAMED_B = version("b", 1, 1, ONE, aliases=["x", "y"])
NAMED_C = version(":.c:a", 1, 1, STRING, aliases=[":.c:y"])

NAMED = (
    case("aliases, unasked", "", A_1, A_2, AB, B, before=ALIASES),
    case("aliases", "?aliases=true", A_1, A_2, AB, NAMED_B, before=ALIASES),
    case("aliases in a context", "?aliases=true&subjectPrefix=:.c:", NAMED_C, before=ALIASES),
    case("what an alias with the prefix leads to", "?aliases=true&subjectPrefix=x",
        version("b", 1, 1, ONE, aliases=["x"]), before=ALIASES),
    case("nothing has the prefix", "?aliases=true&subjectPrefix=z", before=ALIASES),
    case("an alias of what is not there", "?aliases=true&subjectPrefix=x",
        before=(config("x", alias="b"),)),
)


def tie(topic: str, subject: str, kind: str = "value") -> Ask:
    return post("/associations", {
        "resourceName": topic,
        "resourceNamespace": "n",
        "resourceId": f"id-{topic}",
        "resourceType": "topic",
        "associations": [{"subject": subject, "associationType": kind}],
    })


def tied(topic: str, subject: str, kind: str = "value") -> Ordered:
    return Ordered(
        subject=subject,
        guid=ANY,
        resourceName=topic,
        resourceNamespace="n",
        resourceId=f"id-{topic}",
        resourceType="topic",
        associationType=kind,
        lifecycle="WEAK",
        createTs=MILLIS,
        updateTs=MILLIS,
    )


TIES = (
    register("a", ONE),
    register("b", INT),
    register("c", STRING),
    tie("t", "a"),
    tie("u", "a", "key"),
    tie("v", "b", "key"),
)
FREE = version("c", 1, 3, STRING)


def a(*associations: Ordered) -> Ordered:
    return version("a", 1, 1, ONE, associations=list(associations))


def b(*associations: Ordered) -> Ordered:
    return version("b", 1, 2, INT, associations=list(associations))


T, U, V = tied("t", "a"), tied("u", "a", "key"), tied("v", "b", "key")

ASSOCIATED = (
    case("associations, unasked", "", version("a", 1, 1, ONE), version("b", 1, 2, INT), FREE,
        before=TIES),
    case("of a type of resource", "?resourceType=topic", a(T, U), b(V), before=TIES),
    case("of another type of resource", "?resourceType=x", before=TIES),
    case("of a type of association", "?associationType=value", a(T), before=TIES),
    case("of several types of association", "?associationType=value&associationType=key", a(T, U),
        b(V), before=TIES),
    case("of a lifecycle", "?lifecycle=WEAK", a(T, U), b(V), before=TIES),
    case("of a lifecycle in lower case", "?lifecycle=weak", a(T, U), b(V), before=TIES),
    case("of a lifecycle that none has", "?lifecycle=STRONG", before=TIES),
    case("unassociated", "?lifecycle=NONE", FREE, before=TIES),
    case("of a lifecycle, and the unassociated", "?lifecycle=NONE&lifecycle=WEAK", a(T, U), b(V),
        FREE, before=TIES),
    case("of a lifecycle that none has, and the unassociated", "?lifecycle=NONE&lifecycle=STRONG",
        FREE, before=TIES),
    case("a page of the associated", "?resourceType=topic&offset=1", b(V), before=TIES),
)

CASES = (
    *PREFIXES, *STATES, *CONTENTS, *NAMED, *ASSOCIATED,
)
