"""The topics of a broker: which there are, what they are configured to, and where they lie."""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord_log.broker.configs import check_config
from accord_log.broker.partition import Partition
from accord_log.broker.topic_config import TopicConfig, read_configs
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.log.partition_log import PartitionLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from accord_log.broker.partition import Settled
    from accord_log.broker.services import Services
    from accord_log.log.ledger import Ledger

log = logging.getLogger("accord_log.broker")

MAX_NAME = 249  # the longest directory name, less what is put behind it
LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]+")
ORPHANED = ".orphaned"


@dataclass(slots=True)
class Topic:
    """A named set of partitions; `id` tells it from one of the same name before or after it."""

    name: str
    id: bytes
    configs: dict[str, str]
    config: TopicConfig
    partitions: list[Partition] = field(default_factory=list)

    @property
    def is_internal(self) -> bool:
        return self.name.startswith("__")


def check_name(name: str) -> None:
    """Raise KafkaError when a topic may not be called so."""
    if not name:
        text = "the empty string is not allowed"
    elif name in {".", ".."}:
        text = f"'{name}' is not allowed"
    elif len(name) > MAX_NAME:
        text = f"the length of '{name[:50]}...' is longer than the max allowed length {MAX_NAME}"
    elif LEGAL_NAME.fullmatch(name) is None:
        text = (
            f"'{name}' contains one or more characters other than ASCII alphanumerics, "
            "'.', '_' and '-'"
        )
    else:
        return
    raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic name is invalid: {text}")


class Topics:
    """The catalogue, durable in a ledger. Everything that changes it holds the broker's lock."""

    def __init__(self, services: Services, ledger: Ledger, directory: Path) -> None:
        self._services = services
        self._ledger = ledger
        self._directory = directory
        self._by_name: dict[str, Topic] = {}
        self._by_id: dict[bytes, Topic] = {}
        self._going: set[str] = set()  # deleted, with files still there

    # reading

    def __iter__(self) -> Iterator[Topic]:
        return iter(sorted(self._by_name.values(), key=lambda topic: topic.name))

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> Topic | None:
        return self._by_name.get(name)

    def by_id(self, topic_id: bytes) -> Topic | None:
        return self._by_id.get(topic_id)

    def partition(self, name: str, index: int) -> Partition | None:
        topic = self._by_name.get(name)
        if topic is None or not 0 <= index < len(topic.partitions):
            return None
        return topic.partitions[index]

    def partitions(self) -> Iterator[Partition]:
        """Return every partition there is."""
        for topic in tuple(self._by_name.values()):
            yield from tuple(topic.partitions)

    # opening and closing

    def open(self, *, clean: bool) -> None:
        """Open what the ledger lists, and clear away what deletions left behind."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for key, value in list(self._ledger.items()):
            name, stored = key.decode(), json.loads(value)
            if "deleted" in stored:
                self._finish_deletion(name, stored["deleted"])
            else:
                self._register(name, stored, clean=clean)

    def close(self) -> bool:
        """Close every partition; tell whether all that was appended is known to be on disk."""
        closed = [self._close(partition) for partition in self.partitions()]
        return all(closed)

    def _close(self, partition: Partition) -> bool:
        try:
            with partition.lock:
                partition.log.close()
        except KafkaError as error:
            log.warning("%s-%d: %s", partition.topic, partition.index, error)
            return False
        return True

    def _register(self, name: str, stored: dict[str, Any], *, clean: bool) -> None:
        configs = stored["configs"]
        topic = Topic(
            name,
            bytes.fromhex(stored["id"]),
            configs,
            read_configs(configs, self._services.settings),
        )
        for index in range(stored["partitions"]):
            topic.partitions.append(self._open_partition(topic, index, clean=clean))
        self._by_name[name] = self._by_id[topic.id] = topic

    def _open_partition(self, topic: Topic, index: int, *, clean: bool) -> Partition:
        opened = PartitionLog.open(
            self._directory / f"{topic.name}-{index}",
            topic.config.log,
            files=self._services.files,
            flusher=self._services.flusher,
            now_ms=self._services.clock(),
            clean=clean,
        )
        for damage in opened.damage:
            log.warning("%s-%d: %s", topic.name, index, damage)
        return Partition(topic.name, index, opened)

    # changing

    def check_new(self, name: str, count: int, configs: Mapping[str, str | None]) -> None:
        """Raise KafkaError when such a topic cannot be created."""
        check_name(name)
        if name in self._by_name or name in self._going:
            text = f"Topic '{name}' already exists."
            raise KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, text)
        self._check_collision(name)
        if count < 1:
            raise KafkaError(
                ErrorCode.INVALID_PARTITIONS, "Number of partitions must be larger than 0."
            )
        self._check_room(count)
        for config, value in configs.items():
            check_config(config, value)

    def _check_collision(self, name: str) -> None:
        folded = name.replace(".", "_")
        for other in self._by_name:
            if other.replace(".", "_") == folded:
                text = f"Topic '{name}' collides with existing topic: {other}"
                raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, text)

    def _check_room(self, more: int) -> None:
        count = sum(len(topic.partitions) for topic in self._by_name.values())
        if count + more > self._services.settings.max_partitions:
            text = f"This broker has at most {self._services.settings.max_partitions} partitions"
            raise KafkaError(ErrorCode.POLICY_VIOLATION, text)

    def create(self, name: str, count: int, configs: Mapping[str, str], then: Settled) -> Topic:
        """Create a checked topic; it can be used at once."""
        stored = dict(configs)
        topic = Topic(name, _new_id(), stored, read_configs(stored, self._services.settings))
        self._add_partitions(topic, count)
        self._by_name[name] = self._by_id[topic.id] = topic
        try:
            self._save(topic, then)
        except KafkaError:
            del self._by_name[name], self._by_id[topic.id]
            self._drop(topic.partitions)
            raise
        return topic

    def check_growth(self, topic: Topic, count: int) -> None:
        """Raise KafkaError when a topic cannot have so many partitions."""
        now = len(topic.partitions)
        if count <= now:
            text = f"Topic {topic.name} has {now} partition(s), which {count} would not increase."
            raise KafkaError(ErrorCode.INVALID_PARTITIONS, text)
        self._check_room(count - now)

    def grow(self, topic: Topic, count: int, then: Settled) -> None:
        """Give a topic more partitions, as was checked."""
        before = len(topic.partitions)
        self._add_partitions(topic, count)
        try:
            self._save(topic, then)
        except KafkaError:
            self._drop(topic.partitions[before:])
            del topic.partitions[before:]
            raise

    def configure(self, topic: Topic, configs: Mapping[str, str], then: Settled) -> None:
        """Replace the configs, which are checked."""
        before = topic.configs
        topic.configs = dict(configs)
        try:
            self._save(topic, then)
        except KafkaError:
            topic.configs = before
            raise
        topic.config = read_configs(topic.configs, self._services.settings)
        for partition in topic.partitions:
            with partition.lock:
                partition.log.config = topic.config.log

    def delete(self, topic: Topic, then: Settled) -> None:
        """Delete a topic: first the ledger says so, then the files go, then the ledger forgets."""

        def remove(error: KafkaError | None) -> None:
            for partition in topic.partitions:
                partition.remove()
            if error is None:
                self._finish_deletion(topic.name, len(topic.partitions))
            then(error)

        self._going.add(topic.name)
        del self._by_name[topic.name], self._by_id[topic.id]
        try:
            self._put(topic.name, {"deleted": len(topic.partitions)}, remove)
        except KafkaError:
            self._by_name[topic.name] = self._by_id[topic.id] = topic
            self._going.discard(topic.name)
            raise

    def _finish_deletion(self, name: str, count: int) -> None:
        for index in range(count):
            shutil.rmtree(self._directory / f"{name}-{index}", ignore_errors=True)
        self._put(name, None, _ignore)
        self._going.discard(name)

    def _drop(self, partitions: list[Partition]) -> None:
        """Undo what was never noted down."""
        for partition in partitions:
            partition.remove()
            directory = self._directory / f"{partition.topic}-{partition.index}"
            shutil.rmtree(directory, ignore_errors=True)

    def _add_partitions(self, topic: Topic, count: int) -> None:
        for index in range(len(topic.partitions), count):
            directory = self._directory / f"{topic.name}-{index}"
            if directory.exists():
                # Nobody knows whose it is, so it is kept.
                aside = f"{directory.name}.{secrets.token_hex(8)}{ORPHANED}"
                directory.rename(directory.with_name(aside))
            topic.partitions.append(self._open_partition(topic, index, clean=False))

    def _save(self, topic: Topic, then: Settled) -> None:
        stored = {
            "id": topic.id.hex(),
            "partitions": len(topic.partitions),
            "configs": topic.configs,
        }
        self._put(topic.name, stored, then)

    def _put(self, name: str, stored: dict[str, Any] | None, then: Settled) -> None:
        def settled(error: Exception | None) -> None:
            then(None if error is None else KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)))

        value = None if stored is None else json.dumps(stored).encode()
        self._ledger.put_many({name.encode(): value}, settled)


def _ignore(_: KafkaError | None) -> None:
    """Leave it: a deletion that was not forgotten is done again at the next start."""


def _new_id() -> bytes:
    """Return a random UUID that is none of the reserved ones."""
    return bytes([secrets.randbelow(255) + 1]) + secrets.token_bytes(15)
