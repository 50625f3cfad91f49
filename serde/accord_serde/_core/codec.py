"""What the core needs of a format: one schema, ready to write, read and walk messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_serde._rules_engine.walks import FieldWalk
    from accord_serde._schemas import Schema


class Codec(Protocol):
    """One schema of one format."""

    @property
    def schema(self) -> Schema:
        """The schema as the registry has it."""

    @property
    def record_name(self) -> str | None:
        """The name that RECORD strategies put into the subject."""

    @property
    def fields(self) -> FieldWalk:
        """Return the walk over the messages of the schema."""


class Encoder(Protocol):
    """Writes objects; `encode` may be replaced by a faster function while it is in use."""

    @property
    def encode(self) -> Callable[[Any], bytes]:
        """Return a function from an object to the prefix and its payload."""


class Decoder(Protocol):
    """Reads payloads; `decode` may be replaced by a faster function while it is in use."""

    @property
    def decode(self) -> Callable[[bytes, int], Any]:
        """Return a function from bytes and the place of the payload in them to an object."""


class Encoding(Codec, Protocol):
    """A schema that messages are written with."""

    @property
    def message_indexes(self) -> Sequence[int] | None:
        """Return the path of the message type, for a format with many types in a schema."""

    def encoder(self, prefix: bytes) -> Encoder:
        """Return what writes messages behind `prefix`."""


class Decoding(Codec, Protocol):
    """A schema that messages were written with, or are read with."""

    def decoder(self, reader: Any | None) -> Decoder:
        """Return what reads messages of this schema, with the reader's where there is one."""

    def migrating_decoder(self) -> Decoder:
        """Return what reads the form that migration rules work on."""

    def migrated(self, message: Any) -> Any:
        """Return the object for what migration rules left, where this is the reader's schema."""
