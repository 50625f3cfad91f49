"""One connection over a real socket: order, bounds, and what ends it."""

from __future__ import annotations

import contextlib
import logging
import resource
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest
from log_handler import TinyHandler
from raw_client import Closed, connect

from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.frame import RequestHeader, write_request
from accord_log.kafka.messages.api_versions import ApiVersionsRequest
from accord_log.kafka.messages.fetch import FetchRequest
from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.join_group import JoinGroupRequest
from accord_log.kafka.messages.metadata import MetadataRequest
from accord_log.kafka.messages.offset_commit import OffsetCommitRequest
from accord_log.kafka.messages.offset_fetch import OffsetFetchRequest
from accord_log.kafka.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.context import Context
    from accord_log.kafka.fields import Message
    from accord_log.server import ServerThread

    Serve = Callable[..., ServerThread]

MIB = 1024 * 1024


def produce(number: int = 0, *, acks: int = -1, size: int = 0) -> ProduceRequest:
    """Return a request that can be told from others by its time-out."""
    data = [TopicProduceData("t", [PartitionProduceData(0, bytes(size))])]
    return ProduceRequest(acks=acks, timeout_ms=number, topic_data=data)


def numbers(handler: TinyHandler) -> list[int]:
    """Return the time-outs of the requests as they were started."""
    return [started.request.timeout_ms for started in handler.started]


# Requests in, answers out.


def test_a_request_may_arrive_byte_by_byte(serve: Serve) -> None:
    port = serve(TinyHandler()).port
    with connect(port) as client:
        for byte in client.frame(ApiVersionsRequest("raw", "1")) + client.frame(MetadataRequest()):
            client.socket.sendall(bytes([byte]))
        assert client.receive().api_keys
        assert client.receive().brokers[0].port == port


def test_a_handler_is_told_who_asks(serve: Serve) -> None:
    handler = TinyHandler()
    server = serve(handler)
    with connect(server.port) as client:
        client.ask(ApiVersionsRequest("raw", "1.0"))
        client.ask(MetadataRequest(), version=9)
    context = handler.started[-1].context
    assert context.version == 9
    assert context.client_id == "raw"
    assert context.host == "/127.0.0.1"
    assert context.principal == "User:ANONYMOUS"
    assert context.advertised == ("127.0.0.1", server.port)
    assert context.software == ("raw", "1.0")


def test_large_requests_and_answers_pass(serve: Serve) -> None:
    handler = TinyHandler(fetch_bytes=8 * MIB)
    with connect(serve(handler).port) as client:
        client.send(produce(size=5 * MIB), FetchRequest(), produce(size=3))
        client.receive()
        assert len(client.receive().responses[0].partitions[0].records) == 8 * MIB
        client.receive()
    sizes = [
        len(started.request.topic_data[0].partition_data[0].records)
        for started in handler.started
        if isinstance(started.request, ProduceRequest)
    ]
    assert sizes == [5 * MIB, 3]


def test_answers_come_in_the_order_of_the_requests(serve: Serve) -> None:
    handler = TinyHandler(ProduceRequest)
    with connect(serve(handler).port) as client:
        client.send(*map(produce, range(5)), HeartbeatRequest())
        started = handler.await_started(6)
        assert [each.request.timeout_ms for each in started[:5]] == [0, 1, 2, 3, 4]
        for index in (3, 0, 4, 2, 1):
            started[index].finish(ProduceResponse(throttle_time_ms=index))
        assert [client.receive().throttle_time_ms for _ in range(5)] == [0, 1, 2, 3, 4]
        assert client.receive().error_code == 0


def test_answers_from_other_threads_arrive(serve: Serve) -> None:
    handler = TinyHandler(ProduceRequest)
    port = serve(handler).port
    with contextlib.ExitStack() as closing:
        clients = [closing.enter_context(connect(port)) for _ in range(8)]
        for client in clients:
            client.send(*map(produce, range(20)))
        started = handler.await_started(160)
        threads = [
            threading.Thread(target=lambda own=own: [each.finish() for each in started[own::4]])
            for own in range(4)
        ]
        for thread in threads:
            thread.start()
        for client in clients:
            assert [client.receive() for _ in range(20)] == [ProduceResponse()] * 20
        for thread in threads:
            thread.join()


def test_a_produce_without_acks_is_not_answered(serve: Serve) -> None:
    handler = TinyHandler()
    with connect(serve(handler).port) as client:
        client.socket.sendall(
            write_request(RequestHeader(ProduceRequest.api_key, 9, 77, "raw"), produce(7, acks=0))
        )
        assert client.ask(HeartbeatRequest()) == HeartbeatResponse()
    assert isinstance(handler.started[0].request, ProduceRequest)


def test_what_was_committed_is_read_behind_the_commit(serve: Serve) -> None:
    handler = TinyHandler(OffsetCommitRequest)
    with connect(serve(handler).port) as client:
        client.send(OffsetCommitRequest(), OffsetFetchRequest())
        handler.await_started(1)
        with connect(client.socket.getpeername()[1]) as other:
            other.ask(HeartbeatRequest())
        assert len(handler.started) == 2  # the commit, and the other client's heartbeat
        handler.started[0].finish()
        client.receive()
        client.receive()
    assert isinstance(handler.started[2].request, OffsetFetchRequest)


def test_a_long_poll_holds_up_nobody_else(serve: Serve) -> None:
    handler = TinyHandler(FetchRequest)
    port = serve(handler).port
    with connect(port) as waiting, connect(port) as other:
        waiting.send(FetchRequest(), produce(5))
        handler.await_started(2)
        assert other.ask(HeartbeatRequest()) == HeartbeatResponse()
        handler.started[0].finish()
        waiting.receive()
        waiting.receive()


def test_many_requests_in_one_piece_are_all_answered(serve: Serve) -> None:
    with connect(serve(TinyHandler()).port) as client:
        client.send(*[HeartbeatRequest()] * 5_000)
        assert [client.receive() for _ in range(5_000)] == [HeartbeatResponse()] * 5_000


# Bounds.


def test_requests_in_flight_are_bounded(serve: Serve) -> None:
    handler = TinyHandler(ProduceRequest)
    server = serve(handler, max_in_flight=10)
    with connect(server.port) as client:
        client.send(*map(produce, range(25)))
        handler.await_started(10)
        with connect(server.port) as other:
            other.ask(HeartbeatRequest())
        assert len(handler.started) == 11
        for count in range(25):
            started = handler.await_started(min(26, count + 11))
            [each for each in started if isinstance(each.request, ProduceRequest)][count].finish()
        for _ in range(25):
            client.receive()


def test_who_does_not_read_his_answers_is_not_read(serve: Serve) -> None:
    handler = TinyHandler(fetch_bytes=MIB)
    server = serve(handler)
    with connect(server.port) as client, connect(server.port) as other:
        client.socket.settimeout(0)
        frame = client.frame(FetchRequest())
        with contextlib.suppress(BlockingIOError):
            for _ in range(1_000_000):
                client.socket.sendall(frame)
        other.ask(HeartbeatRequest())
        # What the kernel keeps for both sides of a connection, and what the server does.
        most = sum(_kernel_buffers()) // MIB + 4
        fetches = [each for each in handler.started if isinstance(each.request, FetchRequest)]
        assert 1 <= len(fetches) <= most
        assert server.counters.bytes_sent <= len(fetches) * (MIB + 100)
        # It goes on where the client does.
        client.socket.settimeout(30)
        for _ in range(most + 10):
            client.receive_frame()


def _kernel_buffers() -> tuple[int, int]:
    limits = []
    for name in ("tcp_wmem", "tcp_rmem"):
        with open(f"/proc/sys/net/ipv4/{name}", encoding="ascii") as file:  # noqa: PTH123 - one line
            limits.append(int(file.read().split()[2]))
    return limits[0], limits[1]


def test_connections_are_bounded(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(TinyHandler(), max_connections=2)
    with connect(server.port) as one, connect(server.port) as two:
        one.ask(HeartbeatRequest())
        two.ask(HeartbeatRequest())
        with connect(server.port) as three:
            assert three.is_closed()
        assert one.ask(HeartbeatRequest()) == HeartbeatResponse()
    assert server.counters.connections_refused == 1
    assert server.counters.connections_accepted == 2
    assert "there are too many" in caplog.text


def test_connections_of_an_address_are_bounded(serve: Serve) -> None:
    server = serve(TinyHandler(), max_connections_per_address=1)
    with connect(server.port) as one:
        one.ask(HeartbeatRequest())
        with connect(server.port) as two:
            assert two.is_closed()
    with connect(server.port) as three:
        assert three.ask(HeartbeatRequest()) == HeartbeatResponse()


def test_connections_leave_files_for_other_things(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (4, 4))
    server = serve(TinyHandler())
    with connect(server.port) as one, connect(server.port) as two, connect(server.port) as three:
        one.ask(HeartbeatRequest())
        two.ask(HeartbeatRequest())
        assert three.is_closed()


def test_idle_connections_are_closed(serve: Serve) -> None:
    server = serve(TinyHandler(), max_idle_ms=200)
    with connect(server.port) as client:
        client.ask(HeartbeatRequest())
        assert client.is_closed()
    assert server.counters.connections_idle == 1


def test_a_connection_that_waits_for_its_answer_is_not_idle(serve: Serve) -> None:
    handler = TinyHandler(FetchRequest)
    server = serve(handler, max_idle_ms=100)
    with connect(server.port) as client, connect(server.port) as idle:
        client.send(FetchRequest())
        handler.await_started(1)
        assert idle.is_closed()
        handler.started[0].finish()
        client.receive()


# What ends a connection, and only that one.


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (struct.pack(">i", -1), "a frame of -1 bytes"),
        (struct.pack(">i", 2**31 - 1), "a frame of 2147483647 bytes"),
        (struct.pack(">i", 0), "within its header"),
        (struct.pack(">ihhih", 12, 3, 1, 7, -5) + b"\0\0", "client id"),
        (struct.pack(">ihhih", 10, 999, 0, 1, -1), "999"),
        (struct.pack(">ihhih", 10, 3, 99, 1, -1), "99"),
        (struct.pack(">ihhihi", 14, 3, 1, 1, -1, 2**30), "topics"),
    ],
)
def test_malformed_input_closes_its_connection_with_one_line(
    serve: Serve, caplog: pytest.LogCaptureFixture, data: bytes, reason: str
) -> None:
    server = serve(TinyHandler())
    with connect(server.port) as other, connect(server.port) as client:
        other.ask(HeartbeatRequest())
        client.socket.sendall(data)
        assert client.is_closed()
        assert other.ask(HeartbeatRequest()) == HeartbeatResponse()
    assert server.counters.protocol_errors == 1
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.exc_info is None
    assert reason in record.getMessage()


def test_what_was_asked_before_malformed_input_is_answered(serve: Serve) -> None:
    with connect(serve(TinyHandler()).port) as client:
        client.socket.sendall(client.frame(HeartbeatRequest()) + b"\xff" * 20)
        assert client.receive() == HeartbeatResponse()
        assert client.is_closed()


def test_a_handler_that_fails_ends_its_connection_with_a_traceback(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(TinyHandler):
        def handle(self, request: Message, context: Context) -> Any:
            if isinstance(request, OffsetFetchRequest):
                raise ZeroDivisionError
            return super().handle(request, context)

    server = serve(Failing())
    with connect(server.port) as other, connect(server.port) as client:
        other.ask(HeartbeatRequest())
        client.send(OffsetFetchRequest())
        assert client.is_closed()
        assert other.ask(HeartbeatRequest()) == HeartbeatResponse()
    assert server.counters.handler_failures == 1
    assert "ZeroDivisionError" in caplog.text


def test_an_unknown_version_of_api_versions_is_answered_in_the_oldest(serve: Serve) -> None:
    with connect(serve(TinyHandler()).port) as client:
        header = struct.pack(">hhih", ApiVersionsRequest.api_key, 99, 5, 3) + b"raw"
        client.socket.sendall(struct.pack(">i", len(header)) + header)
        answer = client.receive_frame()
        assert struct.unpack_from(">ih", answer) == (5, ErrorCode.UNSUPPORTED_VERSION)
        (count,) = struct.unpack_from(">i", answer, 6)
        spoken = {
            key: (first, last) for key, first, last in struct.iter_unpack(">hhh", answer[10:])
        }
        assert len(spoken) == count
        assert spoken[ApiVersionsRequest.api_key] == (0, 4)
        assert client.ask(ApiVersionsRequest(), version=4).error_code == 0


def test_handlers_are_told_of_a_lost_connection(serve: Serve) -> None:
    handler = TinyHandler(FetchRequest)
    server = serve(handler)
    with connect(server.port) as client:
        client.send(FetchRequest(), produce(1))
        started = handler.await_started(2)[0]
    assert started.is_abandoned.wait(30)
    started.finish()  # to nobody
    with connect(server.port) as other:
        other.ask(HeartbeatRequest())


def test_a_client_that_resets_its_connection_does_no_harm(serve: Serve) -> None:
    handler = TinyHandler(FetchRequest, fetch_bytes=MIB)
    server = serve(handler)
    for _ in range(20):
        with connect(server.port) as client:
            client.send(produce(1), FetchRequest(), produce(2))
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with connect(server.port) as other:
        other.ask(HeartbeatRequest())
        assert server.counters.connections_accepted >= 1
    assert server.counters.handler_failures == 0


# The end of the server.


def test_requests_under_way_are_answered_at_the_end(serve: Serve) -> None:
    handler = TinyHandler(ProduceRequest)
    server = serve(handler, grace_ms=30_000)
    with connect(server.port) as client, connect(server.port) as unoccupied:
        unoccupied.ask(HeartbeatRequest())
        client.send(produce(1))
        (_, started) = handler.await_started(2)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert unoccupied.is_closed()
        with pytest.raises(ConnectionError), connect(server.port):
            pass
        started.finish()
        assert client.receive() == ProduceResponse()
        assert client.is_closed()
        stopping.join()
    assert server.counters.connections == 0


def test_long_polls_do_not_keep_the_server_from_stopping(serve: Serve) -> None:
    handler = TinyHandler(FetchRequest, JoinGroupRequest)
    server = serve(handler, grace_ms=10**9)
    with connect(server.port) as client:
        client.send(FetchRequest(), JoinGroupRequest())
        handler.await_started(2)
        server.stop()
        assert all(started.is_abandoned.is_set() for started in handler.started)
        assert client.is_closed()


def test_who_is_not_answered_in_time_is_cut_off(serve: Serve) -> None:
    handler = TinyHandler(ProduceRequest)
    server = serve(handler)
    with connect(server.port) as client:
        client.send(produce())
        (started,) = handler.await_started(1)
        server.stop(grace_ms=50)
        assert started.is_abandoned.is_set()
        with pytest.raises(Closed):
            client.receive()


def test_who_does_not_read_cannot_keep_the_server_from_stopping(serve: Serve) -> None:
    handler = TinyHandler(fetch_bytes=16 * MIB)
    server = serve(handler)
    with connect(server.port) as client:
        client.send(FetchRequest())
        handler.await_started(1)
        server.stop(grace_ms=50)
    assert server.counters.connections == 0
