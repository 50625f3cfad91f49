"""Changing the configs of several resources with one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from accord_log.broker.configs import check_config
from accord_log.broker.promise import Promise, gather
from accord_log.broker.resources import ResourceType, refuse_broker_changes, topic_of
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log.broker.broker import Broker
    from accord_log.broker.topics import Topic


class Resource(Protocol):
    """The head of a resource in either request."""

    resource_type: int
    resource_name: str


R = TypeVar("R", bound=Resource)


class Outcome(NamedTuple):
    """What became of one resource, in the order of either response."""

    error_code: int
    error_message: str | None
    resource_type: int
    resource_name: str


def alter_all(
    broker: Broker,
    resources: Sequence[R],
    changed: Callable[[Topic, R], dict[str, str | None]],
    *,
    validate_only: bool,
) -> Promise[list[Outcome]]:
    """Give each topic what `changed` makes of its configs; each succeeds or fails by itself."""
    return gather(
        [_alter(broker, asked, changed, validate_only=validate_only) for asked in resources]
    )


def _alter(
    broker: Broker,
    asked: R,
    changed: Callable[[Topic, R], dict[str, str | None]],
    *,
    validate_only: bool,
) -> Promise[Outcome]:
    promise: Promise[Outcome] = Promise()

    def settled(error: KafkaError | None) -> None:
        code, text = (ErrorCode.NONE, None) if error is None else (error.code, error.text)
        promise.resolve(Outcome(code, text, asked.resource_type, asked.resource_name))

    try:
        if asked.resource_type == ResourceType.BROKER:
            refuse_broker_changes(broker, asked.resource_name)
        if asked.resource_type != ResourceType.TOPIC:
            text = f"Unexpected resource type {asked.resource_type}"
            raise KafkaError(ErrorCode.INVALID_REQUEST, text)
        with broker.services.lock:
            topic = topic_of(broker, asked.resource_name)
            configs = _checked(changed(topic, asked))
            if validate_only:
                settled(None)
            else:
                broker.topics.configure(topic, configs, settled)
    except KafkaError as error:
        settled(error)
    return promise


def _checked(configs: dict[str, str | None]) -> dict[str, str]:
    for name, value in configs.items():
        check_config(name, value)
    return {name: value for name, value in configs.items() if value is not None}
