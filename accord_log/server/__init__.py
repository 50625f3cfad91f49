"""The broker on the network: sockets, TLS, authentication, and bounds on what clients can ask."""

from __future__ import annotations

from accord_log.server.counters import Counters
from accord_log.server.listener import Bound, CannotListen, bind
from accord_log.server.server import LogServer
from accord_log.server.settings import (
    ListenerSettings,
    SaslSettings,
    ServerSettings,
    TlsSettings,
)
from accord_log.server.thread import ServerThread, new_event_loop, serve_in_thread

__all__ = [
    "Bound",
    "CannotListen",
    "Counters",
    "ListenerSettings",
    "LogServer",
    "SaslSettings",
    "ServerSettings",
    "ServerThread",
    "TlsSettings",
    "bind",
    "new_event_loop",
    "serve_in_thread",
]
