"""What can be read and what cannot, and where the fault lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf.parser import parse
from compat.protobuf.printer import print_file
from compat.protobuf.syntax import (
    Aggregate,
    Entry,
    ListValue,
    LiteralKind,
    NamePart,
    Option,
    Scalar,
    in_source_order,
)
from compat.protobuf.tokens import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTORS = Path(__file__).parent / "vectors"
CORPUS = Path(__file__).parent.parent / "corpus"


def cases(name: str) -> Iterator[tuple[str, str]]:
    """Yield the names and the contents of the cases of a file."""
    content = (VECTORS / name).read_bytes().decode()
    for case in content.split("\n== ")[1:]:
        title, _, text = case.partition("\n")
        yield title, text


ACCEPTED = dict(cases("accepted.txt"))
REFUSED = dict(cases("refused.txt"))


def refusal(text: str) -> InvalidSchema:
    with pytest.raises(InvalidSchema) as caught:
        parse(text)
    return caught.value


def faulty_line(text: str) -> int | None:
    try:
        parse(text)
    except InvalidSchema as error:
        return error.line or 0
    return None


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_text_of_the_language_is_read_and_keeps_its_meaning_in_print(text: str) -> None:
    tree = parse(text)
    printed = print_file(tree)
    assert print_file(parse(printed)) == printed


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_refused_at_its_place(case: str) -> None:
    expected, _, text = case.partition("\n")
    error = refusal(text)
    assert f"expect: {error.line}:{error.column} {error.message}" == expected


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.proto")), ids=lambda path: path.name)
def test_files_of_the_corpus_print_the_same_when_read_again(path: Path) -> None:
    printed = print_file(parse(path.read_text()))
    assert print_file(parse(printed)) == printed


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.proto")), ids=lambda path: path.name)
def test_every_beginning_of_a_file_is_read_or_refused_with_a_place(path: Path) -> None:
    text = path.read_text()
    for end in range(0, len(text), 7):
        line = faulty_line(text[:end])
        assert line is None or 1 <= line <= text[:end].count("\n") + 1


def nested(kind: str, depth: int) -> str:
    return {
        "messages": 'syntax = "proto3";' + "message M {" * depth + "}" * depth,
        "groups": "message M {" + "optional group G = 1 {" * depth + "}" * (depth + 1),
        "aggregates": "option (a) = " + "{ a: " * depth + "1" + "}" * depth + ";",
        "angles": "option (a) = { a " + "< a " * depth + ">" * depth + "};",
        "paths": "option a" + ".b" * depth + " = 1;",
        "lists": "option (a) = { a: [" + "{ a: [" * depth + "]}" * depth + "]};",
    }[kind]


@pytest.mark.parametrize("kind", ["messages", "groups", "aggregates", "angles", "paths", "lists"])
@pytest.mark.parametrize("depth", [70, 100_000])
def test_depth_is_bounded(kind: str, depth: int) -> None:
    with pytest.raises(TooComplex):
        parse(nested(kind, depth))


def test_thirty_two_messages_are_too_deep_and_thirty_one_are_not() -> None:
    parse(nested("messages", 31))
    with pytest.raises(TooComplex, match="nested deeper than 31 levels"):
        parse(nested("messages", 32))


def test_length_is_bounded() -> None:
    parse("//" + "x" * (MAX_TEXT - 2))
    with pytest.raises(TooComplex):
        parse("//" + "x" * (MAX_TEXT - 1))


@pytest.mark.parametrize(
    "text", ["\0", 'syntax = "proto3"; // \0', 'option a = "\0";', 'option a = "\ud800";']
)
def test_characters_that_no_text_has_are_refused(text: str) -> None:
    refusal(text)


def test_a_dotted_name_may_not_end_the_text() -> None:
    assert refusal("message M { optional .").message == (
        "expected the type of a field but found '.'"
    )
    assert refusal("message M { optional").message == (
        "expected the type of a field but found the end of the text"
    )


def test_lenient_reading_admits_what_other_registries_stored() -> None:
    text = """
        message M { string a = 1; reserved 5, "b", 7; oneof o { } extensions 100; }
        extend M { }
    """
    refusal(text)
    tree = parse(text, lenient=True)
    printed = print_file(tree)
    assert 'reserved 5, 7, "b";' in printed
    assert "oneof o {}" in printed
    assert print_file(parse(printed, lenient=True)) == printed


def test_nodes_know_their_place_and_their_order() -> None:
    tree = parse(
        'syntax = "proto2";\nmessage M {\n  oneof o { string a = 1; }\n'
        "  optional group G = 3 { }\n  optional string b = 2; message N { }\n}\n"
    )
    message = tree.messages[0]
    ordered = in_source_order(message.fields, message.groups, message.messages, message.oneofs)
    assert [node.name for node in ordered if not isinstance(node, Option)] == ["o", "G", "b", "N"]  # type: ignore[union-attr]
    assert tree.place(message.fields[0].at) == (5, 19)
    assert tree.place(message.fields[0].type_at) == (5, 12)
    assert tree.place(-1) is None


def test_an_option_keeps_the_parts_of_its_name_and_its_value() -> None:
    tree = parse(
        "option (a.b) . c.(.d).e = { f: -0x1F, g [ { h: 'x' } ], i < j: nan >, [k.l]: 1.f };"
    )
    (option,) = tree.options
    assert option.name == (
        NamePart("a.b", is_extension=True),
        NamePart("c"),
        NamePart(".d", is_extension=True),
        NamePart("e"),
    )
    assert option.dotted == "(a.b).c.(.d).e"
    assert option.value == Aggregate(
        [
            Entry("f", Scalar(LiteralKind.INTEGER, "-0x1F")),
            Entry("g", ListValue([Aggregate([Entry("h", Scalar(LiteralKind.STRING, "x"))])])),
            Entry("i", Aggregate([Entry("j", Scalar(LiteralKind.IDENTIFIER, "nan"))])),
            Entry("[k.l]", Scalar(LiteralKind.FLOAT, "1.f")),
        ]
    )


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"'a' \"b\"", None),
        (r"'a' 'b'", "ab"),
        (r"'\x41\101\u0041\U00000041'", "AAAA"),
        (r"'\ud83d\ude00'", "\N{GRINNING FACE}"),
        (r"'\ud83d'", "\udced\udca0\udcbd"),
        (r"'\303' '\251'", "é"),
        (r"'\377'", "\udcff"),
        (r"'\400'", "\0"),
        (r"'\?\\'", "?\\"),
        (r"'\U00110000'", None),
    ],
)
def test_strings_mean_bytes(literal: str, value: str | None) -> None:
    text = f"option a = {literal};"
    if value is None:
        refusal(text)
    else:
        assert parse(text).options[0].value == Scalar(LiteralKind.STRING, value)
