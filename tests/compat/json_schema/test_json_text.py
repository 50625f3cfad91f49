"""JSON text in and out, exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compat.errors import InvalidSchema, TooComplex
from compat.json_text import (
    MAX_DEPTH,
    MAX_EXPONENT,
    MAX_LENGTH,
    MAX_NODES,
    MAX_NUMBER_LENGTH,
    JsonValue,
    read,
    write,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "texts.json").read_text("utf-8"))

NUMBERS = st.integers() | st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(0, 10**30),
    st.integers(-40, 40),
)
CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | NUMBERS | CHARACTERS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(CHARACTERS, inner)
)


def described(vector: dict[str, str]) -> str:
    return vector["description"]


@pytest.mark.parametrize("vector", VECTORS, ids=described)
def test_a_text_is_written_in_its_canonical_form(vector: dict[str, str]) -> None:
    value = read(vector["text"], allow_non_finite=True)
    assert write(value) == vector["canonical"]
    assert write(value, sort_keys=True) == vector.get("sorted", vector["canonical"])


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("{", 1, 2),
        ('{"a":1,}', 1, 8),
        ("{'a':1}", 1, 2),
        ('{\n "a": tru}', 2, 7),
        ('{"a":1}\n{', 2, 1),
        ('"a\nb"', 1, 3),
        ('"never closed', 1, 1),
        ('["\\x"]', 1, 3),
        ("[01]", 1, 3),
        ("[1.]", 1, 3),
        ("[.5]", 1, 2),
        ("[+1]", 1, 2),
        ("\ufeff{}", 1, 1),
        ("// a\n{}", 1, 1),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(InvalidSchema) as refusal:
        read(text)
    assert (refusal.value.line, refusal.value.column) == (line, column)


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udc00":1}', '"\ud800"', '"\\ud83d\\ud83d"'])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchema, match="surrogate"):
        read(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}'])
def test_what_is_no_number_is_refused_unless_allowed(text: str) -> None:
    with pytest.raises(InvalidSchema, match="is not a number"):
        read(text)
    assert write(read(text, allow_non_finite=True))


TOO_COMPLEX = {
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 100_000 + "]" * 100_000,
    "objects": '{"a":' * 100_000,
    "brackets after a text of brackets": '["\\"[[[",' + "[" * MAX_DEPTH,
    "characters": f'"{"x" * MAX_LENGTH}"',
    "values": "[" + "1," * MAX_NODES + "1]",
    "digits": "1" * (MAX_NUMBER_LENGTH + 1),
    "decimal digits": "0." + "1" * MAX_NUMBER_LENGTH,
    "exponent": f"1e{MAX_EXPONENT + 1}",
    "negative exponent": f"1e-{MAX_EXPONENT + 1}",
    "exponent of many digits": "1e" + "9" * 900,
}


@pytest.mark.parametrize("name", TOO_COMPLEX)
def test_more_than_anybody_needs_is_too_complex(name: str) -> None:
    with pytest.raises(TooComplex):
        read(TOO_COMPLEX[name])


def test_brackets_within_texts_do_not_nest() -> None:
    text = json.dumps(["[" * (MAX_DEPTH + 1), '\\"[{' * MAX_DEPTH])
    assert write(read(text)) == json.dumps(json.loads(text), separators=(",", ":"))


def test_values_as_deep_as_allowed_are_read_and_written() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert write(read(text)) == text


@given(VALUES)
def test_writing_loses_nothing(value: JsonValue) -> None:
    text = write(value)
    again = read(text, max_depth=10_000)
    assert write(again) == text
    assert json.loads(text, parse_float=Decimal) == value


@given(VALUES)
def test_sorting_changes_the_order_of_keys_only(value: JsonValue) -> None:
    text = write(value, sort_keys=True)
    again = read(text)
    assert again == read(write(value))
    assert write(again, sort_keys=True) == text


@given(st.text() | st.text(st.sampled_from('{}[]",:\\u0d8e1.-+ tfnaN\n')))
def test_any_text_gives_a_value_or_a_refusal(text: str) -> None:
    try:
        value = read(text, allow_non_finite=True)
    except InvalidSchema:
        return
    assert write(read(write(value))) == write(value)


@given(st.text(st.sampled_from('{}[]",:\\u0d8e1.-+ tfnalrse\n'), max_size=30))
def test_the_standard_library_reads_the_same_texts(text: str) -> None:
    assume("\\ud" not in text)
    try:
        expected = json.loads(text, parse_float=Decimal)
    except ValueError:
        with pytest.raises(InvalidSchema):
            read(text)
        return
    assert read(text) == expected
