"""Authentication: the exchange as clients see it, and what it gives away."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import struct
from typing import TYPE_CHECKING

import pytest
from log_handler import TinyHandler
from raw_client import Closed, connect

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.api_versions import ApiVersionsRequest
from accord_log.kafka.messages.heartbeat import HeartbeatRequest
from accord_log.kafka.messages.metadata import MetadataRequest
from accord_log.kafka.messages.produce import ProduceRequest
from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
from accord_log.server import ListenerSettings, SaslSettings, ServerThread
from accord_log.server.credentials import AuthenticationFailed, Credentials, derive
from accord_log.server.mechanisms import CONVERSATIONS, Done

if TYPE_CHECKING:
    from collections.abc import Callable

    from raw_client import RawClient

    Serve = Callable[..., ServerThread]

USERS = {"alice": "secret", "bob": "", "a,=b": "pässword"}
PLAIN = b"\0alice\0secret"
BAD_LOGIN = "Authentication failed: Invalid username or password"


def server_of(serve: Serve, **more: int) -> tuple[ServerThread, TinyHandler]:
    handler = TinyHandler()
    listener = ListenerSettings(
        host="127.0.0.1", port=0, sasl=SaslSettings(users={"alice": "secret", "bob": "b"}, **more)
    )
    return serve(handler, listener, authentication_delay_ms=0), handler


def authenticate(client: RawClient, token: bytes = PLAIN) -> object:
    assert client.ask(SaslHandshakeRequest("PLAIN")).error_code == 0
    return client.ask(SaslAuthenticateRequest(token))


# The exchange.


def test_a_user_is_the_principal_of_his_requests(serve: Serve) -> None:
    server, handler = server_of(serve)
    with connect(server.port) as client:
        assert client.ask(ApiVersionsRequest("raw", "1")).api_keys
        answer = authenticate(client)
        assert (answer.error_code, answer.session_lifetime_ms) == (0, 0)
        client.ask(MetadataRequest())
    assert handler.started[-1].context.principal == "User:alice"


def test_tokens_may_come_without_a_request_around_them(serve: Serve) -> None:
    server, handler = server_of(serve)
    with connect(server.port) as client:
        assert client.ask(SaslHandshakeRequest("PLAIN"), version=0).error_code == 0
        client.socket.sendall(struct.pack(">i", len(PLAIN)) + PLAIN)
        assert client.receive_frame() == b""
        client.ask(MetadataRequest())
    assert handler.started[-1].context.principal == "User:alice"


def test_a_wrong_token_without_a_request_closes_the_connection(serve: Serve) -> None:
    server, _ = server_of(serve)
    with connect(server.port) as client:
        client.ask(SaslHandshakeRequest("PLAIN"), version=0)
        client.socket.sendall(struct.pack(">i", 4) + b"what")
        assert client.is_closed()


@pytest.mark.parametrize("token", [b"\0alice\0wrong", b"\0mallory\0secret", b"\0\0"])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(serve: Serve, token: bytes) -> None:
    server, _ = server_of(serve)
    with connect(server.port) as client:
        answer = authenticate(client, token)
        assert answer.error_code == ErrorCode.SASL_AUTHENTICATION_FAILED
        assert answer.error_message == BAD_LOGIN
        assert client.is_closed()
    assert server.counters.authentication_failures == 1


def test_an_unknown_mechanism_is_refused_with_those_there_are(serve: Serve) -> None:
    server, _ = server_of(serve)
    with connect(server.port) as client:
        answer = client.ask(SaslHandshakeRequest("GSSAPI"))
        assert answer.error_code == ErrorCode.UNSUPPORTED_SASL_MECHANISM
        assert answer.mechanisms == ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
        assert client.is_closed()


@pytest.mark.parametrize("request_", [MetadataRequest(), HeartbeatRequest(), ProduceRequest()])
def test_requests_before_authentication_reach_no_handler(
    serve: Serve, request_: MetadataRequest
) -> None:
    server, handler = server_of(serve)
    with connect(server.port) as client:
        client.send(request_)
        assert client.is_closed()
    with connect(server.port) as client:
        client.ask(SaslHandshakeRequest("PLAIN"))
        client.send(request_)
        assert client.is_closed()
    assert handler.started == []


def test_a_token_without_a_handshake_is_refused(serve: Serve) -> None:
    server, _ = server_of(serve)
    with connect(server.port) as client:
        answer = client.ask(SaslAuthenticateRequest(PLAIN))
        assert answer.error_code == ErrorCode.ILLEGAL_SASL_STATE
        assert client.is_closed()


def test_large_frames_are_taken_from_users_only(serve: Serve) -> None:
    server, _ = server_of(serve)
    large = ProduceRequest(transactional_id="x" * 30_000, acks=-1)
    prefix = struct.pack(">i", 70_000)
    with connect(server.port) as client:
        client.socket.sendall(prefix)
        assert client.is_closed()
    with connect(server.port) as client:
        authenticate(client)
        client.ask(large)
        client.socket.sendall(prefix)
        client.socket.shutdown(1)
        assert client.is_closed()
    assert server.counters.protocol_errors == 1


def test_what_is_sent_behind_a_failure_is_not_handled(serve: Serve) -> None:
    server, handler = server_of(serve)
    with connect(server.port) as client:
        client.ask(SaslHandshakeRequest("PLAIN"))
        client.send(SaslAuthenticateRequest(b"\0alice\0wrong"), MetadataRequest())
        assert client.receive().error_code == ErrorCode.SASL_AUTHENTICATION_FAILED
        assert client.is_closed()
    assert handler.started == []


def test_a_listener_without_sasl_says_so(serve: Serve) -> None:
    with connect(serve(TinyHandler()).port) as client:
        assert client.ask(SaslHandshakeRequest("PLAIN")).error_code == ErrorCode.ILLEGAL_SASL_STATE
        answer = client.ask(SaslAuthenticateRequest(PLAIN))
        assert answer.error_code == ErrorCode.ILLEGAL_SASL_STATE
        assert client.ask(HeartbeatRequest()).error_code == 0


def test_a_session_may_be_renewed_by_the_same_user(serve: Serve) -> None:
    server, handler = server_of(serve, max_session_ms=60_000)
    with connect(server.port) as client:
        assert authenticate(client).session_lifetime_ms == 60_000
        assert authenticate(client).error_code == 0
        client.ask(MetadataRequest())
        assert handler.started[-1].context.principal == "User:alice"
        answer = authenticate(client, b"\0bob\0b")
        assert answer.error_code == ErrorCode.SASL_AUTHENTICATION_FAILED
        assert client.is_closed()


def test_a_session_that_was_not_renewed_is_over(serve: Serve) -> None:
    server, _ = server_of(serve, max_session_ms=1)
    with connect(server.port) as client:
        authenticate(client)
        with contextlib.suppress(Closed, ConnectionError):  # a millisecond is soon over
            for _ in range(100_000):
                client.ask(HeartbeatRequest())
    assert server.counters.protocol_errors == 1


def test_a_session_without_an_end_is_not_renewed(serve: Serve) -> None:
    server, _ = server_of(serve)
    with connect(server.port) as client:
        authenticate(client)
        answer = client.ask(SaslHandshakeRequest("PLAIN"))
        assert answer.error_code == ErrorCode.ILLEGAL_SASL_STATE


# The mechanisms.


def scram_login(
    algorithm: str, name: str, password: str, *, credentials: Credentials
) -> tuple[str, bytes]:
    """Log in as a client does; return the server's first message and its last."""
    conversation = CONVERSATIONS[f"SCRAM-SHA-{algorithm[3:]}"](credentials)
    next(conversation)
    bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r=fyko+d2lbbFgONRv9qkxdawL"
    challenge = conversation.send(f"n,,{bare}".encode()).decode()
    nonce, salt, rounds = (part[2:] for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), base64.b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", algorithm)
    final = f"c=biws,r={nonce}"
    message = f"{bare},{challenge},{final}".encode()
    signature = hmac.digest(hashlib.new(algorithm, client_key).digest(), message, algorithm)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    try:
        conversation.send(f"{final},p={base64.b64encode(proof).decode()}".encode())
    except StopIteration as end:
        done: Done = end.value
        assert done.name == name
        server_key = hmac.digest(salted, b"Server Key", algorithm)
        expected = base64.b64encode(hmac.digest(server_key, message, algorithm))
        assert done.token == b"v=" + expected
        return challenge, done.token
    pytest.fail("the conversation goes on")


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
@pytest.mark.parametrize("name", USERS)
def test_scram_proves_both_sides_to_each_other(algorithm: str, name: str) -> None:
    scram_login(algorithm, name, USERS[name], credentials=Credentials(USERS))


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("mallory", "secret")])
def test_scram_refuses_alike_a_wrong_password_and_an_unknown_name(name: str, password: str) -> None:
    with pytest.raises(AuthenticationFailed, match=r"invalid credentials .* SCRAM-SHA-256$"):
        scram_login("sha256", name, password, credentials=Credentials(USERS))


def test_a_salt_stays_the_same_whether_there_is_a_user_or_not() -> None:
    credentials = Credentials(USERS)
    assert credentials.salt("alice") == credentials.salt("alice") != credentials.salt("bob")
    assert credentials.salt("mallory") == credentials.salt("mallory") != credentials.salt("eve")
    assert credentials.salt("alice") != Credentials(USERS).salt("alice")


def test_the_keys_are_those_of_the_example_in_rfc_7677() -> None:
    keys = derive("sha256", b"pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    message = (
        "n=user,r=rOprNGfwEbeRWgbNEkqO,"
        f"r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}"
    )
    signature = hmac.digest(keys.server, message.encode(), "sha256")
    assert base64.b64encode(signature) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"\xff",
        b"p=tls-unique,,n=alice,r=abc",
        b"n,,n=alice",
        b"n,,n=,r=abc",
        b"n,,n=al=ice,r=abc",
        b"n,,m=x,n=alice,r=abc",
        b"n,,n=alice,r=with space",
    ],
)
def test_malformed_first_messages_of_scram_are_refused(token: bytes) -> None:
    conversation = CONVERSATIONS["SCRAM-SHA-256"](Credentials(USERS))
    next(conversation)
    with pytest.raises(AuthenticationFailed):
        conversation.send(token)


@pytest.mark.parametrize(
    "final",
    ["", "c=biws", "c=biws,r={nonce},p=!", "c=biws,r={nonce},p=YQ==", "c=eSws,r=x,p={proof}"],
)
def test_malformed_last_messages_of_scram_are_refused(final: str) -> None:
    conversation = CONVERSATIONS["SCRAM-SHA-256"](Credentials(USERS))
    next(conversation)
    nonce = conversation.send(b"n,,n=alice,r=abc").decode().split(",")[0][2:]
    proof = base64.b64encode(bytes(32)).decode()
    with pytest.raises(AuthenticationFailed):
        conversation.send(final.format(nonce=nonce, proof=proof).encode())


@pytest.mark.parametrize("token", [b"", b"alice\0secret", b"\xff\0alice\0secret", b"\0a\0b\0c"])
def test_malformed_tokens_of_plain_are_refused(token: bytes) -> None:
    conversation = CONVERSATIONS["PLAIN"](Credentials(USERS))
    next(conversation)
    with pytest.raises(AuthenticationFailed):
        conversation.send(token)


@pytest.mark.parametrize(("identity", "may"), [(b"", True), (b"alice", True), (b"bob", False)])
def test_nobody_acts_for_another(identity: bytes, *, may: bool) -> None:
    conversation = CONVERSATIONS["PLAIN"](Credentials(USERS))
    next(conversation)
    with pytest.raises(StopIteration if may else AuthenticationFailed):
        conversation.send(identity + PLAIN)
