"""Header lists as ASGI has them: pairs of bytes, names in lower case on both ways."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]


def values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in headers if key == name]


def joined(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return a list-valued header that may be repeated (RFC 9110 section 5.3), None if absent."""
    found = values(headers, name)
    return b", ".join(found).decode("latin-1") if found else None


def without(headers: Iterable[tuple[bytes, bytes]], *names: bytes) -> Headers:
    return [(key, value) for key, value in headers if key not in names]


def replaced(headers: Iterable[tuple[bytes, bytes]], name: bytes, value: bytes) -> Headers:
    return [*without(headers, name), (name, value)]


def varying(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> Headers:
    """Add a request header to those that the answer was chosen by."""
    headers = list(headers)
    given = b", ".join(values(headers, b"vary"))
    return replaced(headers, b"vary", _with_name(given, name))


@lru_cache(128)
def _with_name(listed: bytes, name: bytes) -> bytes:
    names = [part.strip() for part in listed.split(b",") if part.strip()]
    is_there = b"*" in names or name.lower() in {part.lower() for part in names}
    return b", ".join(names if is_there else [*names, name])
