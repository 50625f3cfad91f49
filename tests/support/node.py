"""A running node seen from outside: what it answers, and what its database holds."""

from __future__ import annotations

import json
import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import sqlalchemy as sa
from service import PATIENCE_SECONDS, await_ready, begin, end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service import Service

JSON = "application/vnd.schemaregistry.v1+json"
STRING = {"schema": '"string"'}


@dataclass(frozen=True, slots=True)
class Node:
    """A node that has one schema, under the subject `usable`."""

    service: Service
    client: httpx.Client
    database: sa.Engine

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, content)

    def send(
        self, method: str, path: str, content: bytes, content_type: str = JSON
    ) -> httpx.Response:
        headers = {"content-type": content_type}
        return self.client.request(method, path, content=content, headers=headers)

    def register(self, subject: str, text: str, kind: str = "AVRO", **more: Any) -> httpx.Response:
        body = {"schema": text, "schemaType": kind, **more}
        return self.ask("POST", f"/subjects/{subject}/versions", body)

    def look_up(self, subject: str, text: str, kind: str = "AVRO", **more: Any) -> httpx.Response:
        return self.ask(
            "POST", f"/subjects/{subject}", {"schema": text, "schemaType": kind, **more}
        )

    def sequence(self) -> int:
        """Return the number of the newest change in the journal."""
        with self.database.connect() as connection:
            found: int = connection.scalar(sa.text("SELECT sequence FROM journal_head"))
        return found

    def use(self) -> None:
        """Register and read, as any client would."""
        registered = self.ask("POST", "/subjects/usable/versions", STRING)
        assert registered.status_code == httpx.codes.OK, registered.text
        read = self.client.get("/subjects/usable/versions/latest")
        assert read.json()["schema"] == STRING["schema"]

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Check that what happens in the block changes nothing and harms nobody."""
        before = self.sequence()
        yield
        self.use()
        assert self.sequence() == before

    def raw(self, *pieces: bytes, timeout: float = PATIENCE_SECONDS) -> bytes:
        """Send bytes as they are; return all that comes until the node closes the connection."""
        url = httpx.URL(self.service.url)
        received = bytearray()
        with socket.create_connection((url.host, url.port or 80), timeout) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                while chunk := connection.recv(65536):
                    received += chunk
            except (ConnectionResetError, BrokenPipeError):
                pass  # it closed before all of it was sent
        return bytes(received)


def is_refused(answer: httpx.Response, status: int, code: int, message: str) -> None:
    """Check an error: its status, its code, and what its message has to say."""
    assert answer.status_code == status, answer.text[:500]
    document = answer.json()
    assert document.keys() == {"error_code", "message"}
    assert document["error_code"] == code, answer.text[:500]
    assert re.search(message, document["message"]), answer.text[:500]


@contextmanager
def running(folder: Path, url: str, *options: str, **variables: str) -> Iterator[Node]:
    """Run a node over a database for the length of a block."""
    service = begin(folder, "--database-url", url, *options, **variables)
    try:
        with seen(await_ready(service), url) as node:
            node.use()
            yield node
    finally:
        end(service)


@contextmanager
def seen(service: Service, url: str) -> Iterator[Node]:
    """Look at a service that is ready."""
    database = sa.create_engine(
        sa.make_url(url.replace("postgresql://", "postgresql+psycopg://")),
        poolclass=sa.NullPool,
    )
    with httpx.Client(base_url=service.url, timeout=PATIENCE_SECONDS) as client:
        yield Node(service, client, database)
    database.dispose()
