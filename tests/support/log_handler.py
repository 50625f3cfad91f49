"""A broker that knows no topics: it answers at once, late or never, as a test has it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord_log.broker.promise import Promise
from accord_log.kafka.api_ranges import ADVERTISED
from accord_log.kafka.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
)
from accord_log.kafka.messages.fetch import (
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    PartitionData,
)
from accord_log.kafka.messages.metadata import (
    MetadataRequest,
    MetadataResponse,
    MetadataResponseBroker,
)
from accord_log.kafka.messages.produce import ProduceRequest

if TYPE_CHECKING:
    from accord_log.broker.context import Context
    from accord_log.kafka.fields import Message


@dataclass
class Started:
    """A request that was handed over; `answer` is kept by the test that held its API."""

    request: Any
    context: Context
    answer: Promise[Any] = field(default_factory=Promise)
    is_abandoned: threading.Event = field(default_factory=threading.Event)

    def finish(self, response: Message | None = None) -> None:
        """Answer, by default with an empty response."""
        self.answer.resolve(response or type(self.request).response())


class TinyHandler:
    """Answers ApiVersions and Metadata, and all else with an empty response of its type."""

    def __init__(self, *held: type[Message], fetch_bytes: int = 0) -> None:
        self._held = held
        self._records = bytes(fetch_bytes)
        self.started: list[Started] = []
        self.arrival = threading.Condition()

    def handle(self, request: Message, context: Context) -> Message | Promise[Any] | None:
        started = Started(request, context)
        with self.arrival:
            self.started.append(started)
            self.arrival.notify_all()
        if isinstance(request, self._held):
            context.on_close(started.is_abandoned.set)
            return started.answer
        if isinstance(request, ProduceRequest) and request.acks == 0:
            return None
        return self._answer(request, context)

    def await_started(self, count: int) -> list[Started]:
        """Wait until so many requests have been handed over since the start."""
        with self.arrival:
            assert self.arrival.wait_for(lambda: len(self.started) >= count, timeout=30)
            return list(self.started)

    def _answer(self, request: Message, context: Context) -> Message:
        if isinstance(request, ApiVersionsRequest):
            context.software = (request.client_software_name, request.client_software_version)
            return ApiVersionsResponse(
                api_keys=[
                    ApiVersion(key, versions.start, versions.stop - 1)
                    for key, versions in sorted(ADVERTISED.items())
                ]
            )
        if isinstance(request, MetadataRequest):
            host, port = context.advertised
            return MetadataResponse(
                brokers=[MetadataResponseBroker(1, host, port)],
                cluster_id=context.principal,
                controller_id=1,
            )
        if isinstance(request, FetchRequest):
            part = PartitionData(records=self._records)
            return FetchResponse(responses=[FetchableTopicResponse("t", partitions=[part])])
        return type(request).response()
