"""No bytes whatever do more than close the connection they came on."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING

import pytest
from kafka_messages import full_message
from log_handler import TinyHandler
from raw_client import connect

from accord_log.broker.broker import Broker
from accord_log.kafka.frame import RequestHeader, write_request
from accord_log.kafka.messages import REQUESTS
from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
from accord_log.server import ListenerSettings, SaslSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from accord_log.server import ServerThread

ROUNDS = 400
PREFIX_AND_KEYS = 8  # the bytes that say how long a request is, and which
SASL_KEYS = {SaslHandshakeRequest.api_key, SaslAuthenticateRequest.api_key}
SASL = SaslSettings(users={"alice": "secret"})


def valid(chance: random.Random) -> bytes:
    """Return an empty request of any kind and version."""
    request = REQUESTS[chance.choice(list(REQUESTS))]
    version = chance.choice(list(request.versions))
    return write_request(RequestHeader(request.api_key, version, 1, "fuzz"), request())


def mutated(chance: random.Random) -> bytes:
    """Return requests of which some bytes are changed, left out or doubled."""
    data = bytearray(b"".join(valid(chance) for _ in range(chance.randrange(1, 5))))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.choice([0, 1, 127, 128, 255, chance.randrange(256)])
            case 1:
                del data[at : at + chance.randrange(1, 4)]
            case _:
                data[at:at] = chance.randbytes(chance.randrange(1, 5))
        if not data:
            break
    return bytes(data)


def told(chance: random.Random) -> bytes:
    """Return a request that tells everything, with some other values in it."""
    request = REQUESTS[chance.choice(list(REQUESTS))]
    version = chance.choice(list(request.versions))
    header = RequestHeader(request.api_key, version, 1, "fuzz")
    data = bytearray(write_request(header, full_message(request, version)))
    for _ in range(chance.randrange(4)):
        at = chance.randrange(PREFIX_AND_KEYS, len(data))
        data[at] = chance.choice([0, 1, 2, 127, 128, 255, chance.randrange(256)])
    return bytes(data)


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 200))


def pour(server: ServerThread, data: bytes) -> None:
    """Send the bytes, and wait until the server is done with them."""
    with connect(server.port) as client:
        client.socket.sendall(data)
        client.socket.shutdown(socket.SHUT_WR)  # it closes when it has read everything
        try:
            while client.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass


@pytest.mark.parametrize("make", [mutated, noise])
@pytest.mark.parametrize("sasl", [None, SASL], ids=["open", "sasl"])
def test_whatever_comes_is_answered_or_ends_its_connection(
    serve: Callable[..., ServerThread],
    caplog: pytest.LogCaptureFixture,
    make: Callable[[random.Random], bytes],
    sasl: SaslSettings | None,
) -> None:
    chance = random.Random(20_261_201)  # noqa: S311 - to be the same in every run
    handler = TinyHandler()
    listener = ListenerSettings(host="127.0.0.1", port=0, sasl=sasl)
    server = serve(handler, listener, authentication_delay_ms=0)
    for _ in range(ROUNDS):
        pour(server, make(chance))
    assert server.counters.handler_failures == 0
    assert server.counters.protocol_errors > ROUNDS / 10
    assert not [record for record in caplog.records if record.exc_info]
    if sasl is None:
        with connect(server.port) as client:
            assert client.ask(HeartbeatRequest()) == HeartbeatResponse()


def test_no_request_makes_a_broker_fail(
    serve: Callable[..., ServerThread], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20_261_202)  # noqa: S311 - as above
    with Broker(tmp_path) as broker:
        broker.start()
        server = serve(broker)
        for _ in range(2 * ROUNDS):
            pour(server, told(chance))
        server.stop()
    assert not [record for record in caplog.records if record.exc_info]
    assert server.counters.handler_failures == 0
    assert set(server.counters.requests) >= set(REQUESTS) - SASL_KEYS
