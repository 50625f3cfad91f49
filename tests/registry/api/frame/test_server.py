"""The frame on a real server, byte by byte."""

from __future__ import annotations

import http.client
import socket

import pytest

VERSIONS = b"/subjects/a%2Fb/versions"


def exchange(port: int, sent: bytes, *, leave: bool = False) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        if leave:
            return b""
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, b"host: x", b"connection: close", *headers, b"", body])


def test_a_slash_in_a_subject_stays_in_it(port: int) -> None:
    answer = exchange(port, request(b"GET " + VERSIONS + b" HTTP/1.1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b'{"subject":"a/b"}')


def test_head_sends_the_headers_only(port: int) -> None:
    head, _, body = exchange(port, request(b"HEAD " + VERSIONS + b" HTTP/1.1")).partition(
        b"\r\n\r\n"
    )
    assert b"content-length: 17" in head
    assert body == b""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /subjects/%zz/versions HTTP/1.1", b"400"),
        (b"GET /subjects/%FF/versions HTTP/1.1", b"400"),
        (b"GET /nowhere HTTP/1.1", b"404"),
        (b"PATCH " + VERSIONS + b" HTTP/1.1", b"405"),
        (b"GET http://other/subjects/a/versions HTTP/1.1", b"200"),
    ],
)
def test_odd_lines_get_clear_answers(port: int, line: bytes, status: bytes) -> None:
    answer = exchange(port, request(line))
    assert answer.split(b" ", 2)[1] == status
    assert b"x-request-id: " in answer


def test_a_large_body_is_refused_before_it_comes(port: int) -> None:
    line = b"POST " + VERSIONS + b" HTTP/1.1"
    answer = exchange(port, request(line, b"content-length: 100000000", b"expect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


def test_a_connection_survives_a_refused_body(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", VERSIONS.decode(), body=b" " * 100_000)
        refused = connection.getresponse()
        assert (refused.status, refused.read()[:18]) == (413, b'{"error_code":413,')
        connection.request("GET", VERSIONS.decode())
        assert connection.getresponse().status == 200
    finally:
        connection.close()


def test_a_client_that_leaves_amid_its_body_leaves_the_server_well(port: int) -> None:
    line = b"POST " + VERSIONS + b" HTTP/1.1"
    exchange(port, request(line, b"content-length: 100", body=b"{"), leave=True)
    answer = exchange(port, request(b"GET " + VERSIONS + b" HTTP/1.1"))
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_bug_is_answered_once(port: int) -> None:
    answer = exchange(port, request(b"GET /fault/bug HTTP/1.1"))
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.endswith(b'{"error_code":500,"message":"Internal Server Error"}')
