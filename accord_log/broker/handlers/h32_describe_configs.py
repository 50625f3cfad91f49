"""DescribeConfigs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.configs import TOPIC_CONFIGS, ConfigType, Source
from accord_log.broker.resources import (
    BROKER_CONFIGS,
    ResourceType,
    broker_value,
    check_broker,
    topic_of,
)
from accord_log.broker.topic_config import value_of
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.describe_configs import DescribeConfigsResource


def handle(broker: Broker, request: DescribeConfigsRequest, _: Context) -> DescribeConfigsResponse:
    """Tell the configs of each resource, with what they default to when asked."""
    return DescribeConfigsResponse(
        results=[_describe(broker, request, asked) for asked in request.resources]
    )


def _describe(
    broker: Broker, request: DescribeConfigsRequest, asked: DescribeConfigsResource
) -> DescribeConfigsResult:
    result = DescribeConfigsResult(
        resource_type=asked.resource_type, resource_name=asked.resource_name, error_message=None
    )
    try:
        configs = _configs(broker, asked)
    except KafkaError as error:
        result.error_code, result.error_message = error.code, error.text
        return result
    wanted = asked.configuration_keys
    result.configs = [config for config in configs if not wanted or config.name in wanted]
    for config in result.configs:
        if not request.include_synonyms:
            config.synonyms = []
        if not request.include_documentation:
            config.documentation = None
    return result


def _configs(broker: Broker, asked: DescribeConfigsResource) -> list[DescribeConfigsResourceResult]:
    if asked.resource_type == ResourceType.TOPIC:
        topic = topic_of(broker, asked.resource_name)
        return [_topic_config(broker, topic, name) for name in sorted(TOPIC_CONFIGS)]
    if asked.resource_type == ResourceType.BROKER:
        check_broker(broker, asked.resource_name)
        return [_broker_config(broker, name) for name in sorted(BROKER_CONFIGS)]
    text = f"Resources of type {asked.resource_type} have no configs here"
    raise KafkaError(ErrorCode.INVALID_REQUEST, text)


def _topic_config(broker: Broker, topic: Topic, name: str) -> DescribeConfigsResourceResult:
    config, settings = TOPIC_CONFIGS[name], broker.services.settings
    default = value_of(name, {}, settings)
    synonyms = [DescribeConfigsSynonym(name, default, Source.DEFAULT)]
    is_own = name in topic.configs
    if is_own:
        synonyms.insert(0, DescribeConfigsSynonym(name, topic.configs[name], Source.TOPIC))
    return DescribeConfigsResourceResult(
        name=name,
        value=value_of(name, topic.configs, settings),
        config_source=Source.TOPIC if is_own else Source.DEFAULT,
        synonyms=synonyms,
        config_type=config.type,
        documentation=config.text,
    )


def _broker_config(broker: Broker, name: str) -> DescribeConfigsResourceResult:
    value = broker_value(broker, name)
    return DescribeConfigsResourceResult(
        name=name,
        value=value,
        read_only=True,
        config_source=Source.STATIC_BROKER,
        synonyms=[DescribeConfigsSynonym(name, value, Source.STATIC_BROKER)],
        config_type=ConfigType.STRING,
        documentation=None,
    )
