from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from contract.cases import CASES
from contract.coverage import missing, promised

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from contract.case import Ask, Case

SERVER_ERROR = 500


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case(case: Case, call: Callable[[Ask], httpx.Response]) -> None:
    """The answer is the contract's: status, body, headers."""
    for step in case.before:
        assert call(step).is_success, step
    answer = call(case.ask)
    assert answer.status_code == case.gives.status, answer.text
    if case.gives.text is not None:
        assert answer.text == case.gives.text
    elif case.gives.status != 204 and case.ask.method != "HEAD":
        assert answer.json() == case.gives.json
    for name, value in case.gives.headers.items():
        assert answer.headers[name] == value


def test_every_case_is_of_a_route() -> None:
    assert {case.route for case in CASES} <= promised().keys()


def test_every_outcome_of_every_route_has_a_case() -> None:
    assert missing() == []
