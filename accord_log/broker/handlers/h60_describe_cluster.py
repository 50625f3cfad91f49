"""DescribeCluster: one broker, which leads everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context

OF_BROKERS = 1


def handle(
    broker: Broker, request: DescribeClusterRequest, context: Context
) -> DescribeClusterResponse:
    """Tell the cluster's id and where its broker is."""
    settings = broker.services.settings
    if request.endpoint_type != OF_BROKERS:
        return DescribeClusterResponse(
            error_code=ErrorCode.INVALID_REQUEST,
            error_message="This cluster has no endpoints of controllers",
            endpoint_type=request.endpoint_type,
        )
    host, port = context.advertised
    return DescribeClusterResponse(
        cluster_id=settings.cluster_id,
        controller_id=settings.node_id,
        brokers=[DescribeClusterBroker(settings.node_id, host, port)],
    )
