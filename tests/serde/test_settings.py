from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from accord_serde import AsyncSchemaRegistryClient, SchemaRegistryClient
from accord_serde._bearer import CustomBearer, OAuthBearer, StaticBearer
from accord_serde._exchange import RetryPolicy
from accord_serde._settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import SimpleNamespace

URL = {"url": "http://one:8081"}
CLUSTER = {"bearer.auth.logical.cluster": "c"}
STATIC = {"bearer.auth.credentials.source": "STATIC_TOKEN", "bearer.auth.token": "t"} | CLUSTER
CUSTOM = {
    "bearer.auth.credentials.source": "CUSTOM",
    "bearer.auth.custom.provider.function": dict,
    "bearer.auth.custom.provider.config": {},
}
OAUTH = {
    "bearer.auth.credentials.source": "OAUTHBEARER",
    "bearer.auth.client.id": "me",
    "bearer.auth.client.secret": "hush",
    "bearer.auth.scope": "s",
    "bearer.auth.issuer.endpoint.url": "https://token/endpoint",
} | CLUSTER
AZURE = {
    "bearer.auth.credentials.source": "OAUTHBEARER_AZURE_IMDS",
    "bearer.auth.issuer.endpoint.query": "resource=r",
} | CLUSTER


def without(conf: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in conf.items() if name != key}


def test_the_defaults() -> None:
    settings = read_settings(URL)
    assert [(node.base, node.authorization) for node in settings.endpoints] == [
        ("http://one:8081", None)
    ]
    assert settings.full.timeout == 60
    assert settings.cache_capacity == 1000
    assert settings.latest_ttl == 60
    assert settings.full.retry == RetryPolicy(3, 1000, 20_000)
    assert (settings.bearer, settings.proxy, settings.headers) == (None, None, {})


def test_every_number_can_be_set() -> None:
    settings = read_settings(
        URL
        | {
            "timeout": 1.5,
            "cache.capacity": 2.0,
            "cache.latest.ttl.sec": 0.5,
            "max.retries": 0,
            "retries.wait.ms": 5.0,
            "retries.max.wait.ms": 6,
        }
    )
    assert (settings.full.timeout, settings.cache_capacity, settings.latest_ttl) == (1.5, 2, 0.5)
    assert settings.full.retry == RetryPolicy(0, 5, 6)


def test_the_dictionary_is_left_as_it_is() -> None:
    conf = URL | STATIC
    read_settings(conf)
    assert conf == URL | STATIC
    assert SchemaRegistryClient(conf).config() is conf


def test_urls_are_separated_by_commas_and_may_have_paths() -> None:
    settings = read_settings({"url": " http://one:1/ , https://two/apis/ccompat/v7//"})
    assert [node.base for node in settings.endpoints] == [
        "http://one:1",
        "https://two/apis/ccompat/v7",
    ]


def test_user_info_in_a_url_leaves_the_url() -> None:
    conf = {"url": "http://us%20er:p%40ss@one,http://two,http://only:own@three,http://name@four"}
    nodes = read_settings(conf).endpoints
    assert [(node.base, node.authorization) for node in nodes] == [
        ("http://one", "Basic dXMgZXI6cEBzcw=="),
        ("http://two", "Basic dXMgZXI6cEBzcw=="),
        ("http://three", "Basic b25seTpvd24="),
        ("http://four", "Basic bmFtZTo="),
    ]


@pytest.mark.parametrize("source", [{}, {"basic.auth.credentials.source": "USER_INFO"}])
def test_user_info_may_hold_colons(source: dict[str, str]) -> None:
    (node,) = read_settings(URL | source | {"basic.auth.user.info": "user:pa:ss"}).endpoints
    assert node.authorization == "Basic dXNlcjpwYTpzcw=="


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({}, ValueError, "Missing required configuration property url"),
    ({"url": 1}, TypeError, "url must be a str"),
    ({"url": ""}, ValueError, "Invalid url "),
    ({"url": "http://one,"}, ValueError, "Invalid url "),
    ({"url": "mock://one"}, ValueError, "Invalid url mock://one: there is no mock registry here"),
    ({"url": "ftp://one"}, ValueError, "Invalid url ftp://one"),
    ({"url": "ftp://user:hush@one"}, ValueError, "Invalid url, not shown"),
    ({"url": "http://user:hush/x@one"}, ValueError, "Invalid url, not shown"),
    ({"url": "http://"}, ValueError, "Invalid url http:"),
    ({"url": "http://one:port"}, ValueError, "Invalid url http://one:port"),
    (URL | {"a": 1, "b": 2}, ValueError, "Unrecognized properties: a, b"),
    (URL | {"max.retries": "3"}, TypeError, "max.retries must be a number"),
    (URL | {"max.retries": -1}, ValueError, "max.retries must be at least 0"),
    (URL | {"timeout": float("nan")}, ValueError, "timeout must be at least 0"),
    (URL | {"basic.auth.user.info": "hush"}, ValueError, "must be in the form of"),
    (
        {"url": "http://a:b@one", "basic.auth.user.info": "a:hush"},
        ValueError,
        "configured with userinfo credentials in the URL",
    ),
    (
        URL | {"basic.auth.user.info": "a:hush", "basic.auth.credentials.source": "URL"},
        ValueError,
        "configured with userinfo credentials in the URL",
    ),
    (URL | {"basic.auth.credentials.source": "USER_INFO"}, ValueError, "user.info must be set"),
    (URL | {"basic.auth.credentials.source": "SASL_INHERIT"}, ValueError, "must be one of"),
    (URL | {"http.headers": ["a"]}, TypeError, "http.headers must be a dict of str"),
    (URL | {"http.headers": {"a": 1}}, TypeError, "http.headers must be a dict of str"),
    (URL | {"ssl.ca.location": 1}, TypeError, "ssl.ca.location must be a str or False"),
    (URL | {"ssl.key.location": "k"}, ValueError, "ssl.certificate.location required"),
    (URL | {"ssl.key.password": "hush"}, ValueError, "ssl.certificate.location required"),
    (URL | {"bearer.auth.credentials.source": "X"}, ValueError, "Unrecognized bearer.auth"),
    (URL | {"bearer.auth.token": "hush"}, ValueError, "Unrecognized properties"),
    (URL | without(STATIC, "bearer.auth.token"), ValueError, "Missing bearer.auth.token"),
    (URL | STATIC | {"bearer.auth.token": 1}, TypeError, "bearer.auth.token must be a str"),
    (
        URL | without(STATIC, "bearer.auth.logical.cluster"),
        ValueError,
        "Missing required bearer configuration properties: bearer.auth.logical.cluster",
    ),
    (URL | STATIC | {"bearer.auth.identity.pool.id": [1]}, TypeError, "must be strings"),
    (URL | STATIC | {"bearer.auth.identity.pool.id": 1}, TypeError, "must be a str or list"),
    (URL | STATIC | {"basic.auth.user.info": "a:hush"}, ValueError, "either basic or bearer"),
    (
        URL | without(CUSTOM, "bearer.auth.custom.provider.config"),
        ValueError,
        "Missing required custom OAuth configuration properties",
    ),
    (URL | CUSTOM | {"bearer.auth.custom.provider.function": 1}, TypeError, "must be a callable"),
    (URL | CUSTOM | {"bearer.auth.custom.provider.config": 1}, TypeError, "must be a dict"),
    (
        URL | without(OAUTH, "bearer.auth.client.secret"),
        ValueError,
        "Missing required OAuth configuration properties: bearer.auth.client.secret",
    ),
    (URL | OAUTH | {"bearer.auth.scope": 1}, TypeError, "bearer.auth.scope must be a str"),
    (
        URL | without(AZURE, "bearer.auth.issuer.endpoint.query"),
        ValueError,
        "bearer.auth.issuer.endpoint.query must be provided",
    ),
]


@pytest.mark.parametrize("face", [SchemaRegistryClient, AsyncSchemaRegistryClient])
@pytest.mark.parametrize(("conf", "error", "message"), REFUSED)
def test_a_bad_setting_is_refused_without_telling_secrets(
    face: Callable[[dict[str, Any]], object],
    conf: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error) as caught:
        face(conf)
    assert message in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("conf", "error"),
    [
        (conf, error)
        for conf, error, message in REFUSED
        if message
        in {
            "Missing required configuration property url",
            "url must be a str",
            "Unrecognized properties: a, b",
            "max.retries must be a number",
            "must be in the form of",
            "ssl.certificate.location required",
            "Unrecognized bearer.auth",
            "Unrecognized properties",
            "Missing bearer.auth.token",
            "must be strings",
            "must be a callable",
            "must be a dict",
        }
    ],
)
def test_the_stock_client_refuses_it_with_the_same_error(
    stock: SimpleNamespace, conf: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        stock.SchemaRegistryClient(conf)


def test_each_source_of_tokens_is_read() -> None:
    pools = {"bearer.auth.identity.pool.id": ["p", "q"]}
    static = read_settings(URL | STATIC | pools).bearer
    assert isinstance(static, StaticBearer)
    assert (static.token, static.identity.cluster, static.identity.pool) == ("t", "c", "p,q")
    assert isinstance(read_settings(URL | CUSTOM).bearer, CustomBearer)
    oauth = read_settings(URL | OAUTH).bearer
    assert isinstance(oauth, OAuthBearer)
    assert (oauth.request.method, oauth.request.url) == ("POST", "https://token/endpoint")


@pytest.mark.parametrize(
    ("change", "url"),
    [
        ({}, "http://169.254.169.254/metadata/identity/oauth2/token?resource=r"),
        ({"bearer.auth.issuer.endpoint.url": "http://x/t?a=1#f"}, "http://x/t?resource=r"),
    ],
)
def test_the_azure_endpoint_gets_the_query(change: dict[str, str], url: str) -> None:
    bearer = read_settings(URL | AZURE | change).bearer
    assert isinstance(bearer, OAuthBearer)
    assert (bearer.request.method, bearer.request.url) == ("GET", url)
    assert bearer.request.headers == {"Metadata": "true"}


SECRETS: list[dict[str, Any]] = [
    {"url": "http://user:hush@one"},
    URL | {"basic.auth.user.info": "user:hush"},
    URL | {"proxy": "http://user:hush@proxy"},
    URL | {"http.headers": {"X-Key": "hush"}},
    URL | STATIC | {"bearer.auth.token": "hush"},
    URL | OAUTH,
    URL | CUSTOM | {"bearer.auth.custom.provider.config": {"password": "hush"}},
]


@pytest.mark.parametrize("conf", SECRETS)
def test_secrets_are_not_part_of_any_representation(conf: dict[str, Any]) -> None:
    shown = [repr(read_settings(conf)), repr(SchemaRegistryClient(conf))]
    shown.append(str(AsyncSchemaRegistryClient(conf)))
    for text in shown:
        assert "hush" not in text
        assert "aHVzaA" not in text  # the same in base64
        assert "dXNlcjpodXNo" not in text  # user and password in base64
    assert "http://one" in shown[1]


def test_servers_are_verified_unless_told_otherwise(tmp_path: Path) -> None:
    secure = {"url": "https://one"}
    context = read_settings(secure).verify
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    trusting = read_settings(secure | {"ssl.ca.location": False}).verify
    assert isinstance(trusting, ssl.SSLContext)
    assert (trusting.verify_mode, trusting.check_hostname) == (ssl.CERT_NONE, False)
    folder = read_settings(secure | {"ssl.ca.location": str(tmp_path)}).verify
    assert isinstance(folder, ssl.SSLContext)
    assert folder.verify_mode == ssl.CERT_REQUIRED
    with pytest.raises(FileNotFoundError):
        read_settings(secure | {"ssl.ca.location": str(tmp_path / "absent.pem")})
    with pytest.raises(FileNotFoundError):
        read_settings(URL | {"ssl.certificate.location": str(tmp_path / "absent.pem")})
