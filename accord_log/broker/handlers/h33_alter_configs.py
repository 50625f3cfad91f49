"""AlterConfigs: replace all configs of a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.config_changes import alter_all
from accord_log.broker.promise import Promise
from accord_log.kafka.messages.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context
    from accord_log.broker.topics import Topic
    from accord_log.kafka.messages.alter_configs import AlterConfigsResource


def handle(
    broker: Broker, request: AlterConfigsRequest, _: Context
) -> Promise[AlterConfigsResponse]:
    """Give each topic the configs that are named, and no others."""
    answer: Promise[AlterConfigsResponse] = Promise()
    outcomes = alter_all(broker, request.resources, _configs, validate_only=request.validate_only)
    outcomes.then(
        lambda done: answer.resolve(
            AlterConfigsResponse(
                responses=[AlterConfigsResourceResponse(*outcome) for outcome in done]
            )
        )
    )
    return answer


def _configs(_: Topic, asked: AlterConfigsResource) -> dict[str, str | None]:
    return {config.name: config.value for config in asked.configs}
