"""What routes are given: the service, the thread pool, path texts and query values."""

from __future__ import annotations

import asyncio
import contextvars
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator, WithJsonSchema

from registry.api.frame.paths import path_text
from registry.errors import StorageUnavailable
from registry.model import Lifecycle
from registry.names import Subject, parse_subject
from registry.service.attempts import attempted
from registry.service.numbers import parse_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.service.registry import Registry

P = ParamSpec("P")
R = TypeVar("R")
MAX_INT = 2**31 - 1
INTEGER = re.compile(r"[+-]?[0-9]+")


class Desk:
    """The service behind a bounded pool of threads: routes await, use cases block.

    A database that hangs gives no sign, so a use case is given up after `seconds`: not begun, if
    its turn had not come; otherwise its thread goes on until the database speaks.
    """

    def __init__(self, registry: Registry, *, threads: int, seconds: float) -> None:
        self.registry = registry
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="use-case")
        self._seconds = seconds

    async def run(self, use_case: Callable[[], R]) -> R:
        """Run a use case in a thread and return what it returns; raises StorageUnavailable."""
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        try:
            async with asyncio.timeout(self._seconds):
                return await loop.run_in_executor(self._threads, context.run, attempted, use_case)
        except TimeoutError as error:
            msg = f"The request was given up after {self._seconds} seconds"
            raise StorageUnavailable(msg) from error

    def close(self) -> None:
        """Let the threads end that have nothing to do."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def subject_in(segment: str) -> Subject:
    """Read a segment of a path as a subject, which may be context-qualified."""
    return parse_subject(path_text(segment))


def version_in(segment: str) -> int:
    """Read a segment of a path as a version; raises InvalidVersion."""
    return parse_version(path_text(segment))


def is_true(value: object) -> bool:
    """Only `true`, in any case, is true; nothing is an error (Confluent 8.3)."""
    return str(value).lower() == "true"


# Coroutines, because FastAPI runs a plain function in a thread, at the cost of a small request.


async def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def subject_of(
    subject: Annotated[str, Path(description="Name, may be context-qualified")],
) -> Subject:
    return subject_in(subject)


async def version_of(
    version: Annotated[str, Path(description="Number from 1, or `latest`")],
) -> int:
    return version_in(version)


def _integer(value: object) -> object:
    """Refuse what pydantic would take for a whole number and Java does not: `1.0`, ` 1`, `1_0`."""
    if isinstance(value, str) and not INTEGER.fullmatch(value):
        msg = "not an integer"
        raise ValueError(msg)
    return value


Integer = BeforeValidator(_integer)
Served = Annotated[Desk, Depends(desk_of)]
InSubject = Annotated[Subject, Depends(subject_of)]
AtVersion = Annotated[int, Depends(version_of)]
Flag = Annotated[bool, BeforeValidator(is_true), Query()]
Texts = Annotated[list[str], Query()]
LifecycleText = Annotated[
    Lifecycle | None,
    BeforeValidator(lambda value: value.upper() or None),
    WithJsonSchema({"type": "string", "enum": list(Lifecycle)}),
    Query(),
]
Offset = Annotated[int, Query(ge=-MAX_INT - 1, le=MAX_INT), Integer]
Limit = Annotated[int, Query(ge=-MAX_INT - 1, le=MAX_INT), Integer]


def bounds(offset: int, limit: int, most: int) -> tuple[int, int]:
    """Return where a page starts and its size; a limit not between 1 and `most` means `most`."""
    return max(offset, 0), limit if 1 <= limit <= most else most


def page(rows: list[Any], *, offset: int, limit: int, most: int = MAX_INT) -> list[Any]:
    """Return one page of the rows."""
    start, size = bounds(offset, limit, most)
    return rows[start : start + size]
