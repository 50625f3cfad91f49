"""Walks that go deeper than the interpreter's stack lets functions call each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

R = TypeVar("R")


def walked(first: Generator[Any, Any, R]) -> R:
    """Run a walk that yields the walks it needs and is sent what they return."""
    stack = [first]
    answer: R | None = None
    while stack:
        try:
            child = next(stack[-1]) if answer is None else stack[-1].send(answer)
        except StopIteration as end:
            stack.pop()
            answer = end.value
        else:
            stack.append(child)
            answer = None
    assert answer is not None, "a walk ends with what it found"
    return answer
