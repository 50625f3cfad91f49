"""AlterConfigs: API key 33."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    INT8,
    INT16,
    INT32,
    STRING,
    Message,
    array,
    message,
    wire,
)


@dataclass(slots=True)
class AlterableConfig:
    name: str = wire(STRING)
    value: str | None = wire(STRING, null=0)


@dataclass(slots=True)
class AlterConfigsResource:
    resource_type: int = wire(INT8)
    resource_name: str = wire(STRING)
    configs: list[AlterableConfig] = wire(array(AlterableConfig))


@message(key=33, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class AlterConfigsRequest(Message):
    resources: list[AlterConfigsResource] = wire(array(AlterConfigsResource))
    validate_only: bool = wire(BOOL)


@dataclass(slots=True)
class AlterConfigsResourceResponse:
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0)
    resource_type: int = wire(INT8)
    resource_name: str = wire(STRING)


@message(key=33, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class AlterConfigsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    responses: list[AlterConfigsResourceResponse] = wire(array(AlterConfigsResourceResponse))


AlterConfigsRequest.response = AlterConfigsResponse
