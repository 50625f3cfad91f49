"""URI references as RFC 3986 resolves them, for any text: nothing here raises.

The standard library resolves only against the schemes it knows, and drops the rest.
"""

from __future__ import annotations

import re
from typing import NamedTuple

REFERENCE = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?"
    r"(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?",
    re.DOTALL,
)


class Reference(NamedTuple):
    """The components of RFC 3986 section 3, the fragment aside; None where one is absent."""

    scheme: str | None
    authority: str | None
    path: str
    query: str | None

    def __str__(self) -> str:
        scheme = "" if self.scheme is None else f"{self.scheme}:"
        authority = "" if self.authority is None else f"//{self.authority}"
        query = "" if self.query is None else f"?{self.query}"
        return f"{scheme}{authority}{self.path}{query}"


def split_fragment(uri: str) -> tuple[str, str]:
    """Return the document's URI and the fragment, which is empty when there is none."""
    document, _, fragment = uri.partition("#")
    return document, fragment


def parsed(uri: str) -> Reference:
    match = REFERENCE.match(uri)
    assert match is not None, "every part of the expression is optional"
    return Reference(match["scheme"], match["authority"], match["path"], match["query"])


def resolve(base: str, reference: str) -> str:
    """Resolve a reference without fragment against a base (RFC 3986 section 5.2.2)."""
    to = parsed(reference)
    if to.scheme is not None:
        return str(to._replace(path=without_dots(to.path)))
    origin = parsed(base)
    if to.authority is not None:
        return str(to._replace(scheme=origin.scheme, path=without_dots(to.path)))
    if not to.path:
        query = origin.query if to.query is None else to.query
        return str(origin._replace(query=query))
    return str(origin._replace(path=without_dots(merged(origin, to.path)), query=to.query))


def merged(base: Reference, path: str) -> str:
    """Put a path in the place of the last segment of the base's (RFC 3986 section 5.2.3)."""
    if path.startswith("/"):
        return path
    if base.authority is not None and not base.path:
        return f"/{path}"
    return base.path[: base.path.rfind("/") + 1] + path


def without_dots(path: str) -> str:
    """Remove `.` and `..` segments (RFC 3986 section 5.2.4), of relative paths as well."""
    if "." not in path:
        return path
    rooted = path.startswith("/")
    segments = path.split("/")
    kept: list[str] = []
    for segment in segments[1:] if rooted else segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return ("/" if rooted else "") + "/".join(kept)
