"""Many nodes write at once, and some are killed: no gap, no double, no half."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from registry.model import ChangeKind, Content
from registry.names import Subject
from registry.storage.sql.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.model import Version

    Register = Callable[..., Version]

PROCESSES = 8
THREADS = 2
WRITES = 15
SHARED = Subject(".", "shared")

# Two threads register contents of their own under one subject, and one content all have in common.
NODE = """
import sys
import threading
from registry.model import Content
from registry.names import Subject
from registry.storage.sql.store import open_store

url, node, threads, writes = sys.argv[1], *map(int, sys.argv[2:])
store = open_store(url)

def register(subject, content):
    with store.write(f"node {node}") as writer:
        guid = content.guid()
        rows = writer.versions(subject)
        if any(row.guid == guid for row in rows):
            return
        schema_id = writer.primary_id(".", guid)
        if schema_id is None:
            schema_id = writer.next_id(".")
            writer.add_schema(".", schema_id, content, guid)
        writer.add_version(subject, len(rows) + 1, schema_id, guid)

def work(thread):
    for number in range(writes):
        register(Subject(".", "shared"), Content("AVRO", f"{node} {thread} {number}"))
        register(Subject(".", f"common {number}"), Content("AVRO", f"common {number}"))

sys.stdin.readline()
workers = [threading.Thread(target=work, args=(thread,)) for thread in range(threads)]
for worker in workers: worker.start()
for worker in workers: worker.join()
store.close()
"""

# Registers for ever, says which versions were acknowledged, and pauses in mid transaction if told.
VICTIM = """
import sys
from registry.model import Content, Mode
from registry.names import Subject
from registry.storage.sql.store import open_store

url, name = sys.argv[1:]
store = open_store(url)
subject = Subject(".", name)
number = 0
while True:
    number += 1
    content = Content("AVRO", f"{name} {number}")
    with store.write() as writer:
        schema_id = writer.next_id(".")
        writer.add_schema(".", schema_id, content, content.guid())
        writer.add_version(subject, number, schema_id, content.guid())
        writer.set_mode(subject, Mode.IMPORT)
        if name == "pausing":
            print("inside", flush=True)
            sys.stdin.readline()
    print(number, flush=True)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_consistent(store: SqlStore) -> None:
    """Check that the journal has no gap and tells exactly what the tables hold."""
    with store.read() as reader:
        changes = reader.changes(after=0, limit=100_000)
        assert [change.sequence for change in changes] == list(range(1, len(changes) + 1))
        assert reader.sequence() == len(changes)
        told = {
            (change.key["subject"], change.key["version"], change.after and change.after["id"])
            for change in changes
            if change.kind is ChangeKind.SCHEMA_REGISTERED
        }
        found = reader.listing(context=None)
        assert {(s.row.subject.name, s.row.version, s.row.schema_id) for s in found} == told
        ids = {one.row.schema_id for one in found}
        assert ids == set(range(1, reader.last_id(".") + 1))
        for subject in reader.subjects(context=None):
            numbers = [row.version for row in reader.versions(subject)]
            assert numbers == list(range(1, len(numbers) + 1))


def test_nodes_that_write_at_once_leave_no_gap_and_no_double(
    store: SqlStore, database_url: str
) -> None:
    nodes = [start(NODE, database_url, node, THREADS, WRITES) for node in range(PROCESSES)]
    for node in nodes:
        assert node.stdin is not None
        node.stdin.write("go\n")
        node.stdin.flush()
    assert [node.communicate(timeout=120)[1] for node in nodes] == [""] * PROCESSES
    assert_consistent(store)
    with store.read() as reader:
        assert len(reader.versions(SHARED)) == PROCESSES * THREADS * WRITES
        for number in range(WRITES):
            assert len(reader.versions(Subject(".", f"common {number}"))) == 1


def test_a_writer_killed_in_mid_transaction_leaves_nothing(
    store: SqlStore, database_url: str, register: Register
) -> None:
    victim = start(VICTIM, database_url, "pausing")
    assert victim.stdout is not None
    assert victim.stdout.readline() == "inside\n"
    victim.kill()
    victim.communicate()
    with store.write() as writer:
        assert writer.subjects(context=None) == []
        assert writer.sequence() == 0
        assert writer.last_id(".") == 0
        register(writer, SHARED, Content("AVRO", "x"))
    assert_consistent(store)


@pytest.fixture
def victims(database_url: str) -> Iterator[list[subprocess.Popen[str]]]:
    started = [start(VICTIM, database_url, f"victim {number}") for number in range(3)]
    yield started
    for victim in started:
        victim.kill()
        victim.communicate()


def test_what_was_acknowledged_survives_the_kill_of_its_writer(
    store: SqlStore, victims: list[subprocess.Popen[str]]
) -> None:
    acknowledged = []
    for number, victim in enumerate(victims):
        assert victim.stdout is not None
        victim.stdout.readline()
        time.sleep(0.05 * number)
        victim.kill()
        rest, _ = victim.communicate()
        acknowledged.append(int((rest.split() or ["1"])[-1]))
    assert_consistent(store)
    with store.read() as reader:
        for number, version in enumerate(acknowledged):
            assert len(reader.versions(Subject(".", f"victim {number}"))) >= version


def test_a_new_node_sees_everything(store: SqlStore, database_url: str, register: Register) -> None:
    with store.write() as writer:
        row = register(writer, SHARED, Content("AVRO", "x"))
    other = open_store(database_url)
    with other.read() as reader:
        assert reader.versions(SHARED) == [row]
    other.close()
