"""Configuration, understood or refused as librdkafka does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import confluent_kafka
import pytest

from accord_log import KafkaError, KafkaException, Log
from accord_log.embedded.conf_table import CONSUMER, NO_EFFECT, PRODUCER
from accord_log.embedded.error_names import ErrorNames

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = {"group.id": "g"}
REFUSED = [
    ({"linger": 5}, 'No such configuration property: "linger"'),
    ({"linger.ms": "soon"}, 'Invalid value for configuration property "linger.ms"'),
    ({"linger.ms": -1}, "outside allowed range"),
    ({"acks": "some"}, 'Invalid value "some" for configuration property "acks"'),
    ({"auto.offset.reset": "middle"}, 'Invalid value "middle"'),
    ({"enable.auto.commit": "perhaps"}, "Invalid value"),
    ({"partition.assignment.strategy": "fair"}, "Unsupported partition.assignment.strategy"),
    ({"partition.assignment.strategy": "range,cooperative-sticky"}, "cannot be mixed"),
    ({"session.timeout.ms": 10, "max.poll.interval.ms": 5}, "max.poll.interval.ms must be"),
    ({"group.protocol": "consumer"}, 'Invalid value "consumer"'),
]


@pytest.mark.parametrize(("conf", "text"), REFUSED, ids=str)
def test_what_is_wrong_is_refused(log: Log, conf: dict[str, Any], text: str) -> None:
    with pytest.raises(KafkaException) as caught:
        log.consumer(GROUP | conf)
    assert caught.value.args[0].code() == KafkaError._INVALID_ARG  # noqa: SLF001 - its name
    assert text in caught.value.args[0].str()


def test_a_consumer_has_a_group(log: Log) -> None:
    with pytest.raises(ValueError, match=r"group\.id must be set"):
        log.consumer({})


def test_a_callback_can_be_called(log: Log) -> None:
    with pytest.raises(TypeError, match="callable"):
        log.producer({"on_delivery": 5})


def test_settings_of_the_network_have_no_effect(log: Log) -> None:
    conf = {"bootstrap.servers": "nowhere:1", "security.protocol": "SASL_SSL", "debug": "all"}
    log.producer(conf).produce("t", b"v")
    log.consumer(conf | GROUP)


@pytest.mark.parametrize(
    "conf",
    [
        {"queue.buffering.max.ms": 7},
        {"linger.ms": "7"},
        {"linger.ms": 7.0},
        {"request.required.acks": -1},
        {"acks": "all"},
        {"compression.codec": "lz4"},
        {"enable.idempotence": "true"},
        {"auto.offset.reset": "smallest"},
        {"default.topic.config": {"auto.offset.reset": "end"}},
    ],
    ids=str,
)
def test_every_spelling_is_understood_by_librdkafka_too(log: Log, conf: dict[str, Any]) -> None:
    log.producer(conf).close()
    confluent_kafka.Producer({**conf, "bootstrap.servers": "localhost:1"})


@pytest.mark.parametrize(
    "setting", [s for s in (*PRODUCER, *CONSUMER) if not s.is_callable], ids=lambda s: s.name
)
def test_every_setting_is_one_of_librdkafkas(setting: Any) -> None:
    """Its default too, but for Java's assignor, which librdkafka does not have."""
    conf = {"bootstrap.servers": "localhost:1", "group.id": "g", "session.timeout.ms": 45_000}
    if setting.default is not None:
        conf[setting.name] = setting.default
    confluent_kafka.Consumer(conf).close()


def test_no_setting_is_in_two_tables() -> None:
    assert NO_EFFECT.isdisjoint(setting.name for setting in (*PRODUCER, *CONSUMER))


def test_errors_have_the_numbers_of_confluent_kafka() -> None:
    theirs = {
        name: value
        for name, value in vars(confluent_kafka.KafkaError).items()
        if isinstance(value, int)
    }
    ours = {name: value for name, value in vars(ErrorNames).items() if isinstance(value, int)}
    assert {name: theirs.get(name) for name in ours} == ours


@pytest.mark.parametrize("make", [confluent_kafka.KafkaError, KafkaError])
def test_an_error_is_shaped_like_confluent_kafkas(make: Callable[..., Any]) -> None:
    error = make(KafkaError.UNKNOWN_TOPIC_OR_PART, "why", fatal=True)
    assert (error.code(), error.name(), error.str()) == (3, "UNKNOWN_TOPIC_OR_PART", "why")
    assert (error.fatal(), error.retriable(), error.txn_requires_abort()) == (True, False, False)
    assert repr(error) == 'KafkaError{FATAL,code=UNKNOWN_TOPIC_OR_PART,val=3,str="why"}'
    assert str(error) == repr(error)
    assert error == 3
    assert error == make(3)
    assert error != 4
