"""Media types and content codings: what is read, what is written, and who wants which.

Source: Confluent 8.3, Versions: requests may be any of four types, answers one of three; RFC 9110
sections 12.4 and 12.5 for qualities.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

V1_JSON = "application/vnd.schemaregistry.v1+json"
PLAIN_JSON = "application/json"
# Accord's own: who takes it is told more than the contract says, where there is more to tell.
NATIVE_JSON = "application/vnd.accord.v1+json"

# In the server's order of preference, which decides between types that the client likes equally.
WRITTEN = (V1_JSON, "application/vnd.schemaregistry+json", PLAIN_JSON)
READ = frozenset({*WRITTEN, "application/octet-stream"})

# Clients send a handful of values; longer ones than these are answered without being remembered.
REMEMBERED_VALUES = 1024
REMEMBERED_LENGTH = 512


class Preference(NamedTuple):
    """One element of an Accept or Accept-Encoding header."""

    name: str
    quality: float


def essence(value: str) -> str:
    """Return a media type without its parameters."""
    return value.partition(";")[0].strip().lower()


def is_read(content_type: str | None) -> bool:
    """Tell whether a body of this type is taken; no type at all is."""
    return not content_type or essence(content_type) in READ


def is_json(content_type: str) -> bool:
    return essence(content_type) in WRITTEN


def written_type(accept: str | None) -> str | None:
    """Return the type to answer with, None when the client takes none of them."""
    if not accept:
        return V1_JSON
    if len(accept) > REMEMBERED_LENGTH:
        return _written_type(accept)
    return _remembered_type(accept)


def takes_native(accept: str | None) -> bool:
    """Tell whether the client asks for Accord's own type by name."""
    if accept is None or NATIVE_JSON not in accept.lower():
        return False
    return any(each.name == NATIVE_JSON and each.quality > 0 for each in _preferences(accept))


def takes_gzip(accept_encoding: str | None) -> bool:
    """Tell whether the client prefers gzip to no coding or likes both."""
    if not accept_encoding:
        return False
    if len(accept_encoding) > REMEMBERED_LENGTH:
        return _takes_gzip(accept_encoding)
    return _remembered_gzip(accept_encoding)


def _written_type(accept: str) -> str | None:
    qualities = {p.name: p.quality for p in reversed(_preferences(accept))}
    liked = {name: _quality(name, qualities) for name in WRITTEN}
    best = max(WRITTEN, key=lambda name: liked[name])
    if liked[best] > 0:
        return best
    return V1_JSON if qualities.get(NATIVE_JSON, 0.0) > 0 else None


def _quality(name: str, qualities: dict[str, float]) -> float:
    """Return the client's quality of a type: the most specific range decides."""
    for media_range in (name, "application/*", "*/*", "*"):
        if media_range in qualities:
            return qualities[media_range]
    return 0.0


def _takes_gzip(accept_encoding: str) -> bool:
    qualities = {p.name: p.quality for p in reversed(_preferences(accept_encoding))}
    anything = qualities.get("*", 0.0)
    gzip = qualities.get("gzip", qualities.get("x-gzip", anything))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


_remembered_type = lru_cache(REMEMBERED_VALUES)(_written_type)
_remembered_gzip = lru_cache(REMEMBERED_VALUES)(_takes_gzip)


def _preferences(header: str) -> list[Preference]:
    return [_preference(part) for part in header.split(",") if part.strip()]


def _preference(part: str) -> Preference:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return Preference(name, _number(value.strip()))
    return Preference(name, 1.0)


def _number(text: str) -> float:
    """Read a quality; one that is no number between 0 and 1 refuses the type it stands with."""
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
