"""The listening sockets, bound before anything else starts: a taken port is told at once."""

from __future__ import annotations

import errno
import socket

from registry.process.failure import StartFailure

BACKLOG = 2048
LOCALHOST = "localhost"
EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - compared with; who asks for it is asked elsewhere
# Hosts that are two addresses, of which the second may be missing: clients try either first.
BOTH_VERSIONS = {LOCALHOST: ("127.0.0.1", "::1"), EVERY_INTERFACE: (EVERY_INTERFACE, "::")}
ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
# A free port of one address may be taken at the other.
ATTEMPTS = 16


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, not listening yet; raises StartFailure."""
    try:
        return _bound(host, port)
    except OSError as error:
        raise _unusable(host, port, error) from error


def bind_both(host: str, port: int) -> list[socket.socket]:
    """Return the sockets of a host, two if it has addresses of both versions, on one port.

    Raises StartFailure.
    """
    first, *second = BOTH_VERSIONS.get(host, (host,))
    for _ in range(ATTEMPTS):
        bound = [bind(first, port)]
        try:
            bound += [_bound(other, bound[0].getsockname()[1]) for other in second]
        except OSError as error:
            if error.errno not in ABSENT:
                bound[0].close()
                if port == 0 and error.errno == errno.EADDRINUSE:
                    continue
                raise _unusable(host, port, error) from error
        return bound
    raise StartFailure(f"cannot listen on {host}: no port is free at both its addresses")


def _bound(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _unusable(host: str, port: int, error: OSError) -> StartFailure:
    return StartFailure(f"cannot listen on {host}:{port}: {reason(error)}")


def listen(bound: socket.socket) -> None:
    """Let clients in; raises StartFailure when another process was faster at the same port."""
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise StartFailure(f"cannot listen on {address_of(bound)}: {reason(error)}") from error


def url_of(bound: socket.socket) -> str:
    """Return the address as a client of REST writes it."""
    return f"http://{address_of(bound)}"


def address_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return written(host, port)


def written(host: str, port: int) -> str:
    """Return an address as it is written in one word."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reason(error: OSError) -> str:
    """Return what the system says, in lower case as it stands inside a sentence."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
