"""The same tests against Accord's log and against Apache Kafka: same code, another address."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from apache_kafka import Unavailable, shared_node
from confluent_kafka.admin import AdminClient, NewTopic
from service import await_ready, begin, end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest.register_assert_rewrite("confluent_log")
from confluent_log import eventually  # noqa: E402  # after it is known that its asserts are tests


@dataclass(frozen=True, slots=True)
class Cluster:
    """An address where Kafka's protocol is spoken."""

    name: str
    bootstrap: str

    @property
    def is_apache(self) -> bool:
        return self.name == "kafka"


@pytest.fixture(
    scope="session", params=["accord", pytest.param("kafka", marks=pytest.mark.foreign)]
)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Accord's log, then Apache Kafka; each test has topics and groups of its own."""
    bootstrap = request.getfixturevalue(f"{request.param}_bootstrap")
    return Cluster(request.param, bootstrap)


@pytest.fixture(scope="session")
def accord_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One `accord serve`, the registry and the log, for each worker of a run."""
    service = begin(tmp_path_factory.mktemp("accord"), ACCORD_ONLY="")
    try:
        yield await_ready(service).kafka
        assert service.stop() == 0
    finally:
        end(service)


@pytest.fixture(scope="session")
def kafka_bootstrap(shared_folder: Path) -> Iterator[str]:
    """One Apache Kafka for all workers of a run."""
    try:
        with shared_node(shared_folder / "apache-kafka") as address:
            yield address
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture
def admin(cluster: Cluster) -> AdminClient:
    return AdminClient({"bootstrap.servers": cluster.bootstrap})


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test uses."""
    return lambda word: f"{word}-{uuid.uuid4().hex}"


@pytest.fixture
def group(unique: Callable[[str], str]) -> str:
    return unique("group")


@pytest.fixture
def make_topic(admin: AdminClient, unique: Callable[[str], str]) -> Callable[..., str]:
    """Create a topic, and wait until its partitions are led."""

    def make(partitions: int = 1, **config: str) -> str:
        name = unique("topic")
        settings = {key.replace("_", "."): value for key, value in config.items()}
        made = admin.create_topics([NewTopic(name, partitions, 1, config=settings)])
        made[name].result()
        eventually(lambda: _led(admin, name) == partitions)
        return name

    return make


@pytest.fixture
def topic(make_topic: Callable[..., str]) -> str:
    """A topic with one partition."""
    return make_topic()


def _led(admin: AdminClient, name: str) -> int:
    partitions = admin.list_topics(name).topics[name].partitions
    return sum(found.leader >= 0 for found in partitions.values())
