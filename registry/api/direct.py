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

    from starlette.datastructures import QueryParams
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    Read = Callable[[Request, str], Any]
    ReadQuery = Callable[[QueryParams, str], Any]

# A parameter's kind, as its route declares it, and what reads it from the request ...
READERS: Mapping[object, Read] = {
    Request: lambda request, _: request,
    Served: lambda request, _: request.app.state.desk,
    InSubject: lambda request, name: subject_in(request.path_params[name]),
    AtVersion: lambda request, name: version_in(request.path_params[name]),
    str: lambda request, name: request.path_params[name],
}
# ... or from the query, where it is given; the default is the route's own.
QUERY_READERS: Mapping[object, ReadQuery] = {
    Flag: lambda query, name: is_true(query[name]),
    Texts: lambda query, name: query.getlist(name),
    str: lambda query, name: query[name],
}


@dataclass(frozen=True, slots=True)
class Direct:
    """A route and what reads its parameters; one that is not simple is left to FastAPI."""

    route: APIRoute
    is_simple: bool
    readers: tuple[tuple[str, Read], ...]
    query_readers: tuple[tuple[str, ReadQuery], ...]

    @classmethod
    def of(cls, route: APIRoute) -> Direct:
        kinds = get_type_hints(route.endpoint, include_extras=True)
        parameters = inspect.signature(route.endpoint).parameters.values()
        required = {each.name for each in parameters if each.default is inspect.Parameter.empty}
        given = {name: kinds[name] for name in required}
        asked = {each.name: kinds[each.name] for each in parameters if each.name not in required}
        return cls(
            route,
            all(kind in READERS for kind in given.values())
            and all(kind in QUERY_READERS for kind in asked.values()),
            tuple((name, READERS[kind]) for name, kind in given.items() if kind in READERS),
            tuple(
                (name, QUERY_READERS[kind]) for name, kind in asked.items() if kind in QUERY_READERS
            ),
        )

    def values(self, request: Request) -> dict[str, Any]:
        """Return the arguments of the route's function."""
        values = {name: read(request, name) for name, read in self.readers}
        if request.scope["query_string"]:
            query = request.query_params
            for name, read in self.query_readers:
                if name in query:
                    values[name] = read(query, name)
        return values


class Api(FastAPI):
    """A FastAPI application that runs the routes it was given for it directly."""

    direct: Mapping[str, Sequence[Direct]] = {}

    def run_directly(self, routes: Iterable[BaseRoute]) -> None:
        """Take over, of routes that are included already, those that are simple.

        All of them are given, in order: a request is run directly only if the first route that
        fits is simple.
        """
        by_method: dict[str, list[Direct]] = defaultdict(list)
        for route in routes:
            if isinstance(route, APIRoute):
                direct = Direct.of(route)
                for method in route.methods or ():
                    by_method[method].append(direct)
        self.direct = dict(by_method)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = self._found(scope) if scope["type"] == "http" else None
        if direct is None or not direct.is_simple:
            await super().__call__(scope, receive, send)
            return
        response = await direct.route.endpoint(**direct.values(Request(scope, receive)))
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> Direct | None:
        """Return the first route that fits, noted in the scope as FastAPI would."""
        for direct in self.direct.get(scope["method"], ()):
            match = direct.route.path_regex.match(scope["path"])
            if match is not None:
                if direct.is_simple:
                    scope.update(app=self, route=direct.route, path_params=match.groupdict())
                return direct
        return None
