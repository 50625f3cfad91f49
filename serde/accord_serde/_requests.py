"""From a call to the HTTP requests that can carry it, one per node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_serde._exchange import Request
from accord_serde._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_serde._call import Call
    from accord_serde._settings import Settings

_MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
_ACCEPT = f"{_MEDIA_TYPE}, application/vnd.schemaregistry+json, application/json"
_USER_AGENT = f"accord-serde/{__version__}"


def requests_for(
    call: Call[Any], settings: Settings, *, bearer: Mapping[str, str], first: int
) -> list[Request]:
    """Return the same request for every node, beginning with node number `first`."""
    shared = _headers(call, settings) | {name.lower(): bearer[name] for name in bearer}
    order = [*range(first, len(settings.endpoints)), *range(first)]
    target, content = call.target, call.content
    requests = []
    for number in order:
        node = settings.endpoints[number]
        basic = {} if node.authorization is None else {"authorization": node.authorization}
        headers = shared | basic
        requests.append(Request(call.method, f"{node.base}/{target}", headers, content, number))
    return requests


def _headers(call: Call[Any], settings: Settings) -> dict[str, str]:
    headers = {"accept": _ACCEPT, "user-agent": _USER_AGENT}
    headers |= {name.lower(): value for name, value in settings.headers.items()}
    if call.body is not None:
        headers["content-type"] = _MEDIA_TYPE
        # asks a registration for version and GUID besides the id
        headers["confluent-accept-unknown-properties"] = "true"
    return headers
