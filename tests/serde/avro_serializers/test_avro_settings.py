"""The `conf` of the Avro serializers, and the shape of what the module offers."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import avro as stock_avro
from serde_kits import told

from accord_serde import avro

if TYPE_CHECKING:
    from serde_kits import Kit

RECORD = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'

SHARED_GOOD: list[dict[str, Any]] = [
    {},
    {"use.latest.with.metadata": None},
    {"use.latest.with.metadata": {"a": "b"}},
    {"use.latest.with.metadata": {}},
    {"subject.name.strategy": None},
    {"subject.name.strategy": lambda _ctx, _name: "s"},
    {"subject.name.strategy.conf": None},
    {"subject.name.strategy.conf": {"any": "thing"}},
    {"subject.name.strategy.type": None},
    {"subject.name.strategy": lambda _ctx, _name: "s", "subject.name.strategy.type": "nonsense"},
    *({"subject.name.strategy.type": kind} for kind in ("TOPIC", "RECORD", "TOPIC_RECORD")),
    *({"subject.name.strategy.type": kind} for kind in ("ASSOCIATED", "topic", "Associated")),
]
SHARED_BAD: list[tuple[dict[str, Any], str]] = [
    ({"use.latest.version": None}, "use.latest.version must be a boolean value"),
    ({"use.latest.version": "true"}, "use.latest.version must be a boolean value"),
    ({"use.latest.with.metadata": "a=b"}, "use.latest.with.metadata must be a dict value"),
    ({"use.latest.with.metadata": [("a", "b")]}, "use.latest.with.metadata must be a dict value"),
    ({"subject.name.strategy": "topic"}, "subject.name.strategy must be callable"),
    ({"subject.name.strategy.type": "NONE"}, "subject.name.strategy.type"),
    ({"subject.name.strategy.type": "nonsense"}, "subject.name.strategy.type"),
    ({"subject.name.strategy.type": ""}, "subject.name.strategy.type"),
    ({"subject.name.strategy.type": 7}, "subject.name.strategy.type"),
    ({"no.such.key": 1}, "Unrecognized properties: no.such.key"),
    ({"one": 1, "two": 2}, "Unrecognized properties: one, two"),
]
WRITER_GOOD: list[dict[str, Any]] = [
    *SHARED_GOOD,
    *({"auto.register.schemas": value} for value in (True, False)),
    *({"normalize.schemas": value} for value in (True, False)),
    {"use.schema.id": None},
    {"use.schema.id": 7},
    {"use.schema.id": True},  # an int to Python
    {"use.latest.version": True, "auto.register.schemas": False},
    {"use.latest.version": False},
    {"schema.id.serializer": lambda payload, _ctx, _schema_id: payload},
    {"validate.strict": True},
    {"validate.strict.allow.default": True},
    {"validation.rules.execution": "DISABLED"},
    {"validation.rules.fail.fast": True},
    {"validation.rules.executor": "not looked at while nothing is validated"},
]
WRITER_BAD: list[tuple[dict[str, Any], str]] = [
    *SHARED_BAD,
    ({"auto.register.schemas": None}, "auto.register.schemas must be a boolean value"),
    ({"auto.register.schemas": 1}, "auto.register.schemas must be a boolean value"),
    ({"normalize.schemas": "no"}, "normalize.schemas must be a boolean value"),
    ({"normalize.schemas": None}, "normalize.schemas must be a boolean value"),
    ({"use.schema.id": "7"}, "use.schema.id must be an int value"),
    ({"use.schema.id": 7.0}, "use.schema.id must be an int value"),
    (
        {"use.latest.version": True},
        "cannot enable both use.latest.version and auto.register.schemas",
    ),
    (
        {"use.latest.version": True, "auto.register.schemas": True},
        "cannot enable both use.latest.version and auto.register.schemas",
    ),
    ({"schema.id.serializer": None}, "schema.id.serializer must be callable"),
    ({"schema.id.serializer": "prefix"}, "schema.id.serializer must be callable"),
    ({"schema.id.deserializer": len}, "Unrecognized properties: schema.id.deserializer"),
    ({"validate.strict": None}, "validate.strict must be a boolean value"),
    ({"validate.strict": "x"}, "validate.strict must be a boolean value"),
    ({"validate.strict.allow.default": 0}, "validate.strict.allow.default must be a boolean value"),
    ({"validation.rules.execution": "NOW"}, "validation.rules.execution must be one of"),
    ({"validation.rules.execution": None}, "validation.rules.execution must be one of"),
    ({"validation.rules.fail.fast": 1}, "validation.rules.fail.fast must be a boolean value"),
    (
        {
            "validation.rules.execution": "BEFORE_DOMAIN_RULES",
            "validation.rules.executor": "CEL",
        },
        "validation.rules.executor must be a ValidationRuleExecutor instance",
    ),
]
READER_GOOD: list[dict[str, Any]] = [
    *SHARED_GOOD,
    {"use.latest.version": True},
    {"schema.id.deserializer": lambda payload, _ctx, _schema_id: payload},
]
READER_BAD: list[tuple[dict[str, Any], str]] = [
    *SHARED_BAD,
    ({"schema.id.deserializer": None}, "schema.id.deserializer must be callable"),
    ({"schema.id.deserializer": 7}, "schema.id.deserializer must be callable"),
    ({"use.schema.id": 7}, "Unrecognized properties: use.schema.id"),
    ({"auto.register.schemas": True}, "Unrecognized properties: auto.register.schemas"),
    ({"validate.strict": True}, "Unrecognized properties: validate.strict"),
    ({"validation.rules.execution": "DISABLED"}, "Unrecognized properties"),
]


@pytest.mark.parametrize("conf", WRITER_GOOD, ids=told)
def test_a_serializer_takes_what_is_good(kit: Kit, url: str, conf: dict[str, Any]) -> None:
    given = dict(conf)
    kit.AvroSerializer(kit.client(url), RECORD, conf=given)
    assert given == conf  # the caller's dictionary is left alone


@pytest.mark.parametrize(("conf", "text"), WRITER_BAD, ids=told)
def test_a_serializer_names_the_key_that_is_bad(
    kit: Kit, url: str, conf: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValueError, match=f"^{text}|{text}:"):
        kit.AvroSerializer(kit.client(url), RECORD, conf=conf)


@pytest.mark.parametrize("conf", READER_GOOD, ids=told)
def test_a_deserializer_takes_what_is_good(kit: Kit, url: str, conf: dict[str, Any]) -> None:
    given = dict(conf)
    kit.AvroDeserializer(kit.client(url), conf=given)
    assert given == conf


@pytest.mark.parametrize(("conf", "text"), READER_BAD, ids=told)
def test_a_deserializer_names_the_key_that_is_bad(
    kit: Kit, url: str, conf: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValueError, match=f"^{text}|{text}:"):
        kit.AvroDeserializer(kit.client(url), conf=conf)


@pytest.mark.parametrize("kind", ["TOPIC", "RECORD", "TOPIC_RECORD", "ASSOCIATED"])
def test_strategies_may_be_named_by_their_enumeration(kit: Kit, url: str, kind: str) -> None:
    conf = {"subject.name.strategy.type": kit.the.SubjectNameStrategyType(kind)}
    kit.AvroSerializer(kit.client(url), RECORD, conf=conf)


def test_no_strategy_is_no_strategy(kit: Kit, url: str) -> None:
    conf = {"subject.name.strategy.type": kit.the.SubjectNameStrategyType.NONE}
    with pytest.raises(ValueError, match=r"^Invalid subject.name.strategy.type: "):
        kit.AvroSerializer(kit.client(url), RECORD, conf=conf)


def test_what_converts_has_to_be_callable(kit: Kit, url: str) -> None:
    client = kit.client(url)
    with pytest.raises(ValueError, match="to_dict must be callable"):
        kit.AvroSerializer(client, RECORD, "to_dict")
    with pytest.raises(ValueError, match="from_dict must be callable"):
        kit.AvroDeserializer(client, RECORD, "from_dict")


def test_return_record_name_has_to_be_a_boolean(kit: Kit, url: str) -> None:
    with pytest.raises(ValueError, match="return_record_name must be a boolean value"):
        kit.AvroDeserializer(kit.client(url), RECORD, None, "yes")


def test_a_readers_schema_is_text_or_a_schema(kit: Kit, url: str) -> None:
    with pytest.raises(TypeError, match="You must pass either schema string or schema object"):
        kit.AvroDeserializer(kit.client(url), {"type": "string"})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"type":"record"', id="no JSON"),
        pytest.param('{"type":"nonsense"}', id="no such type"),
        pytest.param('{"type":"enum","name":"E","symbols":["-"]}', id="no symbol"),
        pytest.param(
            '{"type":"record","name":"R","fields":[{"name":"a","type":"Missing"}]}', id="no type"
        ),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize("side", ["AvroSerializer", "AvroDeserializer"])
def test_a_faulty_schema_is_met_when_the_serializer_is_made(
    kit: Kit, url: str, text: str, side: str
) -> None:
    with pytest.raises(Exception, match=r"."):  # fastavro's, json's or the interpreter's own
        getattr(kit, side)(kit.client(url), text)


CLASSES = avro.__all__


def test_every_class_of_the_stock_module_is_there() -> None:
    stock = {
        each for each in dir(stock_avro) if each.endswith(("Serializer", "Deserializer", "Builder"))
    }
    stock -= {"BaseSerializer", "BaseDeserializer", "AsyncBaseSerializer", "AsyncBaseDeserializer"}
    assert {each for each in stock if "Avro" in each} == set(avro.__all__)


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.default, each.kind) for each in found]


def assert_takes_what_the_other_takes(own: Any, stock: Any) -> None:
    """Every call that fits the stock's signature has to fit ours, and mean the same."""
    expected = [each for each in parameters(stock) if each[2] is not inspect.Parameter.VAR_KEYWORD]
    found = parameters(own)
    assert found[: len(expected)] == expected
    assert all(
        default is not inspect.Parameter.empty or kind is inspect.Parameter.KEYWORD_ONLY
        for _, default, kind in found[len(expected) :]
    )


def stock_init(name: str) -> Any:
    cls = getattr(stock_avro, name)
    mangled = f"_{name}__init_impl"
    return getattr(cls, mangled, cls.__init__)


@pytest.mark.parametrize("name", CLASSES)
def test_arguments_have_the_names_places_and_defaults_of_the_stocks(name: str) -> None:
    assert_takes_what_the_other_takes(getattr(avro, name).__init__, stock_init(name))


def public_methods(cls: type) -> set[str]:
    found = inspect.getmembers(cls, inspect.isfunction)
    return {each for each, _ in found if not each.startswith("_") or each == "__call__"}


INTERNAL = {"configure_subject_name_strategy", "configure_validation_rules"}
# The stock's asyncio classes inherit these from the blocking ones, where they do nothing.
IDLE = {"close", "set_cluster_id_resolver"}


@pytest.mark.parametrize("name", CLASSES)
def test_methods_have_the_names_and_arguments_of_the_stocks(name: str) -> None:
    own, stock = getattr(avro, name), getattr(stock_avro, name)
    expected = public_methods(stock) - INTERNAL
    if name in {"AsyncAvroSerializer", "AsyncAvroDeserializer"}:
        expected -= IDLE
    assert expected <= public_methods(own)
    for method in expected:
        assert_takes_what_the_other_takes(getattr(own, method), getattr(stock, method))
