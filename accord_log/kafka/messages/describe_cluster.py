"""DescribeCluster: API key 60."""

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


@message(key=60, versions=(0, 1), flexible=0)
@dataclass(slots=True)
class DescribeClusterRequest(Message):
    include_cluster_authorized_operations: bool = wire(BOOL)
    endpoint_type: int = wire(INT8, since=1, default=1)


@dataclass(slots=True)
class DescribeClusterBroker:
    broker_id: int = wire(INT32)
    host: str = wire(STRING)
    port: int = wire(INT32)
    rack: str | None = wire(STRING, null=0, default=None)


@message(key=60, versions=(0, 1), flexible=0)
@dataclass(slots=True)
class DescribeClusterResponse(Message):
    throttle_time_ms: int = wire(INT32)
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0, default=None)
    endpoint_type: int = wire(INT8, since=1, default=1)
    cluster_id: str = wire(STRING)
    controller_id: int = wire(INT32, default=-1)
    brokers: list[DescribeClusterBroker] = wire(array(DescribeClusterBroker))
    cluster_authorized_operations: int = wire(INT32, default=-2147483648)


DescribeClusterRequest.response = DescribeClusterResponse
