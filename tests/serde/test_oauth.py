"""Tokens from an endpoint, over real sockets."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from accord_serde import OAuthTokenError, SchemaRegistryClient

Connect = Any  # these two are fixtures of conftest.py
Recorder = Any


def conf(recorder: Recorder) -> dict[str, Any]:
    return {
        "url": recorder.url,
        "retries.wait.ms": 0,
        "max.retries": 1,
        "http.headers": {"X-Key": "for the registry"},
        "bearer.auth.credentials.source": "OAUTHBEARER",
        "bearer.auth.client.id": "me",
        "bearer.auth.client.secret": "hush",
        "bearer.auth.scope": "s",
        "bearer.auth.issuer.endpoint.url": f"{recorder.url}/token",
        "bearer.auth.logical.cluster": "c",
    }


def issue(recorder: Recorder, *answers: object) -> None:
    """Have the endpoint give these answers in turn, the last one for ever."""
    left = list(answers)

    def answer(seen: Any) -> tuple[int, object]:
        if not seen.target.startswith("/token"):
            return 200, []
        found = left.pop(0) if len(left) > 1 else left[0]
        return found if isinstance(found, tuple) else (200, found)

    recorder.answer = answer


def tokens_asked(recorder: Recorder) -> list[Any]:
    return [seen for seen in recorder.requests if seen.target.startswith("/token")]


def token(name: str, life: object = 3600) -> dict[str, object]:
    return {"access_token": name, "expires_in": life}


def test_a_token_is_kept_while_it_is_fresh(connect: Connect, recorder: Recorder) -> None:
    issue(recorder, token("T"))
    client = connect(None, **conf(recorder))
    for _ in range(3):
        client.get_subjects()
    assert [seen.target.partition("?")[0] for seen in recorder.requests] == [
        "/token",
        "/subjects",
        "/subjects",
        "/subjects",
    ]
    assert {seen.headers["authorization"] for seen in recorder.requests[1:]} == {"Bearer T"}


def test_a_token_near_its_end_is_renewed(connect: Connect, recorder: Recorder) -> None:
    issue(recorder, token("one", 0), token("two", "3600"), token("three"))
    client = connect(None, **conf(recorder))
    for _ in range(3):
        client.get_subjects()
    sent = [seen.headers["authorization"] for seen in recorder.requests if seen.method == "GET"]
    assert sent == ["Bearer one", "Bearer two", "Bearer two"]


def test_the_endpoint_does_not_get_what_is_for_the_registry(
    connect: Connect, recorder: Recorder
) -> None:
    issue(recorder, token("T"))
    connect(None, **conf(recorder)).get_subjects()
    asked, call = recorder.requests
    assert "x-key" not in asked.headers
    assert call.headers["x-key"] == "for the registry"


def test_threads_ask_for_one_token_among_them(recorder: Recorder) -> None:
    issue(recorder, token("T"))
    with SchemaRegistryClient(conf(recorder)) as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get_subjects(), range(16)))
    assert len(tokens_asked(recorder)) == 1


def test_azure_is_asked_without_credentials(connect: Connect, recorder: Recorder) -> None:
    issue(recorder, token("T"))
    settings = {
        "url": recorder.url,
        "bearer.auth.credentials.source": "OAUTHBEARER_AZURE_IMDS",
        "bearer.auth.issuer.endpoint.url": f"{recorder.url}/token",
        "bearer.auth.issuer.endpoint.query": "resource=r&client_id=i",
        "bearer.auth.logical.cluster": "c",
    }
    connect(None, **settings).get_subjects()
    asked, call = recorder.requests
    assert (asked.method, asked.target) == ("GET", "/token?resource=r&client_id=i")
    assert asked.headers["metadata"] == "true"
    assert "authorization" not in asked.headers
    assert call.headers["authorization"] == "Bearer T"


def test_a_passing_failure_of_the_endpoint_is_not_noticed(
    connect: Connect, recorder: Recorder
) -> None:
    issue(recorder, (503, None), token("T"))
    assert connect(None, **conf(recorder)).get_subjects() == []


@pytest.mark.parametrize(
    ("answer", "message", "asked"),
    [
        ((401, {"error": "invalid_client"}), "Failed to retrieve token (HTTP 401)", 1),
        ((503, {"error": "busy"}), "Failed to retrieve token (HTTP 503)", 2),
        ({}, "Failed to read token: UnexpectedShape (HTTP 200)", 1),
        ([], "Failed to read token: UnexpectedShape (HTTP 200)", 1),
        ({"access_token": 1}, "Failed to read token: UnexpectedShape (HTTP 200)", 1),
        (token("hush", "soon"), "Failed to read token: ValueError (HTTP 200)", 1),
        (token("hush", [1]), "Failed to read token: TypeError (HTTP 200)", 1),
    ],
)
def test_no_token_is_an_error_of_its_own(
    connect: Connect,
    recorder: Recorder,
    caplog: pytest.LogCaptureFixture,
    answer: object,
    message: str,
    asked: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    issue(recorder, answer)
    with pytest.raises(OAuthTokenError) as caught:
        connect(None, **conf(recorder)).get_subjects()
    assert str(caught.value).startswith(message)
    assert len(recorder.requests) == len(tokens_asked(recorder)) == asked
    if isinstance(answer, tuple):
        assert caught.value.status_code == answer[0]
        assert caught.value.response_text == json.dumps(answer[1])
    assert "hush" not in f"{caught.value!r} {caught.value} {caplog.text}"


def test_an_endpoint_that_is_down_is_an_error_of_its_own(
    connect: Connect, recorder: Recorder
) -> None:
    settings = conf(recorder) | {"bearer.auth.issuer.endpoint.url": "http://127.0.0.1:1/token"}
    with pytest.raises(OAuthTokenError, match="Failed to retrieve token: ConnectError"):
        connect(None, **settings).get_subjects()
