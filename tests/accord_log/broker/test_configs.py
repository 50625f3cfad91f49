"""Configs are described and changed as admin clients ask; a wrong one changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from one_broker import NOW_MS, World, world

from accord_log.broker.configs import TOPIC_CONFIGS, Source, check_config
from accord_log.broker.resources import BROKER_CONFIGS, ResourceType
from accord_log.broker.settings import BrokerSettings
from accord_log.broker.topic_config import read_configs, value_of
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
)
from accord_log.kafka.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
)
from accord_log.kafka.messages.incremental_alter_configs import (
    AlterableConfig as Change,
)
from accord_log.kafka.messages.incremental_alter_configs import (
    AlterConfigsResource as Changed,
)
from accord_log.kafka.messages.incremental_alter_configs import (
    IncrementalAlterConfigsRequest,
)
from accord_log.kafka.records import encode_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SET, DELETE, APPEND, SUBTRACT = range(4)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.create("t", retention_ms="1000")
        yield made


def described(here: World, kind: int = ResourceType.TOPIC, name: str = "t", **fields: Any) -> Any:
    resource = DescribeConfigsResource(kind, name, fields.pop("keys", None))
    return here.ask(DescribeConfigsRequest([resource], **fields)).results[0]


def change(here: World, *changes: tuple[str, int, str | None], **fields: Any) -> Any:
    configs = [Change(name, operation, value) for name, operation, value in changes]
    resource = Changed(ResourceType.TOPIC, "t", configs)
    return here.ask(IncrementalAlterConfigsRequest([resource], **fields)).responses[0]


def own(here: World) -> dict[str, str]:
    topic = here.broker.topics.get("t")
    assert topic is not None
    return dict(topic.configs)


def test_defaults_are_values_of_their_configs() -> None:
    for name in TOPIC_CONFIGS:
        check_config(name, value_of(name, {}, BrokerSettings()))
    assert read_configs({}, BrokerSettings()).log.cleanup == {"delete"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retention.ms", "-2"),
        ("retention.ms", "1.5"),
        ("retention.ms", "9" * 5000),
        ("segment.bytes", "13"),
        ("cleanup.policy", "burn"),
        ("cleanup.policy", "compact,burn"),
        ("message.timestamp.type", "createtime"),
        ("min.cleanable.dirty.ratio", "1.1"),
        ("min.cleanable.dirty.ratio", "half"),
        ("preallocate", "yes"),
        ("compression.type", "brotli"),
    ],
)
def test_what_is_no_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(KafkaError) as caught:
        check_config(name, value)
    assert caught.value.code is ErrorCode.INVALID_CONFIG
    assert name in str(caught.value)


def test_every_config_of_a_topic_is_described_with_its_source(here: World) -> None:
    configs = {config.name: config for config in described(here).configs}
    assert set(configs) == set(TOPIC_CONFIGS)
    assert (configs["retention.ms"].value, configs["retention.ms"].config_source) == (
        "1000",
        Source.TOPIC,
    )
    assert configs["segment.bytes"].config_source == Source.DEFAULT
    assert configs["segment.bytes"].synonyms == []
    assert configs["segment.bytes"].documentation is None


def test_what_is_behind_a_config_is_told_when_asked(here: World) -> None:
    (config,) = described(
        here, keys=["retention.ms"], include_synonyms=True, include_documentation=True
    ).configs
    assert [(s.value, s.source) for s in config.synonyms] == [
        ("1000", Source.TOPIC),
        (str(BrokerSettings().retention_ms), Source.DEFAULT),
    ]
    assert config.documentation


def test_the_broker_is_described_and_cannot_be_changed(here: World) -> None:
    configs = described(here, ResourceType.BROKER, "1").configs
    assert {config.name for config in configs} == set(BROKER_CONFIGS)
    assert all(config.read_only for config in configs)
    assert described(here, ResourceType.BROKER, "2").error_code == ErrorCode.INVALID_REQUEST
    assert described(here, 77, "x").error_code == ErrorCode.INVALID_REQUEST
    missing = described(here, ResourceType.TOPIC, "nowhere")
    assert missing.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    for kind, code in (
        (ResourceType.BROKER, ErrorCode.INVALID_CONFIG),
        (77, ErrorCode.INVALID_REQUEST),
    ):
        request = AlterConfigsRequest([AlterConfigsResource(kind, "", [])])
        assert here.ask(request).responses[0].error_code == code


def test_single_configs_are_set_and_removed(here: World) -> None:
    assert change(here, ("segment.ms", SET, "5")).error_code == ErrorCode.NONE
    assert own(here) == {"retention.ms": "1000", "segment.ms": "5"}
    change(here, ("retention.ms", DELETE, None))
    assert own(here) == {"segment.ms": "5"}


def test_lists_are_added_to_and_taken_from(here: World) -> None:
    change(here, ("cleanup.policy", APPEND, "compact"))
    assert own(here)["cleanup.policy"] == "delete,compact"
    change(here, ("cleanup.policy", SUBTRACT, "delete"))
    assert own(here)["cleanup.policy"] == "compact"
    assert change(here, ("segment.ms", APPEND, "1")).error_code == ErrorCode.INVALID_CONFIG
    assert change(here, ("cleanup.policy", 9, "x")).error_code == ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("value", ["soon", None])
def test_a_wrong_config_changes_nothing(here: World, value: str | None) -> None:
    answer = change(here, ("segment.ms", SET, "5"), ("retention.ms", SET, value))
    assert answer.error_code == ErrorCode.INVALID_CONFIG
    assert own(here) == {"retention.ms": "1000"}


def test_validating_changes_nothing(here: World) -> None:
    assert change(here, ("segment.ms", SET, "5"), validate_only=True).error_code == ErrorCode.NONE
    assert own(here) == {"retention.ms": "1000"}


def test_all_configs_are_replaced_at_once(here: World) -> None:
    resource = AlterConfigsResource(ResourceType.TOPIC, "t", [AlterableConfig("segment.ms", "5")])
    assert here.ask(AlterConfigsRequest([resource])).responses[0].error_code == ErrorCode.NONE
    assert own(here) == {"segment.ms": "5"}


def test_a_change_holds_for_what_comes_next(here: World) -> None:
    change(here, ("max.message.bytes", SET, "100"))
    answer = here.produce("t", encode_values([bytes(200)], NOW_MS))
    assert answer.error_code == ErrorCode.MESSAGE_TOO_LARGE
