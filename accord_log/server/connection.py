"""One connection: frames in, requests to the broker, answers out in the order of the requests.

Requests are started as they arrive, also behind others that wait (answers.py says which), until one
of the bounds is reached; then nothing more is read until there is room. All of it runs in the event
loop. Answers that come later come through the mailbox.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from functools import partial
from typing import TYPE_CHECKING, cast

from accord_log.broker.context import ANONYMOUS, Context
from accord_log.broker.promise import Promise
from accord_log.kafka.errors import ErrorCode, ProtocolError
from accord_log.kafka.frame import (
    RequestHeader,
    UnsupportedVersion,
    read_request,
    write_response,
)
from accord_log.kafka.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from accord_log.kafka.messages.sasl_authenticate import SaslAuthenticateRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest
from accord_log.server.answers import SLICE_BYTES, Outbox, Queue, Slot
from accord_log.server.credentials import AuthenticationFailed
from accord_log.server.frames import KEY, PREFIX, Frames
from accord_log.server.sasl import not_asked_for
from accord_log.server.tls import subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.kafka.fields import Message
    from accord_log.server.sasl import Authentication
    from accord_log.server.surroundings import Answer, Surroundings

log = logging.getLogger("accord_log.server")

# After which others have their turn: a buffer full of small requests takes tenths of a second.
REQUESTS_AT_A_TURN = 64


class Connection(asyncio.BufferedProtocol):
    """The server's side of a connection."""

    def __init__(self, around: Surroundings, loop: asyncio.AbstractEventLoop) -> None:
        self._around = around
        self._loop = loop
        self._handle = around.handler.handle
        self._counters = around.counters
        self._settings = around.settings
        self._queue = Queue()
        self._outbox = Outbox()
        self._frames = Frames(
            around.scratch,
            around.memory,
            max_bytes=around.settings.max_request_bytes,
            on_memory=partial(loop.call_soon, self.advance),
        )
        self._authentication: Authentication | None = None
        if around.authentication is not None:
            self._authentication = around.authentication()
            self._frames.max_bytes = around.settings.max_unauthenticated_request_bytes
        self._principal = ANONYMOUS
        self._software = ("", "")
        self._transport: asyncio.Transport
        self._port = 0
        self._is_lost = False
        self._is_leaving = False  # to be closed when all is answered and sent
        self._is_refused = False  # to be closed after a delay, with a last answer
        self._is_blocked = False
        self._is_reading = True
        self._is_writable = True
        self.address = ""
        self.active_at = loop.time()

    # From the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's have no common base
        # There is no name any more when the client is gone already.
        self.address, self._port = (transport.get_extra_info("peername") or ("", 0))[:2]
        self._host = f"/{self.address}"
        self._advertised = self._around.advertised(transport.get_extra_info("sockname")[:2])
        certificate = transport.get_extra_info("peercert")
        if certificate:
            self._principal = f"User:{subject_of(certificate)}"
        self._transport.set_write_buffer_limits(high=SLICE_BYTES // 4)
        if not self._around.admit(self):
            self._is_leaving = True
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - what asyncio proposes
        return self._frames.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        self._counters.bytes_received += nbytes
        self.active_at = self._loop.time()
        self._frames.received(nbytes)
        self.advance()

    def pause_writing(self) -> None:
        self._is_writable = False

    def resume_writing(self) -> None:
        self._is_writable = True
        self.active_at = self._loop.time()
        self._flush()
        self.advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - not asked why
        self._is_lost = True
        self._frames.close()
        self._queue.abandon()
        self._around.forget(self)

    # From the server.

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is worked on for this client."""
        return not self._queue or not self._is_writable

    def advance(self) -> None:
        """Start the requests that may be started, and send the answers that are due."""
        if self._is_lost:
            return
        try:
            self._take_turn()
        except ProtocolError as error:
            self._counters.protocol_errors += 1
            self._refuse(str(error))
        except Exception:
            self._counters.handler_failures += 1
            log.exception("closing the connection of %s: a request failed", self)
            self._transport.abort()
        self._frames.set_aside()
        self._flush()
        self._set_reading(wanted=not (self._is_blocked or self._is_leaving or self._is_refused))

    def leave(self) -> None:
        """Close the connection once all requests that were started are answered."""
        self._is_leaving = True
        self.advance()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def close_idle(self) -> None:
        """Close a connection that was not used for long, at once if its client does not read."""
        if self._is_leaving or not self._is_writable:
            self._transport.abort()
        else:
            self._counters.connections_idle += 1
            self.leave()

    def __str__(self) -> str:
        return f"{self.address}:{self._port}"

    # Requests.

    def _take_turn(self) -> None:
        for _ in range(REQUESTS_AT_A_TURN):
            self._collect()
            if not self._start_next():
                return
        self._collect()
        self._is_blocked = True
        self._loop.call_soon(self.advance)

    def _start_next(self) -> bool:
        """Start a request, or return False when there is none that may be started."""
        if self._outbox.size >= self._settings.max_unsent_bytes:
            self._flush()
        if self._is_full():
            self._is_blocked = True
            return False
        frame = self._frames.next()
        if frame is None:
            self._is_blocked = self._frames.is_waiting
            return False
        if not self._may_start(frame):
            self._frames.put_back(frame)
            self._is_blocked = True
            return False
        self._start(frame)
        return True

    def _is_full(self) -> bool:
        return (
            len(self._queue) >= self._settings.max_in_flight
            or self._outbox.size >= self._settings.max_unsent_bytes
            or self._is_leaving
            or self._is_refused
        )

    def _may_start(self, frame: memoryview) -> bool:
        return len(frame) < KEY.size or self._queue.may_start(*KEY.unpack_from(frame))

    def _start(self, frame: memoryview) -> None:
        if self._authentication is not None and self._authentication.takes_tokens:
            self._answer_token(self._authentication, frame)
            return
        try:
            header, request = read_request(frame)
        except UnsupportedVersion as error:
            if error.header.api_key != ApiVersionsRequest.api_key:
                raise
            header = dataclasses.replace(error.header, api_version=0)
            self._put(header, self._spoken(header), [])
            return
        self._counters.requests[header.api_key] += 1
        watchers: list[Callable[[], object]] = []
        self._put(header, self._answer(header, request, watchers), watchers)

    def _answer(
        self, header: RequestHeader, request: Message, watchers: list[Callable[[], object]]
    ) -> Answer:
        if isinstance(request, SaslHandshakeRequest | SaslAuthenticateRequest):
            return self._authenticate(request, header)
        authentication = self._authentication
        if authentication is not None and not authentication.allows(header.api_key, self._now_ms()):
            raise ProtocolError(f"a request with API key {header.api_key} before authentication")
        context = self._context(header, watchers)
        answer = self._handle(request, context)
        self._software = context.software
        return answer

    def _context(self, header: RequestHeader, watchers: list[Callable[[], object]]) -> Context:
        return Context(
            header.api_version,
            header.client_id or "",
            self._host,
            self._principal,
            self._advertised,
            self._software,
            watchers.append,
        )

    def _put(
        self, header: RequestHeader, answer: Answer, watchers: list[Callable[[], object]]
    ) -> None:
        """Put an answer in its place, behind those of earlier requests."""
        if isinstance(answer, Promise):
            slot = Slot(header, watchers)
            self._queue.add(slot)
            is_there = answer.is_done
            answer.then(slot.give if is_there else partial(self._around.mailbox.put, self, slot))
        elif answer is not None:
            if self._queue:
                self._queue.add(Slot(header, watchers, answer))
            else:
                self._send(header, answer)

    def _spoken(self, header: RequestHeader) -> Message:
        """Return what a client that speaks a later version needs in order to ask again."""
        answer = self._handle(ApiVersionsRequest(), self._context(header, []))
        assert isinstance(answer, ApiVersionsResponse)
        return dataclasses.replace(answer, error_code=ErrorCode.UNSUPPORTED_VERSION)

    # Authentication.

    def _now_ms(self) -> int:
        return int(self._loop.time() * 1000)

    def _authenticate(
        self, request: SaslHandshakeRequest | SaslAuthenticateRequest, header: RequestHeader
    ) -> Message | None:
        authentication = self._authentication
        if authentication is None:
            return not_asked_for(request)
        answer: Message
        if isinstance(request, SaslHandshakeRequest):
            answer = authentication.handshake(request, header.api_version)
        else:
            answer = authentication.authenticate(request, self._now_ms())
        if authentication.has_failed:
            self._refuse_later(write_response(header, answer))
            return None
        self._note_name(authentication)
        return answer

    def _answer_token(self, authentication: Authentication, frame: memoryview) -> None:
        try:
            token = authentication.token(bytes(frame), self._now_ms())
        except AuthenticationFailed:
            self._refuse_later(b"")
            return
        self._note_name(authentication)
        self._outbox.add(PREFIX.pack(len(token)) + token)

    def _note_name(self, authentication: Authentication) -> None:
        if authentication.name is not None:
            self._principal = f"User:{authentication.name}"
            self._frames.max_bytes = self._settings.max_request_bytes

    def _refuse_later(self, answer: bytes) -> None:
        """Let who guesses passwords wait before the next."""
        self._is_refused = True
        self._counters.authentication_failures += 1
        log.warning("closing the connection of %s: authentication failed", self)
        seconds = self._settings.authentication_delay_ms / 1000
        self._loop.call_later(seconds, self._refuse_now, answer)
        # kafka-python does not see an answer that the end of the connection comes with.
        self._loop.call_later(2 * seconds, self.leave)

    def _refuse_now(self, answer: bytes) -> None:
        self._outbox.add(answer)
        self.advance()

    # Answers.

    def _collect(self) -> None:
        """Move the answers that are there, up to the first that is not, to the outbox."""
        while (slot := self._queue.take()) is not None:
            assert slot.answer is not None
            self._send(slot.header, slot.answer)

    def _send(self, header: RequestHeader, answer: Message) -> None:
        self._outbox.add(write_response(header, answer))

    def _flush(self) -> None:
        """Give the transport as much as it takes."""
        while self._outbox.size and self._is_writable and not self._transport.is_closing():
            chunk = self._outbox.take()
            self._counters.bytes_sent += len(chunk)
            self._transport.write(chunk)
        if self._is_leaving and self._queue.is_settled and not self._outbox.size:
            self._transport.close()

    def _refuse(self, reason: str) -> None:
        log.warning("closing the connection of %s: %s", self, reason)
        self._is_leaving = True

    def _set_reading(self, *, wanted: bool) -> None:
        if wanted != self._is_reading and not self._transport.is_closing():
            self._is_reading = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()
