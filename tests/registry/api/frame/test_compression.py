"""gzip for those who offer it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.registry.api.frame.conftest import Framed

OFFER = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("size", [2_000, 500_000])
def test_a_large_answer_is_compressed(framed: Framed, size: int) -> None:
    answer = framed.ask("GET", f"/contexts?limit={size}", headers=OFFER)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert len(answer.body) < size
    assert gzip.decompress(answer.body) == b"x" * size


def test_equal_answers_are_equal_bytes(framed: Framed) -> None:
    first, second = (framed.ask("GET", "/contexts?limit=2000", headers=OFFER) for _ in range(2))
    assert first.body == second.body


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/contexts?limit=2000", {}),
        ("/contexts?limit=2000", {"Accept-Encoding": "gzip;q=0"}),
        ("/contexts?limit=100", OFFER),
    ],
)
def test_others_get_it_as_it_is(framed: Framed, target: str, headers: dict[str, str]) -> None:
    answer = framed.ask("GET", target, headers=headers)
    assert "content-encoding" not in answer.headers
    assert answer.body == b"x" * len(answer.body)


@pytest.mark.parametrize("headers", [{}, OFFER])
def test_a_cache_in_between_is_told_what_the_answer_depends_on(
    framed: Framed, headers: dict[str, str]
) -> None:
    answer = framed.ask("GET", "/contexts?limit=2000", headers=headers)
    assert set(answer.headers["vary"].split(", ")) == {"Accept", "Accept-Encoding"}
