"""/compatibility with `verbose`: the reasons word for word, and what groups and policies change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.case import Case, avro, ok, post, refused, register
from contract.texts import AS_JSON, JSON, ONE, PROTO, STRICT, STRING, TWO, body, config, level

if TYPE_CHECKING:
    from contract.case import Ask, Gives

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ALL = "POST /compatibility/subjects/{subject}/versions"
VERSION = f"{ALL}/{{version}}"
REGISTER = "POST /subjects/{subject}/versions"
YES = ok({"is_compatible": True, "messages": []})


def no(*messages: str) -> Gives:
    return ok({"is_compatible": False, "messages": list(messages)})


def shown(number: int, text: str) -> tuple[str, str]:
    return f"{{oldSchemaVersion: {number}}}", f"{{oldSchema: '{text}'}}"


def closing(name: str = "BACKWARD", fields: str = "false") -> str:
    return f"{{validateFields: '{fields}', compatibility: '{name}'}}"


def refusal(*messages: str) -> Gives:
    start = "Schema being registered is incompatible with an earlier schema for subject"
    return refused(409, 40901, f'{start} "s", details: [{", ".join(messages)}]')


def case(title: str, json: Any, messages: tuple[str, ...], *before: Ask) -> tuple[Case, ...]:
    """Ask in words about the latest version, about all, and by trying to register."""
    path = "/compatibility/subjects/s/versions"
    gives = no(*messages) if messages else YES
    tested = (
        Case(ALL, title, post(f"{path}?verbose=true", json), gives, before),
        Case(VERSION, title, post(f"{path}/latest?verbose=true", json), gives, before),
    )
    if not messages:
        return tested
    registered = Case(REGISTER, f"incompatible: {title}", post("/subjects/s/versions", json),
                      refusal(*messages), before)
    return (*tested, registered)


def record(field_type: str, name: str = "R", default: str = "") -> str:
    tail = f',"default":{default}' if default else ""
    return (f'{{"type":"record","name":"{name}","fields":'
            f'[{{"name":"a","type":{field_type}{tail}}}]}}')


def message(kind: str, description: str, info: str) -> str:
    return f"{{errorType:'{kind}', description:'{description}', additionalInfo:'{info}'}}"


def missing_default(name: str, at: int, reader: str = "new", writer: str = "old") -> str:
    return message(
        "READER_FIELD_MISSING_DEFAULT_VALUE",
        f"The field '{name}' at path '/fields/{at}' in the {reader} schema has no default value "
        f"and is missing in the {writer} schema", name)


def mismatch(path: str, info: str, reader: str = "new", writer: str = "old") -> str:
    return message(
        "TYPE_MISMATCH",
        f"The type (path '{path}') of a field in the {reader} schema does not match with the "
        f"{writer} schema", info)


def enum(*symbols: str) -> str:
    listed = ",".join(f'"{symbol}"' for symbol in symbols)
    return f'{{"type":"enum","name":"E","symbols":[{listed}]}}'


def fixed(size: int) -> str:
    return f'{{"type":"fixed","name":"F","size":{size}}}'


LONG_FIELD, INT_FIELD = record('"long"'), record('"int"')
INT_LONG = "reader type: INT not compatible with writer type: LONG"

# title: old, new, what is wrong with it
REASONS = {
    "a field without a default": (ONE, STRICT, missing_default("z", 1)),
    "a narrower field": (LONG_FIELD, INT_FIELD, mismatch("/fields/0/type", INT_LONG)),
    "a narrower type": ('"long"', '"int"', mismatch("/", INT_LONG)),
    "another name": (record('"int"'), record('"int"', "S"), message(
        "NAME_MISMATCH", "The name of the schema has changed (path '/name')", "expected: R")),
    "another size": (fixed(8), fixed(4), message(
        "FIXED_SIZE_MISMATCH",
        "The size of FIXED type field at path '/size' in the new schema does not match with the "
        "old schema", "expected: 8, found: 4")),
    "symbols less": (enum("A", "B", "C"), enum("A"), message(
        "MISSING_ENUM_SYMBOLS",
        "The new schema is missing enum symbols '[B, C]' at path '/symbols' in the old schema",
        "[B, C]")),
    "a branch less": ('["null","string"]', '["null","int"]', message(
        "MISSING_UNION_BRANCH",
        "The new schema is missing a type inside a union field at path '/1' in the old schema",
        "reader union lacking writer type: STRING")),
    "symbols less inside a record": (record(enum("A", "B")), record(enum("A")), message(
        "MISSING_ENUM_SYMBOLS",
        "The new schema is missing enum symbols '[B]' at path '/fields/0/type/symbols' in the old "
        "schema", "[B]")),
}

WORDS = tuple(
    one
    for title, (old, new, reason) in REASONS.items()
    for one in case(title, body(new), (reason, *shown(1, old), closing()), register("s", old))
)

BIG = record('"string"', default=f'"{"x" * 10240}"')
NOTHING = avro()
TWICE = (missing_default("y", 1), missing_default("z", 2))
FORWARD_ONLY = missing_default("a", 0, "old", "new")
HISTORY = (register("s", ONE), register("s", TWO))

LAYOUT = (
    *case("two reasons", body(avro("a", "y", "z")), (*TWICE, *shown(1, ONE), closing()),
          register("s", ONE)),
    *case("the version that fails", body(STRICT), (missing_default("z", 1), *shown(2, TWO),
          closing()), *HISTORY),
    Case(VERSION, "an earlier version that fails",
         post("/compatibility/subjects/s/versions/1?verbose=true", body(STRICT)),
         no(missing_default("z", 1), *shown(1, ONE), closing()), HISTORY),
    *case("forward", body(NOTHING), (FORWARD_ONLY, *shown(1, ONE), closing("FORWARD")),
          register("s", ONE), level("FORWARD")),
    *case("full: only the forward half fails", body(NOTHING), (FORWARD_ONLY, closing("FULL")),
          register("s", ONE), level("FULL")),
    *case("full: only the backward half fails", body(STRICT),
          (missing_default("z", 1), *shown(1, ONE), closing("FULL")), register("s", ONE),
          level("FULL")),
    *case("full: forward before backward", body(avro("z")),
          (FORWARD_ONLY, missing_default("z", 0), *shown(1, ONE), closing("FULL")),
          register("s", ONE), level("FULL")),
    *case("a long old schema is cut", body(record('"int"')), (
        mismatch("/fields/0/type", "reader type: INT not compatible with writer type: STRING"),
        "{oldSchemaVersion: 1}", f"{{oldSchema: <truncated> '{BIG[:10240]}...'}}", closing()),
        register("s", BIG)),
    *case("another type", body(JSON, **AS_JSON),
          ("Incompatible because of different schema type", closing()), register("s", ONE)),
    Case(ALL, "transitive: the newest that fails, and no further",
         post("/compatibility/subjects/s/versions?verbose=true", body(avro("a", "z"))),
         no(missing_default("z", 1), *shown(2, TWO), closing("BACKWARD_TRANSITIVE")),
         (*HISTORY, register("s", avro("a", "z=1")), level("BACKWARD_TRANSITIVE"))),
    Case(VERSION, "transitive: only the version asked about",
         post("/compatibility/subjects/s/versions/3?verbose=true", body(avro("a", "z"))), YES,
         (*HISTORY, register("s", avro("a", "z=1")), level("BACKWARD_TRANSITIVE"))),
    *case("true in any case", body(TWO), (), register("s", ONE)),
    Case(ALL, "in words in any case",
         post("/compatibility/subjects/s/versions?verbose=TrUe", body(TWO)), YES, HISTORY),
)

DATE = '{"type":"int","logicalType":"date"}'
POLICIES = (
    *(one for name in ("STRICT", "LENIENT") for one in case(
        f"{name} does not look at meanings", body(record(DATE)), (), register("s", INT_FIELD),
        config("s", compatibilityPolicy=name))),
    *(Case(route, "LOGICAL looks at meanings", post(path, body(record(DATE))),
           ok({"is_compatible": False}),
           (register("s", INT_FIELD), config("s", compatibilityPolicy="LOGICAL")))
      for route, path in ((ALL, "/compatibility/subjects/s/versions"),
                          (VERSION, "/compatibility/subjects/s/versions/1"))),
    *case("an unknown policy is STRICT", body(record(DATE)), (), register("s", INT_FIELD),
          config("s", compatibilityPolicy="SOME")),
    *case("LENIENT forgives nothing in Avro", body(STRICT),
          (missing_default("z", 1), *shown(1, ONE), closing()), register("s", ONE),
          config("s", compatibilityPolicy="LENIENT")),
)


def major(number: str) -> dict[str, Any]:
    return {"metadata": {"properties": {"major": number}}}


BY_MAJOR = config("s", compatibilityGroup="major")
GROUPED = (register("s", ONE, **major("1")), BY_MAJOR)
TWO_GROUPS = (*GROUPED, register("s", STRING, **major("2")))

GROUPS = (
    *case("a group of its own", body(STRING, **major("2")), (), *GROUPED),
    *case("the same group", body(STRICT, **major("1")),
          (missing_default("z", 1), *shown(1, ONE), closing()), *GROUPED),
    Case(ALL, "the newest of the group",
         post("/compatibility/subjects/s/versions?verbose=true", body(STRICT, **major("1"))),
         no(missing_default("z", 1), *shown(1, ONE), closing()), TWO_GROUPS),
    Case(VERSION, "a version of another group",
         post("/compatibility/subjects/s/versions/2?verbose=true", body(STRICT, **major("1"))),
         YES, TWO_GROUPS),
    *case("no property is a group too", body(STRING), (), *GROUPED)[:2],
    *case("no property on either side", body(STRICT),
          (missing_default("z", 1), *shown(1, ONE), closing()), register("s", ONE), BY_MAJOR),
)


def reserving(names: str) -> dict[str, Any]:
    return {"metadata": {"properties": {"confluent:reserved": names}}}


REMOVED = ("The new schema has reserved field z removed from its metadata which is present in the "
           "old schema's metadata.")
CONFLICT = "The new schema has field that conflicts with the reserved field b."
CHECKED = config("s", validateFields=True)
RESERVED = (register("s", ONE, **reserving("z")), CHECKED)
DOLLARS = '{"type":"object","properties":{"$$a":{"type":"string"}}}'
NO_DOLLARS = refused(422, 42201, "Field names cannot start with $$ prefix")

FIELDS = (
    *case("a name is reserved no more", body(TWO, **reserving("y")),
          (REMOVED, closing(fields="true")), *RESERVED),
    *case("a reserved name is used", body(TWO, **reserving("b,z")),
          (CONFLICT, closing(fields="true")), *RESERVED),
    *case("both, and a reason of the format", body(avro("a", "b", "q"), **reserving("b, c")),
          (REMOVED, CONFLICT, missing_default("b", 1), missing_default("q", 2), *shown(1, ONE),
           closing(fields="true")), *RESERVED),
    *case("reserved names are kept", body(TWO, **reserving("z, y")), (), *RESERVED),
    *case("not looked at unless asked", body(TWO, **reserving("b")), (),
          register("s", ONE, **reserving("z"))),
    *case("asked for all", body(TWO, **reserving("b,z")), (CONFLICT, closing(fields="true")),
          register("s", ONE, **reserving("z")), config(validateFields=True)),
    *(Case(ALL, f"names with dollars: {title}",
           post("/compatibility/subjects/s/versions", body(DOLLARS, **AS_JSON)), gives, before)
      for title, gives, before in (
          ("refused", NO_DOLLARS, (CHECKED,)),
          ("not looked at unless asked", ok({"is_compatible": True}), ()))),
    Case(ALL, "names with dollars: refused where the server says so",
         post("/compatibility/subjects/s/versions", body(DOLLARS, **AS_JSON)), NO_DOLLARS,
         settings={"validate_fields": True}),
    Case(ALL, "names with dollars: taken where the subject says so",
         post("/compatibility/subjects/s/versions", body(DOLLARS, **AS_JSON)),
         ok({"is_compatible": True}), (config("s", validateFields=False),),
         settings={"validate_fields": True}),
)


AS_PROTO = {"schemaType": "PROTOBUF"}
WIDER_JSON = '{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}'
CLOSED_JSON = JSON.replace('"type":"object"', '"type":"object","additionalProperties":false', 1)
CHANGED_PROTO = PROTO.replace("string a = 1", "int32 a = 1")
WIDER_PROTO = PROTO.replace("}", "  int32 b = 2;\n}")


def json_message(kind: str, description: str) -> str:
    return f"{{errorType:\"{kind}\", description:\"{description}'}}"


def proto_message(kind: str, description: str) -> str:
    return f'{{errorType:"{kind}", description:"{description}"}}'


OPEN_ADDED = json_message(
    "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
    "The new schema has an open content model and has a property or item at path "
    "'#/properties/b' which is missing in the old schema")
SCALAR_CHANGED = proto_message(
    "FIELD_SCALAR_KIND_CHANGED",
    "The kind of a SCALAR field at path '#/M/1' in the new schema does not match its kind in the "
    "old schema")
HAS_JSON, HAS_PROTO = register("s", JSON, **AS_JSON), register("s", PROTO, **AS_PROTO)
FORMATS = (
    *case("JSON Schema: a property added to an open object", body(WIDER_JSON, **AS_JSON),
          (OPEN_ADDED, *shown(1, JSON), closing()), HAS_JSON),
    *case("JSON Schema: the same, leniently", body(WIDER_JSON, **AS_JSON), (), HAS_JSON,
          config("s", compatibilityPolicy="LENIENT")),
    *case("JSON Schema: the same, to a closed object", body(WIDER_JSON, **AS_JSON), (),
          register("s", CLOSED_JSON, **AS_JSON)),
    *case("Protobuf: another scalar", body(CHANGED_PROTO, **AS_PROTO),
          (SCALAR_CHANGED, *shown(1, PROTO), closing()), HAS_PROTO),
    *case("Protobuf: a field added", body(WIDER_PROTO, **AS_PROTO), (), HAS_PROTO),
)

CASES = (*WORDS, *LAYOUT, *POLICIES, *GROUPS, *FIELDS, *FORMATS)
