"""References against bases, as in RFC 3986 and beyond it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compat.json_schema.uris import resolve, split_fragment

# RFC 3986 section 5.4, the cases without a fragment.
BASE = "http://a/b/c/d;p?q"
RFC_3986 = [
    ("g:h", "g:h"),
    ("g", "http://a/b/c/g"),
    ("./g", "http://a/b/c/g"),
    ("g/", "http://a/b/c/g/"),
    ("/g", "http://a/g"),
    ("//g", "http://g"),
    ("?y", "http://a/b/c/d;p?y"),
    ("g?y", "http://a/b/c/g?y"),
    (";x", "http://a/b/c/;x"),
    ("g;x", "http://a/b/c/g;x"),
    ("", "http://a/b/c/d;p?q"),
    (".", "http://a/b/c/"),
    ("./", "http://a/b/c/"),
    ("..", "http://a/b/"),
    ("../g", "http://a/b/g"),
    ("../..", "http://a/"),
    ("../../g", "http://a/g"),
    ("../../../g", "http://a/g"),
    ("/./g", "http://a/g"),
    ("/../g", "http://a/g"),
    ("g.", "http://a/b/c/g."),
    ("..g", "http://a/b/c/..g"),
    ("./../g", "http://a/b/g"),
    ("./g/.", "http://a/b/c/g/"),
    ("g/../h", "http://a/b/c/h"),
    ("g?y/../x", "http://a/b/c/g?y/../x"),
    ("http:g", "http:g"),
]


@pytest.mark.parametrize(("reference", "expected"), RFC_3986)
def test_the_examples_of_the_standard(reference: str, expected: str) -> None:
    assert resolve(BASE, reference) == expected


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("", "a.json", "a.json"),
        ("", "./a.json", "a.json"),
        ("", "../a.json", "a.json"),
        ("x/root.json", "a.json", "x/a.json"),
        ("x/root.json", "../a.json", "a.json"),
        ("http://example.org", "a.json", "http://example.org/a.json"),
        ("urn:example:root", "a.json", "urn:a.json"),
        ("urn:example:root", "urn:example:other", "urn:example:other"),
        ("file:///c:/x.json", "y z.json", "file:///c:/y z.json"),
        ("example.com/a.json", "b.json", "example.com/b.json"),
    ],
)
def test_bases_of_other_kinds(base: str, reference: str, expected: str) -> None:
    assert resolve(base, reference) == expected


@pytest.mark.parametrize(
    ("uri", "parts"),
    [("a#b", ("a", "b")), ("a", ("a", "")), ("#", ("", "")), ("a#b#c", ("a", "b#c"))],
)
def test_a_fragment_is_split_off(uri: str, parts: tuple[str, str]) -> None:
    assert split_fragment(uri) == parts


@given(st.text(st.sampled_from("ab:/?.%#\n\\")), st.text(st.sampled_from("ab:/?.%\n\\")))
def test_anything_resolves_against_anything(base: str, reference: str) -> None:
    absolute = resolve(base, reference)
    assert resolve(absolute, "") == absolute
