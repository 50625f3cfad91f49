"""A registry to hold in one's hand: started, asked, stopped, emptied, by a program or a test."""

from __future__ import annotations

import contextlib
import functools
import shutil
import sqlite3
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from registry.app import create_app
from registry.embedded.background import BackgroundLoop, Life
from registry.embedded.door import Door
from registry.embedded.given import GivenSettings
from registry.embedded.transports import AsyncTransport, Transport, answered
from registry.settings import DATABASE_FILE
from registry.storage.sql.engine import parse_url
from registry.storage.sql.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import httpx
    from starlette.types import ASGIApp

    from accord_serde import AsyncSchemaRegistryClient, SchemaRegistryClient
    from registry.settings import Settings

GRACE_SECONDS = 5.0
URL = "http://embedded"  # a name that is no address: requests go to the transport


class EmbeddedRegistry:
    """The service that `accord serve` runs, over SQLite, in this process.

    Without `data` it is empty at first and leaves nothing behind; with it, it goes on where the
    directory was left. `settings` are those of the service by name; ACCORD_* variables have no
    effect here. Safe to use from many threads, and by clients on many event loops. Raises what
    keeps a service from starting: pydantic.ValidationError, registry.errors.StorageUnavailable,
    registry.storage.sql.migrate.MigrationError.
    """

    def __init__(self, data: Path | str | None = None, **settings: Any) -> None:  # noqa: ANN401 - each setting has its own type
        self._is_temporary = data is None
        self._data = Path(tempfile.mkdtemp(prefix="accord-") if data is None else data)
        self._life: Life | None = None
        self._door: Door | None = None
        self._era = 0
        self._gate = threading.Lock()
        try:
            self._settings = GivenSettings(data=self._data, **settings)
            self._app = _create_app(self._settings)
            self._loop = BackgroundLoop()
        except BaseException:
            self._remove()
            raise
        try:
            self._fill()
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Return what a client over `transport` has for an address."""
        return URL

    @property
    def settings(self) -> Settings:
        """Return what it was made with, its database among it."""
        return self._settings

    @property
    def transport(self) -> httpx.BaseTransport:
        """Return a transport for `httpx.Client` and for `accord_serde.SchemaRegistryClient`.

        It serves until `reset`: a client left over from before cannot touch what comes after.
        """
        return Transport(functools.partial(self._submit, self._era))

    @property
    def async_transport(self) -> httpx.AsyncBaseTransport:
        """Return the same for `httpx.AsyncClient` and for `AsyncSchemaRegistryClient`."""
        return AsyncTransport(functools.partial(self._submit, self._era))

    def client(self, conf: dict[str, Any] | None = None) -> SchemaRegistryClient:
        """Return a client of this registry; needs the distribution accord-serde."""
        from accord_serde import SchemaRegistryClient  # noqa: PLC0415 - only this needs it

        return SchemaRegistryClient({"url": URL} | (conf or {}), transport=self.transport)

    def async_client(self, conf: dict[str, Any] | None = None) -> AsyncSchemaRegistryClient:
        """Return an asyncio client of this registry; needs the distribution accord-serde."""
        from accord_serde import AsyncSchemaRegistryClient  # noqa: PLC0415 - only this needs it

        return AsyncSchemaRegistryClient(
            {"url": URL} | (conf or {}), transport=self.async_transport
        )

    def listen(self, port: int = 0) -> str:
        """Open a socket on this machine too, for clients of any kind; return its URL.

        Raises OSError: the port is taken.
        """
        if self._door is None:
            door = Door(self._app, port)
            self._loop.run(door.open())
            self._door = door
        return self._door.url

    def start(self) -> None:
        """Serve again after `stop`, at the same addresses."""
        if self._life is None:
            self._loop.run(self._begin())

    def stop(self) -> None:
        """Be away: who asks gets no connection until `start`. Nothing is lost.

        Requests under way are finished first, unless they take too long.
        """
        with self._gate:
            life, self._life = self._life, None
        self._loop.finish(GRACE_SECONDS)
        self._loop.run(self._end(life))

    def reset(self) -> None:
        """Begin anew with nothing stored, as a new registry would. Raises ValueError with `data`.

        Sockets are closed, and earlier transports have nobody to talk to any more.
        """
        if not self._is_temporary:
            raise ValueError(f"{self._data} was given to be kept")
        self._era += 1
        self.stop()
        self._door = None
        self._fill()
        self.start()

    def close(self) -> None:
        """Stop for good, and remove what was stored for the time being."""
        if self._loop.is_closed:
            return
        try:
            self.stop()
        finally:
            self._loop.close()
            self._remove()

    def _submit(self, era: int, request: httpx.Request) -> Future[httpx.Response]:
        with self._gate:  # who is let in is waited for by `stop`
            if era == self._era and self._life is not None:
                return self._loop.submit(answered(self._app, request))
        nothing: Future[httpx.Response] = Future()
        nothing.cancel()
        return nothing

    async def _begin(self) -> None:
        life = Life(self._app)
        await life.begin()
        self._life = life
        if self._door is not None:
            await self._door.open()

    async def _end(self, life: Life | None) -> None:
        if self._door is not None:
            await self._door.close(GRACE_SECONDS)
        if life is not None:
            await life.end()

    def _fill(self) -> None:
        if self._is_temporary:
            for file in self._data.iterdir():
                file.unlink()
            (self._data / DATABASE_FILE).write_bytes(_empty_database())
        else:
            self._data.mkdir(parents=True, exist_ok=True)

    def _remove(self) -> None:
        if self._is_temporary:
            shutil.rmtree(self._data, ignore_errors=True)


def _create_app(settings: Settings) -> ASGIApp:
    with _logging_as_a_library():
        return create_app(settings)


@contextlib.contextmanager
def _logging_as_a_library() -> Iterator[None]:
    """Have the app log through `logging`, unless the program says what structlog is to do."""
    if structlog.is_configured():
        yield
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.render_to_log_kwargs,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    try:
        yield
    finally:
        structlog.reset_defaults()


@functools.cache
def _empty_database() -> bytes:
    """Return the file of a database that is migrated and empty: migrating takes much longer."""
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        file = Path(folder, DATABASE_FILE)
        migrate(parse_url(f"sqlite:///{file}"))
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        return file.read_bytes()
