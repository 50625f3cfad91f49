"""Types in requests and answers, through the whole frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.registry.api.frame.conftest import Framed

V1 = "application/vnd.schemaregistry.v1+json"
VERSIONS = "/subjects/a/versions"


def test_an_answer_has_the_versioned_type_unless_another_is_asked_for(framed: Framed) -> None:
    assert framed.ask("GET", VERSIONS).headers["content-type"] == V1
    answer = framed.ask("GET", VERSIONS, headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert "Accept" in answer.headers["vary"].split(", ")


def test_an_error_has_the_negotiated_type_too(framed: Framed) -> None:
    for path in ("/schemas/ids/7", "/nowhere"):
        answer = framed.ask("GET", path, headers={"Accept": "application/json"})
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_accept_that_cannot_be_met_is_406(framed: Framed, method: str) -> None:
    answer = framed.ask(method, VERSIONS, headers={"Accept": "text/html"}, body=b"{}")
    assert answer.status == 406
    assert answer.headers["content-type"] == V1
    assert answer.json() == {"error_code": 406, "message": "HTTP 406 Not Acceptable"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_415(framed: Framed, content_type: str) -> None:
    answer = framed.ask("POST", VERSIONS, headers={"Content-Type": content_type}, body=b"{}")
    assert answer.status == 415
    assert answer.json() == {"error_code": 415, "message": "HTTP 415 Unsupported Media Type"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": V1},
        {"Content-Type": "application/octet-stream"},
    ],
)
def test_a_body_of_a_known_type_or_none_is_read(framed: Framed, headers: dict[str, str]) -> None:
    answer = framed.ask("POST", VERSIONS, headers=headers, body=b"{}")
    assert answer.json() == {"subject": "a", "size": 2}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/nowhere", 404),
        ("DELETE", VERSIONS, 405),
        ("PUT", VERSIONS, 405),
        ("POST", VERSIONS, 415),
        ("GET", VERSIONS, 406),
    ],
)
def test_the_first_thing_wrong_is_the_one_reported(
    framed: Framed, method: str, path: str, status: int
) -> None:
    headers = {"Content-Type": "text/plain", "Accept": "text/html"}
    answer = framed.ask(method, path, headers=headers, body=b"{}")
    assert answer.status == status
    assert answer.json()["error_code"] == status


def test_pages_that_are_not_the_contracts_choose_their_own_types(framed: Framed) -> None:
    answer = framed.ask("GET", "/docs", headers={"Accept": "text/html"})
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    answer = framed.ask("GET", "/metrics", headers={"Accept": "text/plain"})
    assert answer.headers["content-type"].startswith("text/plain")
