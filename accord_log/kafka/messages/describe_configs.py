"""DescribeConfigs: API key 32."""

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
class DescribeConfigsResource:
    resource_type: int = wire(INT8)
    resource_name: str = wire(STRING)
    configuration_keys: list[str] | None = wire(array(STRING), null=0)


@message(key=32, versions=(1, 4), flexible=4)
@dataclass(slots=True)
class DescribeConfigsRequest(Message):
    resources: list[DescribeConfigsResource] = wire(array(DescribeConfigsResource))
    include_synonyms: bool = wire(BOOL, since=1)
    include_documentation: bool = wire(BOOL, since=3)


@dataclass(slots=True)
class DescribeConfigsSynonym:
    name: str = wire(STRING, since=1)
    value: str | None = wire(STRING, since=1, null=0)
    source: int = wire(INT8, since=1)


@dataclass(slots=True)
class DescribeConfigsResourceResult:
    name: str = wire(STRING)
    value: str | None = wire(STRING, null=0)
    read_only: bool = wire(BOOL)
    config_source: int = wire(INT8, since=1, default=-1)
    is_sensitive: bool = wire(BOOL)
    synonyms: list[DescribeConfigsSynonym] = wire(array(DescribeConfigsSynonym), since=1)
    config_type: int = wire(INT8, since=3)
    documentation: str | None = wire(STRING, since=3, null=0)


@dataclass(slots=True)
class DescribeConfigsResult:
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0)
    resource_type: int = wire(INT8)
    resource_name: str = wire(STRING)
    configs: list[DescribeConfigsResourceResult] = wire(array(DescribeConfigsResourceResult))


@message(key=32, versions=(1, 4), flexible=4)
@dataclass(slots=True)
class DescribeConfigsResponse(Message):
    throttle_time_ms: int = wire(INT32)
    results: list[DescribeConfigsResult] = wire(array(DescribeConfigsResult))


DescribeConfigsRequest.response = DescribeConfigsResponse
