"""The sockets of a listener, bound before anything else starts: a taken port is told at once."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from accord_log.server.settings import ListenerSettings

# asyncio accepts as many at a time, before any of them can be refused.
BACKLOG = 128
LOCALHOST = "localhost"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what an empty host asks for
# The system chooses a port for one address, which may be taken at the other.
ATTEMPTS = 16
# A machine without IPv6 has no ::1, and nobody there looks for it.
NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class CannotListen(Exception):
    """An address cannot be listened on."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        reason = error.strerror or str(error)
        super().__init__(f"cannot listen on {host}:{port}: {reason[:1].lower()}{reason[1:]}")


class Address(NamedTuple):
    """An address of a host; only one that is optional may be missing."""

    family: socket.AddressFamily
    host: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """A listener with its sockets, which do not listen yet; they share a port."""

    settings: ListenerSettings
    sockets: tuple[socket.socket, ...]
    port: int  # also where the system chose it

    def advertised(self, local: tuple[str, int]) -> tuple[str, int]:
        """Return where a client, that connected to a local address, is to connect."""
        if self.settings.advertised is not None:
            return self.settings.advertised
        host = self.settings.host
        return (local[0] if host in {"", *ANYWHERE} else host, self.port)

    def close(self) -> None:
        """Give the port back."""
        for bound in self.sockets:
            bound.close()


def bind(settings: ListenerSettings) -> Bound:
    """Take the port at each address of the host. Raises CannotListen."""
    attempts = ATTEMPTS if settings.port == 0 else 1
    while True:
        attempts -= 1
        try:
            sockets = _bind_all(_addresses(settings.host), settings.port)
            return Bound(settings, sockets, sockets[0].getsockname()[1])
        except OSError as error:
            if attempts == 0 or error.errno != errno.EADDRINUSE:
                raise CannotListen(settings.host, settings.port, error) from error


def _addresses(host: str) -> list[Address]:
    if host == LOCALHOST:
        return [
            Address(socket.AF_INET, "127.0.0.1"),
            Address(socket.AF_INET6, "::1", is_optional=True),
        ]
    if not host:
        return [
            Address(socket.AF_INET, ANYWHERE[0]),
            Address(socket.AF_INET6, ANYWHERE[1], is_optional=True),
        ]
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list({Address(family, str(name[0])): None for family, _, _, _, name in found})


def _bind_all(addresses: list[Address], port: int) -> tuple[socket.socket, ...]:
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            bound = _bind(address, port)
            if bound is not None:
                sockets.append(bound)
                port = bound.getsockname()[1]
    except OSError:
        for bound in sockets:
            bound.close()
        raise
    return tuple(sockets)


def _bind(address: Address, port: int) -> socket.socket | None:
    bound = None
    try:
        bound = socket.socket(address.family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address.host, port))
    except OSError as error:
        if bound is not None:
            bound.close()
        if address.is_optional and error.errno in NO_SUCH_ADDRESS:
            return None
        raise
    return bound
