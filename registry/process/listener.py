"""The listening socket, bound before anything else starts: a taken port is told at once."""

from __future__ import annotations

import socket

from registry.process.failure import StartFailure

BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, not listening yet; raises StartFailure."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartFailure(f"cannot listen on {host}:{port}: {reason(error)}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise StartFailure(f"cannot listen on {host}:{port}: {reason(error)}") from error
    return bound


def listen(bound: socket.socket) -> None:
    """Let clients in; raises StartFailure when another process was faster at the same port."""
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise StartFailure(f"cannot listen on {url_of(bound)}: {reason(error)}") from error


def url_of(bound: socket.socket) -> str:
    """Return the address as a client writes it."""
    host, port = bound.getsockname()[:2]
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{port}"


def reason(error: OSError) -> str:
    """Return what the system says, in lower case as it stands inside a sentence."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
