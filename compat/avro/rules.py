"""The rules for two types that have no types inside, each reporting what it finds at a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.avro.findings import NOTHING, ROOTS, Difference, Found, together
from compat.avro.kinds import UNREADABLE, Kind
from compat.avro.logical import logical_type
from compat.avro.model import Enum, Fixed, TypeName
from compat.json_text import sorted_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compat.avro.findings import Held, Path, Sides
    from compat.avro.logical import LogicalType
    from compat.avro.model import Named, Node, Primitive, Union
    from compat.avro.places import Holder

PROMOTIONS = frozenset(
    {
        (TypeName.INT, TypeName.LONG),
        (TypeName.INT, TypeName.FLOAT),
        (TypeName.INT, TypeName.DOUBLE),
        (TypeName.LONG, TypeName.FLOAT),
        (TypeName.LONG, TypeName.DOUBLE),
        (TypeName.FLOAT, TypeName.DOUBLE),
        (TypeName.STRING, TypeName.BYTES),
        (TypeName.BYTES, TypeName.STRING),
    }
)  # writer, reader


def leaves(reader: Node, writer: Node, path: Path, held: Held) -> Found:
    """Compare two types that have no types inside, or nothing in common."""
    match reader, writer:
        case Fixed(), Fixed():
            return together(
                [
                    *names(reader, writer, path),
                    *sizes(reader, writer, path),
                    *logical(reader, writer, path, held),
                ]
            )
        case Enum(), Enum():
            return together([*names(reader, writer, path), *symbols(reader, writer, path)])
        case _:
            return mismatch(reader, writer, path, held)


def primitives(reader: Primitive, writer: Primitive, path: Path, held: Held) -> Found:
    if reader.type != writer.type and (writer.type, reader.type) not in PROMOTIONS:
        return mismatch(reader, writer, path, held)
    if not reader.props and not writer.props:
        return NOTHING
    return together(list(logical(reader, writer, path, held)))


def mismatch(reader: Node, writer: Node, path: Path, held: Held) -> Found:
    words = f"reader type: {word(reader)} not compatible with writer type: {word(writer)}"
    return one(Kind.TYPE_MISMATCH, path, words, (reader, writer, held))


def names(reader: Named, writer: Named, path: Path) -> Iterator[Found]:
    """Compare names without their namespaces, which count only where an alias has to match."""
    if reader.name.simple == writer.name.simple:
        return
    if all(alias.full != writer.name.full for alias in reader.aliases):
        words = f"expected: {writer.name.full}"
        yield one(Kind.NAME_MISMATCH, (path, "name"), words, (reader, writer, ROOTS))


def sizes(reader: Fixed, writer: Fixed, path: Path) -> Iterator[Found]:
    if reader.size != writer.size:
        words = expectation(writer.size, reader.size)
        yield one(Kind.FIXED_SIZE_MISMATCH, (path, "size"), words, (reader, writer, ROOTS))


def symbols(reader: Enum, writer: Enum, path: Path) -> Iterator[Found]:
    known = frozenset(reader.symbols)
    missing = dict.fromkeys(symbol for symbol in writer.symbols if symbol not in known)
    if missing and reader.default is None:
        sides: Sides = (reader, writer, ROOTS)
        yield one(Kind.MISSING_ENUM_SYMBOLS, (path, "symbols"), listing(missing), sides)


def logical(
    reader: Primitive | Fixed, writer: Primitive | Fixed, path: Path, held: Held
) -> Iterator[Found]:
    """Compare what the values mean, given that they can be read.

    writer   reader   finding
    -------  -------  --------------------------------------------
    none     none     none
    none     some     LOGICAL_TYPE_ADDED
    some     none     LOGICAL_TYPE_REMOVED
    some     another  LOGICAL_TYPE_CHANGED
    decimal  decimal  DECIMAL_SCALE_CHANGED, DECIMAL_PRECISION_*
    """
    new, old = logical_type(reader), logical_type(writer)
    sides: Sides = (reader, writer, held)
    at = (path, "logicalType")
    if new is not None and old is not None:
        if new.name == old.name:
            yield from decimals(new, old, path, sides)
        else:
            yield one(Kind.LOGICAL_TYPE_CHANGED, at, expectation(old.name, new.name), sides)
    elif old is not None:
        yield one(Kind.LOGICAL_TYPE_REMOVED, at, old.name, sides)
    elif new is not None:
        yield one(Kind.LOGICAL_TYPE_ADDED, at, new.name, sides)


def decimals(new: LogicalType, old: LogicalType, path: Path, sides: Sides) -> Iterator[Found]:
    if new.scale != old.scale:
        words = expectation(old.scale, new.scale)
        yield one(Kind.DECIMAL_SCALE_CHANGED, (path, "scale"), words, sides)
    if new.precision != old.precision:
        less = new.precision < old.precision
        kind = Kind.DECIMAL_PRECISION_DECREASED if less else Kind.DECIMAL_PRECISION_INCREASED
        words = expectation(old.precision, new.precision)
        yield one(kind, (path, "precision"), words, sides)


def lacking(reader: Union, writer: Node, path: Path, holder: Holder) -> Found:
    words = f"reader union lacking writer type: {word(writer)}"
    return one(Kind.MISSING_UNION_BRANCH, path, words, (reader, writer, (None, holder)))


def one(kind: Kind, path: Path, detail: str, sides: Sides) -> Found:
    return Found((Difference(kind, path, detail, sides),), is_readable=kind not in UNREADABLE)


def listing(symbols: Mapping[str, None]) -> str:
    return f"[{', '.join(sorted_keys(symbols))}]"


def expectation(old: object, new: object) -> str:
    return f"expected: {old}, found: {new}"


def word(node: Node) -> str:
    return node.type.upper()
