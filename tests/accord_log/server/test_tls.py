"""TLS: the same connection inside it, and the name in a client's certificate."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING

import pytest
from certificates import Authority
from cryptography.x509.oid import NameOID
from log_handler import TinyHandler
from raw_client import Closed, connect

from accord_log.kafka.messages.fetch import FetchRequest
from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.metadata import MetadataRequest
from accord_log.kafka.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from accord_log.server import ListenerSettings, ServerThread, TlsSettings
from accord_log.server.tls import subject_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from certificates import Signed

    Serve = Callable[..., ServerThread]

MIB = 1024 * 1024


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def listener(
    authority: Authority, *, mutual: bool = False, required: bool = True
) -> ListenerSettings:
    signed = authority.sign("server")
    tls = TlsSettings(
        certificate=signed.certificate,
        key=signed.key,
        client_authorities=authority.certificate if mutual else None,
        requires_client_certificate=required,
    )
    return ListenerSettings(host="127.0.0.1", port=0, tls=tls)


def trust(authority: Authority, own: Signed | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


def test_requests_and_answers_of_any_size_pass(serve: Serve, authority: Authority) -> None:
    handler = TinyHandler(fetch_bytes=4 * MIB)
    server = serve(handler, listener(authority))
    data = [TopicProduceData("t", [PartitionProduceData(0, bytes(3 * MIB))])]
    with connect(server.port, tls=trust(authority)) as client:
        for byte in client.frame(HeartbeatRequest()):
            client.socket.sendall(bytes([byte]))
        assert client.receive() == HeartbeatResponse()
        client.send(ProduceRequest(acks=-1, topic_data=data), FetchRequest())
        client.receive()
        assert len(client.receive().responses[0].partitions[0].records) == 4 * MIB
        client.send(*[HeartbeatRequest()] * 1_000)
        assert [client.receive() for _ in range(1_000)] == [HeartbeatResponse()] * 1_000


def test_who_does_not_read_is_not_read(serve: Serve, authority: Authority) -> None:
    handler = TinyHandler(fetch_bytes=MIB)
    server = serve(handler, listener(authority))
    tls = trust(authority)
    with connect(server.port, tls=tls) as client, connect(server.port, tls=tls) as other:
        client.socket.settimeout(0)
        frame = client.frame(FetchRequest())
        with contextlib.suppress(ssl.SSLWantWriteError):
            for _ in range(1_000_000):
                client.socket.sendall(frame)
        other.ask(HeartbeatRequest())
        before = len(handler.started)
        other.ask(HeartbeatRequest())
        assert len(handler.started) == before + 1
        # What the kernel keeps for both sides is less.
        assert before < 32


def test_a_client_is_named_by_its_certificate(serve: Serve, authority: Authority) -> None:
    handler = TinyHandler()
    server = serve(handler, listener(authority, mutual=True))
    own = authority.sign(
        "service, one", (NameOID.COUNTRY_NAME, "CH"), (NameOID.ORGANIZATION_NAME, "Acme")
    )
    with connect(server.port, tls=trust(authority, own)) as client:
        client.ask(MetadataRequest())
    assert handler.started[-1].context.principal == r"User:CN=service\, one,O=Acme,C=CH"


def refuses(server: ServerThread, tls: ssl.SSLContext) -> bool:
    """Tell whether no answer is to be had; where a client sees that varies."""
    try:
        with connect(server.port, tls=tls) as client:
            client.ask(MetadataRequest())
    except (Closed, ssl.SSLError, ConnectionError):
        return True
    return False


def test_a_client_without_a_certificate_is_refused(
    serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    handler = TinyHandler()
    server = serve(handler, listener(authority, mutual=True))
    assert refuses(server, trust(authority))
    assert handler.started == []
    assert server.counters.tls_failures == 1
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in caplog.text


def test_a_client_signed_by_somebody_else_is_refused(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    handler = TinyHandler()
    server = serve(handler, listener(authority, mutual=True, required=False))
    stranger = Authority(tmp_path, "Somebody Else").sign("stranger")
    assert refuses(server, trust(authority, stranger))
    assert handler.started == []


def test_a_certificate_may_be_optional(serve: Serve, authority: Authority) -> None:
    handler = TinyHandler()
    server = serve(handler, listener(authority, mutual=True, required=False))
    with connect(server.port, tls=trust(authority)) as client:
        client.ask(MetadataRequest())
    assert handler.started[-1].context.principal == "User:ANONYMOUS"


def test_who_speaks_no_tls_is_cut_off(serve: Serve, authority: Authority) -> None:
    server = serve(TinyHandler(), listener(authority))
    with connect(server.port) as client:
        client.send(MetadataRequest())
        assert client.is_closed()
    with connect(server.port, tls=trust(authority)) as client:
        assert client.ask(HeartbeatRequest()) == HeartbeatResponse()


def test_who_speaks_tls_where_there_is_none_is_named(
    serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(TinyHandler())
    assert refuses(server, trust(authority))
    assert "this looks like a TLS handshake" in caplog.text


def test_files_that_are_missing_are_told_at_the_start(serve: Serve, tmp_path: Path) -> None:
    missing = ListenerSettings(port=0, tls=TlsSettings(certificate=tmp_path / "missing.pem"))
    with pytest.raises(FileNotFoundError):
        serve(TinyHandler(), missing)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (((("commonName", "a"),),), "CN=a"),
        (((("countryName", "CH"),), (("commonName", "a"), ("userId", "b"))), "CN=a+UID=b,C=CH"),
        (((("commonName", ' #x,y+"z\\<>; '),),), r"CN=\ #x\,y\+\"z\\\<\>\;\ "),
        (((("commonName", "#1"),),), r"CN=\#1"),
        (((("title", "Dr"),),), "title=Dr"),
    ],
)
def test_subjects_are_written_as_rfc_4514_has_it(subject: object, text: str) -> None:
    assert subject_of({"subject": subject}) == text
