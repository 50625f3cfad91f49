"""Reading fields of JSON documents whose shape somebody else decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class UnexpectedShape(ValueError):
    """A JSON document lacks a field, or has one of another type."""


def given(**fields: object) -> dict[str, Any]:
    """Return the fields that are set, None meaning unset."""
    return {name: value for name, value in fields.items() if value is not None}


def typed(value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UnexpectedShape(f"{name} is {type(value).__name__}, not {kind.__name__}")
    return value


def elements(value: object, kind: type[T], name: str) -> list[T]:
    return [typed(element, kind, f"element of {name}") for element in typed(value, list, name)]


def entries(value: object, kind: type[T], name: str) -> dict[str, T]:
    found = typed(value, dict, name)
    return {typed(key, str, name): typed(found[key], kind, name) for key in found}


def optional(source: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    value = source.get(name)
    return None if value is None else typed(value, kind, name)


def optional_list(source: Mapping[str, Any], name: str, kind: type[T]) -> list[T] | None:
    value = source.get(name)
    return None if value is None else elements(value, kind, name)


def required(source: object, name: str, kind: type[T]) -> T:
    document = typed(source, dict, "answer")
    if document.get(name) is None:
        raise UnexpectedShape(f"{name} is missing")
    return typed(document[name], kind, name)
