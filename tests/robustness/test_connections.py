"""What comes over a connection and is no proper request, or never becomes one."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest
from node import STRING, running
from service import PATIENCE_SECONDS

from registry.process.connections import MAX_HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from node import Node

HOST = b"host: x\r\n"
LAST = HOST + b"connection: close\r\n"
BODY = json.dumps(STRING).encode()
POST = b"POST /subjects/usable/versions HTTP/1.1\r\ncontent-type: application/json\r\n"


def status_of(answer: bytes) -> int:
    version, _, rest = answer.partition(b" ")
    assert version == b"HTTP/1.1", answer[:200]
    return int(rest[:3])


def line(target: bytes, more: bytes = b"") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + LAST + more + b"\r\n"


REFUSED = {
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "noise": b"x" * 100_000,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown method": b"BREW / HTTP/1.1\r\n" + LAST + b"\r\n",
    "a target that is no path": b"GET subjects HTTP/1.1\r\n" + LAST + b"\r\n",
    "a target that is no text": line(b"/subjects/\xff/versions"),
    "a path of 100 kB": line(b"/subjects/" + b"a" * 100_000 + b"/versions"),
    "a path of 50 000 segments": line(b"/a" * 50_000),
    "a query of 100 kB": line(b"/subjects?subjectPrefix=" + b"a" * 100_000),
    "a query of 25 000 parameters": line(b"/subjects?" + b"a=b&" * 25_000),
    "NUL in a header's name": line(b"/subjects", b"a\0: b\r\n"),
    "NUL in a header": line(b"/subjects", b"a: b\0\r\n"),
    "a header without a colon": line(b"/subjects", b"abc\r\n"),
    "a negative length": POST + LAST + b"content-length: -5\r\n\r\n",
    "a length of 30 digits": POST + LAST + b"content-length: " + b"9" * 30 + b"\r\n\r\n",
    "two lengths": POST + LAST + b"content-length: 5\r\ncontent-length: 7\r\n\r\nnull   ",
    "a length and chunks": (
        POST + LAST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a chunk without a size": POST + LAST + b"transfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_request_is_refused(sqlite_node: Node, what: str) -> None:
    with sqlite_node.left_alone():
        assert status_of(sqlite_node.raw(REFUSED[what])) == httpx.codes.BAD_REQUEST


FOUND = {
    "a path of 60 kB": (line(b"/subjects/" + b"a" * 60_000 + b"/versions"), 404),
    "a query of 60 kB": (line(b"/subjects?subjectPrefix=" + b"a" * 60_000), 200),
    "a header of 100 kB": (line(b"/subjects", b"a: " + b"b" * 100_000 + b"\r\n"), 200),
    "a thousand headers": (line(b"/subjects", b"a: b\r\n" * 1000), 200),
    "an escape that is none": (line(b"/subjects/%zz/versions"), 400),
    "half an escape": (line(b"/subjects/%f"), 400),
    "escapes of no text": (line(b"/subjects/%ff%fe/versions"), 400),
    "a query of no text": (line(b"/subjects?%ff=%zz&subjectPrefix=%ff"), 200),
    "NUL in a query": (line(b"/subjects?subjectPrefix=%00"), 200),
    "a target with a host": (line(b"http://elsewhere/subjects"), 200),
    "the way up": (line(b"/subjects/../../etc/passwd"), 404),
    "another upgrade": (line(b"/subjects", b"upgrade: h2c\r\n"), 200),
    "no host": (b"GET /subjects HTTP/1.0\r\n\r\n", 200),
    "an asterisk": (b"OPTIONS * HTTP/1.1\r\n" + LAST + b"\r\n", 404),
    "TRACE": (b"TRACE / HTTP/1.1\r\n" + LAST + b"\r\n", 405),
}


@pytest.mark.parametrize("what", FOUND)
def test_odd_requests_get_plain_answers(sqlite_node: Node, what: str) -> None:
    request, status = FOUND[what]
    with sqlite_node.left_alone():
        assert status_of(sqlite_node.raw(request)) == status


def test_http_1_0_is_answered_and_closed(sqlite_node: Node) -> None:
    head = b"POST /subjects/usable/versions HTTP/1.0\r\ncontent-type: application/json\r\n"
    with sqlite_node.left_alone():
        answer = sqlite_node.raw(head + b"content-length: %d\r\n\r\n" % len(BODY) + BODY)
        assert status_of(answer) == httpx.codes.OK
        assert answer.endswith(b'{"id":1}')


def test_requests_sent_ahead_are_answered_in_order(sqlite_node: Node) -> None:
    post = POST + HOST + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
    get = b"GET /subjects/usable/versions HTTP/1.1\r\n" + HOST + b"\r\n"
    with sqlite_node.left_alone():
        answers = sqlite_node.raw(post + get + post + line(b"/mode")).split(b"HTTP/1.1 ")
        bodies = [answer.partition(b"\r\n\r\n")[2] for answer in answers[1:]]
        assert bodies == [b'{"id":1}', b"[1]", b'{"id":1}', b'{"mode":"READWRITE"}']


def test_a_request_may_come_byte_by_byte(sqlite_node: Node) -> None:
    request = POST + LAST + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
    with sqlite_node.left_alone():
        answer = sqlite_node.raw(*(request[at : at + 1] for at in range(len(request))))
        assert answer.endswith(b'{"id":1}')


BY_ID = b"/schemas/ids/1"


def ask(target: bytes, *headers: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    lines = [b"%b %b HTTP/%b" % (method, target, version), b"host: x", *headers]
    return b"\r\n".join([*lines, b"", b""])


def lines_of(answer: bytes) -> list[bytes]:
    """Return the head of an answer and its body, without what no two answers share."""
    head, _, body = answer.partition(b"\r\n\r\n")
    own = (b"date: ", b"x-request-id: ")
    return [*(line for line in head.split(b"\r\n") if not line.startswith(own)), body]


def answers_to(node: Node, *requests: bytes) -> list[list[bytes]]:
    """Send requests ahead of their answers; return those without the one that ends them all."""
    received = node.raw(b"".join(requests) + line(b"/mode"))
    *answers, _ = received.split(b"HTTP/1.1 ")[1:]
    return [lines_of(answer) for answer in answers]


def test_an_answer_from_memory_is_the_service_s_own_to_the_byte(sqlite_node: Node) -> None:
    with sqlite_node.left_alone():
        first, *others = answers_to(sqlite_node, *[ask(BY_ID + b"?new=to+the+cache")] * 5)
        assert first[0] == b"200 OK"
        assert json.loads(first[-1])["schema"] == STRING["schema"]
        assert others == [first] * 4


def test_answers_from_memory_keep_their_place_among_others(sqlite_node: Node) -> None:
    post = POST + HOST + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
    with sqlite_node.left_alone():
        by_id, other = ask(BY_ID), ask(b"/subjects/usable/versions")
        requests = [by_id, other, by_id, by_id, post, by_id, ask(b"/schemas/ids/77"), by_id]
        answers = answers_to(sqlite_node, by_id, *requests)
        schema, *bodies = [answer[-1] for answer in answers]
        assert b"string" in schema
        assert bodies[:6] == [schema, b"[1]", schema, schema, b'{"id":1}', schema]
        assert b"40403" in bodies[6]
        assert bodies[7] == schema


VARIED = {
    "HEAD": ask(BY_ID, method=b"HEAD"),
    "a body": ask(BY_ID, b"content-length: 5") + b"12345",
    "chunks": ask(BY_ID, b"transfer-encoding: chunked") + b"2\r\nab\r\n0\r\n\r\n",
    "an offer to send": ask(BY_ID, b"expect: 100-continue", b"content-length: 2") + b"{}",
}


@pytest.mark.parametrize("what", VARIED)
def test_odd_requests_for_an_answer_from_memory_leave_the_next_alone(
    sqlite_node: Node, what: str
) -> None:
    with sqlite_node.left_alone():
        plain, *rest = answers_to(sqlite_node, ask(BY_ID), VARIED[what], ask(BY_ID))
        odd = [answer for answer in rest[:-1] if not answer[0].startswith(b"100 ")]
        assert [answer[-1] for answer in odd] == [b"" if what == "HEAD" else plain[-1]]
        assert rest[-1] == plain


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_from_memory_closes_when_told_to(sqlite_node: Node, version: bytes) -> None:
    """The node closes: reading until then ends."""
    with sqlite_node.left_alone():
        request = ask(BY_ID, b"connection: close", version=version)
        for _ in range(2):
            answer = sqlite_node.raw(request)
            assert status_of(answer) == httpx.codes.OK
            assert b"\r\nconnection: close\r\n" in answer


def test_answers_that_nobody_reads_do_not_fill_the_memory(sqlite_node: Node) -> None:
    doc = "x" * 200_000
    text = json.dumps({"type": "fixed", "name": "Large", "doc": doc, "size": 1})
    assert sqlite_node.register("large", text).status_code == httpx.codes.OK
    large = b"/schemas/ids/%d" % sqlite_node.look_up("large", text).json()["id"]
    # These come from the service, and the others would wait behind them.
    for _ in range(2):
        assert status_of(sqlite_node.raw(line(large))) == httpx.codes.OK
    many = 1000
    url = httpx.URL(sqlite_node.service.url)
    before = sqlite_node.service.resident_bytes()
    with socket.create_connection((url.host, url.port), PATIENCE_SECONDS) as connection:
        connection.sendall(ask(large) * many)
        time.sleep(0.5)
        assert sqlite_node.service.resident_bytes() - before < many * len(doc) / 4
        connection.sendall(line(large))
        received = 0
        while chunk := connection.recv(1 << 20):
            received += len(chunk)
    assert received > (many + 1) * len(doc)


FILLING = 3 * MAX_HEAD_BYTES  # what comes in one piece with an earlier request is not counted
ENDLESS = {
    "a target": b"GET /" + b"a" * FILLING,
    "a header": b"GET / HTTP/1.1\r\na: " + b"b" * FILLING,
    "headers": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (FILLING // 6),
    "a second head": (
        POST + HOST + b"content-length: 2\r\n\r\n{}GET / HTTP/1.1\r\na: " + b"b" * FILLING
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_head_without_end_is_cut_off(sqlite_node: Node, what: str) -> None:
    """In pieces, as a network brings them; the answer may be lost with what was not read."""
    endless = ENDLESS[what]
    with sqlite_node.left_alone():
        pieces = [endless[at : at + 4096] for at in range(0, len(endless), 4096)]
        answer = sqlite_node.raw(*pieces)
        assert answer.count(b"HTTP/1.1 200 ") <= (what == "a second head")


def test_a_head_beyond_the_limit_is_told_so(sqlite_node: Node) -> None:
    with sqlite_node.left_alone():
        head = b"GET / HTTP/1.1\r\na: " + b"b" * 65_536
        answer = sqlite_node.raw(head, *[b"b" * 49_152] * 4)
        assert status_of(answer) == httpx.codes.REQUEST_HEADER_FIELDS_TOO_LARGE
        assert b'"error_code":431' in answer


def test_two_hundred_idle_connections_keep_nobody_out(sqlite_node: Node) -> None:
    url = httpx.URL(sqlite_node.service.url)
    with ExitStack() as stack, sqlite_node.left_alone():
        for number in range(200):
            connection = socket.create_connection((url.host, url.port), PATIENCE_SECONDS)
            stack.enter_context(connection)
            connection.sendall(b"GET /subj"[: number % 10])
        with httpx.Client(base_url=sqlite_node.service.url) as client:
            assert client.get("/subjects/usable/versions").json() == [1]


@pytest.fixture(scope="module")
def hasty_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that waits no longer than a second for anything."""
    folder = tmp_path_factory.mktemp("hasty")
    url = f"sqlite:///{folder / 'accord.db'}"
    with running(folder, url, "--keep-alive-seconds", "1", "--body-seconds", "1") as node:
        yield node


NEVER_COMPLETE = {
    "nothing": b"",
    "half a line": b"GET /subj",
    "half a head": b"GET /subjects HTTP/1.1\r\nhost:",
    "nothing after an answer from memory": b"GET /schemas/ids/1 HTTP/1.1\r\nhost: x\r\n\r\n" * 2,
    "a second line": b"GET /subjects HTTP/1.1\r\nhost: x\r\n\r\nGET /",
}


@pytest.mark.parametrize("what", NEVER_COMPLETE)
def test_a_request_that_never_comes_is_not_waited_for(hasty_node: Node, what: str) -> None:
    """The node closes the connection: reading until then ends."""
    with hasty_node.left_alone():
        hasty_node.raw(NEVER_COMPLETE[what])


@pytest.mark.parametrize(
    "length", [b"content-length: 100", b"transfer-encoding: chunked"], ids=["length", "chunks"]
)
@pytest.mark.parametrize("begun", [b"", b'{"sch'], ids=["nothing", "a part"])
def test_a_body_that_never_comes_is_not_waited_for(
    hasty_node: Node, length: bytes, begun: bytes
) -> None:
    part = b"%x\r\n%b\r\n" % (len(begun), begun) if begun and b"chunk" in length else begun
    with hasty_node.left_alone():
        answer = hasty_node.raw(POST + HOST + length + b"\r\n\r\n" + part)
        assert status_of(answer) == httpx.codes.REQUEST_TIMEOUT
        assert b'"error_code":408' in answer


def test_a_connection_in_use_is_kept(hasty_node: Node) -> None:
    """Requests a little apart, for longer than an idle connection would be kept."""
    url = httpx.URL(hasty_node.service.url)
    get = b"GET /subjects/usable/versions HTTP/1.1\r\n" + HOST + b"\r\n"
    with socket.create_connection((url.host, url.port), PATIENCE_SECONDS) as connection:
        for _ in range(6):
            for piece in (get[:5], get[5:]):
                connection.sendall(piece)
                time.sleep(0.3)
            answer = b""
            while not answer.endswith(b"[1]"):
                answer += connection.recv(65536) or b"closed [1]"
            assert b"closed" not in answer
