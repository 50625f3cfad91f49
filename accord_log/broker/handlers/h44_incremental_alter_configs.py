"""IncrementalAlterConfigs: change single configs of a topic."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from accord_log.broker.config_changes import alter_all
from accord_log.broker.configs import TOPIC_CONFIGS, ConfigType, items_of
from accord_log.broker.promise import Promise
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.messages.incremental_alter_configs import (
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.incremental_alter_configs import (
        AlterableConfig,
        AlterConfigsResource,
    )


class Operation(IntEnum):
    """What is done to a config, numbered as in the protocol."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


def handle(
    broker: Broker, request: IncrementalAlterConfigsRequest, _: Context
) -> Promise[IncrementalAlterConfigsResponse]:
    """Change what is named of each topic; the rest stays."""
    answer: Promise[IncrementalAlterConfigsResponse] = Promise()
    outcomes = alter_all(broker, request.resources, _changed, validate_only=request.validate_only)
    outcomes.then(
        lambda done: answer.resolve(
            IncrementalAlterConfigsResponse(
                responses=[AlterConfigsResourceResponse(*outcome) for outcome in done]
            )
        )
    )
    return answer


def _changed(topic: Topic, asked: AlterConfigsResource) -> dict[str, str | None]:
    configs: dict[str, str | None] = dict(topic.configs)
    for change in asked.configs:
        if change.config_operation == Operation.DELETE:
            configs.pop(change.name, None)
        elif change.config_operation == Operation.SET:
            configs[change.name] = change.value
        else:
            configs[change.name] = _edited_list(configs.get(change.name), change)
    return configs


def _edited_list(now: str | None, change: AlterableConfig) -> str:
    config = TOPIC_CONFIGS.get(change.name)
    if config is None or config.type is not ConfigType.LIST:
        text = f"Config value append is not allowed for config key: {change.name}"
        raise KafkaError(ErrorCode.INVALID_CONFIG, text)
    items = items_of(config.default if now is None else now)
    named = items_of(change.value or "")
    if change.config_operation == Operation.APPEND:
        return ",".join([*items, *(item for item in named if item not in items)])
    if change.config_operation == Operation.SUBTRACT:
        return ",".join(item for item in items if item not in named)
    raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown operation type {change.config_operation}")
