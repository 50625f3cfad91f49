"""The composition root: the only module that knows every part."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from registry.api.app import create_api
from registry.api.context_prefix import ContextPrefix
from registry.api.deps import Desk
from registry.api.frame.stack import Limits, frame
from registry.api.health import Health, health_routes
from registry.api.metrics import Metrics, metrics_routes
from registry.api.response_cache import ResponseCache
from registry.errors import StorageUnavailable
from registry.service.options import Options
from registry.service.registry import open_registry
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from registry.settings import Settings
    from registry.storage.port import Store, Watch

OPENING = "opening and migrating the database"


def create_app(
    settings: Settings, *, on_open: Callable[[Exception | None], None] | None = None
) -> ASGIApp:
    """Return the whole service; its database is opened when it starts and closed when it ends.

    With `on_open` the service answers probes while the database is opened and migrated, and calls
    it when that is over: with None, or with what went wrong. Without, it starts when all is done.
    """
    node = Node(settings, on_open)
    api = create_api(lifespan=node.lifespan)
    api.include_router(health_routes(node.health))
    api.include_router(metrics_routes(node.metrics))
    return frame(
        api,
        cache=node.cache,
        watch=node.watch,
        metrics=node.metrics,
        health=node.health,
        limits=Limits(body_bytes=settings.max_body_bytes, body_seconds=settings.body_seconds),
        rewriters=(ContextPrefix,),
        cors_origins=settings.cors_origins,
    )


class DeferredWatch:
    """Stand for the watch of a store that is not open yet: nothing is known to be unchanged."""

    def __init__(self) -> None:
        self._watch: Watch | None = None

    def start(self, watch: Watch) -> None:
        self._watch = watch

    @property
    def sequence(self) -> int:
        return -1 if self._watch is None else self._watch.sequence

    def unchanged(self) -> bool:
        return self._watch is not None and self._watch.unchanged()

    def refresh(self) -> None:
        if self._watch is None:
            raise StorageUnavailable(OPENING)
        self._watch.refresh()


class Node:
    """What lives as long as the process: its health, its counters, its store."""

    def __init__(
        self, settings: Settings, on_open: Callable[[Exception | None], None] | None = None
    ) -> None:
        self._settings = settings
        self._on_open = on_open
        self._store: Store | None = None
        self._desk: Desk | None = None
        self.health = Health()
        self.metrics = Metrics(schemas=self._count_schemas)
        self.cache = ResponseCache(max_bytes=settings.response_cache_bytes)
        self.watch = DeferredWatch()

    @asynccontextmanager
    async def lifespan(self, api: FastAPI) -> AsyncIterator[None]:
        self.health.phase = OPENING
        opening = asyncio.create_task(self._start(api))
        if self._on_open is None:
            await opening
        else:
            opening.add_done_callback(self._report)
        try:
            yield
        finally:
            self.health.stop()
            if self._desk is not None:
                self._desk.close()
            if self._store is not None:
                self._store.close()

    async def _start(self, api: FastAPI) -> None:
        store = await asyncio.to_thread(self._open)
        registry = open_registry(store, Options.of(self._settings))
        api.state.desk = self._desk = Desk(
            registry,
            threads=self._settings.request_threads,
            seconds=self._settings.request_seconds,
        )
        self._store = store
        self.watch.start(store.watch(self.cache.drop))
        self.health.serve(store.ping)

    def _report(self, opening: asyncio.Task[None]) -> None:
        error = None if opening.cancelled() else opening.exception()
        assert self._on_open is not None
        assert error is None or isinstance(error, Exception)
        self._on_open(error)

    def _open(self) -> Store:
        return open_store(
            self._settings.store_url,
            observe=self.metrics.observe,
            pool_size=self._settings.pool_size,
        )

    def _count_schemas(self) -> int:
        if self._store is None:
            return 0
        with self._store.read() as reader:
            return reader.schema_count()
