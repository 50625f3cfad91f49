"""A Protobuf schema as the service sees it."""

from __future__ import annotations

import base64

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from compat import avro
from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import parse
from compat.protobuf.tokens import MAX_TEXT
from compat.schema import ParsedSchema, Resolved, SchemaType

ORDER = """syntax = "proto3";
package shop;

import "item.proto";

message Order {
  string id = 1;
  shop.Item item = 2;

  oneof payment {
    string card = 3;
    int32 cash = 4;
  }
}
"""
ITEM = Resolved("item.proto", "item", 1, 'syntax = "proto3"; package shop; message Item {}')


def test_a_schema_has_what_the_service_asks_for() -> None:
    schema: ParsedSchema = parse(ORDER, [ITEM])
    assert schema.type is SchemaType.PROTOBUF
    assert schema.text == ORDER
    assert schema.references == (ITEM,)
    assert schema.record_name == "shop.Order"
    assert schema.top_level_fields() == {"id", "item", "card", "cash"}
    assert schema.tags() == []


def test_a_faulty_text_is_refused_in_the_words_of_the_text_parser() -> None:
    with pytest.raises(InvalidSchema) as caught:
        parse("message M {\n  optional }")
    error = caught.value
    assert error.stage == "parse"
    assert str(error) == (
        "Could not parse Protobuf - expected the type of a field but found '}' (line 2, column 12)"
    )


@pytest.mark.parametrize("new", [True, False])
def test_a_descriptor_is_read_where_a_text_is_not(new: bool) -> None:
    proto = FileDescriptorProto(name="any.proto", syntax="proto3", package="p")
    proto.message_type.add(name="M").field.add(name="a", number=1, type=9, label=1, json_name="a")
    encoded = base64.b64encode(proto.SerializeToString()).decode()
    schema = parse(encoded, new=new)
    assert schema.text == (
        'syntax = "proto3";\npackage p;\n\nmessage M {\n  string a = 1 [json_name = "a"];\n}\n'
    )
    served = FileDescriptorProto.FromString(base64.b64decode(schema.rendered("serialized")))
    proto.name = "default"
    assert served == proto


def test_a_text_too_long_is_not_taken_for_a_descriptor() -> None:
    with pytest.raises(TooComplex):
        parse("A" * (MAX_TEXT + 1))


@pytest.mark.parametrize(
    "text",
    [
        'syntax = "proto3"; message M { Missing a = 1; }',
        'syntax = "proto3"; message M { string a = 1; string b = 1; }',
        'syntax = "proto3"; enum E { A = 1; }',
        'syntax = "proto3"; import "absent.proto"; message M { absent.M a = 1; }',
    ],
)
def test_only_a_new_schema_keeps_the_rules_of_the_language(text: str) -> None:
    with pytest.raises(InvalidSchema) as caught:
        parse(text)
    assert caught.value.stage == "validate"
    assert parse(text, new=False).text


def test_what_other_registries_stored_is_read_but_not_registered() -> None:
    text = "message M { string a = 1; }"
    with pytest.raises(InvalidSchema, match="expected 'required', 'optional' or 'repeated'"):
        parse(text)
    assert parse(text, new=False).text == "\nmessage M {\n  string a = 1;\n}\n"


def test_a_text_that_would_be_too_long_in_print_is_refused() -> None:
    with pytest.raises(TooComplex):
        parse("option(a)={" + "a:1 " * (MAX_TEXT // 5) + "};", new=False)


def test_a_reference_that_cannot_be_read_is_named() -> None:
    broken = Resolved("item.proto", "item", 1, "mess")
    with pytest.raises(InvalidSchema, match=r"The reference item\.proto is invalid: expected"):
        parse(ORDER, [broken])


def test_a_type_counts_only_if_its_file_is_imported() -> None:
    text = ORDER.replace('import "item.proto";\n', "")
    with pytest.raises(InvalidSchema, match=r"Could not resolve type: shop\.Item"):
        parse(text, [ITEM])


def test_bundled_files_need_no_reference() -> None:
    schema = parse(
        'syntax = "proto3"; import "google/protobuf/timestamp.proto";'
        'import "google/type/date.proto"; import "confluent/type/decimal.proto";'
        "message M { google.protobuf.Timestamp a = 1; google.type.Date b = 2;"
        " confluent.type.Decimal c = 3; }"
    )
    types = [field.type for field in schema.normalized().file.messages[0].fields]
    assert types == [".google.protobuf.Timestamp", ".google.type.Date", ".confluent.type.Decimal"]


class TestRecordName:
    def name(self, text: str, *references: Resolved) -> str | None:
        return parse(text, references, new=False).record_name

    def test_it_is_the_first_message_with_the_package(self) -> None:
        assert self.name("package a.b; enum E { V = 0; } message M {} message N {}") == "a.b.M"
        assert self.name("message M {}") == "M"

    def test_it_is_the_first_enum_when_there_is_no_message(self) -> None:
        assert self.name("package a; enum E { V = 0; } enum F { W = 0; }") == "a.E"

    def test_it_is_found_through_public_imports(self) -> None:
        leaf = Resolved("leaf.proto", "leaf", 1, "package l; message Leaf {}")
        twig = Resolved("twig.proto", "twig", 1, 'package t; import public "leaf.proto";')
        root = 'package r; import "leaf.proto"; import public "twig.proto";'
        assert self.name(root, leaf, twig) == "l.Leaf"

    def test_there_may_be_none(self) -> None:
        assert self.name("package a;") is None
        assert self.name('import public "absent.proto";') is None

    def test_files_that_import_each_other_have_none(self) -> None:
        one = Resolved("one.proto", "one", 1, 'import public "two.proto";')
        two = Resolved("two.proto", "two", 1, 'import public "one.proto";')
        assert self.name('import public "one.proto";', one, two) is None


class TestMatching:
    def test_comments_and_layout_do_not_count(self) -> None:
        other = ORDER.replace("string id = 1;", "/* the id */ string id=1 ;")
        assert parse(ORDER, [ITEM]).matches(parse(other, [ITEM]))

    def test_the_order_of_fields_counts_until_both_are_normal(self) -> None:
        one = parse('syntax = "proto3"; message M { string a = 1; string b = 2; }')
        two = parse('syntax = "proto3"; message M { string b = 2; string a = 1; }')
        assert not one.matches(two)
        assert one.normalized().matches(two.normalized())

    def test_a_normal_form_matches_itself_read_from_storage(self) -> None:
        text = 'message M { optional string a = 1 [json_name = "z", jstype = JS_STRING]; }'
        normal = parse(text, new=False).normalized()
        stored = parse(normal.text, new=False)
        assert stored.text != normal.text
        assert stored.matches(normal)
        assert normal.matches(stored)

    def test_schemas_of_other_formats_never_match(self) -> None:
        assert not parse('syntax = "proto3";').matches(avro.parse('"string"'))


def test_normalising_twice_changes_nothing() -> None:
    normal = parse(ORDER, [ITEM]).normalized()
    assert normal.normalized() is normal
    assert "  .shop.Item item = 2;" in normal.text
    assert normal.references == (ITEM,)


class TestRendering:
    def test_unknown_forms_are_canonical(self) -> None:
        schema = parse(ORDER, [ITEM])
        assert schema.rendered("") == schema.rendered("default") == schema.rendered("x") == ORDER

    def test_serialized_depends_on_the_canonical_text_alone(self) -> None:
        one = parse('syntax = "proto3"; message M { oneof o { string a = 1; } string b = 2; }')
        two = parse(one.text)
        assert one.rendered("serialized") == two.rendered("serialized")
        served = FileDescriptorProto.FromString(base64.b64decode(one.rendered("serialized")))
        assert [field.name for field in served.message_type[0].field] == ["b", "a"]
        assert served.name == "default"

    def test_serialized_can_be_registered_again(self) -> None:
        schema = parse(ORDER, [ITEM])
        again = parse(schema.rendered("serialized"), [ITEM])
        assert again.normalized().rendered("serialized") is not None
        assert again.record_name == schema.record_name
        assert parse(again.text, [ITEM], new=False).text == again.text

    def test_extensions_can_be_ignored(self) -> None:
        schema = parse(
            """syntax = "proto2"; package p; import "google/protobuf/descriptor.proto";
            import "confluent/meta.proto";
            option (f) = "x"; option java_package = "j";
            extend google.protobuf.FileOptions { optional string f = 50000; }
            extend google.protobuf.FieldOptions { optional string g = 50000; }
            message M {
              extensions 5 to 9;
              extend M { optional string e = 5; }
              option deprecated = true;
              repeated int32 a = 1 [(g) = "", packed = true, (confluent.field_meta).doc = ""];
              oneof o { string b = 2 [(g) = "x"]; }
              optional group G = 4 [(g) = "x"] { optional string c = 1 [(g) = "x"]; }
              enum E { Z = 0; }
              message N { optional string d = 1 [(.p.g) = "x"]; }
            }
            service S { rpc A (M) returns (M) { option deprecated = true; } }
            """
        )
        assert schema.rendered("ignore_extensions") == (
            """syntax = "proto2";
package p;

import "google/protobuf/descriptor.proto";
import "confluent/meta.proto";

option java_package = "j";

message M {
  option deprecated = true;

  repeated int32 a = 1 [
    packed = true,
    (confluent.field_meta).doc = ""
  ];

  oneof o {
    string b = 2;
  }

  optional group G = 4 {
    optional string c = 1;
  }

  message N {
    optional string d = 1;
  }
  enum E {
    Z = 0;
  }
}

service S {
  rpc A (M) returns (M) {
    option deprecated = true;
  };
}
"""
        )
