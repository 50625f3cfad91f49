"""A table, its changes on a topic, and the copy that is made of them."""

from __future__ import annotations

import random
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa
from committed_messages import committed
from example_programs import EXAMPLES, PATIENCE_SECONDS
from service import eventually

if TYPE_CHECKING:
    from example_programs import Examples
    from service import Service

TABLE = """
CREATE TABLE customers (
    id int PRIMARY KEY, name text NOT NULL, version int NOT NULL, joined date, tags text[]
);
INSERT INTO customers VALUES (-1, 'Ada', 1, '2026-03-14', '{old, "äöü"}'), (-2, 'G', 1, NULL, '{}');
CREATE TABLE customers_copy (LIKE customers INCLUDING ALL)
"""
# What was ever in the outbox, written down by the database itself.
AUDIT = """
CREATE TABLE audit AS SELECT * FROM outbox;
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO audit VALUES (NEW.number, NEW.key, NEW.row); RETURN NULL; END $$;
CREATE TRIGGER audited AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION audited()
"""
MOVE = """
UPDATE customers SET id = id + 100
WHERE id = %(id)s AND NOT EXISTS (SELECT FROM customers WHERE id = %(id)s + 100)
"""
CHANGES = (
    "INSERT INTO customers VALUES (%(id)s, 'new', 0) ON CONFLICT DO NOTHING",
    "UPDATE customers SET version = version + 1, name = name || '+' WHERE id = %(id)s",
    "UPDATE customers SET version = version + 1, joined = '2026-01-01' WHERE id = %(id)s",
    MOVE,
    "DELETE FROM customers WHERE id = %(id)s",
)
REFUSE_DELETES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE 'crash before the outbox is emptied'; END $$;
CREATE TRIGGER refused BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()
"""
CUSTOMERS = 20
TRANSACTIONS_IN_ROUND = 60


@pytest.fixture
def database(postgres_url: str) -> str:
    """A database with the captured table and an empty copy."""
    url = sa.make_url(postgres_url).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute(TABLE)
        connection.execute((EXAMPLES / "table_changes.sql").read_text())
        connection.execute(AUDIT)
    return plain


def test_the_copy_equals_the_table_though_relay_and_copy_are_killed(
    examples: Examples, service: Service, database: str
) -> None:
    chance = random.Random(7)  # noqa: S311  # nothing is to be kept secret
    # Each round begins a change that is committed after later ones are published.
    for number, killed in enumerate((True, True, True, False)):
        with (
            examples.running("table_copy.py", "--database", database) as copy,
            examples.running("table_relay.py", "--database", database, "--batch", "7") as relay,
            psycopg.connect(database) as late,
        ):
            before = published(service)
            late.execute("INSERT INTO customers VALUES (%s, 'late', 1)", [1000 + number])
            for _ in range(TRANSACTIONS_IN_ROUND):
                change(database, chance)
            # Many transactions wait: a kill finds the relay in the middle.
            eventually(lambda: published(service) >= before + 2)  # noqa: B023  # called at once
            late.commit()
            if killed:
                relay.kill()
                copy.kill()
            else:
                eventually(lambda: not rows(database, "SELECT number FROM outbox"))
                eventually(
                    lambda: table(database, "customers_copy") == table(database, "customers")
                )
    assert {1000, 1001, 1002, 1003} <= {row[0] for row in table(database, "customers_copy")}
    assert on_topic(service) == audited(database)


def test_what_was_published_before_a_crash_is_not_published_again(
    examples: Examples, service: Service, database: str
) -> None:
    rows(database, REFUSE_DELETES)
    command = examples.command("table_relay.py", "--database", database)
    relay = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert relay.returncode == 1
    assert "crash before the outbox is emptied" in relay.stderr
    assert on_topic(service) == audited(database)
    assert len(rows(database, "SELECT number FROM outbox")) == 2

    rows(database, "DROP TRIGGER refused ON outbox")
    rows(database, "UPDATE customers SET version = 2 WHERE id = -1")
    with examples.running("table_relay.py", "--database", database):
        eventually(lambda: not rows(database, "SELECT number FROM outbox"))
    assert on_topic(service) == audited(database)


def test_a_table_that_is_emptied_empties_its_copy(
    examples: Examples, service: Service, database: str
) -> None:
    with (
        examples.running("table_copy.py", "--database", database),
        examples.running("table_relay.py", "--database", database),
    ):
        eventually(lambda: len(table(database, "customers_copy")) >= 2)
        rows(database, "TRUNCATE customers")
        eventually(lambda: {"-1", "-2"} <= deleted(service))
        eventually(lambda: not {-1, -2} & {row[0] for row in table(database, "customers_copy")})


def change(database: str, chance: random.Random) -> None:
    """Change up to four rows in a transaction, and now and then undo it all."""
    with psycopg.connect(database) as connection:
        for _ in range(chance.randint(1, 4)):
            connection.execute(chance.choice(CHANGES), {"id": chance.randint(1, CUSTOMERS)})
        if chance.random() < 0.2:
            connection.rollback()


def published(service: Service) -> int:
    return len(committed(service.kafka, "customers-published"))


def on_topic(service: Service) -> dict[str, list[str | None]]:
    """Return the changes of each row, in the order of the topic."""
    found: dict[str, list[str | None]] = defaultdict(list)
    for message in committed(service.kafka, "customers"):
        row = message.value()
        found[message.key().decode()].append(None if row is None else row.decode())
    return found


def deleted(service: Service) -> set[str]:
    return {key for key, changes in on_topic(service).items() if changes[-1] is None}


def audited(database: str) -> dict[str, list[str | None]]:
    """Return the changes of each row, in the order in which they were made."""
    found: dict[str, list[str | None]] = defaultdict(list)
    for key, row in rows(database, "SELECT key, row::text FROM audit ORDER BY number"):
        found[key].append(row)
    return found


def table(database: str, name: str) -> list[tuple[Any, ...]]:
    return rows(database, f"SELECT * FROM {name} ORDER BY id")  # noqa: S608  # a name of this file


def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []
