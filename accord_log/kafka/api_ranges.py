"""What ApiVersions tells of each API: the versions that are spoken, and what clients insist on."""

from __future__ import annotations

from accord_log.kafka.messages import REQUESTS
from accord_log.kafka.messages.produce import ProduceRequest

ADVERTISED: dict[int, range] = {
    **{key: request.versions for key, request in REQUESTS.items()},
    # Older librdkafka compresses nothing for a broker that does not name version 0 (KAFKA-18659).
    # Apache Kafka 4 names it for their sake; as here, such a request is refused when it comes.
    ProduceRequest.api_key: range(ProduceRequest.versions.stop),
}
