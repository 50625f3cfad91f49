"""What is stored for a text, and its normal form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from compat.errors import InvalidSchema
from compat.protobuf.normal import normalize
from compat.protobuf.parser import parse
from compat.protobuf.printer import print_file
from compat.protobuf.syntax import Field, File, Import, MapType, Message

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTORS = Path(__file__).parent / "vectors" / "printed.txt"
CORPUS = Path(__file__).parent.parent / "corpus"
FILES = {path.name: parse(path.read_text()) for path in sorted(CORPUS.glob("*.proto"))}


class Case(NamedTuple):
    text: str
    canonical: str
    normal: str


def cases() -> Iterator[tuple[str, Case]]:
    for case in VECTORS.read_text().removesuffix("\n").split("\n== ")[1:]:
        title, _, rest = f"{case}\n".partition("\n")
        text, _, rest = rest.partition("-- canonical\n")
        canonical, _, normal = rest.partition("-- normal\n")
        yield title, Case(text, canonical, normal)


CASES = dict(cases())


def normal(text: str) -> str:
    return print_file(normalize(parse(text), {}), options_in_order=True)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_text_has_one_canonical_form(case: Case) -> None:
    assert print_file(parse(case.text)) == case.canonical
    assert print_file(parse(case.canonical)) == case.canonical


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_text_has_one_normal_form(case: Case) -> None:
    assert normal(case.text) == case.normal
    assert normal(case.canonical) == case.normal
    assert normal(case.normal) == case.normal


@pytest.mark.parametrize("name", FILES)
def test_the_normal_form_of_a_corpus_file_is_final(name: str) -> None:
    once = print_file(normalize(FILES[name], FILES), options_in_order=True)
    again = normalize(parse(once), FILES)
    assert print_file(again, options_in_order=True) == once


ENTRY = "option map_entry = true; optional int32 key = 1; optional"
METHOD = "rpc A (Missing) returns (Missing);"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('syntax = "proto3"; message M {\n  Missing a = 1; }', (2, 3)),
        ('syntax = "proto3"; message M {\n  map<string, Missing> a = 1; }', (2, 3)),
        ('syntax = "proto3"; message M { oneof o {\n  Missing a = 1; } }', (2, 3)),
        ("message M { optional group G = 1 {\n  optional Missing a = 1; } }", (2, 12)),
        ("extend Missing { optional int32 a = 1; }", (1, 1)),
        ('syntax = "proto3"; service S { rpc A (Missing) returns (Missing); }', (1, 32)),
        (
            "message N { repeated E a = 1; message E { " + ENTRY + " Missing value = 2; } }",
            (1, 101),
        ),
        ('syntax = "proto3"; enum Missing { A = 0; } service S { ' + METHOD + " }", (1, 56)),
    ],
)
def test_a_type_that_cannot_be_resolved_has_no_normal_form(
    text: str, place: tuple[int, int]
) -> None:
    with pytest.raises(InvalidSchema, match="Could not resolve type: Missing") as caught:
        normal(text)
    assert (caught.value.line, caught.value.column) == place
    assert caught.value.stage == "validate"


def test_types_come_from_imports_and_what_they_import_publicly() -> None:
    leaf = parse('syntax = "proto3"; package leaf; message Leaf {}')
    public = parse('syntax = "proto3"; package twig; import public "leaf.proto"; message Twig {}')
    private = parse('syntax = "proto3"; package twig; import "leaf.proto"; message Twig {}')
    text = 'syntax = "proto3"; package root; import "twig.proto"; message M { leaf.Leaf a = 1; }'
    found = normalize(parse(text), {"leaf.proto": leaf, "twig.proto": public})
    assert found.messages[0].fields[0].type == ".leaf.Leaf"
    with pytest.raises(InvalidSchema, match=r"Could not resolve type: leaf\.Leaf"):
        normalize(parse(text), {"leaf.proto": leaf, "twig.proto": private})


def test_the_nearest_scope_wins() -> None:
    text = """
        syntax = "proto3"; package p;
        message A { message B {} B near = 1; .p.B far = 2; p.B also_far = 3; A.B inside = 4; }
        message B { B own = 1; }
    """
    message = normalize(parse(text), {}).messages[0]
    assert [field.type for field in message.fields] == [".p.A.B", ".p.B", ".p.B", ".p.A.B"]


def test_an_oneof_without_fields_disappears() -> None:
    tree = parse('syntax = "proto3"; message M { oneof o { } }', lenient=True)
    assert normalize(tree, {}).messages == [Message("M")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("0xfF", "255"),
        ("-0x10", "-16"),
        ("18446744073709551615", "18446744073709551615"),
        ("99999999999999999999999999999999", "99999999999999999999999999999999"),
        ("1.", "1"),
        (".25", "0.25"),
        ("-2.50", "-2.5"),
        ("100.0", "100"),
        ("1.5e3", "1500"),
        ("1E-3", "0.001"),
        ("0.0e5", "0"),
        ("0e999999999999", "0"),
        ("1e400", "1" + "0" * 400),
        ("1e401", "1e401"),
        ("1e-999999999", "1e-999999999"),
        ("1e99999999999999999999999", "1e99999999999999999999999"),
        ("-inf", "-inf"),
        ("nan", "nan"),
        ("0.1234567890123456789012345678901234567890", "0.123456789012345678901234567890123456789"),
    ],
)
def test_numbers_are_written_one_way(value: str, expected: str) -> None:
    assert normal(f"option a = {value};") == f"\noption a = {expected};\n"


def test_an_aggregate_may_have_numbers_with_a_suffix() -> None:
    assert "b: 1.5\n" in normal("option (a) = { b: 1.50f };")
    assert "b: 1.50f\n" in print_file(parse("option (a) = { b: 1.50f };"))


def test_an_option_that_several_paths_set_needs_no_definition_to_be_merged() -> None:
    text = "option (a).b.c = 1; option (a).b.d = 2; option (a).e = 3; option (a).e = 4;"
    assert normal(text) == (
        "\noption (a) = {\n  b: {\n    c: 1,\n    d: 2\n  },\n  e: [\n    3,\n    4\n  ]\n};\n"
    )


def test_imports_come_once_and_sorted() -> None:
    kinds: list[Import] = [Import("b"), Import("a"), Import("b"), Import("a", "public")]
    assert normalize(File(imports=kinds), {}).imports == [
        Import("a"),
        Import("b"),
        Import("a", "public"),
    ]


@pytest.mark.parametrize(
    ("label", "option", "value"),
    [
        ("repeated", "deprecated = true", "optional M value = 2;"),
        ("repeated", "map_entry = false", "optional M value = 2;"),
        ("repeated", "map_entry = true", ""),
        ("repeated", "map_entry = true", "map<int32, M> value = 2;"),
        ("optional", "map_entry = true", "optional M value = 2;"),
    ],
)
def test_what_only_resembles_a_map_entry_stays_a_message(
    label: str, option: str, value: str
) -> None:
    entry = f"message E {{ option {option}; optional int32 key = 1; {value} }}"
    message = normalize(parse(f"message M {{ {label} E a = 1; {entry} }}"), {}).messages[0]
    assert message.fields[0].type == ".M.E"
    assert [nested.name for nested in message.messages] == ["E"]


def test_the_members_of_a_map_entry_may_stand_in_any_order() -> None:
    text = (
        "message M { repeated M.E a = 1; message E { option map_entry = true;"
        " optional M value = 2; optional int32 key = 1; } }"
    )
    message = normalize(parse(text), {}).messages[0]
    assert message == Message("M", [Field(None, MapType("int32", ".M"), "a", 1)])
