"""Paths keep what the client meant, segment by segment."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.api.frame.exchange import SCOPE_KEY, Exchange
from registry.api.frame.paths import Paths, guarded_path, path_text
from registry.errors import MalformedRequest

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from tests.registry.api.frame.conftest import Framed

SENT_AND_MEANT = [
    ("a%2Fb", "a/b"),
    ("a%2fb%2F", "a/b/"),
    ("%2F", "/"),
    ("a%22b'c", "a\"b'c"),
    ("100%25", "100%"),
    ("%2525", "%25"),
    ("%252F", "%2F"),
    ("%F0%9F%90%9D", "🐝"),
    (":.ctx:a", ":.ctx:a"),
    ("%3A.ctx%3Aa", ":.ctx:a"),
    (".", "."),
    ("..", ".."),
    ("%2e%2E", ".."),
    ("a+b", "a+b"),
    ("a%2Bb", "a+b"),
    ("a%20b", "a b"),
    ("a;v=1", "a;v=1"),
    ("%00", "\x00"),
    ("a%0A", "a\n"),
    ("%7F", "\x7f"),
    ("%3Fx%23y", "?x#y"),
    ("%E2%80%A8", "\u2028"),
    ("{subject}", "{subject}"),
]


@pytest.mark.parametrize(("sent", "meant"), SENT_AND_MEANT)
def test_a_route_gets_the_text_that_was_meant(framed: Framed, sent: str, meant: str) -> None:
    answer = framed.ask("GET", f"/subjects/{sent}/versions")
    assert answer.status == 200
    assert answer.json() == {"subject": meant}


@given(st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_any_text_survives(text: str) -> None:
    path = guarded_path(f"/subjects/{quote(text, safe='')}/versions".encode())
    _, subjects, subject, versions = path.split("/")
    assert (subjects, path_text(subject), versions) == ("subjects", text, "versions")


@given(st.binary())
def test_any_bytes_give_a_path_or_a_clear_refusal(raw: bytes) -> None:
    with suppress(MalformedRequest):
        assert guarded_path(b"/" + raw).startswith("/")


@pytest.mark.parametrize("sent", ["%", "%2", "%zz", "a%2Gb", "%%41"])
def test_a_broken_escape_is_refused(framed: Framed, sent: str) -> None:
    answer = framed.ask("GET", f"/subjects/{sent}/versions")
    assert answer.status == 400
    assert answer.json() == {
        "error_code": 400,
        "message": "The path has an incomplete percent-encoding",
    }


@pytest.mark.parametrize("sent", [b"%FF", b"%C3%28", b"%ED%A0%80", b"\xff"])
def test_what_is_not_utf_8_is_refused(framed: Framed, sent: bytes) -> None:
    answer = framed.ask("GET", b"/subjects/" + sent + b"/versions")
    assert answer.status == 400
    assert answer.json() == {"error_code": 400, "message": "The path is not valid UTF-8"}


def test_escapes_of_ordinary_letters_in_the_fixed_part_are_the_letters(framed: Framed) -> None:
    assert framed.ask("GET", "/%73ubjects/a/version%73").json() == {"subject": "a"}


@pytest.mark.parametrize("path", ["/subjects/a/versions/", "/contexts/?limit=1"])
def test_a_slash_at_the_end_is_tolerated(framed: Framed, path: str) -> None:
    assert framed.ask("GET", path).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/subjects/a%2Fversions",
        "/subjects//versions",
        "/subjects/a/versions%0A",
        "/subjects/a/versions//",
        "/subjects/a/versions%2F",
        "//subjects/a/versions",
        "/subjects/a/../b/versions",
    ],
)
def test_no_other_path_becomes_a_route(framed: Framed, path: str) -> None:
    answer = framed.ask("GET", path)
    assert answer.status == 404
    assert answer.json() == {"error_code": 404, "message": "HTTP 404 Not Found"}


def test_a_server_that_gives_no_raw_path_is_served_too() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["path"])

    scope = {"type": "http", "path": "/subjects/a b%"}
    scope[SCOPE_KEY] = Exchange(request_id="r", method="GET", routed=scope)
    asyncio.run(Paths(app)(scope, nobody, nobody))
    assert seen == ["/subjects/a b%25"]


async def nobody(_message: object = None) -> Message:
    raise AssertionError
