"""Certificates, over real sockets."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accord_serde import AsyncSchemaRegistryClient, OAuthTokenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

Connect = Any  # the fixtures of conftest.py
PASSWORD = "hush"


class Paper:
    """A certificate that vouches for itself, and its key, locked and not."""

    def __init__(self, folder: Path) -> None:
        self.certificate = str(folder / "certificate.pem")
        self.key = str(folder / "key.pem")
        self.locked_key = str(folder / "locked.pem")
        key = ec.generate_private_key(ec.SECP256R1())
        (folder / "certificate.pem").write_bytes(_certificate(key))
        open_, locked = (
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
            )
            for encryption in (
                serialization.NoEncryption(),
                serialization.BestAvailableEncryption(PASSWORD.encode()),
            )
        )
        (folder / "key.pem").write_bytes(open_)
        (folder / "locked.pem").write_bytes(locked)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return Paper(tmp_path_factory.mktemp("paper"))


def test_a_server_nobody_vouches_for_is_refused(
    connect: Connect, secure_recorder: Callable[..., AbstractContextManager[Any]], paper: Paper
) -> None:
    with secure_recorder(paper.server_context()) as recorder:
        recorder.always([])
        client = connect(None, url=recorder.url, max_retries=0)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            client.get_subjects()
        assert recorder.requests == []


@pytest.mark.parametrize("trusted", ["this one", "anyone"])
def test_a_server_can_be_trusted(
    connect: Connect,
    secure_recorder: Callable[..., AbstractContextManager[Any]],
    paper: Paper,
    trusted: str,
) -> None:
    location = paper.certificate if trusted == "this one" else False
    with secure_recorder(paper.server_context()) as recorder:
        recorder.always(["s"])
        conf = {"url": recorder.url, "ssl.ca.location": location}
        assert connect(None, **conf).get_subjects() == ["s"]


@pytest.mark.parametrize("key", ["key.pem", "locked.pem"])
def test_a_client_can_show_its_certificate(
    connect: Connect,
    secure_recorder: Callable[..., AbstractContextManager[Any]],
    paper: Paper,
    key: str,
) -> None:
    context = paper.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(paper.certificate)
    with secure_recorder(context) as recorder:
        recorder.always(["s"])
        conf = {"url": recorder.url, "ssl.ca.location": paper.certificate, "max.retries": 0}
        with pytest.raises(httpx.TransportError):
            connect(None, **conf).get_subjects()
        conf["ssl.certificate.location"] = paper.certificate
        conf["ssl.key.location"] = paper.key if key == "key.pem" else paper.locked_key
        if key == "locked.pem":
            conf["ssl.key.password"] = PASSWORD
        assert connect(None, **conf).get_subjects() == ["s"]


def test_an_alert_that_a_read_meets_is_a_failed_transport() -> None:
    """Over asyncio, TLS 1.3's alert for a missing certificate may come as late as that."""

    def alert(_: httpx.Request) -> httpx.Response:
        raise ssl.SSLError(1, "tlsv13 alert certificate required")

    async def ask() -> None:
        conf = {"url": "https://one", "max.retries": 1, "retries.wait.ms": 0}
        transport = httpx.MockTransport(alert)
        async with AsyncSchemaRegistryClient(conf, transport=transport) as client:
            await client.get_subjects()

    with pytest.raises(httpx.ReadError, match="alert certificate required") as caught:
        asyncio.run(ask())
    assert isinstance(caught.value.__cause__, ssl.SSLError)


def test_the_token_endpoint_is_verified_whatever_holds_for_the_registry(
    connect: Connect,
    recorder: Any,
    secure_recorder: Callable[..., AbstractContextManager[Any]],
    paper: Paper,
) -> None:
    with secure_recorder(paper.server_context()) as endpoint:
        conf = {
            "url": recorder.url,
            "max.retries": 0,
            "ssl.ca.location": False,
            "bearer.auth.credentials.source": "OAUTHBEARER",
            "bearer.auth.client.id": "me",
            "bearer.auth.client.secret": PASSWORD,
            "bearer.auth.scope": "s",
            "bearer.auth.issuer.endpoint.url": f"{endpoint.url}/token",
            "bearer.auth.logical.cluster": "c",
        }
        with pytest.raises(OAuthTokenError, match="CERTIFICATE_VERIFY_FAILED"):
            connect(None, **conf).get_subjects()
        assert endpoint.requests == recorder.requests == []
