"""What is a regular expression, for Java or for ECMA-262."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compat.json_schema.patterns import MAX_ECMA_LENGTH, is_ecma, java_fault

JAVA = [
    "",
    "^[a-z]{2,3}$",
    "(?i)on|off",
    "(?s-m:.)",
    "a++b*?c{2}+",
    "(?>a|b)",
    "(?<year>\\d{4})-\\k<year>",
    "(?<=a)b(?<!c)(?=d)(?!e)",
    "[a-z&&[^aeiou]]",
    "[]a]",
    "[^]a]",
    "[a-]",
    "[-a]",
    "[\\]\\-]",
    "[a-\\d]",
    "[[:x]y]",
    "\\Qa(b\\E(c)",
    "\\Qto the end(",
    "\\p{IsLatin}\\P{Alpha}\\pL",
    "\\x41\\x{1F600}\\u0041\\012\\cA\\0",
    "\\A\\b\\B\\G\\R\\Z\\z\\h\\H\\v\\V\\e\\a",
    "}]",
    "\\/\\-\\_\\ ",
    "é\\😀",
    "(?=a)*",
    "|",
    "()",
    "a{99999999999999999999}",
    "a{1,}",
    "a{0,0}",
]
NOWHERE = [
    ("(a", 1),
    ("a(b", 2),
    ("a)", 2),
    ("*a", 1),
    ("a|+", 3),
    ("(?a)", 1),
    ("(?", 1),
    ("(?<1>a)", 1),
    ("(*)", 2),
    ("a**", 3),
    ("a{2,1}", 2),
    ("a{20,3}", 2),
    ("{1}", 1),
    ("a{x}", 2),
    ("a{1", 2),
    ("[z-a]", 4),
    ("[a", 1),
    ("[]", 1),
    ("a\\", 2),
    ("\\y", 1),
    ("[\\y]", 2),
    ("\\x4", 1),
    ("\\u12", 1),
    ("\\p{", 1),
    ("\\k<", 1),
]
ECMA_ONLY = ["\\u{41}", "\\u{1F600}+", "(?<naïve>a)", "[[a]"]


@pytest.mark.parametrize("pattern", JAVA)
def test_what_java_compiles_is_a_pattern(pattern: str) -> None:
    assert java_fault(pattern) is None


@pytest.mark.parametrize(("pattern", "place"), NOWHERE)
def test_what_nobody_compiles_is_none(pattern: str, place: int) -> None:
    fault = java_fault(pattern)
    assert fault is not None
    assert fault.endswith(f"at character {place}")
    assert not is_ecma(pattern)


@pytest.mark.parametrize("pattern", ECMA_ONLY)
def test_what_only_ecma_knows_is_a_pattern(pattern: str) -> None:
    assert java_fault(pattern) is not None
    assert is_ecma(pattern)


@pytest.mark.parametrize(
    "pattern", ["\\u{41}" + "x" * MAX_ECMA_LENGTH, "\\u{41}\\p{L}{9999}", "\\u{41}a{999999}"]
)
def test_a_pattern_is_not_compiled_at_any_price(pattern: str) -> None:
    assert not is_ecma(pattern)


@pytest.mark.parametrize(
    "pattern", ["(" * 50_000 + ")" * 50_000, "[" * 50_000, "(a*)*" * 20_000, "\\" * 100_000]
)
def test_long_patterns_are_read_once(pattern: str) -> None:
    fault = java_fault(pattern)
    assert (fault is None) == (pattern[0] != "[")


PATTERN_CHARACTERS = st.sampled_from("ab1-^$|()[]{},?*+\\.pLQE:<>=!&ux4")


@given(st.text(PATTERN_CHARACTERS, max_size=12))
def test_what_ecma_takes_java_mostly_takes(pattern: str) -> None:
    if is_ecma(pattern) and java_fault(pattern) is not None:
        # ECMA-262 alone: code points, and brackets in classes that need no escape there.
        assert "\\u{" in pattern or "[" in pattern or "<" in pattern, pattern


@given(st.text())
def test_any_text_is_a_pattern_or_has_a_fault_somewhere(pattern: str) -> None:
    fault = java_fault(pattern)
    assert fault is None or fault.rpartition(" ")[2].isdecimal()
