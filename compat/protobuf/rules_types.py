"""What two types of one group of scalars make of each other's values, as bytes and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf.declarations import OWN, Enum, Message

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from compat.protobuf.declarations import Type

INT32: Final = range(-(2**31), 2**31)
INTEGERS: Final[Mapping[str, range]] = {
    "int32": INT32,
    "sint32": INT32,
    "sfixed32": INT32,
    "int64": range(-(2**63), 2**63),
    "sint64": range(-(2**63), 2**63),
    "sfixed64": range(-(2**63), 2**63),
    "uint32": range(2**32),
    "fixed32": range(2**32),
    "uint64": range(2**64),
    "fixed64": range(2**64),
    "bool": range(2),
}
# A reader of JSON that is no protobuf library takes one of these for no other.
JSON_FORMS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("int32", "uint32", "sint32", "fixed32", "sfixed32"), "number"),
    **dict.fromkeys(("int64", "uint64", "sint64", "fixed64", "sfixed64"), "digits in a text"),
    "bool": "true or false",
    "string": "text",
    "bytes": "base64",
    "float": "number",
    "double": "number",
}


class Judge:
    """Judges each pair of types once: many fields can be of two large enums."""

    def __init__(self) -> None:
        self._known: dict[tuple[Type, Type], tuple[bool, bool]] = {}

    def of(self, reader: Type, writer: Type) -> tuple[bool, bool]:
        """Return whether values are lost, and whether JSON tells the types apart."""
        pair = (reader, writer)
        if pair not in self._known:
            self._known[pair] = is_lossy(reader, writer), has_other_json(reader, writer)
        return self._known[pair]


def is_lossy(reader: Type, writer: Type) -> bool:
    """Tell whether the reader takes a value of the writer's type for another one, or drops it.

    Types of different groups are not asked about, nor enums that are compared by themselves.
    """
    if reader == writer or are_compared_apart(reader, writer):
        return False
    if writer == "bytes":
        return reader == "string"
    if group_has_values(reader) and group_has_values(writer):
        known = values_of(reader)
        return any(value not in known for value in samples_of(writer))
    return False


def group_has_values(kind: Type) -> bool:
    return isinstance(kind, Enum) or kind in INTEGERS


def are_compared_apart(reader: Type, writer: Type) -> bool:
    """Tell whether both are enums of the two files themselves which have one name."""
    return (
        isinstance(reader, Enum)
        and isinstance(writer, Enum)
        and reader.source.version == writer.source.version == OWN
        and reader.local_name == writer.local_name
    )


def values_of(kind: Type) -> Container[int]:
    """Return the numbers a type can hold."""
    if isinstance(kind, Enum):
        return kind.numbers.keys() if kind.is_closed else INT32
    assert isinstance(kind, str), "only integers and enums have numbers"
    return INTEGERS[kind]


def samples_of(kind: Type) -> list[int]:
    """Return numbers of a type among which is one that another type lacks, if it lacks any."""
    if isinstance(kind, Enum):
        return list(kind.numbers) if kind.is_closed else [*kind.numbers, INT32[0], INT32[-1]]
    assert isinstance(kind, str), "only integers and enums have numbers"
    return [INTEGERS[kind][0], INTEGERS[kind][-1]]


def has_other_json(reader: Type, writer: Type) -> bool:
    """Tell whether the values of two types of one group are told apart in JSON."""
    if isinstance(reader, Enum) and isinstance(writer, Enum):
        return not are_compared_apart(reader, writer) and not (
            writer.value_names <= reader.value_names
        )
    if isinstance(reader, Enum) or isinstance(writer, Enum):
        return True
    if isinstance(reader, str) and isinstance(writer, str):
        return JSON_FORMS[reader] != JSON_FORMS[writer]
    return False


def type_name(kind: Type) -> str:
    """Return the name that code knows a type by, without the package of the file itself."""
    if isinstance(kind, Message | Enum):
        return kind.local_name if kind.source.version == OWN else kind.full_name
    return kind if isinstance(kind, str) else ""
