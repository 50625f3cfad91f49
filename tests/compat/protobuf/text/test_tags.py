"""Tags inside Protobuf schemas."""

from __future__ import annotations

import pytest

from compat.errors import InvalidSchema
from compat.protobuf import parse
from compat.schema import EntityTags

TAGGED = """
syntax = "proto2"; package p; import "confluent/meta.proto";
message M {
  option (confluent.message_meta).tags = "M1";
  optional string a = 1 [(confluent.field_meta).tags = "A1", (confluent.field_meta).tags = "A2"];
  optional string b = 2 [(.confluent.field_meta) = { tags: ["B1", "B2"], doc: "d" }];
  optional string c = 3 [deprecated = true];
  oneof o { string d = 4 [(confluent.field_meta).tags = ["D1"]]; }
  repeated group G = 5 [(confluent.field_meta).tags = "G1"] {
    option (confluent.message_meta) = { tags: "G2" };
    optional string e = 1 [(confluent.field_meta).tags = "E1"];
  }
  message N { optional string f = 1 [(confluent.field_meta).tags = "F1"]; }
}
"""


def field(path: str, *tags: str) -> EntityTags:
    return EntityTags(path, "sr_field", tags)


def record(path: str, *tags: str) -> EntityTags:
    return EntityTags(path, "sr_record", tags)


def test_tags_are_found_however_they_are_written() -> None:
    assert parse(TAGGED).tags() == [
        record("p.M", "M1"),
        field("p.M.a", "A1", "A2"),
        field("p.M.b", "B1", "B2"),
        field("p.M.g", "G1"),
        record("p.M.G", "G2"),
        field("p.M.G.e", "E1"),
        field("p.M.d", "D1"),
        field("p.M.N.f", "F1"),
    ]


def test_the_normal_form_has_the_same_tags() -> None:
    schema = parse(TAGGED)
    assert schema.normalized().tags() == schema.tags()


def test_tags_are_added_and_removed_where_asked() -> None:
    schema = parse(TAGGED)
    changed = schema.retagged(
        add=[
            field("p.M.a", "A3", "A1"),
            field(".p.M.c", "C1"),
            field("p.M.d", "D2"),
            field("p.M.G.e", "E2"),
            record("p.M.N", "N1"),
        ],
        remove=[field("p.M.a", "A2"), field("p.M.g", "G1"), record("p.M", "M1", "absent")],
    )
    assert changed.tags() == [
        field("p.M.a", "A1", "A3"),
        field("p.M.b", "B1", "B2"),
        field("p.M.c", "C1"),
        record("p.M.G", "G2"),
        field("p.M.G.e", "E1", "E2"),
        field("p.M.d", "D1", "D2"),
        record("p.M.N", "N1"),
        field("p.M.N.f", "F1"),
    ]
    assert schema.tags() == parse(TAGGED).tags()
    assert parse(changed.text).text == changed.text


def test_what_else_the_options_say_stays() -> None:
    changed = parse(TAGGED).retagged(
        add=[field("p.M.c", "C1")], remove=[field("p.M.b", "B1", "B2")]
    )
    assert (
        """  optional string b = 2 [(confluent.field_meta) = {
    doc: "d"
  }];
  optional string c = 3 [
    deprecated = true,
    (confluent.field_meta) = {
      tags: [
        "C1"
      ]
    }
  ];
"""
        in changed.text
    )


def test_the_import_that_tags_need_is_added() -> None:
    plain = parse('syntax = "proto3"; message M { string a = 1; }')
    assert plain.retagged(add=[field("M.a", "T")]).text == (
        """syntax = "proto3";

import "confluent/meta.proto";

message M {
  string a = 1 [(confluent.field_meta) = {
    tags: [
      "T"
    ]
  }];
}
"""
    )
    assert plain.retagged(remove=[field("M.a", "T")]).text == plain.text


@pytest.mark.parametrize(
    "entity",
    [
        field("p.M"),
        field("p.M.absent"),
        field("M.a"),
        field("p.M.N.a"),
        record("p.M.a"),
        record("p.N"),
        record(""),
        EntityTags("p.M", "sr_else", ("T",)),
    ],
    ids=str,
)
def test_a_path_that_leads_nowhere_is_refused(entity: EntityTags) -> None:
    schema = parse(TAGGED)
    with pytest.raises(InvalidSchema) as caught:
        schema.retagged(add=[entity])
    assert caught.value.path == entity.path
    with pytest.raises(InvalidSchema):
        schema.retagged(remove=[entity])


def test_an_option_that_holds_no_message_has_no_tags() -> None:
    text = 'message M { optional string a = 1 [(confluent.field_meta) = "A"]; }'
    schema = parse(text, new=False)
    assert schema.tags() == []
    assert schema.retagged(add=[field("M.a", "T")]).tags() == [field("M.a", "T")]
