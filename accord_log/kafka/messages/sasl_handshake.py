"""SaslHandshake: API key 17."""

from __future__ import annotations

from dataclasses import dataclass

from accord_log.kafka.fields import INT16, STRING, Message, array, message, wire


@message(key=17, versions=(0, 1))
@dataclass(slots=True)
class SaslHandshakeRequest(Message):
    mechanism: str = wire(STRING)


@message(key=17, versions=(0, 1))
@dataclass(slots=True)
class SaslHandshakeResponse(Message):
    error_code: int = wire(INT16)
    mechanisms: list[str] = wire(array(STRING))


SaslHandshakeRequest.response = SaslHandshakeResponse
