"""What the service counts, in Prometheus' text format on `/metrics`.

Labels are bounded: routes by their templates, methods and reasons by closed lists. Several
processes share one set of numbers when PROMETHEUS_MULTIPROC_DIR names an empty directory before
this module is imported (prometheus_client chooses its storage at import).
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.metrics_core import Metric

log = structlog.stdlib.get_logger("registry.api")

METRICS_PATH = "/metrics"
MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "OTHER"
FROM_MEMORY, FROM_SERVICE = "memory", "service"
REGISTRATION = re.compile(r"/subjects/[^/]+/versions")

# From an answer out of memory to the longest compatibility check that the limits allow.
REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DATABASE_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)


class Tally:
    """What one thread counts without a lock, in `count`, and passes on to a counter in steps.

    An answer from memory costs little more than a counter's own lock and checks would: the front
    adds to `count` itself, and calls `pass_on` at every multiple of STEP.
    """

    __slots__ = ("_counter", "_passed_on", "_passing_on", "count")
    STEP = 64

    def __init__(self, counter: Counter) -> None:
        self.count = 0
        self._counter = counter
        self._passed_on = 0
        self._passing_on = threading.Lock()

    def pass_on(self) -> None:
        """Bring the counter up to date; safe from any thread."""
        with self._passing_on:
            count = self.count
            self._counter.inc(count - self._passed_on)
            self._passed_on = count


class Metrics:
    """The service's counters; safe from any thread."""

    def __init__(self, *, schemas: Callable[[], int] | None = None) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._stored = _Stored(schemas)
        self._hits: dict[str, Tally] = {}
        self._requests = Counter(
            "accord_http_requests",
            "Requests by route, method and status; from memory: those that the cache answered.",
            ("route", "method", "code", "source"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "accord_http_request_duration_seconds",
            "Time to answer a request; answers from the cache of finished answers are left out.",
            ("route", "method"),
            buckets=REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._refusals = Counter(
            "accord_registrations_refused",
            "Registrations refused, by the error_code of the answer.",
            ("error_code",),
            registry=self._registry,
        )
        self.cache_misses = Counter(
            "accord_response_cache_misses",
            "Requests that the cache of finished answers could have answered, had it had them.",
            registry=self._registry,
        )
        self._database = Histogram(
            "accord_database_duration_seconds",
            "Time of one operation on the database.",
            ("operation",),
            buckets=DATABASE_BUCKETS,
            registry=self._registry,
        )
        # Looking a label up costs as much as noting a time, and a request has many statements.
        self._operations: dict[str, Histogram] = {}

    def hits(self, *, route: str) -> Tally:
        """Return the tally of answers from the cache; HEAD is counted as the GET that it is."""
        if route not in self._hits:
            self._hits[route] = Tally(self._requests.labels(route, "GET", "200", FROM_MEMORY))
        return self._hits[route]

    def count_request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else OTHER_METHOD
        self._requests.labels(route, known, str(status), FROM_SERVICE).inc()
        self._seconds.labels(route, known).observe(seconds)

    def count_refusal(self, *, path: str, method: str, error_code: int) -> None:
        """Count an error answer if it refused a registration; `path` is the one routed on."""
        if method == "POST" and REGISTRATION.fullmatch(path):
            self._refusals.labels(str(error_code)).inc()

    def observe(self, operation: str, seconds: float) -> None:
        """Note the time of an operation on the database; the name comes from a closed list."""
        histogram = self._operations.get(operation)
        if histogram is None:
            histogram = self._operations[operation] = self._database.labels(operation)
        histogram.observe(seconds)

    def rendered(self) -> bytes:
        """Return everything counted; reads the database."""
        for tally in tuple(self._hits.values()):
            tally.pass_on()
        exposed = CollectorRegistry()
        exposed.register(self._stored)
        if MULTIPROCESS_VARIABLE in os.environ:
            MultiProcessCollector(exposed)  # type: ignore[no-untyped-call]  # registers itself
        else:
            exposed.register(self._registry)
        return generate_latest(exposed)


class _Stored(Collector):
    """What is in the database, asked for when somebody looks."""

    def __init__(self, schemas: Callable[[], int] | None) -> None:
        self._schemas = schemas

    def collect(self) -> Iterable[Metric]:
        if self._schemas is None:
            return
        try:
            count = self._schemas()
        except RegistryError as error:
            log.warning("schemas not counted", reason=str(error))
            return
        yield GaugeMetricFamily("accord_schemas", "Schemas stored.", value=count)


def metrics_routes(metrics: Metrics) -> APIRouter:
    """Return the page that Prometheus scrapes."""
    router = APIRouter(tags=["metrics"])

    @router.get(METRICS_PATH, summary="Numbers for Prometheus", response_class=PlainTextResponse)
    async def show() -> Response:
        """Requests, refusals, seconds and schemas, in the text format."""
        body = await asyncio.to_thread(metrics.rendered)
        return Response(body, headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})

    return router
