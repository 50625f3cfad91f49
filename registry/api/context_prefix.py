"""`/contexts/{context}/…`: the same paths, seen from inside a context.

Source: Confluent 8.3, ContextFilter:

| rest of the path                              | becomes                                       |
|-----------------------------------------------|-----------------------------------------------|
| …/subjects/{s}…, …/deks/{s}…                  | {s} qualified, unless it is already           |
| config/{s}, mode/{s}                          | {s} qualified, unless it is already           |
| config, mode                                  | config/:.ctx:, mode/:.ctx:                    |
| schemas/ids…                                  | query subject qualified, unless it is already |
| schemas, subjects, keks…                      | query subjectPrefix likewise                  |
| associations… with POST, PUT or PATCH         | query context = :.ctx:                        |
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from registry.api.frame.paths import path_text
from registry.errors import MalformedRequest
from registry.names import DEFAULT_CONTEXT, delimited, parse_context

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/contexts/"
QUALIFIED = (":.", ":*:")
NAMING = ("subjects", "deks")
SCOPED = ("config", "mode")
WRITING = ("POST", "PUT", "PATCH")
# For the document: what `context_named` takes.
CONTEXT_SHAPE = {"pattern": "^:?[^:]*:?$"}
Query = list[tuple[str, str]]


class ContextPrefix:
    """Rewrite the path and the query before they are routed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            rewrite(scope)
        await self._app(scope, receive, send)


def rewrite(scope: Scope) -> None:
    """Change the path and the query of a request in place; raises MalformedRequest."""
    name, _, rest = scope["path"].removeprefix(PREFIX).partition("/")
    context = context_named(path_text(name))
    if not rest:
        scope["path"] = "/" if context == DEFAULT_CONTEXT else f"{PREFIX}:{context}:"
        return
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    segments, query = _inside(delimited(context), rest.split("/"), query, scope["method"])
    scope["path"] = "/" + "/".join(segments)
    scope["query_string"] = urlencode(query).encode()


def context_named(text: str) -> str:
    """Return the context that a path or a query names; raises MalformedRequest."""
    context = parse_context(text)
    if ":" in context:
        raise MalformedRequest(f"Context name '{text}' cannot contain a colon")
    return context


def _inside(prefix: str, segments: list[str], query: Query, method: str) -> tuple[list[str], Query]:
    root = segments[0]
    if root in SCOPED:
        return _scoped(prefix, segments), query
    if segments[:2] == ["schemas", "ids"]:
        return segments, _prefixed(query, "subject", prefix)
    if segments in (["schemas"], ["subjects"]) or root == "keks":
        return segments, _prefixed(query, "subjectPrefix", prefix)
    if root.startswith("associations") and method in WRITING:
        kept = [(key, value) for key, value in query if key != "context"]
        return segments, [*kept, ("context", prefix)]
    return _named(prefix, segments), query


def _scoped(prefix: str, segments: list[str]) -> list[str]:
    if len(segments) > 1:
        return [segments[0], _qualified(prefix, segments[1]), *segments[2:]]
    return [segments[0], prefix] if prefix else segments


def _named(prefix: str, segments: list[str]) -> list[str]:
    """Qualify the segment after each that announces a subject."""
    found: list[str] = []
    announced = False
    for segment in segments:
        found.append(_qualified(prefix, segment) if announced else segment)
        announced = segment in NAMING and not announced
    return found


def _qualified(prefix: str, name: str) -> str:
    return name if name.startswith(QUALIFIED) else f"{prefix}{name}"


def _prefixed(query: Query, name: str, prefix: str) -> Query:
    given = [value for key, value in query if key == name] or [""]
    kept = [(key, value) for key, value in query if key != name]
    return [*kept, *((name, _qualified(prefix, value)) for value in given)]
