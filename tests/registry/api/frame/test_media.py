"""Accept and Accept-Encoding, as RFC 9110 and JAX-RS read them."""

from __future__ import annotations

import pytest

from registry.api.frame.media import is_read, takes_gzip, written_type

V1 = "application/vnd.schemaregistry.v1+json"
ANY_VERSION = "application/vnd.schemaregistry+json"
JSON = "application/json"

ACCEPTED = [
    (None, V1),
    ("", V1),
    ("*/*", V1),
    ("*", V1),
    ("application/*", V1),
    (JSON, JSON),
    ("Application/JSON", JSON),
    ("application/json; charset=utf-8", JSON),
    (ANY_VERSION, ANY_VERSION),
    (f"{JSON}, {V1}", V1),
    (f"{JSON}, {ANY_VERSION}", ANY_VERSION),
    (f"{V1}, {ANY_VERSION}, {JSON}", V1),
    (f"{V1};q=0.4, {JSON};q=0.9", JSON),
    (f"{V1};q=0, */*", ANY_VERSION),
    (f"{JSON};q=0.9, */*;q=0.8", JSON),
    ("application/json;q=0.5, application/*;q=0.9", V1),
    ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", V1),
    ("text/html, application/json;q=0.9", JSON),
    ("text/html", None),
    ("application/xml, text/*", None),
    (f"{JSON};q=0", None),
    ("application/json;q=abc", None),
    ("application/json;q=2", None),
    ("garbage", None),
    (",", None),
    (f"{V1}, " + "text/x, " * 500, V1),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPTED)
def test_the_answer_has_the_type_that_the_client_likes_best(
    accept: str | None, expected: str | None
) -> None:
    assert written_type(accept) == expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP, deflate, br", True),
        ("x-gzip", True),
        ("deflate", False),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("br, " * 500 + "gzip", True),
    ],
)
def test_gzip_is_for_those_who_offer_it(accept_encoding: str | None, *, expected: bool) -> None:
    assert takes_gzip(accept_encoding) is expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, True),
        ("", True),
        (V1, True),
        (ANY_VERSION, True),
        (JSON, True),
        ("application/octet-stream", True),
        ("application/json; charset=utf-8", True),
        ("APPLICATION/JSON", True),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("application/json, application/json", False),
        ("*/*", False),
    ],
)
def test_four_types_are_read(content_type: str | None, *, expected: bool) -> None:
    assert is_read(content_type) is expected
