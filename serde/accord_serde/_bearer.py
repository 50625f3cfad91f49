"""Bearer credentials: where the token comes from and which headers it travels in."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit

from accord_serde import _json
from accord_serde._exchange import Request
from accord_serde.error import OAuthTokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord_serde._call import Reply
    from accord_serde._conf import Conf

_AZURE_IMDS = "http://169.254.169.254/metadata/identity/oauth2/token"
_RENEW_AT = 0.8  # of a token's life
_DEFAULT_LIFE = 300.0  # seconds, where the endpoint names none (RFC 6749, 5.1: it should)
_SHOWN = 500  # bytes of an unintelligible answer repeated in the error


@dataclass(frozen=True, slots=True)
class Identity:
    """Where the token is for: the logical cluster, and identity pools if any."""

    cluster: str
    pool: str | None

    def fields(self, token: str) -> dict[str, str]:
        fields = {"bearer.auth.token": token, "bearer.auth.logical.cluster": self.cluster}
        if self.pool is not None:
            fields["bearer.auth.identity.pool.id"] = self.pool
        return fields


@dataclass(frozen=True, slots=True)
class StaticBearer:
    identity: Identity
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CustomBearer:
    """The caller's own function, called for every request.

    It returns the fields `bearer_headers` reads; the asynchronous client awaits it.
    """

    function: Callable[[dict[str, Any]], Any]
    config: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthBearer:
    """A token endpoint to ask; the token is kept for most of its life."""

    identity: Identity
    request: Request


Bearer: TypeAlias = StaticBearer | CustomBearer | OAuthBearer


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    renew_at: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() < self.renew_at


def bearer_headers(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the headers for what a provider gave. Raises ValueError for a missing field."""
    needed = ("bearer.auth.token", "bearer.auth.logical.cluster")
    missing = [name for name in needed if name not in fields]
    if missing:
        raise ValueError(
            "Missing required bearer auth fields, needs to be set in config or custom function: "
            + ", ".join(missing)
        )
    headers = {
        "Authorization": f"Bearer {fields['bearer.auth.token']}",
        "target-sr-cluster": fields["bearer.auth.logical.cluster"],
    }
    if "bearer.auth.identity.pool.id" in fields:
        headers["Confluent-Identity-Pool-Id"] = fields["bearer.auth.identity.pool.id"]
    return headers


def read_token(reply: Reply) -> Token:
    """Read a token endpoint's answer. Raises OAuthTokenError."""
    shown = reply.content[:_SHOWN].decode(errors="replace")
    if not reply.is_success:
        raise OAuthTokenError("Failed to retrieve token", reply.status, shown)
    try:
        document = json.loads(reply.content)
        value = _json.required(document, "access_token", str)
        life = document.get("expires_in")
        seconds = _DEFAULT_LIFE if life is None else float(life)  # Azure sends a string
    except (TypeError, ValueError, RecursionError) as error:
        message = f"Failed to read token: {type(error).__name__}"  # the answer may hold a secret
        raise OAuthTokenError(message, reply.status) from None
    return Token(value, time.monotonic() + seconds * _RENEW_AT)


def token_failure(error: Exception) -> OAuthTokenError:
    return OAuthTokenError(f"Failed to retrieve token: {type(error).__name__}: {error}")


def take_bearer(conf: Conf) -> Bearer | None:
    """Read the `bearer.*` keys. Raises ValueError, TypeError."""
    source = conf.take("bearer.auth.credentials.source")
    match source:
        case None:
            return None
        case "STATIC_TOKEN":
            return _static(conf)
        case "CUSTOM":
            return _custom(conf)
        case "OAUTHBEARER":
            return _oauth(conf)
        case "OAUTHBEARER_AZURE_IMDS":
            return _azure(conf)
        case _:
            raise ValueError("Unrecognized bearer.auth.credentials.source")


def _identity(conf: Conf) -> Identity:
    conf.require("bearer configuration", ["bearer.auth.logical.cluster"])
    cluster = conf.text("bearer.auth.logical.cluster")
    assert cluster is not None
    return Identity(cluster, _pool(conf.take("bearer.auth.identity.pool.id")))


def _pool(pools: object) -> str | None:
    match pools:
        case None | str():
            return pools
        case list() if all(isinstance(pool, str) for pool in pools):
            return ",".join(pools)
        case list():
            raise TypeError("All items in identity pool list must be strings")
        case _:
            raise TypeError(f"identity pool id must be a str or list, not {type(pools)}")


def _static(conf: Conf) -> StaticBearer:
    identity = _identity(conf)
    token = conf.text("bearer.auth.token")
    if token is None:
        raise ValueError("Missing bearer.auth.token")
    return StaticBearer(identity, token)


def _custom(conf: Conf) -> CustomBearer:
    keys = ["bearer.auth.custom.provider.function", "bearer.auth.custom.provider.config"]
    conf.require("custom OAuth configuration", keys)
    function, config = (conf.take(key) for key in keys)
    if not callable(function):
        raise TypeError(f"{keys[0]} must be a callable, not {type(function)}")
    if not isinstance(config, dict):
        raise TypeError(f"{keys[1]} must be a dict, not {type(config)}")
    return CustomBearer(function, config)


def _oauth(conf: Conf) -> OAuthBearer:
    identity = _identity(conf)
    keys = [
        "bearer.auth.client.id",
        "bearer.auth.client.secret",
        "bearer.auth.scope",
        "bearer.auth.issuer.endpoint.url",
    ]
    conf.require("OAuth configuration", keys)
    client_id, secret, scope, url = (conf.text(key) or "" for key in keys)
    credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {
        "Accept": "application/json",
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = urlencode({"grant_type": "client_credentials", "scope": scope})
    return OAuthBearer(identity, Request("POST", url, headers, form.encode()))


def _azure(conf: Conf) -> OAuthBearer:
    identity = _identity(conf)
    url = conf.text("bearer.auth.issuer.endpoint.url")
    query = conf.text("bearer.auth.issuer.endpoint.query")
    if not query and url is None:
        raise ValueError(
            "bearer.auth.issuer.endpoint.query must be provided "
            "when bearer.auth.issuer.endpoint.url isn't overridden"
        )
    parts = urlsplit(url or _AZURE_IMDS)
    if query:
        parts = parts._replace(query=query, fragment="")
    return OAuthBearer(identity, Request("GET", urlunsplit(parts), {"Metadata": "true"}, None))
