"""What holds for every file and for every text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from compat.errors import InvalidSchema
from compat.protobuf import parse as parse_schema
from compat.protobuf.normal import normalize
from compat.protobuf.parser import parse
from compat.protobuf.printer import print_file
from compat.protobuf.syntax import (
    Aggregate,
    Entry,
    EnumType,
    EnumValue,
    Extend,
    Extensions,
    Field,
    File,
    Group,
    Import,
    ListValue,
    LiteralKind,
    MapType,
    Message,
    NamePart,
    OneOf,
    Option,
    Range,
    Reserved,
    Rpc,
    Scalar,
    Service,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from compat.protobuf.syntax import ImportKind, Label, Value

T = TypeVar("T")
Syntax: TypeAlias = Literal["proto2", "proto3"] | None

NAMES = ("a", "b_c", "D", "message", "optional", "to", "inf", "_9", "string")
TYPES = ("int32", "string", "double", "bytes", "Known", ".p.q.Known", "q.Known")
KEYS = ("a", "b", "[p.q.ext]", "[host/p.q.Known]", "long_name")
PARTS = (
    *(NamePart(name) for name in NAMES),
    *(NamePart(name, is_extension=True) for name in ("x", "p.q.ext", ".p.q.ext")),
)
SCALARS: dict[LiteralKind, Sequence[str]] = {
    LiteralKind.STRING: ("", "text", "it's", '"', "\\", "\0\x01\x7f\n", "é\u2028", "\udcff\udc80a"),
    LiteralKind.IDENTIFIER: ("true", "inf", "NAME", "nan"),
    LiteralKind.INTEGER: ("0", "-1", "0x1F", "-017", "18446744073709551615"),
    LiteralKind.FLOAT: ("1.5", "-.5", "1e10", "-inf", "-nan", "2.0E-3"),
}


class Maker:
    """Makes trees that a parser could have made."""

    def __init__(self, chance: random.Random, syntax: Syntax) -> None:
        self.chance = chance
        self.syntax = syntax

    def few(self, make: Callable[[], T], *, least: int = 0) -> list[T]:
        return [make() for _ in range(self.chance.choice((least, least, 1, 2, 3)))]

    def name(self) -> str:
        return self.chance.choice(NAMES)

    def number(self) -> int:
        return self.chance.choice((1, 2, 3, 100, 19, 2**29 - 1, self.chance.randrange(1, 50)))

    def label(self) -> Label | None:
        kinds: tuple[Label | None, ...] = ("optional", "repeated")
        return self.chance.choice((*kinds, None if self.syntax == "proto3" else "required"))

    def scalar(self) -> Scalar:
        kind = self.chance.choice(list(SCALARS))
        return Scalar(kind, self.chance.choice(SCALARS[kind]))

    def aggregate(self) -> Aggregate:
        names = self.chance.sample(KEYS, self.chance.randrange(4))
        return Aggregate([Entry(name, self.value()) for name in names])

    def item(self) -> Value:
        return self.chance.choice((self.scalar, self.aggregate))()

    def value(self) -> Value:
        match self.chance.randrange(6):
            case 0:
                return self.aggregate()
            case 1:
                return ListValue(self.few(self.item))
            case _:
                return self.scalar()

    def options(self) -> list[Option]:
        if self.chance.random() < 0.7:
            return []
        return self.few(
            lambda: Option(
                tuple(self.chance.choices(PARTS, k=self.chance.choice((1, 1, 2, 3)))), self.value()
            )
        )

    def range(self, *, least: int) -> Range:
        start = self.chance.randrange(least, 20)
        return Range(start, self.chance.choice((None, "max", start, start + 5)))

    def reserved(self, *, least: int) -> list[Reserved]:
        names = Reserved(
            names=self.few(lambda: self.chance.choice(("a", "not a name", "'")), least=1)
        )
        ranges = Reserved(ranges=self.few(lambda: self.range(least=least), least=1))
        return self.few(lambda: self.chance.choice((names, ranges)))

    def field(self, *, labelled: bool = True, mapped: bool = False) -> Field:
        kind: str | MapType = self.chance.choice(TYPES)
        label = self.label() if labelled else None
        if mapped and self.chance.random() < 0.3:
            kind, label = MapType("string", self.chance.choice(TYPES)), None
        return Field(label, kind, self.name(), self.number(), self.options())

    def group(self, depth: int, *, labelled: bool = True) -> Group:
        label = self.label() if labelled else None
        body = replace(self.message(depth), name="Gr")
        return Group(label, "Gr", self.number(), body, self.options())

    def groups(self, depth: int, *, labelled: bool = True) -> list[Group]:
        if self.syntax == "proto3" or self.chance.random() < 0.7:
            return []
        return [self.group(depth, labelled=labelled)]

    def oneof(self, depth: int) -> OneOf:
        fields = self.few(lambda: self.field(labelled=False), least=1)
        return OneOf(self.name(), fields, self.groups(depth, labelled=False), self.options())

    def message(self, depth: int) -> Message:
        ranges = [] if self.syntax == "proto3" else self.few(self.extensions)
        return Message(
            self.name(),
            fields=self.few(lambda: self.field(mapped=True)),
            oneofs=self.few(lambda: self.oneof(depth - 1)),
            groups=self.groups(depth - 1),
            messages=self.few(lambda: self.message(depth - 1)) if depth > 0 else [],
            enums=self.few(self.enum),
            extends=self.few(self.extend),
            extensions=ranges,
            reserved=self.reserved(least=1),
            options=self.options(),
        )

    def extensions(self) -> Extensions:
        return Extensions(self.few(lambda: self.range(least=1), least=1), self.options())

    def extend(self) -> Extend:
        return Extend(self.chance.choice(("Known", ".p.q.Known")), self.few(self.field, least=1))

    def constant(self) -> EnumValue:
        number = self.chance.choice((0, 0, 1, -1, 2**31 - 1, -(2**31)))
        return EnumValue(self.name(), number, self.options())

    def enum(self) -> EnumType:
        values = self.few(self.constant)
        return EnumType(self.name(), values, self.reserved(least=-5), self.options())

    def rpc(self) -> Rpc:
        request, response = self.chance.choices(("Known", ".p.q.Known", "p.q.Known"), k=2)
        streams = self.chance.choices((True, False), k=2)
        return Rpc(self.name(), request, response, *streams, self.options())

    def file(self) -> File:
        kinds: tuple[ImportKind, ...] = ("plain", "public", "weak")
        imports = self.few(lambda: Import(self.name(), self.chance.choice(kinds)))
        return File(
            syntax=self.syntax,
            package="p.q",
            imports=sorted(imports, key=lambda one: kinds.index(one.kind)),
            options=self.options(),
            messages=[Message("Known"), *self.few(lambda: self.message(1))],
            enums=self.few(self.enum),
            extends=self.few(self.extend),
            services=self.few(lambda: Service(self.name(), self.few(self.rpc), self.options())),
        )


CHANCE = st.randoms(use_true_random=True)
SYNTAXES: st.SearchStrategy[Syntax] = st.sampled_from([None, "proto2", "proto3"])


def normal(file: File) -> str:
    return print_file(normalize(file, {}), options_in_order=True)


@settings(deadline=None)
@given(CHANCE, SYNTAXES)
def test_reading_undoes_printing(chance: random.Random, syntax: Syntax) -> None:
    file = Maker(chance, syntax).file()
    assert parse(print_file(file, options_in_order=True)) == file


@settings(deadline=None)
@given(CHANCE, SYNTAXES)
def test_the_normal_form_of_a_normal_form_is_itself(chance: random.Random, syntax: Syntax) -> None:
    once = normal(Maker(chance, syntax).file())
    assert normal(parse(once)) == once


@settings(deadline=None)
@given(CHANCE, SYNTAXES)
def test_the_normal_form_does_not_depend_on_order(chance: random.Random, syntax: Syntax) -> None:
    maker = Maker(chance, syntax)
    fields = [replace(maker.field(), number=number) for number in range(1, 9)]
    reserved = [*maker.reserved(least=1), *maker.reserved(least=1)]
    imports = maker.few(lambda: Import(maker.name()), least=1)

    def file(shuffle: Callable[[list[Any]], list[Any]]) -> File:
        message = Message("Known", shuffle(fields), reserved=shuffle(reserved))
        return File(package="p.q", imports=shuffle(imports), messages=[message])

    assert normal(file(lambda items: chance.sample(items, len(items)))) == normal(file(list))


WORDS = """
    syntax edition package import public weak option message enum service rpc returns stream oneof
    map group reserved extensions to max extend optional required repeated export local default
    json_name true M string int32 inf nan a.b .a "proto2" "proto3" "2023" "2024" "s" 's'
    1 -1 0x1F 017 09 1.5 1e5 = ; < , > { } [ ] ( ) : . - / @ " /* */ // "\\x41" "\\q" \x01 é
"""
FRAGMENTS = st.sampled_from([*re.split(r"\s+", WORDS.strip()), "\0", "\n", "\ufeff", "\ud800"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=40).map(" ".join)))
def test_any_text_gives_a_schema_or_a_refusal(text: str) -> None:
    read_or_refuse(text)


@settings(deadline=None)
@given(CHANCE, SYNTAXES, st.lists(FRAGMENTS, max_size=3))
def test_damaged_files_give_a_schema_or_a_refusal(
    chance: random.Random, syntax: Syntax, fragments: list[str]
) -> None:
    words = print_file(Maker(chance, syntax).file()).split(" ")
    at = chance.randrange(len(words))
    words[at : at + chance.randrange(3)] = fragments
    read_or_refuse(" ".join(words))


def read_or_refuse(text: str) -> None:
    for new in (True, False):
        try:
            schema = parse_schema(text, new=new)
        except InvalidSchema:
            continue
        assert parse_schema(schema.text, new=False).text == schema.text
