"""HEAD, OPTIONS and the methods that a path knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.registry.api.frame.conftest import Framed

VERSIONS = "/subjects/a%2Fb/versions"


def test_head_is_get_without_the_body(framed: Framed) -> None:
    headers = {"X-Request-ID": "r"}
    get = framed.ask("GET", VERSIONS, headers=headers)
    head = framed.ask("HEAD", VERSIONS, headers=headers)
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
    assert head.headers["content-length"] == str(len(get.body))


def test_head_of_an_error_has_no_body_either(framed: Framed) -> None:
    answer = framed.ask("HEAD", "/schemas/ids/7")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (VERSIONS, "GET, HEAD, POST, OPTIONS"),
        ("/contexts", "GET, HEAD, OPTIONS"),
        ("/health/live", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_names_the_methods(framed: Framed, path: str, allowed: str) -> None:
    answer = framed.ask("OPTIONS", path)
    assert (answer.status, answer.headers["allow"], answer.body) == (200, allowed, b"")


def test_options_of_an_unknown_path_is_404(framed: Framed) -> None:
    assert framed.ask("OPTIONS", "/nowhere").status == 404


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "BREW"])
def test_a_wrong_method_is_405_and_names_the_right_ones(framed: Framed, method: str) -> None:
    answer = framed.ask(method, VERSIONS)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert answer.json() == {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}


@pytest.mark.parametrize("path", ["/schemas/ids/abc", "/schemas/ids/-1", "/contexts?limit=abc"])
def test_a_number_that_is_none_is_a_path_that_is_not_there(framed: Framed, path: str) -> None:
    answer = framed.ask("GET", path)
    assert answer.status == 404
    assert answer.json() == {"error_code": 404, "message": "HTTP 404 Not Found"}
