"""What stands at a place, as text: short enough to be read beside its other version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_text import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.json_text import JsonValue

SHOWN_LENGTH = 500
CUT = "…"


def shown(fragment: JsonValue) -> str:
    """Return the text of a fragment, or the beginning of it."""
    return beginning(fragment, SHOWN_LENGTH)


def beginning(value: JsonValue, length: int) -> str:
    """Return the text of a value if it is no longer than that, else what there is room for."""
    parts: list[str] = []
    written = 0
    for part in pieces(value, length):
        parts.append(part)
        written += len(part)
        if written > length:
            return "".join(parts)[: length - len(CUT)] + CUT
    return "".join(parts)


def pieces(value: JsonValue, length: int) -> Iterator[str]:
    """Yield the text of a value bit by bit; long strings without what nobody will see."""
    stack: list[tuple[Iterator[tuple[str, JsonValue]], str]] = [(iter([("", value)]), "")]
    while stack:
        members, closer = stack[-1]
        member = next(members, None)
        if member is None:
            yield closer
            stack.pop()
            continue
        prefix, child = member
        yield prefix
        if isinstance(child, dict):
            yield "{"
            stack.append((members_of(child, length), "}"))
        elif isinstance(child, list):
            yield "["
            stack.append((items_of(child), "]"))
        else:
            yield write(child[: length + 1] if isinstance(child, str) else child)


def members_of(value: dict[str, JsonValue], length: int) -> Iterator[tuple[str, JsonValue]]:
    separator = ""
    for key, child in value.items():
        yield f"{separator}{write(key[: length + 1])}:", child
        separator = ","


def items_of(value: list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    separator = ""
    for child in value:
        yield separator, child
        separator = ","
