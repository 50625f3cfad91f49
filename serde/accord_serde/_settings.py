"""What a client's `conf` dictionary means."""

from __future__ import annotations

import base64
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from accord_serde._bearer import Bearer, take_bearer
from accord_serde._bundle import Bundle
from accord_serde._bundle_file import load
from accord_serde._conf import Conf
from accord_serde._exchange import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

_CAPACITY = 1000  # answers remembered of each kind; Confluent's default
_LATEST_TTL = 60.0  # seconds; Confluent's Java default (its Python client never looks again)
_TIMEOUT = 60.0  # seconds; Confluent's Java default (its Python client waits for ever)
_BRIEF_TIMEOUT = 10.0  # seconds; what hangs for longer is taken for away
_SOURCES = ("URL", "USER_INFO")
_MOCK = (
    "there is no mock registry here. In tests, run the real one without a socket: "
    "registry.embedded.EmbeddedRegistry of the distribution accord, or its pytest fixture "
    "accord_registry"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one registry node, and the basic credentials it gets."""

    base: str
    authorization: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try: `timeout` seconds for each step of each request."""

    retry: RetryPolicy
    timeout: float


@dataclass(frozen=True, slots=True)
class Settings:
    endpoints: tuple[Endpoint, ...]
    verify: ssl.SSLContext | bool = field(repr=False)
    proxy: str | None = field(repr=False)
    full: Effort
    brief: Effort  # of who has an old answer in hand
    cache_capacity: int
    latest_ttl: float
    bearer: Bearer | None
    headers: Mapping[str, str] = field(repr=False)
    bundle: Bundle = field(repr=False)


def read_settings(conf: Mapping[str, Any]) -> Settings:
    """Read a `conf` dictionary, leaving it as it is. Raises ValueError, TypeError, OSError."""
    taken = Conf(conf)
    urls = _take_urls(taken)
    full = _take_effort(taken)
    settings = Settings(
        endpoints=_take_endpoints(taken, urls),
        verify=_take_tls(taken, needed=any(url.scheme == "https" for url in urls)),
        proxy=taken.text("proxy"),
        full=full,
        brief=Effort(RetryPolicy(max_retries=0), min(full.timeout, _BRIEF_TIMEOUT)),
        cache_capacity=int(taken.number("cache.capacity", _CAPACITY)),
        latest_ttl=taken.number("cache.latest.ttl.sec", _LATEST_TTL),
        bearer=take_bearer(taken),
        headers=_take_headers(taken),
        bundle=_take_bundle(taken),
    )
    taken.finish()
    if settings.bearer is not None and any(node.authorization for node in settings.endpoints):
        raise ValueError("configure either basic or bearer credentials, not both")
    return settings


def _take_effort(conf: Conf) -> Effort:
    retry = RetryPolicy(
        max_retries=int(conf.number("max.retries", 3)),
        wait_ms=int(conf.number("retries.wait.ms", 1000)),
        max_wait_ms=int(conf.number("retries.max.wait.ms", 20_000)),
    )
    return Effort(retry, conf.number("timeout", _TIMEOUT))


def _take_urls(conf: Conf) -> list[SplitResult]:
    text = conf.text("url")
    if text is None:
        raise ValueError("Missing required configuration property url")
    urls = [urlsplit(part.strip().rstrip("/")) for part in text.split(",")]
    for url in urls:
        if url.scheme not in {"http", "https"} or not url.hostname or not _is_valid(url):
            shown = url.geturl()
            hidden = ", not shown for the credentials in it" if "@" in shown else f" {shown}"
            advice = f": {_MOCK}" if url.scheme == "mock" else ""
            raise ValueError(f"Invalid url{hidden}{advice}")
    return urls


def _is_valid(url: SplitResult) -> bool:
    try:
        httpx.URL(_without_userinfo(url))
    except httpx.InvalidURL:
        return False
    return True


def _without_userinfo(url: SplitResult) -> str:
    return url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()


def _take_endpoints(conf: Conf, urls: list[SplitResult]) -> tuple[Endpoint, ...]:
    """Pair each address with its own user info, or else with what all of them share."""
    own = [_userinfo(url) for url in urls]
    shared = _take_basic(conf, in_url=own[0] is not None) or own[0]
    return tuple(
        Endpoint(_without_userinfo(url), _basic(userinfo or shared))
        for url, userinfo in zip(urls, own, strict=True)
    )


def _userinfo(url: SplitResult) -> tuple[str, str] | None:
    if url.username is None:
        return None
    return unquote(url.username), unquote(url.password or "")


def _take_basic(conf: Conf, *, in_url: bool) -> tuple[str, str] | None:
    source = conf.text("basic.auth.credentials.source")
    info = conf.text("basic.auth.user.info")
    if source not in (None, *_SOURCES):
        raise ValueError(f"basic.auth.credentials.source must be one of {', '.join(_SOURCES)}")
    if source == "USER_INFO" and info is None:
        raise ValueError("basic.auth.user.info must be set")
    if info is None:
        return None
    if in_url or source == "URL":
        raise ValueError(
            "basic.auth.user.info configured with userinfo credentials in the URL. "
            "Remove userinfo credentials from the url or "
            "remove basic.auth.user.info from the configuration"
        )
    user, colon, password = info.partition(":")
    if not colon:
        raise ValueError("basic.auth.user.info must be in the form of {username}:{password}")
    return user, password


def _basic(userinfo: tuple[str, str] | None) -> str | None:
    if userinfo is None:
        return None
    return f"Basic {base64.b64encode(':'.join(userinfo).encode()).decode()}"


def _take_headers(conf: Conf) -> dict[str, str]:
    headers = conf.take("http.headers")
    if headers is None:
        return {}
    if not isinstance(headers, dict) or not all(
        isinstance(name, str) and isinstance(value, str) for name, value in headers.items()
    ):
        raise TypeError("http.headers must be a dict of str")
    return dict(headers)


def _take_bundle(conf: Conf) -> Bundle:
    path = conf.take("accord.bundle")
    match path:
        case None:
            return Bundle.EMPTY
        case str() | os.PathLike():
            return load(path)
        case _:
            raise TypeError(f"accord.bundle must be a str or a path, not {type(path)}")


def _take_tls(conf: Conf, *, needed: bool) -> ssl.SSLContext | bool:
    authorities = conf.take("ssl.ca.location")
    certificate, key, password = (
        conf.text(f"ssl.{part}")
        for part in ("certificate.location", "key.location", "key.password")
    )
    if certificate is None and not (key is None and password is None):
        raise ValueError(
            "ssl.certificate.location required when configuring ssl.key.location or "
            "ssl.key.password"
        )
    if authorities is None and certificate is None and not needed:
        return False  # nothing to verify; loading the authorities would take longer than a call
    context = _trust(authorities)
    if certificate is not None:
        context.load_cert_chain(certificate, key, password)
    return context


def _trust(authorities: object) -> ssl.SSLContext:
    match authorities:
        case None | True:
            return httpx.create_ssl_context()
        case False:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        case str() if Path(authorities).is_dir():
            return ssl.create_default_context(capath=authorities)
        case str():
            return ssl.create_default_context(cafile=authorities)
        case _:
            raise TypeError(f"ssl.ca.location must be a str or False, not {type(authorities)}")
