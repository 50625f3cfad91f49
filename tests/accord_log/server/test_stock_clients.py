"""Stock clients connect, by every way of authentication, and are told when theirs is wrong."""

from __future__ import annotations

import asyncio
import logging
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.helpers import create_ssl_context
from certificates import Authority
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from log_handler import TinyHandler

from accord_log.kafka.messages.metadata import MetadataRequest
from accord_log.server import ListenerSettings, SaslSettings, ServerThread, TlsSettings
from accord_log.server.settings import MECHANISMS

# kafka-python reads its own message definitions in a way that Python means to drop.
with warnings.catch_warnings(action="ignore"):
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serve = Callable[..., ServerThread]

pytestmark = pytest.mark.filterwarnings("ignore:read_text is deprecated:DeprecationWarning")
SASL = SaslSettings(users={"alice": "secret"})
PATIENCE_SECONDS = 30


def listener(authority: Authority | None, sasl: SaslSettings | None) -> ListenerSettings:
    tls = None
    if authority is not None:
        signed = authority.sign("server")
        tls = TlsSettings(
            certificate=signed.certificate,
            key=signed.key,
            client_authorities=authority.certificate,
            requires_client_certificate=sasl is None,
        )
    return ListenerSettings(host="127.0.0.1", port=0, tls=tls, sasl=sasl)


class Login:
    """How a client connects: where, inside TLS or not, and with which password or certificate."""

    def __init__(
        self, port: int, authority: Authority | None, mechanism: str | None, password: str
    ) -> None:
        self.bootstrap = f"127.0.0.1:{port}"
        transport = "PLAINTEXT" if authority is None else "SSL"
        self.protocol = transport if mechanism is None else f"SASL_{transport}"
        self.mechanism = mechanism
        self.password = password
        self.authority = None if authority is None else str(authority.certificate)
        self.own = None
        if authority is not None and mechanism is None:
            self.own = authority.sign("alice")

    def confluent(self) -> dict[str, Any]:
        settings = {"bootstrap.servers": self.bootstrap, "security.protocol": self.protocol}
        if self.mechanism is not None:
            settings["sasl.mechanism"] = self.mechanism
            settings["sasl.username"] = "alice"
            settings["sasl.password"] = self.password
        if self.authority is not None:
            settings["ssl.ca.location"] = self.authority
        if self.own is not None:
            settings["ssl.certificate.location"] = str(self.own.certificate)
            settings["ssl.key.location"] = str(self.own.key)
        return settings

    def others(self) -> dict[str, Any]:
        settings = {"bootstrap_servers": self.bootstrap, "security_protocol": self.protocol}
        if self.mechanism is not None:
            settings["sasl_mechanism"] = self.mechanism
            settings["sasl_plain_username"] = "alice"
            settings["sasl_plain_password"] = self.password
        return settings

    def kafka_python(self) -> dict[str, Any]:
        files = {"ssl_cafile": self.authority}
        if self.own is not None:
            files |= {"ssl_certfile": self.own.certificate, "ssl_keyfile": self.own.key}
        return {**self.others(), **files}

    def aiokafka(self) -> dict[str, Any]:
        if self.authority is None:
            return self.others()
        own = {}
        if self.own is not None:
            own = {"certfile": str(self.own.certificate), "keyfile": str(self.own.key)}
        return {
            **self.others(),
            "ssl_context": create_ssl_context(cafile=self.authority, **own),
        }


def by_confluent(login: Login) -> None:
    AdminClient(login.confluent()).list_topics(timeout=PATIENCE_SECONDS)


def by_kafka_python(login: Login) -> None:
    client = KafkaAdminClient(**login.kafka_python())
    client.list_topics()
    client.close()


def by_aiokafka(login: Login) -> None:
    async def ask() -> None:
        client = AIOKafkaAdminClient(**login.aiokafka())
        try:
            await client.start()
            await client.list_topics()
        finally:
            await client.close()

    asyncio.run(ask())


WAYS = [(False, None), (True, None), *((tls, each) for tls in (False, True) for each in MECHANISMS)]


@pytest.mark.parametrize("ask", [by_confluent, by_kafka_python, by_aiokafka])
@pytest.mark.parametrize(("tls", "mechanism"), WAYS)
def test_a_stock_client_is_let_in(
    serve: Serve,
    tmp_path: Path,
    ask: Callable[[Login], None],
    tls: bool,
    mechanism: str | None,
) -> None:
    handler = TinyHandler()
    authority = Authority(tmp_path) if tls else None
    server = serve(handler, listener(authority, None if mechanism is None else SASL))
    ask(Login(server.port, authority, mechanism, "secret"))
    (principal,) = {
        started.context.principal
        for started in handler.started
        if isinstance(started.request, MetadataRequest)
    }
    if mechanism is not None:
        assert principal == "User:alice"
    else:
        assert principal == ("User:CN=alice" if tls else "User:ANONYMOUS")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_confluent_kafka_says_that_a_password_is_wrong(serve: Serve, mechanism: str) -> None:
    server = serve(TinyHandler(), listener(None, SASL))
    told: list[KafkaError] = []
    arrived = threading.Event()

    def note(error: KafkaError) -> None:
        told.append(error)
        arrived.set()

    login = Login(server.port, None, mechanism, "wrong").confluent()
    client = AdminClient({**login, "error_cb": note, "log_level": 0})
    with pytest.raises(KafkaException):
        client.list_topics(timeout=1)
    while not arrived.is_set():
        client.poll(0.1)
    assert told[0].code() == KafkaError._AUTHENTICATION  # noqa: SLF001 - so it is called
    assert "Authentication failed" in told[0].str()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kafka_python_says_that_a_password_is_wrong(
    serve: Serve, mechanism: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(TinyHandler(), listener(None, SASL))
    login = Login(server.port, None, mechanism, "wrong").kafka_python()
    with pytest.raises(KafkaTimeoutError), caplog.at_level(logging.WARNING):
        KafkaAdminClient(**login, bootstrap_timeout_ms=500)
    assert "SaslAuthenticationFailedError: Authentication failed" in caplog.text


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_aiokafka_says_that_a_password_is_wrong(
    serve: Serve, mechanism: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(TinyHandler(), listener(None, SASL))

    async def ask() -> None:
        client = AIOKafkaAdminClient(**Login(server.port, None, mechanism, "wrong").aiokafka())
        try:
            await client.start()
        finally:
            await client.close()

    with pytest.raises(KafkaConnectionError), caplog.at_level(logging.WARNING):
        asyncio.run(ask())
    assert "Authentication failed" in caplog.text
