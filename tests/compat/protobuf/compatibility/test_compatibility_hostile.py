"""Schemas made to be hard to compare: each gets its answer, in steps that grow with its size."""

from __future__ import annotations

import itertools

import pytest

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import BREAKING, Kind, ProtobufSchema, differ, differences, parse, witness
from compat.protobuf.differ import Differ
from compat.protobuf.findings import MAX_REPEATED
from compat.schema import Resolved

HEAD = 'syntax = "proto3";\n'
ROOT = HEAD + 'import "net.proto"; message Root { net.M0 first = 1; }'


def with_net(text: str, version: int, own: str = ROOT) -> ProtobufSchema:
    return parse(own, [Resolved("net.proto", "net", version, text)], new=False)


def chain(length: int, last: str) -> str:
    links = "".join(
        f"message M{index} {{ M{index + 1} left = 1; M{index + 1} right = 2; }}\n"
        for index in range(length)
    )
    return f"{HEAD}package net;\n{links}message M{length} {{ {last} }}"


def steps(reader: ProtobufSchema, writer: ProtobufSchema, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the steps that two schemas take to compare."""
    taken = []
    spend = Differ._spend  # noqa: SLF001 - the steps are counted nowhere else

    def counted(walk: Differ, count: int) -> None:
        taken.append(count)
        spend(walk, count)

    with monkeypatch.context() as patch:
        patch.setattr(Differ, "_spend", counted)
        differences(reader=reader, writer=writer)
    return sum(taken)


def test_two_fields_to_each_next_message_do_not_double_the_work() -> None:
    """There are 2^2000 ways through the messages, and one finding at the end of all."""
    reader = with_net(chain(2000, "string a = 1;"), 2)
    writer = with_net(chain(2000, "int32 a = 1;"), 1)
    found = differences(reader=reader, writer=writer)
    kinds = [finding.kind for finding in found]
    assert kinds[0] is Kind.FIELD_SCALAR_KIND_CHANGED
    assert kinds[-1] is Kind.FIELD_NAMED_TYPE_CHANGED
    assert found[-1].path == "#/Root/1"
    assert len(found) <= 2 * 2001 + MAX_REPEATED


def test_a_finding_told_again_stands_where_a_field_leads_to_it() -> None:
    reader = with_net(chain(1, "string a = 1;"), 2)
    writer = with_net(chain(1, "int32 a = 1;"), 1)
    assert [
        (finding.kind, finding.path) for finding in differences(reader=reader, writer=writer)
    ] == [
        (Kind.FIELD_SCALAR_KIND_CHANGED, "#/M1/1"),
        (Kind.FIELD_NAMED_TYPE_CHANGED, "#/M0/1"),
        (Kind.FIELD_SCALAR_KIND_CHANGED, "#/M1/1"),
        (Kind.FIELD_NAMED_TYPE_CHANGED, "#/M0/2"),
        (Kind.FIELD_NAMED_TYPE_CHANGED, "#/Root/1"),
    ]


def test_a_late_finding_is_not_crowded_out_by_thousands_of_harmless_ones() -> None:
    old = " ".join(f"int32 a{number} = {number};" for number in range(1, 4000))
    new = " ".join(f"int32 b{number} = {number};" for number in range(1, 3999))
    found = differences(
        reader=parse(f"{HEAD}message M {{ {new} string z = 3999; }}", new=False),
        writer=parse(f"{HEAD}message M {{ {old} }}", new=False),
    )
    assert [finding.path for finding in found if finding.kind in BREAKING["STRICT"]] == ["#/M/3999"]


def test_messages_that_all_lead_to_each_other() -> None:
    def net(kind: str) -> str:
        size = range(40)
        inside = " ".join(f"M{index} f{index} = {index + 1};" for index in size)
        bodies = "".join(f"message M{index} {{ {inside} }}\n" for index in size[1:])
        return f"{HEAD}package net;\nmessage M0 {{ {inside} {kind} z = 99; }}\n{bodies}"

    found = differences(reader=with_net(net("string"), 2), writer=with_net(net("int32"), 1))
    assert {finding.kind for finding in found} == {
        Kind.FIELD_SCALAR_KIND_CHANGED,
        Kind.FIELD_NAMED_TYPE_CHANGED,
    }


def test_files_that_import_each_other() -> None:
    """No new schema may; what was stored is compared all the same."""
    ours = HEAD + 'import "a.proto"; message Root { A a = 1; }'
    files = {
        "a.proto": HEAD + 'import "b.proto"; message A { B b = 1; }',
        "b.proto": HEAD + 'import "a.proto"; message B { A a = 1; int32 x = 2; }',
    }
    schemas = [
        parse(
            ours,
            [
                Resolved(path, path, version, text.replace("int32", kind))
                for path, text in files.items()
            ],
            new=False,
        )
        for version, kind in ((1, "int32"), (2, "string"))
    ]
    found = differences(reader=schemas[1], writer=schemas[0])
    assert [(finding.kind, finding.path) for finding in found] == [
        (Kind.FIELD_SCALAR_KIND_CHANGED, "#/B/2"),
        (Kind.FIELD_NAMED_TYPE_CHANGED, "#/A/1"),
        (Kind.FIELD_NAMED_TYPE_CHANGED, "#/Root/1"),
    ]
    for finding in found:
        told = witness(finding, reader=schemas[1], writer=schemas[0])
        assert (
            told == "one of the schemas does not compile: a.proto imports itself, directly or "
            "through others"
        )


def test_a_message_in_itself() -> None:
    text = HEAD + "message M { M left = 1; M right = 2; map<string, M> more = 3; int32 x = 4; }"
    found = differences(reader=parse(text.replace("int32", "string")), writer=parse(text))
    assert [(finding.kind, finding.path) for finding in found] == [
        (Kind.FIELD_SCALAR_KIND_CHANGED, "#/M/4")
    ]


def test_the_deepest_nesting_there_is() -> None:
    def nested(kind: str) -> str:
        depth = 31
        opening = "".join(f"message M{index} {{ " for index in range(depth))
        return f"{HEAD}{opening}{kind} a = 1; {'}' * depth}"

    (finding,) = differences(reader=parse(nested("string")), writer=parse(nested("int32")))
    assert finding.path.count("/") == 32


@pytest.mark.parametrize(
    "line",
    [
        "int32 {name} = {number};",
        "repeated N {name} = {number};",
        "E {name} = {number};",
        "map<string, E> {name} = {number};",
        "oneof o{number} {{ int32 {name} = {number}; }}",
    ],
)
def test_the_steps_grow_as_the_fields_do(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def schema(size: int, name: str) -> ProtobufSchema:
        body = "\n".join(
            line.format(name=f"{name}{number}", number=number) for number in range(1, size + 1)
        )
        return parse(f"{HEAD}message M {{ {body} }} message N {{}} enum E {{ A = 0; }}", new=False)

    one, ten = (steps(schema(size, "a"), schema(size, "b"), monkeypatch) for size in (300, 3000))
    assert 9 * one <= ten <= 11 * one


def test_fields_of_large_enums_are_all_judged() -> None:
    values = " ".join(f"V{number} = {number};" for number in range(2000))
    net = f'syntax = "proto2"; package net; enum E {{ {values} }}'
    uses = " ".join(f"optional net.E f{number} = {number};" for number in range(1, 2001))
    own = f'syntax = "proto2"; import "net.proto"; message M {{ {uses} }}'
    reader = with_net(net.replace("V1999 = 1999;", ""), 2, own)
    found = differences(reader=reader, writer=with_net(net, 1, own))
    lossy = [finding for finding in found if finding.kind is Kind.FIELD_TYPE_LOSSY]
    assert len(lossy) == 2000


def test_a_budget_ends_what_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differ, "MAX_STEPS", 100)
    small = parse(HEAD + "message M { int32 a = 1; }")
    large = parse(HEAD + "".join(f"message M{index} {{}}" for index in range(101)))
    assert differences(reader=small, writer=small) == ()
    with pytest.raises(TooComplex, match="the comparison takes more than 100 steps"):
        differences(reader=large, writer=small)


def test_what_was_stored_unchecked_is_compared() -> None:
    """Two of one name, two of one number, names that mean nothing: no new schema may."""
    texts = [
        HEAD + "message M { int32 a = 1; string b = 1; } message M { int32 c = 1; }",
        HEAD + "message M { Missing a = 1; map<string, Gone> b = 2; oneof o { int32 c = 1; } }",
        'syntax = "proto2"; message M { optional group G = 1 { optional Missing x = 1; } }',
        HEAD + "enum E {} enum F { A = 1; A = 1; } message E { E e = 1; F f = 0; }",
        HEAD + "message M { option map_entry = true; int32 a = 1; M m = 2; }",
        HEAD + "message M { reserved 5 to 2, 1 to max; } service S { rpc A (No) returns (No); }",
        'edition = "2023"; option features = { field_presence: "x" }; message M { M m = 1; }',
        "",
    ]
    for first, second in itertools.product(texts, texts):
        try:
            reader, writer = parse(first, new=False), parse(second, new=False)
        except InvalidSchema:
            continue
        for finding in differences(reader=reader, writer=writer):
            assert witness(finding, reader=reader, writer=writer)
