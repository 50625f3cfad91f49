"""ApiVersions: API key 18."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import (
    BOOL,
    INT16,
    INT32,
    INT64,
    STRING,
    Message,
    array,
    message,
    wire,
)


@message(key=18, versions=(0, 4), flexible=3)
@dataclass(slots=True)
class ApiVersionsRequest(Message):
    client_software_name: str = wire(STRING, since=3)
    client_software_version: str = wire(STRING, since=3)


@dataclass(slots=True)
class ApiVersion:
    api_key: int = wire(INT16)
    min_version: int = wire(INT16)
    max_version: int = wire(INT16)


@dataclass(slots=True)
class SupportedFeatureKey:
    name: str = wire(STRING, since=3)
    min_version: int = wire(INT16, since=3)
    max_version: int = wire(INT16, since=3)


@dataclass(slots=True)
class FinalizedFeatureKey:
    name: str = wire(STRING, since=3)
    max_version_level: int = wire(INT16, since=3)
    min_version_level: int = wire(INT16, since=3)


@message(key=18, versions=(0, 4), flexible=3)
@dataclass(slots=True)
class ApiVersionsResponse(Message):
    error_code: int = wire(INT16)
    api_keys: list[ApiVersion] = wire(array(ApiVersion))
    throttle_time_ms: int = wire(INT32, since=1)
    supported_features: list[SupportedFeatureKey] = wire(array(SupportedFeatureKey), since=3, tag=0)
    finalized_features_epoch: int = wire(INT64, since=3, tag=1, default=-1)
    finalized_features: list[FinalizedFeatureKey] = wire(array(FinalizedFeatureKey), since=3, tag=2)
    zk_migration_ready: bool = wire(BOOL, since=3, tag=3)


ApiVersionsRequest.response = ApiVersionsResponse
