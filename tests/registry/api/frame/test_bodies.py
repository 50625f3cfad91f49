"""Request bodies: complete, within the limit and text, or nothing is done."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.registry.api.frame.conftest import Framed

VERSIONS = "/subjects/a/versions"
LIMIT = 1000


def chunks(*parts: bytes, end: bool = True) -> list[dict[str, Any]]:
    """Return the messages of a chunked body."""
    return [
        {"type": "http.request", "body": part, "more_body": not end or at < len(parts) - 1}
        for at, part in enumerate(parts)
    ]


CHUNKED = {"Transfer-Encoding": "chunked"}


def test_a_body_of_just_the_limit_is_read(framed: Framed) -> None:
    assert framed.ask("POST", VERSIONS, body=b" " * LIMIT).json()["size"] == LIMIT


def test_a_declared_length_over_the_limit_is_refused_unread(framed: Framed) -> None:
    headers = {"Content-Length": str(LIMIT + 1)}
    answer = framed.ask("POST", VERSIONS, headers=headers, messages=[])
    assert answer.status == 413
    assert answer.json() == {
        "error_code": 413,
        "message": f"Request body is larger than the limit of {LIMIT} bytes",
    }


def test_a_body_that_grows_over_the_limit_is_refused_as_soon_as_it_does(framed: Framed) -> None:
    messages = chunks(b" " * LIMIT, b" ", end=False)
    answer = framed.ask("POST", VERSIONS, headers=CHUNKED, messages=messages)
    assert answer.status == 413


def test_a_body_in_pieces_is_one_body(framed: Framed) -> None:
    messages = chunks(b'{"a"', b": ", "é}".encode()[:1], "é}".encode()[1:])
    answer = framed.ask("POST", VERSIONS, headers=CHUNKED, messages=messages)
    assert answer.json() == {"subject": "a", "size": 9}


def test_a_client_that_leaves_amid_its_body_has_asked_for_nothing(framed: Framed) -> None:
    messages = [*chunks(b"{", end=False), {"type": "http.disconnect"}]
    answer = framed.ask("POST", "/subjects/unknown/versions", headers=CHUNKED, messages=messages)
    assert answer.status == 400
    assert answer.json() == {
        "error_code": 400,
        "message": "EOF Exception encountered - client disconnected during stream processing.",
    }


def test_a_client_that_never_finishes_is_not_waited_for(framed: Framed) -> None:
    messages = chunks(b"{", end=False)
    answer = framed.ask("POST", VERSIONS, headers=CHUNKED, messages=messages)
    assert answer.status == 408
    assert answer.json() == {"error_code": 408, "message": "HTTP 408 Request Timeout"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a": "\xff"}', "Invalid UTF-8 start byte 0xff"),
        (b'{"a": "\xc3("}', "Invalid UTF-8 middle byte 0x28"),
        (b'{"a": "\xed\xa0\x80"}', "Invalid UTF-8 middle byte 0xa0"),
        (b'{"a": "\xe2\x82', "Unexpected end-of-input in a multi-byte UTF-8 character"),
    ],
)
def test_a_body_that_is_not_utf_8_is_400(framed: Framed, body: bytes, message: str) -> None:
    answer = framed.ask("POST", VERSIONS, body=body)
    assert answer.status == 400
    assert answer.json() == {"error_code": 400, "message": message}


def test_a_compressed_body_is_415_however_small(framed: Framed) -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = framed.ask("POST", VERSIONS, headers=headers, body=gzip.compress(b" " * 10**7)[:900])
    assert answer.status == 415
    headers = {"Content-Encoding": "identity"}
    assert framed.ask("POST", VERSIONS, headers=headers, body=b"{}").status == 200


def test_a_post_without_a_body_reaches_its_route(framed: Framed) -> None:
    assert framed.ask("POST", VERSIONS).json() == {"subject": "a", "size": 0}
    headers = {"Content-Length": "0"}
    assert framed.ask("POST", VERSIONS, headers=headers).json()["size"] == 0
