"""Protobuf schemas and next versions of them, out of a source of choices.

Most pairs differ in one or two things: of those that differ in many, next to none pass.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from compat import protobuf
from compat.schema import Resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from avro_evolution import Choices

    from compat.protobuf import ProtobufSchema

PROTO2 = 'syntax = "proto2";'
PROTO3 = 'syntax = "proto3";'
EDITION = 'edition = "2023";'
HEADS = (PROTO2, PROTO2, PROTO3, PROTO3, EDITION, EDITION)
IMPORTED = "types.proto"

SCALARS = (
    *("double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64"),
    *("fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"),
)
ENUMS = ("E", "F")
MESSAGES = ("N", "O")
GROUP = "group"
FAMILIES = (
    ("int32", "int64", "uint32", "uint64", "bool", "E", "F"),
    ("int32", "int64", "uint32", "uint64", "bool", "E", "F", "sint32", "sint64"),
    ("sint32", "sint64"),
    ("fixed32", "sfixed32", "float", "int32"),
    ("fixed64", "sfixed64", "double", "int64"),
    ("float", "double"),
    ("string", "bytes"),
    ("string", "bytes", "N"),
    ("N", "O", GROUP),
)
# What a type may become: one that is written alike, or nearly.
NEIGHBOURS = {
    kind: [other for family in FAMILIES if kind in family for other in family if other != kind]
    for kind in (*SCALARS, *ENUMS, *MESSAGES, GROUP)
}
KEYS = ("string", "int32", "int64", "uint32", "bool", "sint32", "fixed32", "sfixed32")
# The kinds a message may have: what stands in another stands after it, so that none has no end.
INSIDE = {
    "M": (*SCALARS, *SCALARS, *ENUMS, *ENUMS, *ENUMS, "N", "N", "N", "O", *[GROUP] * 3),
    "N": (*SCALARS, *ENUMS, "O", "O"),
    "O": (*SCALARS, *ENUMS),
}
PRESENCES = ("optional", "optional", "implicit", "repeated", "repeated", "map", "required")
NUMBERS = range(1, 7)
DEFAULTS = {
    **dict.fromkeys(("int32", "int64", "sint32", "sint64", "sfixed32", "sfixed64"), ("7", "-1")),
    **dict.fromkeys(("uint32", "uint64", "fixed32", "fixed64"), ("7", "8")),
    **dict.fromkeys(("float", "double"), ("1.5", "-2")),
    **dict.fromkeys(("string", "bytes"), ('"x"', '"y"')),
    "bool": ("true", "false"),
}


@dataclass
class Field:
    """A field to be; what its syntax does not have is left out when it is written."""

    number: int
    name: str
    kind: str
    presence: str
    key: str = "string"
    oneof: str = ""
    default: int | None = None
    json_name: str = ""
    is_unusual: bool = False  # in its encoding, which is another thing for every type
    body: list[Field] = field(default_factory=list)


@dataclass
class Block:
    """A message to be."""

    name: str
    fields: list[Field]
    reserved: list[Field] = field(default_factory=list)
    reserves_names: bool = True


@dataclass
class Enum:
    """An enum to be, of names and numbers."""

    name: str
    values: list[tuple[str, int]]
    is_closed: bool = False
    reserved: list[tuple[str, int]] = field(default_factory=list)
    reserves_names: bool = True


@dataclass
class File:
    """A file to be; with `is_split` all but `M` stands in another file."""

    head: str
    blocks: list[Block]
    enums: list[Enum]
    is_split: bool

    def enum(self, name: str) -> Enum:
        return next(enum for enum in self.enums if enum.name == name)

    def closes(self, enum: Enum) -> bool:
        return self.head == PROTO2 or (self.head == EDITION and enum.is_closed)

    def parsed(self, version: int) -> ProtobufSchema:
        own = [Printer(self).block(block) for block in self.blocks if block.name == "M"]
        others = [Printer(self).block(block) for block in self.blocks if block.name != "M"]
        others += [Printer(self).enum(enum) for enum in self.enums]
        if not self.is_split:
            return protobuf.parse("\n".join([self.head, *own, *others]))
        imported = "\n".join([self.head, *others])
        text = "\n".join([self.head, f'import "{IMPORTED}";', *own])
        return protobuf.parse(text, [Resolved(IMPORTED, IMPORTED, version, imported)])


class Printer:
    """Writes the parts of a file."""

    def __init__(self, file: File) -> None:
        self._file = file

    def block(self, block: Block) -> str:
        lines = [self._line(each) for each in block.fields if not each.oneof]
        for oneof in sorted({each.oneof for each in block.fields} - {""}):
            inside = [self._line(each) for each in block.fields if each.oneof == oneof]
            lines.append(f"oneof {oneof} {{ {' '.join(inside)} }}")
        for each in block.reserved:
            lines.append(f"reserved {each.number};")
            lines += [self._reserved_name(each.name)] if block.reserves_names else []
        return f"message {block.name} {{ {' '.join(lines)} }}"

    def _reserved_name(self, name: str) -> str:
        return f"reserved {name};" if self._file.head == EDITION else f'reserved "{name}";'

    def enum(self, enum: Enum) -> str:
        values = enum.values
        if not self._file.closes(enum):  # an open one begins with zero
            values = sorted(values, key=lambda value: value[1] != 0)
        lines = [f"{name} = {number};" for name, number in values]
        for name, number in enum.reserved:
            lines.append(f"reserved {number};")
            lines += [self._reserved_name(name)] if enum.reserves_names else []
        if self._file.head == EDITION and enum.is_closed:
            lines.insert(0, "option features.enum_type = CLOSED;")
        return f"enum {enum.name} {{ {' '.join(lines)} }}"

    def _line(self, each: Field) -> str:
        if each.kind == GROUP and self._file.head == PROTO2 and not each.oneof:
            label = "repeated" if each.presence in ("repeated", "map") else self._label(each)
            body = Printer(self._file).block(Block("", each.body)).removeprefix("message ")
            return f"{label} group G{each.number} = {each.number} {body}"
        kind = "N" if each.kind == GROUP else each.kind
        options = ", ".join(self._options(each, kind))
        options = f" [{options}]" if options else ""
        if each.presence == "map" and not each.oneof:
            return f"map<{each.key}, {kind}> {each.name} = {each.number}{options};"
        label = "" if each.oneof else self._label(each)
        return f"{label} {kind} {each.name} = {each.number}{options};"

    def _label(self, each: Field) -> str:
        match self._file.head, each.presence:
            case (_, "repeated"):
                return "repeated"
            case ('syntax = "proto2";', presence):
                return "required" if presence == "required" else "optional"
            case ('syntax = "proto3";', "optional"):
                return "optional"
            case _:
                return ""

    def _options(self, each: Field, kind: str) -> list[str]:
        options = [f'json_name = "{each.json_name}"'] if each.json_name else []
        is_single = bool(each.oneof) or each.presence not in ("repeated", "map")
        features = self._features(each, kind) if self._file.head == EDITION else []
        options += [f"features.{feature}" for feature in features]
        is_implicit = "field_presence = IMPLICIT" in features
        if is_single and not is_implicit and self._file.head != PROTO3:
            options += self._default(each, kind)
        is_packable = kind in ENUMS or (kind in SCALARS and kind not in ("string", "bytes"))
        if each.is_unusual and is_packable and each.presence == "repeated" and not each.oneof:
            if self._file.head == EDITION:
                options.append("features.repeated_field_encoding = EXPANDED")
            else:
                options.append(f"packed = {'true' if self._file.head == PROTO2 else 'false'}")
        return options

    def _default(self, each: Field, kind: str) -> list[str]:
        if each.default is None or kind in MESSAGES:
            return []
        if kind in ENUMS:
            names = [name for name, _ in self._file.enum(kind).values]
            return [f"default = {names[each.default % len(names)]}"]
        return [f"default = {DEFAULTS[kind][each.default]}"]

    def _features(self, each: Field, kind: str) -> list[str]:
        """Return the features of a field in an edition."""
        found = []
        is_lone = not each.oneof and each.presence not in ("repeated", "map")
        if is_lone and each.presence == "required":
            found.append("field_presence = LEGACY_REQUIRED")
        if is_lone and each.presence == "implicit" and kind not in MESSAGES:
            closed = kind in ENUMS and self._file.closes(self._file.enum(kind))
            found += [] if closed else ["field_presence = IMPLICIT"]
        is_map = each.presence == "map" and not each.oneof
        if each.is_unusual and (kind == "string" or (is_map and each.key == "string")):
            found.append("utf8_validation = NONE")
        if each.is_unusual and kind in MESSAGES and not is_map:
            found.append("message_encoding = DELIMITED")
        return found


class Author:
    """Writes files."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    def file(self) -> File:
        choices = self._choices
        return File(
            choices.pick(HEADS),
            [Block(name, self.fields(name)) for name in INSIDE],
            [self._enum(name) for name in ENUMS],
            is_split=choices.one_in(5),
        )

    def fields(self, inside: str) -> list[Field]:
        numbers = list(NUMBERS)[: self._choices.below(5) + (inside == "M")]
        return [self.field(number, inside) for number in numbers]

    def field(self, number: int, inside: str) -> Field:
        choices = self._choices
        kind = choices.pick(INSIDE[inside])
        made = Field(number, f"f_{number}", kind, choices.pick(PRESENCES), choices.pick(KEYS))
        if choices.one_in(4):
            made.oneof = choices.pick(("o", "o", "p"))
        if choices.one_in(3):
            made.default = choices.below(2)
        made.is_unusual = choices.one_in(4)
        if kind == GROUP:
            made.body = self.fields("O")
        return made

    def _enum(self, name: str) -> Enum:
        numbers = [0, *(self._choices.some((1, 2, 3)) or [1])]
        values = [(f"{name}_{number}", number) for number in numbers]
        if self._choices.one_in(4):
            values.reverse()
        return Enum(name, values, is_closed=self._choices.one_in(3))


class Edit(NamedTuple):
    """A change, and how often it is made."""

    weight: int
    change: Callable[[Editor], None]


class Editor:
    """Turns a file into a next version of it."""

    def __init__(self, choices: Choices, file: File) -> None:
        self._choices = choices
        self._file = copy.deepcopy(file)

    def edited(self, edits: int) -> File:
        for _ in range(edits):
            self._choices.pick(EDITS)(self)
        return self._file

    def _block(self) -> Block:
        return self._choices.pick([self._file.blocks[0], *self._file.blocks])

    def _field(self) -> tuple[Block, Field]:
        """Pick a field, of a group perhaps."""
        block = self._block()
        if not block.fields:
            block.fields.append(Author(self._choices).field(1, block.name))
        found = self._choices.pick(block.fields)
        if found.body and self._choices.one_in(2):
            return Block("O", found.body), self._choices.pick(found.body)
        return block, found

    def type(self) -> None:
        block, found = self._field()
        if found.presence == "map" and self._choices.one_in(3):
            found.key = self._choices.pick(KEYS)
            return
        kinds = [kind for kind in NEIGHBOURS[found.kind] if kind in INSIDE[block.name]]
        if kinds:
            found.kind = self._choices.pick(kinds)

    def presence(self) -> None:
        self._field()[1].presence = self._choices.pick(PRESENCES)

    def oneof(self) -> None:
        found = self._field()[1]
        found.oneof = self._choices.pick([each for each in ("", "o", "p") if each != found.oneof])

    def gathering(self) -> None:
        """Put two fields in one oneof."""
        fields = self._block().fields
        for found in (self._choices.pick(fields) for _ in range(2 if fields else 0)):
            found.oneof = "q"

    def default(self) -> None:
        found = self._field()[1]
        found.default = self._choices.pick([n for n in (None, 0, 1) if n != found.default])

    def encoding(self) -> None:
        found = self._field()[1]
        found.is_unusual = not found.is_unusual

    def name(self) -> None:
        self._field()[1].name += "_x"

    def json_name(self) -> None:
        found = self._field()[1]
        found.json_name = "" if found.json_name else f"j{found.number}"

    def number(self) -> None:
        block, found = self._field()
        free = [n for n in (*NUMBERS, 9) if all(n != each.number for each in block.fields)]
        block.reserved.append(copy.copy(found))
        block.reserves_names = False
        found.number = self._choices.pick(free)

    def removal(self) -> None:
        block, found = self._field()
        block.fields.remove(found)
        if block.name and self._choices.below(4):
            block.reserved.append(found)
            block.reserves_names = bool(self._choices.below(4))

    def addition(self) -> None:
        block = self._block()
        number = max((each.number for each in block.fields), default=0) + 1
        block.fields.append(Author(self._choices).field(number, block.name))

    def head(self) -> None:
        self._file.head = self._choices.pick(HEADS)

    def message(self) -> None:
        """Take a message away that nothing is of, or turn the order round."""
        used = {each.kind for block in self._file.blocks for each in block.fields}
        spare = [each for each in self._file.blocks if each.name not in {*used, "M"}]
        if spare and GROUP not in used:
            self._file.blocks.remove(spare[0])
        else:
            self._file.blocks.reverse()

    def constant(self) -> None:
        """Change a constant of an enum: take it away, add one, call it otherwise."""
        enum = self._choices.pick(self._file.enums)
        at = self._choices.below(len(enum.values))
        name, number = enum.values[at]
        match self._choices.below(6):
            case 0 | 1 | 2 if len(enum.values) > 1 and (number or self._file.closes(enum)):
                del enum.values[at]
                if self._choices.below(4):
                    enum.reserved.append((name, number))
                    enum.reserves_names = bool(self._choices.below(4))
            case 3:
                enum.values[at] = (f"{name}_x", number)
            case 4:
                enum.values.append((f"{enum.name}_9", 9))
            case _:
                enum.values.reverse()

    def closing(self) -> None:
        enum = self._choices.pick(self._file.enums)
        enum.is_closed = not enum.is_closed


EDITS: Sequence[Callable[[Editor], None]] = [
    edit.change
    for edit in (
        Edit(6, Editor.type),
        Edit(3, Editor.presence),
        Edit(3, Editor.oneof),
        Edit(1, Editor.gathering),
        Edit(2, Editor.default),
        Edit(2, Editor.encoding),
        Edit(1, Editor.name),
        Edit(1, Editor.json_name),
        Edit(1, Editor.number),
        Edit(2, Editor.removal),
        Edit(2, Editor.addition),
        Edit(1, Editor.head),
        Edit(1, Editor.message),
        Edit(3, Editor.constant),
        Edit(1, Editor.closing),
    )
    for _ in range(edit.weight)
]


def pair(choices: Choices) -> tuple[ProtobufSchema, ProtobufSchema]:
    """Return a writer and a reader; raises InvalidSchema where an edit fits nowhere."""
    writer = Author(choices).file()
    reader = Editor(choices, writer).edited(choices.pick((1, 1, 1, 1, 1, 2, 2, 3)))
    return writer.parsed(1), reader.parsed(2)
