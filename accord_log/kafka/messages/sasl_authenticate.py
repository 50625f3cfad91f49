"""SaslAuthenticate: API key 36."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import BYTES, INT16, INT64, STRING, Buffer, Message, message, wire


@message(key=36, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class SaslAuthenticateRequest(Message):
    auth_bytes: Buffer = wire(BYTES)


@message(key=36, versions=(0, 2), flexible=2)
@dataclass(slots=True)
class SaslAuthenticateResponse(Message):
    error_code: int = wire(INT16)
    error_message: str | None = wire(STRING, null=0, default=None)
    auth_bytes: Buffer = wire(BYTES)
    session_lifetime_ms: int = wire(INT64, since=1)


SaslAuthenticateRequest.response = SaslAuthenticateResponse
