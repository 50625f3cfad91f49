"""IncrementalAlterConfigs: API key 44."""

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
    config_operation: int = wire(INT8)
    value: str | None = wire(STRING, null=0)


@dataclass(slots=True)
class AlterConfigsResource:
    resource_type: int = wire(INT8)
    resource_name: str = wire(STRING)
    configs: list[AlterableConfig] = wire(array(AlterableConfig))


@message(key=44, versions=(0, 1), flexible=1)
@dataclass(slots=True)
class IncrementalAlterConfigsRequest(Message):
    resources: list[AlterConfigsResource] = wire(array(AlterConfigsResource))
    validate_only: bool = wire(BOOL)


@dataclass(slots=True)
class AlterConfigsResourceResponse:
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0)
    resource_type: int = wire(INT8)
    resource_name: str = wire(STRING)


@message(key=44, versions=(0, 1), flexible=1)
@dataclass(slots=True)
class IncrementalAlterConfigsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    responses: list[AlterConfigsResourceResponse] = wire(array(AlterConfigsResourceResponse))


IncrementalAlterConfigsRequest.response = IncrementalAlterConfigsResponse
