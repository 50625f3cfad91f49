"""/accord/v1/compatibility: explanations and impacts, and the refusal that explains itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import ANY, Case, Gives, Like, avro, ok, post, refused, register
from contract.texts import (
    INNER,
    INT,
    NESTED,
    ONE,
    TWO,
    body,
    level,
)

if TYPE_CHECKING:
    from contract.case import Ask

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

EXPLAIN, IMPACT = (f"POST /accord/v1/compatibility/{name}" for name in ("explain", "impact"))
LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL",
          "FULL_TRANSITIVE")
POLICIES = ("STRICT", "LENIENT", "LOGICAL")
NATIVE = "application/vnd.accord.v1+json"
HISTORY = (register("s", ONE),)
# Reads what ONE wrote only where `b` was written; ONE reads all of it.
NEEDS = avro("a", "b")
NEEDED = {"path": "/fields/1", "fragment": '{"name":"b","type":"string"}'}


def verdicts(*accepting: str) -> dict[str, Any]:
    levels = {name: name in accepting for name in LEVELS}
    return {policy: levels for policy in POLICIES}  # noqa: C420 wants it so


def told(*accepting: str, comparisons: Any = ANY, **more: Any) -> Gives:
    is_compatible = more.get("level", "BACKWARD") in accepting
    return ok({
        "isCompatible": is_compatible, "level": "BACKWARD", "policy": "STRICT", "change": ANY,
        "acceptingLevels": [name for name in LEVELS if name in accepting],
        "acceptingPolicies": list(POLICIES) if is_compatible else [],
        "verdicts": verdicts(*accepting), "comparisons": comparisons, "omittedComparisons": 0,
        **more})


def explain(title: str, json: Any, gives: Gives, *before: Ask) -> Case:
    return Case(EXPLAIN, title, post("/accord/v1/compatibility/explain", json), gives, before)


def impact(title: str, json: Any, gives: Gives, *before: Ask) -> Case:
    return Case(IMPACT, title, post("/accord/v1/compatibility/impact", json), gives, before)


FORWARD_ONLY = ("NONE", "FORWARD", "FORWARD_TRANSITIVE")
MISSING_DEFAULT = {
    "direction": "BACKWARD", "kind": "READER_FIELD_MISSING_DEFAULT_VALUE", "path": "/fields/1",
    "detail": "b", "refusedBy": list(POLICIES), "new": NEEDED, "sentence": ANY, "fix": ANY,
    "witness": {"message": ANY, "encoded": ANY, "failure": ANY}}
IGNORED = {
    "direction": "FORWARD", "kind": "WRITER_FIELD_IGNORED", "path": "/fields/1", "detail": "b",
    "refusedBy": [], "new": NEEDED}
PLACE = {"subject": "s", "version": 1, "id": 1}
ADDED = {
    "direction": "BACKWARD", "kind": "READER_FIELD_ADDED_WITH_DEFAULT", "path": "/fields/1",
    "detail": "b", "refusedBy": [],
    "new": {"path": "/fields/1", "fragment": '{"name":"b","type":"string","default":""}'}}
FOUND = {"isSameType": True, "findings": [MISSING_DEFAULT, IGNORED], "omittedFindings": 0}
HARMLESS = {**PLACE, **FOUND, "findings": [ADDED, {**IGNORED, "new": ADDED["new"]}]}
COMPARED, BY_INDEX = {**PLACE, **FOUND}, {"index": 0, **FOUND}

EXPLAINED = [
    explain("a field without a default", {"subject": "s", "candidate": body(NEEDS)},
            told(*FORWARD_ONLY, comparisons=[COMPARED], change="MAJOR"), *HISTORY),
    explain("a field with a default", {"subject": "s", "candidate": body(TWO)},
            told(*LEVELS, comparisons=[HARMLESS], change="MINOR"), *HISTORY),
    explain("one version", {"subject": "s", "version": "1", "candidate": body(NEEDS)},
            told(*FORWARD_ONLY, comparisons=[COMPARED], change="MAJOR"),
            *HISTORY, level("NONE", "s"), register("s", TWO), level("BACKWARD", "s")),
    explain("the latest version", {"subject": "s", "version": "latest", "candidate": body(NEEDS)},
            told(*FORWARD_ONLY, comparisons=[COMPARED], change="MAJOR"), *HISTORY),
    explain("all versions", {"subject": "s", "version": "all", "candidate": body(ONE)},
            told(*LEVELS, comparisons=[], change="PATCH"), *HISTORY),
    explain("a schema sent along", {"schemas": [body(ONE)], "candidate": body(NEEDS)},
            told(*FORWARD_ONLY, comparisons=[BY_INDEX], change="MAJOR")),
    explain("no schema to compare with", {"schemas": [], "candidate": body(NEEDS)},
            told(*LEVELS, comparisons=[], change=None)),
    explain("a subject without versions", {"subject": "s", "candidate": body(NEEDS)},
            told(*LEVELS, comparisons=[], change=None)),
    explain("the subject's own level", {"subject": "s", "candidate": body(NEEDS)},
            told(*FORWARD_ONLY, level="FORWARD", change="MINOR"), *HISTORY,
            level("FORWARD", "s")),
    explain("another level", {"subject": "s", "candidate": body(NEEDS), "level": "forward"},
            told(*FORWARD_ONLY, level="FORWARD", change="MINOR"), *HISTORY),
    explain("another policy", {"subject": "s", "candidate": body(NEEDS), "policy": "lenient"},
            told(*FORWARD_ONLY, policy="LENIENT", change="MAJOR"), *HISTORY),
    explain("another type", {"subject": "s", "candidate": body("{}", schemaType="JSON")},
            ok(), *HISTORY),
    explain("normalised", {"subject": "s", "candidate": body(ONE), "normalize": True},
            told(*LEVELS, comparisons=[], change="PATCH"), *HISTORY),
]
REFUSED = [
    explain("no such version", {"subject": "s", "version": "7", "candidate": body(ONE)},
            refused(404, 40402, "Version 7 not found."), *HISTORY),
    explain("a version that is none", {"subject": "s", "version": "x", "candidate": body(ONE)},
            refused(422, 42202, ANY), *HISTORY),
    explain("no schema", {"subject": "s", "candidate": body("none")}, refused(422, 42201, ANY)),
    explain("an empty schema", {"subject": "s", "candidate": {}},
            refused(422, 42201, "Empty schema")),
    explain("an unknown level", {"subject": "s", "candidate": body(ONE), "level": "SOME"},
            refused(422, 42203, ANY)),
    explain("an unknown policy", {"subject": "s", "candidate": body(ONE), "policy": "SOME"},
            refused(422, 42290, "Unknown compatibility policy 'SOME'")),
    explain("nothing to compare with", {"candidate": body(ONE)},
            refused(422, 42290, Like("Give either 'subject' or 'schemas'"))),
    explain("both to compare with", {"subject": "s", "schemas": [], "candidate": body(ONE)},
            refused(422, 42290, Like("Give either 'subject' or 'schemas'"))),
    explain("no candidate", {"subject": "s"}, refused(422, 42290, "'candidate' is missing")),
    explain("a subject that is none", {"subject": {}, "candidate": body(ONE)},
            refused(400, 400, ANY)),
    explain("null", None, refused(422, 422, ANY)),
]

MOVED = {**PLACE, "subject": "outer", "id": 2, "through": [], "level": "BACKWARD",
         "policy": "STRICT"}
IMPACTS = [
    impact("nobody refers to it", {"subject": "s", "candidate": body(ONE)},
           ok({"subject": "s", "isCompatible": True, "checked": 0, "broken": 0, "dependents": []})),
    impact("one that stays compatible", {"subject": "inner", "candidate": body(INNER)},
           ok({"subject": "inner", "isCompatible": True, "checked": 1, "broken": 0,
               "dependents": [{**MOVED, "isCompatible": True, "messages": []}]}), *NESTED),
    impact("one that breaks", {"subject": "inner", "candidate": body(INT)},
           ok({"subject": "inner", "isCompatible": False, "checked": 1, "broken": 1,
               "dependents": [{**MOVED, "isCompatible": False, "messages": [ANY]}]}), *NESTED),
    impact("no schema", {"subject": "s", "candidate": body("none")}, refused(422, 42201, ANY)),
    impact("no subject", {"candidate": body(ONE)}, refused(422, 42290, "'subject' is missing")),
    impact("no candidate", {"subject": "s"}, refused(422, 42290, "'candidate' is missing")),
    impact("a subject that is none", {"subject": {}, "candidate": body(ONE)},
           refused(400, 400, ANY)),
    impact("null", None, refused(422, 422, ANY)),
]
REGISTER = "POST /subjects/{subject}/versions"
WHY = {"error_code": 40901, "message": ANY, "explanation": ANY}


def registering(title: str, accept: str, json: Any, media_type: str) -> Case:
    ask = post("/subjects/s/versions", body(NEEDS), headers={"Accept": accept})
    gives = Gives(409, json, headers={"content-type": media_type})
    return Case(REGISTER, title, ask, gives, HISTORY)


V1 = "application/vnd.schemaregistry.v1+json"
PLAIN = {"error_code": 40901, "message": ANY}
REGISTRATIONS = [
    registering("refused with the explanation", f"{NATIVE}, {V1}", WHY, NATIVE),
    registering("refused with the explanation alone", NATIVE, WHY, NATIVE),
    registering("refused without", f"{NATIVE};q=0, {V1}", PLAIN, V1),
    registering("refused without, any type will do", "*/*", PLAIN, V1),
    Case(REGISTER, "taken, by a client that would be told",
         post("/subjects/s/versions", body(ONE), headers={"Accept": NATIVE}),
         Gives(200, {"id": 1}, headers={"content-type": V1})),
]
# fmt: on

CASES = [*EXPLAINED, *REFUSED, *IMPACTS, *REGISTRATIONS]
