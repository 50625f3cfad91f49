"""Rules over Protobuf messages: the same fields, values and results in both libraries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UTC = dt.UTC


def person(classes: Any) -> Any:
    """Build a message with something in most fields."""
    made = classes["annotated.Person"](
        name="ann",
        age=3,
        mails=["a@x", "b@x"],
        codes={"k": "v"},
        boss={"name": "eve", "away": True, "pets": [{"name": "rex", "meals": 2}]},
        pets=[{"name": "tom", "meals": 1}, {"name": "kit"}],
        rooms={"r": {"name": "bo", "meals": 3}},
        salary={"value": b"\x04\xd2", "precision": 4, "scale": 2},
        born={"seconds": 5, "nanos": 7},
        away=True,
        bonuses=[{"value": b"\x01"}, {"value": b"\x02"}],
        phone="1",
        kind="KIND_NICE",
        height=1.5,
        face=b"\x01",
    )
    made.boss.nick = "e"
    return made


def changed(value: Any) -> Any:
    """Return another value of the same kind; a decimal or a moment for those of messages."""
    name = getattr(getattr(value, "DESCRIPTOR", None), "full_name", None)
    if name == "confluent.type.Decimal":
        return Decimal("-12.80")
    if name == "google.protobuf.Timestamp":
        return dt.datetime(2020, 1, 2, 3, 4, 5, 678, UTC)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float | str | bytes):
        return value * 2
    raise AssertionError(value)


def executor(library: Any, kind: str, apply: Callable[..., Any]) -> Any:
    """Make a field executor of a library."""

    class Executor(library.FieldRuleExecutor):  # type: ignore[misc,name-defined]  # of either
        def type(self) -> str:
            return kind

        def new_transform(self, ctx: Any) -> Any:  # noqa: ARG002 - the signature
            return apply

    return Executor()


def rule(library: Any, kind: str, mode: str = "WRITE", **given: Any) -> Any:
    names = ("doc", "tags", "params", "expr", "on_success", "on_failure", "disabled")
    values = dict.fromkeys(names) | given
    return library.Rule(
        name="r",
        kind=library.RuleKind(kind),
        mode=library.RuleMode(mode),
        type=given.pop("type", "MINE"),
        **{key: value for key, value in values.items() if key != "type"},
    )


def register(
    library: Any, client: Any, kind: Any, topic: str, *, domain: Any = (), migration: Any = ()
) -> Any:
    """Register the schema of a class with rules."""
    library.ProtobufSerializer(kind, client)(kind(), library.value(f"{topic}-plain"))
    plain = client.get_latest_version(f"{topic}-plain-value", "serialized").schema
    rules = library.RuleSet(list(migration), list(domain))
    schema = library.Schema(plain.schema_str, "PROTOBUF", plain.references, rule_set=rules)
    client.register_schema(f"{topic}-value", schema)
    return client.get_latest_version(f"{topic}-value", "serialized")


LATEST = {"auto.register.schemas": False, "use.latest.version": True}

Run = tuple[Any, list[Any]]


class Side(NamedTuple):
    """A library at work on a topic of its own."""

    library: Any
    client: Any
    topic: str


@pytest.fixture
def sides(confluent: Any, accord: Any, registry_url: str, topic: str) -> Iterator[list[Side]]:
    """Confluent's library and ours."""
    with confluent.client(registry_url) as stock, accord.client(registry_url) as ours:
        yield [Side(confluent, stock, f"{topic}-a"), Side(accord, ours, f"{topic}-b")]


@pytest.fixture
def transformed(classes: Any, sides: list[Side]) -> Callable[..., Run]:
    """Write a message under a rule with both libraries; return what came out and was visited."""

    def run(message: Any, apply: Callable[[Any], Any], **given: Any) -> Run:
        outcomes = []
        for library, client, topic in sides:
            visited: list[Any] = []
            registry = library.RuleRegistry()
            registry.register_executor(executor(library, "MINE", noting(visited, apply)))
            rules = [rule(library, given.get("kind", "TRANSFORM"), tags=given.get("tags"))]
            register(library, client, classes["annotated.Person"], topic, domain=rules)
            serializer = library.ProtobufSerializer(
                type(message), client, LATEST, rule_registry=registry
            )
            copy = type(message).FromString(message.SerializeToString())
            try:
                written = type(message).FromString(serializer(copy, library.value(topic))[6:])
            except library.SerializationError as error:
                failed = isinstance(error.__cause__, library.RuleConditionError)
                written = "condition" if failed else "error"
            assert library.is_stock or copy == message, "what is handed in is not changed"
            outcomes.append((written, visited))
        assert outcomes[1] == outcomes[0]
        return outcomes[1]

    return run


def noting(visited: list[Any], apply: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return what a field executor does: note the field, and apply a function to its value."""

    def visit(_: Any, field: Any, value: Any) -> Any:
        visited.append(
            (
                field.full_name,
                field.name,
                field.type_name(),
                set(field.tags),
                field.is_primitive(),
                field.field_descriptor.name,
                type(field.containing_message).__name__,
                str(value),
            )
        )
        return apply(value)

    return visit


@pytest.mark.parametrize("tags", [None, ["PII"], ["NAME", "OTHER"], ["OTHER"]])
def test_fields_with_the_tags_of_a_rule_are_transformed(
    tags: list[str] | None, classes: Any, transformed: Callable[..., Run]
) -> None:
    """Fields are visited where tags say so, within messages, lists and maps."""
    before = person(classes)
    after, visited = transformed(before, changed, tags=tags)
    assert bool(visited) == (tags != ["OTHER"])
    assert (after == before) == (tags == ["OTHER"])


def test_decimals_and_moments_are_written_as_their_messages(
    classes: Any, transformed: Callable[..., Run]
) -> None:
    """What a rule gives for a decimal or timestamp has the scale and parts it has."""
    after, _ = transformed(person(classes), changed, tags=["PII"])
    assert (after.salary.value, after.salary.precision, after.salary.scale) == (b"\xfb\x00", 4, 2)
    assert (after.born.seconds, after.born.nanos) == (1577934245, 678000)
    assert [each.value for each in after.bonuses] == [b"\xfb\x00"] * 2


def test_a_rule_that_gives_values_back_changes_nothing(
    classes: Any, transformed: Callable[..., Run]
) -> None:
    """Absent fields stay absent, and messages stay as they are."""
    before = person(classes)
    after, visited = transformed(before, lambda value: value)
    assert after == before
    assert not any(name == "annotated.Person.fax" for name, *_ in visited)


@pytest.mark.parametrize("holds", [True, False])
def test_conditions_stop_at_the_first_field_that_fails(
    holds: bool, classes: Any, transformed: Callable[..., Run]
) -> None:
    """A condition leaves the message as it is, or stops it."""
    before = person(classes)
    after, visited = transformed(before, lambda _: holds, kind="CONDITION", tags=["PII"])
    assert after == before if holds else after == "condition"
    assert holds or len(visited) == 1


@pytest.mark.parametrize("given", [None, "text", {}])
def test_what_is_no_value_of_a_decimal_is_an_error(
    given: object, classes: Any, transformed: Callable[..., Run]
) -> None:
    """A rule that gives something else for a decimal fails, and so does the message."""
    before = classes["annotated.Person"](salary={"value": b"\x01"})
    after, _ = transformed(before, lambda _: given)
    assert after == "error"


def test_false_in_a_field_without_the_tag_fails_a_condition_too(
    classes: Any, transformed: Callable[..., Run]
) -> None:
    """As in Confluent's: a field that is not looked at gives its own value."""
    before = person(classes)
    before.away = False
    after, visited = transformed(before, lambda _: True, kind="CONDITION", tags=["PII"])
    assert after == "condition"
    assert len(visited) > 1


def test_fields_are_told_by_number(compile_text: Any, transformed: Callable[..., Run]) -> None:
    """A class that calls a field otherwise is visited under the schema's name."""
    before = compile_text(
        'syntax = "proto3"; package annotated; message Person { string label = 1; int32 new = 99; }'
    )["annotated.Person"](label="ann", new=1)
    after, visited = transformed(before, changed, tags=["PII"])
    assert after.label == "annann"
    assert [(name, own) for name, _, _, _, _, own, *_ in visited] == [
        ("annotated.Person.name", "label")
    ]


def inline(library: Any, wrong: dict[str, Any]) -> Any:
    """Make an executor of inline rules that fails those named, and notes what it was told."""

    class Executor(library.ValidationRuleExecutor):  # type: ignore[misc,name-defined]  # of either
        told: list[Any]

        def __init__(self) -> None:
            self.told = []

        def execute(self, rule: Any, schema: Any, message: Any) -> Any:
            self.told.append((rule.name, rule.expr, schema.full_name, str(message)))
            return wrong.get(rule.name, True)

    return Executor()


OTHER_PERSON = """
    syntax = "proto3";
    package annotated;
    message Person { bytes called = 1; repeated Animal pets = 6; map<string, Animal> rooms = 7; }
    message Animal { string title = 1; }
"""


def other_person(compile_text: Any) -> Any:
    """Build a message of a class that knows the fields by other names and types."""
    return compile_text(OTHER_PERSON)["annotated.Person"](
        called=b"ann", pets=[{"title": "t"}], rooms={"r": {"title": "u"}}
    )


@pytest.mark.parametrize("is_latest", [True, False])
@pytest.mark.parametrize("fail_fast", [True, False])
@pytest.mark.parametrize("is_other", [True, False])
@pytest.mark.parametrize(
    "wrong", [{}, {"fed": False, "short": "too long", "named": ""}, {"many": False, "some": False}]
)
def test_inline_rules_are_told_the_same(
    is_latest: bool,
    fail_fast: bool,
    is_other: bool,
    wrong: dict[str, Any],
    request: pytest.FixtureRequest,
    sides: list[Side],
) -> None:
    """Rules inside the schema see fields under its names, and fail at the same paths."""
    classes, compile_text = map(request.getfixturevalue, ("classes", "compile_text"))
    message = other_person(compile_text) if is_other else person(classes)
    outcomes = []
    for library, client, topic in sides:
        rules = inline(library, wrong)
        conf = {
            "validation.rules.execution": "BEFORE_DOMAIN_RULES",
            "validation.rules.executor": rules,
            "validation.rules.fail.fast": fail_fast,
        }
        if is_latest:
            register(library, client, classes["annotated.Person"], topic)
            conf |= LATEST
        serializer = library.ProtobufSerializer(type(message), client, conf)
        try:
            result = serializer(message, library.value(topic))[6:]
        except library.SerializationError as error:
            result = str(error).partition(" (topic")[0].splitlines()
        outcomes.append((result, rules.told))
    assert outcomes[1] == outcomes[0]
    assert isinstance(outcomes[1][0], bytes) or wrong
    assert bool(outcomes[1][1]) == (is_latest or not is_other)


NEWER = """
    syntax = "proto3";
    package common;
    message Other {}
    message Currency { string letters = 1; int32 digits = 2; }
"""


@pytest.mark.parametrize("code", ["", "EUR"])
def test_migrations_work_on_the_json_form(
    code: str, library: Any, request: pytest.FixtureRequest, registry_url: str, topic: str
) -> None:
    """Rules between versions are given JSON, absent fields with their defaults, and give it."""
    classes, compile_text = map(request.getfixturevalue, ("classes", "compile_text"))
    seen = []

    class Executor(library.RuleExecutor):  # type: ignore[misc,name-defined]  # of either
        def type(self) -> str:
            return "MINE"

        def transform(self, ctx: Any, message: Any) -> Any:
            seen.append((ctx.rule_mode.name, dict(message)))
            return {"letters": message["code"].lower(), "digits": 2}

    registry = library.RuleRegistry()
    registry.register_executor(Executor())
    older, newer = classes["common.Currency"], compile_text(NEWER)["common.Currency"]
    upgrade = rule(library, "TRANSFORM", "UPGRADE")
    with library.client(registry_url) as client:
        client.set_compatibility(f"{topic}-value", "NONE")
        data = library.ProtobufSerializer(older, client)(older(code=code), library.value(topic))
        register(library, client, newer, topic, migration=[upgrade])
        reader = library.ProtobufDeserializer(
            newer, {"use.latest.version": True}, client, rule_registry=registry
        )
        for _ in range(2):
            read = reader(data, library.value(topic))
            assert (read.letters, read.digits) == (code.lower(), 2)
            assert library.is_stock or isinstance(read, newer)
    assert seen == [("UPGRADE", {"code": code})] * 2


def test_rules_run_on_what_is_read(classes: Any, sides: list[Side]) -> None:
    """Rules for reading see the fields of the writer's type."""
    outcomes = []
    kind = classes["annotated.Person"]
    for library, client, topic in sides:
        visited: list[Any] = []
        registry = library.RuleRegistry()
        registry.register_executor(executor(library, "MINE", noting(visited, changed)))
        register(library, client, kind, topic, domain=[rule(library, "TRANSFORM", "READ")])
        data = library.ProtobufSerializer(kind, client, LATEST)(
            person(classes), library.value(topic)
        )
        reader = library.ProtobufDeserializer(kind, {}, client, rule_registry=registry)
        outcomes.append(([reader(data, library.value(topic)) for _ in range(2)], visited))
    assert outcomes[1] == outcomes[0]
    assert outcomes[1][0][0].name == "annann"


def test_rules_see_nested_types_as_they_are(classes: Any, sides: list[Side]) -> None:
    """Ours finds the type of a nested message; Confluent's takes the first of the file."""
    library, client, topic = sides[1]
    pet = classes["annotated.Person.Pet"]
    visited: list[Any] = []
    registry = library.RuleRegistry()
    registry.register_executor(executor(library, "MINE", noting(visited, changed)))
    rules = [rule(library, "TRANSFORM", "WRITEREAD", tags=["PII"])]
    register(library, client, pet, topic, domain=rules)
    writer = library.ProtobufSerializer(pet, client, LATEST, rule_registry=registry)
    data = writer(pet(name="rex", meals=4), library.value(topic))
    reader = library.ProtobufDeserializer(pet, {}, client, rule_registry=registry)
    assert reader(data, library.value(topic)) == pet(name="rex" * 4, meals=4)
    assert [name for name, *_ in visited] == ["annotated.Person.Pet.name"] * 2
