"""Tell by the exit code whether the services of this machine answer.

    python -m registry.process.probe

The ports are those of the settings' variables; options of `accord serve` are not known here. What
listens is not enough: a supervisor keeps the ports open while it replaces a process.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
import sys
import urllib.request
from contextlib import closing

HOST = "127.0.0.1"
SECONDS = 3.0
# ApiVersions, version 0, correlation id 7, no client id; the answer's size and that id.
QUESTION = struct.pack(">ihhih", 10, 18, 0, 7, -1)
ANSWER = struct.Struct(">ii")
CORRELATION_ID = 7


def ask_registry(port: int) -> None:
    """Raise OSError unless the registry says that it is ready."""
    urllib.request.urlopen(f"http://{HOST}:{port}/health/ready", timeout=SECONDS).close()


def ask_log(port: int, *, is_secure: bool) -> None:
    """Raise OSError unless the log answers; behind TLS it does so by the handshake."""
    with closing(socket.create_connection((HOST, port), timeout=SECONDS)) as plain:
        if is_secure:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # whether it is there, not who it is
            with context.wrap_socket(plain):
                return
        plain.sendall(QUESTION)
        answer = b""
        while len(answer) < ANSWER.size:
            more = plain.recv(ANSWER.size - len(answer))
            if not more:
                raise ConnectionError("the log closed the connection")
            answer += more
        if ANSWER.unpack(answer)[1] != CORRELATION_ID:
            raise ConnectionError("what listens there is no log")


def main() -> int:
    """Return 0 when all that was started answers, else 1, with a line that says what does not."""
    only = os.environ.get("ACCORD_ONLY", "").lower()
    try:
        if only != "log":
            ask_registry(int(os.environ.get("ACCORD_PORT") or 8081))
        if only != "registry":
            is_secure = bool(os.environ.get("ACCORD_KAFKA_TLS_CERTIFICATE"))
            ask_log(int(os.environ.get("ACCORD_KAFKA_PORT") or 9092), is_secure=is_secure)
    except OSError as error:
        print(f"accord does not answer: {error}", file=sys.stderr)  # noqa: T201 - this is its voice
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
