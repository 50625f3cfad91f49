"""What an operator can decide about listening, and the bounds on what clients can ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MIB = 1024 * 1024
MINUTE_MS = 60 * 1000
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Files in PEM; with authorities, a client shows a certificate that one of them signed."""

    certificate: Path  # with those between it and the authority, if any
    key: Path | None = None  # default: in the file of the certificate
    key_password: str | None = field(default=None, repr=False)
    client_authorities: Path | None = None
    requires_client_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SaslSettings:
    """Who may connect: passwords by name, and how they may be shown."""

    users: Mapping[str, str] = field(repr=False)
    mechanisms: tuple[str, ...] = MECHANISMS
    max_session_ms: int = 0  # after which a client authenticates again; 0 is never


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSettings:
    """An address to listen on.

    localhost is both of its addresses; an empty host is every address of the machine. Clients are
    told to connect to `advertised`, or else to the host, or else to the address they connected to.
    """

    host: str = "localhost"
    port: int = 9092
    advertised: tuple[str, int] | None = None
    tls: TlsSettings | None = None
    sasl: SaslSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Listeners and bounds; times in milliseconds, sizes in bytes.

    In parentheses: what Apache Kafka calls the same.
    """

    listeners: tuple[ListenerSettings, ...] = (ListenerSettings(),)

    max_request_bytes: int = 100 * MIB  # (socket.request.max.bytes)
    max_unauthenticated_request_bytes: int = 64 * 1024  # (sasl.server.max.receive.size)
    max_queued_bytes: int = 1024 * MIB  # of large requests together (queued.max.request.bytes)

    # Of one connection. Clients produce with 5 requests in flight, librdkafka with any number.
    max_in_flight: int = 64
    max_unsent_bytes: int = MIB  # above which no request is begun

    max_connections: int = 10_000  # and half the files that the process may have open
    max_connections_per_address: int = 10_000
    max_idle_ms: int = 10 * MINUTE_MS  # (connections.max.idle.ms)
    tls_handshake_ms: int = 10 * 1000
    authentication_delay_ms: int = 100  # (connection.failed.authentication.delay.ms)
    grace_ms: int = 5 * 1000  # for answers under way when the server stops
