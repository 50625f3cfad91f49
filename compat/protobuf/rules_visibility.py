"""Types that other files can no longer name (edition 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf.declarations import Message
from compat.protobuf.features import set_features
from compat.protobuf.kinds import Kind
from compat.protobuf.spots import differing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compat.finding import Finding
    from compat.protobuf.declarations import Enum, Source

# What a type is that does not say it: at the top level, and nested.
_DEFAULTS: Final[Mapping[str, tuple[bool, bool]]] = {
    "EXPORT_ALL": (True, True),
    "EXPORT_TOP_LEVEL": (True, False),
    "LOCAL_ALL": (False, False),
    "STRICT": (False, False),
}


def visibility(reader: Message | Enum, writer: Message | Enum, path: str) -> Iterator[Finding]:
    """Say that a type was exported and is no longer."""
    if is_exported(writer) and not is_exported(reader):
        yield differing(Kind.TYPE_MADE_LOCAL, path, reader=reader, writer=writer)


def is_exported(declared: Message | Enum) -> bool:
    """Tell whether other files can name a type."""
    if declared.node.visibility is not None:
        return declared.node.visibility == "export"
    top_level, nested = _DEFAULTS[_default(declared.source)]
    return nested if isinstance(declared.parent, Message) else top_level


def _default(source: Source) -> str:
    edition = source.file.edition
    if edition is None or edition < "2024":
        return "EXPORT_ALL"
    found = dict(set_features(source.file.options)).get("default_symbol_visibility", "")
    return found if found in _DEFAULTS else "EXPORT_TOP_LEVEL"
