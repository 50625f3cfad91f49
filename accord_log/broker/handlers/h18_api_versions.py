"""ApiVersions: what is spoken here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.api_ranges import ADVERTISED
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
)

if TYPE_CHECKING:
    from accord_log.broker.broker import Broker
    from accord_log.broker.context import Context


def handle(_: Broker, request: ApiVersionsRequest, context: Context) -> ApiVersionsResponse:
    """List every API with its versions."""
    context.software = (request.client_software_name, request.client_software_version)
    return spoken(ErrorCode.NONE)


def spoken(error_code: ErrorCode) -> ApiVersionsResponse:
    """Return the list, with UNSUPPORTED_VERSION for who asked in a version that is not spoken."""
    return ApiVersionsResponse(
        error_code=error_code,
        api_keys=[
            ApiVersion(key, versions.start, versions.stop - 1)
            for key, versions in sorted(ADVERTISED.items())
        ],
    )
