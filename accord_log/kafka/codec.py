"""Messages to bytes and back, by functions that are compiled when a version is first met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from accord_log.kafka.decoder_source import DecoderSource
from accord_log.kafka.encoder_source import EncoderSource
from accord_log.kafka.layout import layout

if TYPE_CHECKING:
    from accord_log.kafka.decoder_source import Decode
    from accord_log.kafka.encoder_source import Encode
    from accord_log.kafka.fields import Buffer, Message

M = TypeVar("M", bound="Message")


def encode(message: Message, version: int) -> bytes:
    """Return the bytes of a message.

    Raises ValueError for a version that is not spoken, and for what the version cannot say: a null
    where none may be, a number out of range.
    """
    parts: list[Buffer] = []
    encoder(type(message), version)(message, parts.append)
    return b"".join(parts)


def decode(cls: type[M], data: Buffer, version: int) -> M:
    """Return the message that the bytes are; what it holds as bytes are slices of them.

    Raises ProtocolError where they are not one, ValueError for a version that is not spoken.
    """
    message: Any = decoder(cls, version)(data, 0)
    decoded: M = message
    return decoded


def encoder(cls: type[Message], version: int) -> Encode:
    """Return the function that hands the parts of a message to another."""
    found = _ENCODERS.get((cls, version))
    if found is None:
        source = EncoderSource(layout(cls, version), _title(cls, version))
        found = _ENCODERS[cls, version] = source.compiled()
    return found


def decoder(cls: type[Message], version: int) -> Decode:
    """Return the function from a buffer, and where in it the message begins, to the message."""
    found = _DECODERS.get((cls, version))
    if found is None:
        source = DecoderSource(layout(cls, version), _title(cls, version))
        found = _DECODERS[cls, version] = source.compiled()
    return found


# Two threads may compile the same function; either is good.
_ENCODERS: dict[tuple[type[Message], int], Encode] = {}
_DECODERS: dict[tuple[type[Message], int], Decode] = {}


def _title(cls: type[Message], version: int) -> str:
    return f"{cls.__name__} {version}"
