"""Findings in plain words: who cannot read what, and the smallest change that ends it.

Which of the two schemas can still be changed is not known here, so a fix names both where either
will do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from compat.avro.document import write
from compat.avro.kinds import Kind
from compat.avro.logical import LogicalType, logical_type
from compat.avro.model import NAMED, Array, Enum, Map, TypeName, Union
from compat.avro.places import fragment_of
from compat.avro.printer import alias_text
from compat.finding import Advice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from compat.avro.model import Node
    from compat.finding import Finding
    from compat.json_text import JsonValue

SHOWN_NAMES = 5
SHOWN_ZEROS = 6  # of a power of ten that is written out

EMPTY: Mapping[TypeName, JsonValue] = {
    TypeName.NULL: None,
    TypeName.BOOLEAN: False,
    TypeName.INT: 0,
    TypeName.LONG: 0,
    TypeName.FLOAT: 0.0,
    TypeName.DOUBLE: 0.0,
    TypeName.BYTES: "",
    TypeName.STRING: "",
    TypeName.ARRAY: [],
    TypeName.MAP: {},
}


class Sides(NamedTuple):
    """What stands on both sides of a finding, and what the reader's side is called.

    The kind says which class of the model stands there.
    """

    reader: Any
    writer: Any
    label: str


def advice(finding: Finding) -> Advice:
    """Say what a finding that breaks means for whoever reads, and what to change."""
    assert finding.reader is not None, "there is always something that cannot read"
    reader = fragment_of(finding.reader)
    writer = None if finding.writer is None else fragment_of(finding.writer).node
    told = WORDS[Kind(finding.kind)](Sides(reader.node, writer, reader.label))
    return told._replace(sentence=told.sentence[0].upper() + told.sentence[1:])


def missing_default(sides: Sides) -> Advice:
    name = sides.reader.name
    return Advice(
        f"`{name}` has no default, so records written without it cannot be read: the reader "
        "schema asks for it and the writer schema does not have it.",
        f"Give `{name}` {a_default(sides.reader.type)} in the reader schema, or let the writer "
        "schema keep it; if it was only renamed, list the writer's name in its aliases.",
    )


def missing_enum(sides: Sides) -> Advice:
    name = sides.reader.name
    return Advice(
        f"`{name}` has no default, so records written without it cannot be read: the default of "
        "its enum stands for symbols that the reader schema does not know, not for a field that "
        "is missing.",
        f"Give the field `{name}` itself {a_default(sides.reader.type)} in the reader schema, or "
        "let the writer schema keep it.",
    )


def a_default(node: Node) -> str:
    """Return an example of a default, the emptiest that the type allows."""
    if isinstance(node, Union) and node.branches:
        return a_default(node.branches[0])
    if isinstance(node, Enum) and node.symbols:
        return f'a default (such as `"default":{write(node.symbols[0])}`)'
    if node.type in EMPTY:
        return f'a default (such as `"default":{write(EMPTY[node.type])}`)'
    return 'a default (or make it a union with `"null"` first, and `"default":null`)'


def type_mismatch(sides: Sides) -> Advice:
    if sides.writer is None:
        return missing_enum(sides)
    read, written = called(sides.reader), called(sides.writer)
    return Advice(
        f"{sides.label} is written as {written}, and the reader schema expects {read}, which "
        "cannot be made from it.",
        f"Let the reader schema read {written} again, alone or in a union with {read}, or let the "
        f"writer schema go on writing {read}; for data of another type, add a new field.",
    )


def name_mismatch(sides: Sides) -> Advice:
    alias = alias_text(sides.writer.name, sides.reader.name)
    return Advice(
        f"{called(sides.writer)} of the writer schema is called `{sides.reader.name.full}` in the "
        "reader schema: under another name it counts as another type.",
        f'Add `"aliases":[{write(alias)}]` to `{sides.reader.name.simple}` in the reader schema, '
        "or use the same name in both.",
    )


def size_mismatch(sides: Sides) -> Advice:
    return Advice(
        f"{called(sides.reader)} is written with {sides.writer.size} bytes, and the reader schema "
        f"takes {sides.reader.size}, so its values cannot be read.",
        f'Keep `"size":{sides.writer.size}` in both schemas; values of another size need a type '
        "and a field of their own.",
    )


def missing_symbols(sides: Sides) -> Advice:
    known = frozenset(sides.reader.symbols)
    missing = [f"`{each}`" for each in sides.writer.symbols if each not in known]
    default = write(sides.reader.symbols[0] if sides.reader.symbols else missing[0].strip("`"))
    return Advice(
        f"{called(sides.reader)} may be written as {either(missing)}, which the reader schema "
        "does not know, so such a message cannot be read.",
        f"Add {every(missing)} to the symbols in the reader schema, or give the enum a default "
        f'there (such as `"default":{default}`), which unknown symbols are read as.',
    )


def missing_branch(sides: Sides) -> Advice:
    written = called(sides.writer)
    near = next((each for each in sides.reader.branches if is_near(each, sides.writer)), None)
    if near is None:
        return Advice(
            f"{sides.label} may be written as {written}, and the union of the reader schema has "
            "no type that takes it.",
            f"Add {written} to the union in the reader schema, or take it out of the writer "
            "schema.",
        )
    branch = called(near) if isinstance(near, NAMED) else f"the {near.type}"
    return Advice(
        f"{sides.label} may be written as {written}, and {branch} in the union of the reader "
        "schema cannot read it.",
        f"Make {branch} in the reader schema able to read the writer's: compared by themselves, "
        "the two show what stands in the way.",
    )


def is_near(reader: Node, writer: Node) -> bool:
    """Tell whether a type looks as if it were meant for what was written."""
    if isinstance(reader, NAMED) and isinstance(writer, NAMED):
        return reader.type == writer.type and reader.name.simple == writer.name.simple
    return isinstance(reader, Array | Map) and reader.type == writer.type


def ambiguous_field(sides: Sides) -> Advice:
    field = sides.reader
    found = [each for each in (field.name, *field.aliases) if each in sides.writer.by_name]
    return Advice(
        f"`{field.name}` of the reader schema could be read from {either(map(ticked, found))} of "
        "the writer schema: its name and its aliases find several fields there.",
        f"Take {every(map(ticked, found[1:]))} out of the aliases of `{field.name}` in the reader "
        "schema.",
    )


def logical_added(sides: Sides) -> Advice:
    name, plain = kind_of(sides.reader).name, sides.writer.type
    return Advice(
        f"{sides.label} is written as a plain {plain}, and the reader schema takes it for a "
        f"{name}, so it may be given a meaning that it never had.",
        f'Take `"logicalType":"{name}"` out of the reader schema, or use it in a new field.',
    )


def logical_removed(sides: Sides) -> Advice:
    name, plain = kind_of(sides.writer).name, sides.reader.type
    return Advice(
        f"{sides.label} is written as a {name}, and the reader schema takes it for a plain "
        f"{plain}, so readers lose its meaning.",
        f'Keep `"logicalType":"{name}"` in the reader schema.',
    )


def logical_changed(sides: Sides) -> Advice:
    old, new = kind_of(sides.writer).name, kind_of(sides.reader).name
    return Advice(
        f"{sides.label} is written as a {old}, and the reader schema takes it for a {new}, so "
        "every value is read as another one.",
        f'Keep `"logicalType":"{old}"` in the reader schema, and use `{new}` in a new field.',
    )


def scale_changed(sides: Sides) -> Advice:
    old, new = kind_of(sides.writer).scale, kind_of(sides.reader).scale
    zeros = abs(new - old)
    factor = str(10**zeros) if zeros <= SHOWN_ZEROS else f"10^{zeros}"
    size = "small" if new > old else "great"
    return Advice(
        f"{sides.label} is written with {old} digits after the point and read with {new}, so "
        f"every number is read {factor} times too {size}.",
        f'Keep `"scale":{old}` in the reader schema, and use another scale in a new field.',
    )


def precision_decreased(sides: Sides) -> Advice:
    old, new = kind_of(sides.writer).precision, kind_of(sides.reader).precision
    return Advice(
        f"{sides.label} may be written with {old} digits, and the reader schema has room for "
        f"{new}, so longer numbers are cut or refused.",
        f'Keep `"precision":{old}` or more in the reader schema.',
    )


WORDS: Mapping[Kind, Callable[[Sides], Advice]] = {
    Kind.READER_FIELD_MISSING_DEFAULT_VALUE: missing_default,
    Kind.TYPE_MISMATCH: type_mismatch,
    Kind.NAME_MISMATCH: name_mismatch,
    Kind.FIXED_SIZE_MISMATCH: size_mismatch,
    Kind.MISSING_ENUM_SYMBOLS: missing_symbols,
    Kind.MISSING_UNION_BRANCH: missing_branch,
    Kind.AMBIGUOUS_FIELD: ambiguous_field,
    Kind.LOGICAL_TYPE_ADDED: logical_added,
    Kind.LOGICAL_TYPE_REMOVED: logical_removed,
    Kind.LOGICAL_TYPE_CHANGED: logical_changed,
    Kind.DECIMAL_SCALE_CHANGED: scale_changed,
    Kind.DECIMAL_PRECISION_DECREASED: precision_decreased,
}


def kind_of(node: Node) -> LogicalType:
    found = logical_type(node)
    assert found is not None, "the finding is about a logical type"
    return found


def called(node: Node) -> str:
    """Return a type as one speaks of it."""
    if isinstance(node, NAMED):
        return f"the {node.type} `{node.name.full}`"
    match node.type:
        case TypeName.NULL | TypeName.BYTES as word:
            return str(word)
        case TypeName.INT | TypeName.ARRAY as word:
            return f"an {word}"
        case word:
            return f"a {word}"


def ticked(name: str) -> str:
    return f"`{name}`"


def either(names: Iterable[str]) -> str:
    return listed(names, "or")


def every(names: Iterable[str]) -> str:
    return listed(names, "and")


def listed(names: Iterable[str], word: str) -> str:
    found = list(names)
    if len(found) > SHOWN_NAMES:
        found[SHOWN_NAMES - 1 :] = [f"{len(found) - SHOWN_NAMES + 1} more"]
    *most, last = found
    return f"{', '.join(most)} {word} {last}" if most else last
