"""What storage costs over the least it could, on SQLite, as ratios.

    statement   a SELECT through a session, against Connection.execute of SQLAlchemy (CPU)
    register    the write transaction of a new schema, against one committed row of the same size
                on the same disk, synced (wall)
    unchanged   a cache asking whether it may answer, against `SELECT 1` on the driver (CPU)

Rounds are short and interleaved; the result is the median of the rounds' ratios.

    python benchmarks/storage.py --rounds 15 --repeat 50
"""

from __future__ import annotations

import argparse
import itertools
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from registry.model import Content
from registry.names import Subject
from registry.storage.sql import queries
from registry.storage.sql.engine import READ, Database, Session, create_engine, parse_url
from registry.storage.sql.migrate import migrate
from registry.storage.sql.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = tuple[Callable[[], float], Callable[[], object], Callable[[], object]]

SUBJECT = Subject(".", "subject")
FIELDS = ", ".join(f'{{"name": "field{n}", "type": "string"}}' for n in range(20))
TEXT = f'{{"type": "record", "name": "R%d", "fields": [{FIELDS}]}}'
GOALS = {"statement": 0.5, "register": 3.0, "unchanged": 5.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--repeat", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        cases = _cases(Path(directory))
        for name, (clock, ours, floor) in cases.items():
            ratio = _ratio(clock, ours, floor, arguments)
            verdict = "ok" if ratio <= GOALS[name] else "MISSED"
            print(f"{name:10} {ratio:6.2f}x  goal {GOALS[name]:.1f}x  {verdict}")


def _ratio(
    clock: Callable[[], float],
    ours: Callable[[], object],
    floor: Callable[[], object],
    arguments: argparse.Namespace,
) -> float:
    ratios = []
    for number in range(arguments.rounds):
        order = (ours, floor) if number % 2 else (floor, ours)
        spent = {case: _spent(clock, case, arguments.repeat) for case in order}
        ratios.append(spent[ours] / spent[floor])
    return statistics.median(ratios)


def _spent(clock: Callable[[], float], case: Callable[[], object], repeat: int) -> float:
    started = clock()
    for _ in range(repeat):
        case()
    return clock() - started


def _cases(directory: Path) -> dict[str, Case]:
    url = parse_url(f"sqlite:///{directory / 'accord.db'}")
    migrate(url)
    database = Database(create_engine(url))
    store = SqlStore(database)
    register = _register(store)
    register()
    watch = store.watch(lambda _: None)
    watch.refresh()
    bare = sqlite3.connect(directory / "bare.db", isolation_level=None)
    return {
        "statement": (time.process_time, _session(database), _connection(database)),
        "register": (time.perf_counter, register, _commit(bare)),
        "unchanged": (
            time.process_time,
            watch.unchanged,
            lambda: bare.execute("SELECT 1").fetchone(),
        ),
    }


def _session(database: Database) -> Callable[[], object]:
    session = Session(database, READ)
    return lambda: session.row(queries.VERSIONS, context=SUBJECT.context, subject=SUBJECT.name)


def _connection(database: Database) -> Callable[[], object]:
    connection = database.engine.connect()
    values = {"context": SUBJECT.context, "subject": SUBJECT.name}
    clause = sa.text(queries.VERSIONS.rendered(database.dialect, {})[0])
    return lambda: connection.execute(clause, values).all()


def _register(store: SqlStore) -> Callable[[], object]:
    numbers = itertools.count(1)

    def register() -> None:
        content = Content("AVRO", TEXT % next(numbers))
        with store.write() as writer:
            guid = content.guid()
            writer.add_context(SUBJECT.context)
            latest = writer.latest(SUBJECT)
            number = 1 if latest is None else latest.row.version + 1
            schema_id = writer.next_id(SUBJECT.context)
            writer.add_schema(SUBJECT.context, schema_id, content, guid)
            writer.add_version(SUBJECT, number, schema_id, guid)

    return register


def _commit(connection: sqlite3.Connection) -> Callable[[], object]:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO texts (text) VALUES (?)", (TEXT,))
        connection.execute("COMMIT")

    return commit


if __name__ == "__main__":
    main()
