"""The rules for what changed without harm, where no types inside have to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.avro.findings import ROOTS, Difference
from compat.avro.kinds import Kind
from compat.avro.model import NAMED, Enum
from compat.avro.rules import PROMOTIONS, expectation, listing, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from compat.avro.findings import Held, Path, Sides
    from compat.avro.model import Named, Node


def names(reader: Named, writer: Named, path: Path) -> Iterator[Difference]:
    sides: Sides = (reader, writer, ROOTS)
    words = expectation(writer.name.full, reader.name.full)
    if reader.name.simple == writer.name.simple:
        if reader.name.space != writer.name.space:
            yield Difference(Kind.NAMESPACE_CHANGED, (path, "namespace"), words, sides)
    elif is_alias(reader, writer):
        yield Difference(Kind.NAME_MATCHED_BY_ALIAS, (path, "name"), words, sides)


def is_alias(reader: Named, writer: Named) -> bool:
    return any(alias.full == writer.name.full for alias in reader.aliases)


def leaves(reader: Node, writer: Node, path: Path, held: Held) -> Iterator[Difference]:
    """Compare two types that have no types inside, or nothing in common."""
    if isinstance(reader, NAMED) and isinstance(writer, NAMED) and reader.type == writer.type:
        yield from names(reader, writer, path)
    if isinstance(reader, Enum) and isinstance(writer, Enum):
        yield from symbols(reader, writer, path)
        yield from enum_defaults(reader, writer, path)
    if (writer.type, reader.type) in PROMOTIONS:
        words = f"reader type: {word(reader)} taking writer type: {word(writer)}"
        yield Difference(Kind.TYPE_PROMOTED, path, words, (reader, writer, held))


def symbols(reader: Enum, writer: Enum, path: Path) -> Iterator[Difference]:
    sides: Sides = (reader, writer, ROOTS)
    at = (path, "symbols")
    known, written = dict.fromkeys(reader.symbols), dict.fromkeys(writer.symbols)
    added = dict.fromkeys(symbol for symbol in known if symbol not in written)
    missing = dict.fromkeys(symbol for symbol in written if symbol not in known)
    if added:
        yield Difference(Kind.ENUM_SYMBOLS_ADDED, at, listing(added), sides)
    if missing and reader.default is not None:
        yield Difference(Kind.ENUM_SYMBOLS_READ_AS_DEFAULT, at, listing(missing), sides)
    if [each for each in known if each in written] != [each for each in written if each in known]:
        yield Difference(Kind.ENUM_SYMBOLS_REORDERED, at, "", sides)


def enum_defaults(reader: Enum, writer: Enum, path: Path) -> Iterator[Difference]:
    new, old = reader.default, writer.default
    if new == old:
        return
    if old is None:
        kind, words = Kind.ENUM_DEFAULT_ADDED, str(new)
    elif new is None:
        kind, words = Kind.ENUM_DEFAULT_REMOVED, old
    else:
        kind, words = Kind.ENUM_DEFAULT_CHANGED, expectation(old, new)
    yield Difference(kind, (path, "default"), words, (reader, writer, ROOTS))


def may_read(reader: Node, writer: Node) -> bool:
    """Tell at a glance whether a type is meant to read what another one wrote."""
    if reader.type != writer.type:
        return (writer.type, reader.type) in PROMOTIONS
    if isinstance(reader, NAMED) and isinstance(writer, NAMED):
        return reader.name.simple == writer.name.simple or is_alias(reader, writer)
    return True


def is_same_type(reader: Node, writer: Node) -> bool:
    """Tell whether a union could not hold both."""
    if isinstance(reader, NAMED) and isinstance(writer, NAMED):
        return reader.type == writer.type and reader.name.full == writer.name.full
    return reader.type == writer.type


def taken(branches: Sequence[Node], writer: Node) -> Node | None:
    """Return the branch of the same type and full name, else the first that may read it."""
    able = [branch for branch in branches if may_read(branch, writer)]
    same = (branch for branch in able if is_same_type(branch, writer))
    return next(same, able[0] if able else None)


def is_sorted(positions: Sequence[int]) -> bool:
    return list(positions) == sorted(positions)
