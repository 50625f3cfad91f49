"""Which outcomes of which routes the cases reach, against what the OpenAPI document promises."""

from __future__ import annotations

from functools import cache

from contract.cases import CASES

from registry.api.app import create_api

# What any route answers, and what the frame answers where there is no route.
OF_ALL = {"400", "404", "405", "406", "413", "415"}


@cache
def promised() -> dict[str, set[str]]:
    """Return the outcomes of each route: error codes, and statuses of successes.

    Not those that every route has alike, which routes share and the frame's own tests reach.
    """
    document = create_api().openapi()
    examples = document["components"]["examples"]
    return {
        f"{method.upper()} {path}": _outcomes(operation, examples)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def _outcomes(operation: dict, examples: dict) -> set[str]:
    found: set[str] = set()
    for status, response in operation["responses"].items():
        if status < "300":
            found.add(status)
        for content in response.get("content", {}).values():
            for name in content.get("examples", {}):
                found.add(str(examples[name]["value"]["error_code"]))
    return found


def reached() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for case in CASES:
        found.setdefault(case.route, set()).add(case.outcome)
    return found


def missing() -> list[str]:
    """Return `route outcome` of what no case reaches."""
    covered = reached()
    return sorted(
        f"{route} {outcome}"
        for route, outcomes in promised().items()
        for outcome in outcomes - covered.get(route, set())
    )


def unannounced() -> list[str]:
    """Return `route outcome` of what cases reach and the document does not promise."""
    return sorted(
        f"{route} {outcome}"
        for route, outcomes in reached().items()
        for outcome in outcomes - promised()[route] - OF_ALL
    )


def report() -> list[str]:
    """Return the table of counts: route, outcomes reached of promised, cases."""
    covered = reached()
    lines = []
    for route, outcomes in sorted(promised().items()):
        count = sum(case.route == route for case in CASES)
        hit = len(outcomes & covered.get(route, set()))
        lines.append(f"{route:<62} outcomes {hit:>2}/{len(outcomes):<2} cases {count:>3}")
    total = sum(len(outcomes) for outcomes in promised().values())
    lines.append(f"{len(promised())} routes, {total} outcomes, {len(CASES)} cases")
    return lines
