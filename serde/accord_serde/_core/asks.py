"""Asking the registry client without knowing whether it blocks or is awaited.

A generator yields a question and is sent its answer, or gets the exception of it thrown in.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from inspect import isawaitable
from typing import Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


class Ask(NamedTuple):
    """A call of the registry client's method `name`."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def put(self, client: object) -> Any:
        return getattr(client, self.name)(*self.args, **self.kwargs)


class Resolve(NamedTuple):
    """A call of a function of the program's, which may be a coroutine function with asyncio."""

    function: Callable[[], Any]

    def put(self, client: object) -> Any:  # noqa: ARG002 - it is no business of the client's
        return self.function()


Question: TypeAlias = Ask | Resolve

Steps: TypeAlias = Generator[Question, Any, T]


def drive(steps: Steps[T], client: object) -> T:
    """Run the steps to their result, asking a blocking client."""
    try:
        question = next(steps)
        while True:
            try:
                answer = question.put(client)
            except Exception as error:  # noqa: BLE001 - the steps decide what to do about it
                question = steps.throw(error)
            else:
                question = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


async def drive_async(steps: Steps[T], client: object) -> T:
    """Run the steps to their result, awaiting an asyncio client."""
    try:
        question = next(steps)
        while True:
            try:
                answer = question.put(client)
                if isawaitable(answer):
                    answer = await answer
            except Exception as error:  # noqa: BLE001 - the steps decide what to do about it
                question = steps.throw(error)
            else:
                question = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
