"""Addresses, ports, and what clients are told to connect to."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest
from log_handler import TinyHandler
from raw_client import connect

from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.metadata import MetadataRequest
from accord_log.server import (
    CannotListen,
    ListenerSettings,
    LogServer,
    ServerSettings,
    bind,
    serve_in_thread,
)


def settings(*listeners: ListenerSettings) -> ServerSettings:
    return ServerSettings(listeners=listeners, grace_ms=0)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("host", ["localhost", ""])
def test_both_families_have_the_same_port(host: str) -> None:
    listener = ListenerSettings(host=host, port=0)
    with serve_in_thread(TinyHandler(), settings(listener)) as server:
        for address in ["127.0.0.1", "::1"] if has_ipv6() else ["127.0.0.1"]:
            with connect(server.port, address) as client:
                assert client.ask(HeartbeatRequest()) == HeartbeatResponse()


@pytest.mark.parametrize(
    ("listener", "advertised"),
    [
        (ListenerSettings(host="localhost", port=0), "localhost"),
        (ListenerSettings(host="127.0.0.1", port=0), "127.0.0.1"),
        (ListenerSettings(host="0.0.0.0", port=0), "127.0.0.1"),  # noqa: S104 - what is tested
        (ListenerSettings(host="", port=0), "127.0.0.1"),
    ],
)
def test_clients_are_told_an_address_that_they_reach(
    listener: ListenerSettings, advertised: str
) -> None:
    with (
        serve_in_thread(TinyHandler(), settings(listener)) as server,
        connect(server.port) as client,
    ):
        (broker,) = client.ask(MetadataRequest()).brokers
        assert (broker.host, broker.port) == (advertised, server.port)


def test_each_listener_advertises_its_own_address() -> None:
    inside = ListenerSettings(host="127.0.0.1", port=0)
    outside = ListenerSettings(host="127.0.0.1", port=0, advertised=("log.example", 19092))
    with serve_in_thread(TinyHandler(), settings(inside, outside)) as server:
        told = []
        for _, port in server.addresses:
            with connect(port) as client:
                (broker,) = client.ask(MetadataRequest()).brokers
                told.append((broker.host, broker.port))
        assert told == [("127.0.0.1", server.port), ("log.example", 19092)]


def test_a_port_that_is_taken_is_told() -> None:
    with serve_in_thread(TinyHandler(), settings(ListenerSettings(port=0))) as server:
        again = settings(ListenerSettings(port=server.port))
        text = f"^cannot listen on localhost:{server.port}: address already in use$"
        with pytest.raises(CannotListen, match=text):
            serve_in_thread(TinyHandler(), again)
    with serve_in_thread(TinyHandler(), again), connect(server.port) as client:
        client.ask(HeartbeatRequest())


def test_a_port_that_is_taken_at_the_second_address_frees_the_first() -> None:
    with serve_in_thread(TinyHandler(), settings(ListenerSettings(port=0))) as server:
        free = ListenerSettings(host="127.0.0.1", port=0)
        taken = ListenerSettings(port=server.port)
        before = threading.active_count()
        with pytest.raises(CannotListen):
            serve_in_thread(TinyHandler(), settings(free, taken))
        assert threading.active_count() == before


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(CannotListen, match=r"cannot listen on no\.such\.host\.invalid:9092"):
        bind(ListenerSettings(host="no.such.host.invalid"))


def test_a_listener_may_be_bound_before_there_is_a_server() -> None:
    early = bind(ListenerSettings(host="127.0.0.1", port=0))
    with pytest.raises(ConnectionError), connect(early.port):
        pass
    with serve_in_thread(TinyHandler(), settings(early.settings), [early]) as server:
        assert server.port == early.port
        with connect(server.port) as client:
            client.ask(HeartbeatRequest())
    with pytest.raises(ConnectionError), connect(early.port):
        pass


def test_a_server_may_share_a_loop() -> None:
    async def serve_and_ask() -> object:
        server = LogServer(TinyHandler(), settings(ListenerSettings(host="127.0.0.1", port=0)))
        await server.start()
        ((_, port),) = server.addresses
        try:
            return await asyncio.to_thread(_ask, port)
        finally:
            await server.stop()

    assert asyncio.run(serve_and_ask()) == HeartbeatResponse()


def _ask(port: int) -> object:
    with connect(port) as client:
        return client.ask(HeartbeatRequest())


def test_a_server_may_be_stopped_twice_and_by_several() -> None:
    server = serve_in_thread(TinyHandler(), settings(ListenerSettings(port=0)))
    threads = [threading.Thread(target=server.stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    assert server.counters.connections == 0


def test_what_is_counted() -> None:
    listener = ListenerSettings(host="127.0.0.1", port=0)
    with serve_in_thread(TinyHandler(), settings(listener)) as server:
        with connect(server.port) as client:
            sent = client.frame(HeartbeatRequest())
            client.socket.sendall(sent * 2)
            size = len(client.receive_frame()) + len(client.receive_frame()) + 8
            assert server.counters.requests == {HeartbeatRequest.api_key: 2}
            assert server.counters.bytes_received == len(sent) * 2
            assert server.counters.bytes_sent == size
            assert server.counters.connections == 1
        server.stop()
        assert server.counters.connections == 0
