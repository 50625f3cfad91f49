"""Version numbers: any text is one of them or is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidVersion
from registry.model import LATEST, MAX_ID
from registry.service.numbers import parse_version


@given(st.text(max_size=12) | st.from_regex(r"[+-]{0,2}0*[0-9]{1,12}", fullmatch=True))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    with suppress(InvalidVersion):
        number = parse_version(text)
        assert number == LATEST or 1 <= number <= MAX_ID


@given(st.integers(1, MAX_ID), st.sampled_from(["", "+", "0", "+000", " "]))
def test_a_number_may_be_written_in_several_ways(number: int, front: str) -> None:
    assert parse_version(f"{front}{number}") == number


@given(st.integers(max_value=-2) | st.just(0) | st.integers(min_value=MAX_ID + 1))
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(InvalidVersion):
        parse_version(str(number))


@pytest.mark.parametrize("text", ["0" * 5000 + "1", "+" + "0" * 5000 + "1"])
def test_zeros_in_front_do_not_count(text: str) -> None:
    assert parse_version(text) == 1


@pytest.mark.parametrize("text", ["1" * 5000, "-+1", "1_0", "0x1", "1.0", "\u0661", "", "late st"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidVersion):
        parse_version(text)
