"""A route run directly is given what FastAPI would give it."""
# ruff: noqa: B006, FBT002, PLR0913, PLR0917, TC001  declared as those in registry/api/routes are

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query, Request, Response

from registry.api.app import create_api
from registry.api.deps import AtVersion, Flag, InSubject, Limit, Served, Texts
from registry.api.direct import Api
from registry.api.frame.exchange import template_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    App = Callable[..., Awaitable[None]]

router = APIRouter()
DESK = object()

# What producers and consumers ask for at their start, and what their pipelines ask.
BUSY = {
    ("POST", "/subjects/{subject}"),
    ("POST", "/subjects/{subject}/versions"),
    ("POST", "/compatibility/subjects/{subject}/versions"),
    ("POST", "/compatibility/subjects/{subject}/versions/{version}"),
    ("GET", "/subjects/{subject}/versions/{version}"),
    ("GET", "/config/{subject}"),
}


@router.get("/simple/{subject}/{version}/{word}")
async def simple(
    request: Request,
    desk: Served,
    subject: InSubject,
    version: AtVersion,
    word: str,
    flag: Flag = False,
    text: str = "unset",
    texts: Texts = [],
) -> Response:
    told = [subject, version, word, flag, text, texts, desk is DESK, template_of(request.scope)]
    return Response(repr(told))


@router.get("/numbers/{subject}")
async def numbers(subject: InSubject, limit: Limit = -1) -> Response:
    return Response(f"{subject} {limit}")


@router.post("/simple/{subject}/{version}/{word}")
async def body(request: Request, subject: InSubject, version: AtVersion, word: str) -> Response:
    return Response(f"{subject} {version} {word} {await request.body()!r}")


@router.get("/other/first")
async def first(number: int = 1) -> Response:
    return Response(f"first {number}")


@router.get("/other/{word}")
async def second(word: str) -> Response:
    return Response(f"second {word}")


@router.get("/annotated")
async def annotated(word: Annotated[str, Query(max_length=3)] = "") -> Response:
    return Response(word)


@pytest.fixture(scope="module")
def api() -> Api:
    app = Api()
    app.include_router(router)
    app.run_directly(router.routes)
    app.state.desk = DESK
    return app


def ask(app: Any, method: str, url: str, **options: Any) -> tuple[int, str]:
    async def asked() -> tuple[int, str]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            answer = await client.request(method, url, **options)
            return answer.status_code, answer.text

    return asyncio.run(asked())


def by_fastapi(app: Api) -> App:
    """Return the same application run as FastAPI runs it."""

    async def run(scope: Any, receive: Any, send: Any) -> None:
        await FastAPI.__call__(app, scope, receive, send)

    return run


@pytest.mark.parametrize(
    "url",
    [
        "/simple/foo/1/word",
        "/simple/:.ctx:foo/latest/word",
        "/simple/a%20b/-1/w%C3%B6rd",
        "/simple/foo/1/word?flag=TRUE&text=given&texts=a&texts=b",
        "/simple/foo/1/word?flag=1&text=&texts=",
        "/simple/foo/1/word?flag&text",
        "/simple/foo/1/word?flag=true&flag=false&text=a&text=b",
        "/simple/foo/1/word?text=a+b%26c&unknown=x",
        "/numbers/foo",
        "/numbers/foo?limit=7",
        "/numbers/foo?limit=x",
        "/other/first",
        "/other/first?number=x",
        "/other/second",
        "/annotated?word=abcd",
        "/nowhere",
        "/simple/foo",
    ],
)
def test_the_answer_is_the_one_of_fastapi(api: Api, url: str) -> None:
    assert ask(api, "GET", url) == ask(by_fastapi(api), "GET", url)


def test_a_body_is_read_by_the_route(api: Api) -> None:
    expected = (200, "foo 2 word b'text'")
    assert ask(api, "POST", "/simple/foo/2/word", content=b"text") == expected


def test_a_wrong_method_is_refused_by_fastapi(api: Api) -> None:
    assert ask(api, "DELETE", "/simple/foo/2/word")[0] == 405


def test_simple_routes_never_reach_fastapi(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unexpected(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(FastAPI, "__call__", unexpected)
    assert ask(api, "GET", "/simple/foo/1/word")[0] == 200
    with pytest.raises(AssertionError):
        ask(api, "GET", "/numbers/foo")


def test_the_busy_routes_are_simple() -> None:
    app = create_api()
    assert isinstance(app, Api)
    simple = {
        (method, direct.route.path)
        for method, known in app.direct.items()
        for direct in known
        if direct.is_simple
    }
    assert simple >= BUSY
