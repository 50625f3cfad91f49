from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from contract.cases import CASES
from contract.coverage import missing, promised, unannounced

if TYPE_CHECKING:
    import httpx
    from conftest import Service
    from contract.case import Ask, Case, Gives


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case(case: Case, call: Service) -> None:
    """The answer is the contract's: status, body, headers; and so are those to what is asked next.

    Nothing is written by a refusal or a read.
    """
    for step in case.before:
        answer = call(step)
        assert answer.is_success, (step, answer.text)
    sequence = call.sequence()
    check(case.ask, call(case.ask), case.gives)
    if case.changes_nothing:
        assert call.sequence() == sequence
    for ask, gives in case.after:
        check(ask, call(ask), gives)


def check(ask: Ask, answer: httpx.Response, gives: Gives) -> None:
    assert answer.status_code == gives.status, (ask, answer.text)
    if gives.text is not None:
        assert answer.text == gives.text
    elif gives.status != 204 and ask.method != "HEAD":
        assert answer.json() == gives.json, ask
    for name, value in gives.headers.items():
        assert answer.headers[name] == value


def test_every_case_is_of_a_route() -> None:
    assert {case.route for case in CASES} <= promised().keys()


def test_every_outcome_of_every_route_has_a_case() -> None:
    assert missing() == []


def test_no_case_reaches_an_outcome_that_the_document_does_not_promise() -> None:
    assert unannounced() == []


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.id for case in CASES]
    assert len(set(names)) == len(names)
