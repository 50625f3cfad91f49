"""Run a route without FastAPI's machinery, where all its parameters are of a few simple kinds.

Routing, solving dependencies and exit stacks cost a small request several times what the route
itself does (benchmarks/register.py). The routes stay FastAPI's: it documents them, and it runs
every one that has a parameter of another kind, as numbers that may be refused.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute

from registry.api.deps import (
    AtVersion,
    Flag,
    InSubject,
    Served,
    Texts,
    is_true,
    subject_in,
    version_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    Read = Callable[[Request], Any]


def _subject(_name: str, _default: object) -> Read:
    return lambda request: subject_in(request.path_params["subject"])


def _version(_name: str, _default: object) -> Read:
    return lambda request: version_in(request.path_params["version"])


def _flag(name: str, default: object) -> Read:
    def read(request: Request) -> object:
        given = request.query_params.get(name)
        return default if given is None else is_true(given)

    return read


def _text(name: str, default: object) -> Read:
    if default is inspect.Parameter.empty:
        return lambda request: request.path_params[name]
    return lambda request: request.query_params.get(name, default)


# A parameter's kind, as its route declares it: what reads it, given its name and its default.
READERS: Mapping[object, Callable[[str, object], Read]] = {
    Request: lambda _name, _default: lambda request: request,
    Served: lambda _name, _default: lambda request: request.app.state.desk,
    InSubject: _subject,
    AtVersion: _version,
    Flag: _flag,
    Texts: lambda name, default: lambda request: request.query_params.getlist(name) or default,
    str: _text,
}


@dataclass(frozen=True, slots=True)
class Direct:
    """A route and what reads its parameters; None leaves the route to FastAPI."""

    route: APIRoute
    readers: tuple[tuple[str, Read], ...] | None

    @classmethod
    def of(cls, route: APIRoute) -> Direct:
        kinds = get_type_hints(route.endpoint, include_extras=True)
        parameters = inspect.signature(route.endpoint).parameters.values()
        if any(kinds[parameter.name] not in READERS for parameter in parameters):
            return cls(route, None)
        return cls(
            route,
            tuple(
                (each.name, READERS[kinds[each.name]](each.name, each.default))
                for each in parameters
            ),
        )


class Api(FastAPI):
    """A FastAPI application that runs the routes it was given for it directly."""

    _direct: Mapping[str, Sequence[Direct]] = {}

    def run_directly(self, routes: Iterable[BaseRoute]) -> None:
        """Take over, of routes that are included already, those that are simple enough.

        All of them are given, in order: a request is run directly only if the first route that
        fits is simple.
        """
        known = [Direct.of(route) for route in routes if isinstance(route, APIRoute)]
        by_method: dict[str, list[Direct]] = defaultdict(list)
        for direct in known:
            for method in direct.route.methods or ():
                by_method[method].append(direct)
        self._direct = dict(by_method)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = self._found(scope) if scope["type"] == "http" else None
        if direct is None or direct.readers is None:
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        values = {name: read(request) for name, read in direct.readers}
        response = await direct.route.endpoint(**values)
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> Direct | None:
        """Return the first route that fits, noted in the scope as FastAPI would."""
        for direct in self._direct.get(scope["method"], ()):
            match = direct.route.path_regex.match(scope["path"])
            if match is not None:
                if direct.readers is not None:
                    parameters = match.groupdict()
                    scope.update(app=self, route=direct.route, path_params=parameters)
                return direct
        return None
