"""A partition, and a place in it."""

from __future__ import annotations

from functools import total_ordering
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord_log.embedded.error import KafkaError

OFFSET_BEGINNING = -2
OFFSET_END = -1
OFFSET_STORED = -1000
OFFSET_INVALID = -1001
NO_PARTITION = -1


@total_ordering
class TopicPartition:
    """Topic, partition, and where wanted an offset; compared without the offset."""

    __slots__ = ("_leader_epoch", "error", "metadata", "offset", "partition", "topic")

    def __init__(
        self,
        topic: str,
        partition: int = NO_PARTITION,
        offset: int = OFFSET_INVALID,
        metadata: str | None = None,
        leader_epoch: int | None = None,
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
        self.error: KafkaError | None = None
        self._leader_epoch = leader_epoch

    @property
    def leader_epoch(self) -> int | None:
        return self._leader_epoch

    @property
    def place(self) -> tuple[str, int]:
        return (self.topic, self.partition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TopicPartition) and self.place == other.place

    def __lt__(self, other: TopicPartition) -> bool:
        return self.place < other.place

    def __hash__(self) -> int:
        return hash(self.place)

    def __repr__(self) -> str:
        return (
            f"TopicPartition{{topic={self.topic},partition={self.partition},offset={self.offset},"
            f"leader_epoch={self._leader_epoch},error={self.error}}}"
        )
