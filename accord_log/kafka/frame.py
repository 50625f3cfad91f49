"""Requests and responses with their headers, as they stand behind the four bytes of their size.

request header 1  = key, version, correlation id, client id
request header 2  = request header 1, tag buffer
response header 0 = correlation id
response header 1 = response header 0, tag buffer

The second of each goes with flexible versions. The client id is no compact string even there, and
the response of ApiVersions always has the first, as a client reads it before it knows what the
broker speaks.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord_log.kafka.codec import decoder, encoder
from accord_log.kafka.errors import ProtocolError
from accord_log.kafka.messages import REQUESTS
from accord_log.kafka.messages.api_versions import ApiVersionsResponse
from accord_log.kafka.primitives import MAX_ELEMENTS, skip_tags

if TYPE_CHECKING:
    from accord_log.kafka.fields import Buffer, Message

SIZE = struct.Struct(">i")
# Key, version and correlation id, which every request header has.
REQUEST = struct.Struct(">hhi")
LENGTH = struct.Struct(">h")
CORRELATION_ID = struct.Struct(">i")
NO_TAGS = b"\0"


@dataclass(slots=True)
class RequestHeader:
    """What stands before a request."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None = None


class UnsupportedVersion(ProtocolError):
    """A request that is not spoken, or not in this version.

    The client id of the header is None where there is none to be read. Who asks so for ApiVersions
    is to be answered in version 0; with any other there is nothing left but to close.
    """

    def __init__(self, header: RequestHeader) -> None:
        super().__init__(f"version {header.api_version} of API key {header.api_key}")
        self.header = header


def read_request(frame: Buffer) -> tuple[RequestHeader, Message]:
    """Return the header and the request of a frame; what it holds as bytes are slices of it.

    Raises ProtocolError, which may be an UnsupportedVersion.
    """
    try:
        header = RequestHeader(*REQUEST.unpack_from(frame))
    except struct.error as error:
        raise ProtocolError("a request ends within its header") from error
    request = REQUESTS.get(header.api_key)
    if request is None or header.api_version not in request.versions:
        with suppress(ProtocolError):
            header.client_id, _ = _client_id(frame)
        raise UnsupportedVersion(header)
    header.client_id, position = _client_id(frame)
    if header.api_version >= request.flexible:
        position = _behind_tags(frame, position)
    return header, decoder(request, header.api_version)(frame, position)


def write_request(header: RequestHeader, request: Message) -> bytes:
    """Return a request's frame behind its size. Raises ValueError as `encode` does."""
    version = header.api_version
    client_id = b"" if header.client_id is None else header.client_id.encode()
    length = -1 if header.client_id is None else len(client_id)
    parts: list[Buffer] = [
        b"",
        REQUEST.pack(header.api_key, version, header.correlation_id),
        LENGTH.pack(length),
        client_id,
        NO_TAGS if version >= request.flexible else b"",
    ]
    encoder(type(request), version)(request, parts.append)
    return _framed(parts)


def write_response(header: RequestHeader, response: Message) -> bytes:
    """Return the frame of the response to a request, behind its size.

    Raises ValueError as `encode` does.
    """
    version = header.api_version
    parts: list[Buffer] = [
        b"",
        CORRELATION_ID.pack(header.correlation_id),
        NO_TAGS if _has_tags(type(response), version) else b"",
    ]
    encoder(type(response), version)(response, parts.append)
    return _framed(parts)


def read_response(request: type[Message], version: int, frame: Buffer) -> tuple[int, Message]:
    """Return the correlation id and the response of a frame. Raises ProtocolError."""
    try:
        (correlation_id,) = CORRELATION_ID.unpack_from(frame)
    except struct.error as error:
        raise ProtocolError("a response ends within its header") from error
    position = CORRELATION_ID.size
    if _has_tags(request.response, version):
        position = _behind_tags(frame, position)
    return correlation_id, decoder(request.response, version)(frame, position)


def _framed(parts: list[Buffer]) -> bytes:
    """Return the parts with their size in place of the first."""
    parts[0] = SIZE.pack(sum(map(len, parts)))
    return b"".join(parts)


def _has_tags(response: type[Message], version: int) -> bool:
    return version >= response.flexible and response is not ApiVersionsResponse


def _client_id(frame: Buffer) -> tuple[str | None, int]:
    """Return the client id, and where the header goes on."""
    start = REQUEST.size + LENGTH.size
    try:
        (length,) = LENGTH.unpack_from(frame, REQUEST.size)
        if length == -1:
            return None, start
        if not 0 <= length <= len(frame) - start:
            raise ProtocolError(f"a client id of {length} bytes")
        return str(frame[start : start + length], "utf-8"), start + length
    except (struct.error, UnicodeDecodeError) as error:
        raise ProtocolError(f"client id: {error}") from error


def _behind_tags(frame: Buffer, position: int) -> int:
    """Return where the tag buffer of a header ends."""
    try:
        end, _ = skip_tags(frame, position + 1, frame[position], MAX_ELEMENTS)
    except IndexError as error:
        raise ProtocolError("a message ends within its header") from error
    return end
