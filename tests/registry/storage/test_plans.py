"""SQLite finds its rows by the index made for the query, however large the tables are."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import sqlite

from registry.storage.sql import queries
from registry.storage.sql.queries import Names

if TYPE_CHECKING:
    from pathlib import Path

    from registry.storage.sql.statement import Statement

EVERYWHERE = Names(by_context=False, is_bounded_below=False, is_bounded_above=False)
WITHIN = Names(by_context=True, is_bounded_below=False, is_bounded_above=False)
PREFIXED = Names(by_context=True, is_bounded_below=True, is_bounded_above=True)

VERSIONS_OF_SUBJECT = "SEARCH versions USING PRIMARY KEY (context=? AND subject=?)"
VERSIONS_OF_SCHEMA = "SEARCH versions USING INDEX ix_versions_schema (context=? AND schema_id=?)"
WRITTEN_IN_ORDER = "SCAN subjects USING INDEX sqlite_autoindex_subjects_2"
PREFIX = "(context=? AND {}>? AND {}<?)"

PLANS = [
    pytest.param(queries.VERSIONS, VERSIONS_OF_SUBJECT, id="versions"),
    pytest.param(queries.LATEST_LIVE, VERSIONS_OF_SUBJECT, id="latest"),
    pytest.param(queries.HOLDERS, VERSIONS_OF_SCHEMA, id="holders"),
    pytest.param(
        queries.IS_IN_USE, VERSIONS_OF_SCHEMA.replace("INDEX", "COVERING INDEX"), id="is in use"
    ),
    pytest.param(
        queries.PRIMARY_ID,
        "SEARCH schemas USING INDEX ix_schemas_primary (context=? AND guid=?)",
        id="primary id",
    ),
    pytest.param(
        queries.GUID_HOLDERS, "SEARCH schemas USING INDEX ix_schemas_guid (guid=?)", id="guid"
    ),
    pytest.param(
        queries.referrers(one_version=True, include_deleted=False),
        VERSIONS_OF_SCHEMA,
        id="referrers",
    ),
    pytest.param(
        queries.listed_subjects(EVERYWHERE, live=True, dead=False), WRITTEN_IN_ORDER, id="subjects"
    ),
    pytest.param(
        queries.listed_subjects(PREFIXED, live=True, dead=False),
        f"SEARCH subjects USING PRIMARY KEY {PREFIX.format('name', 'name')}",
        id="subjects by prefix",
    ),
    pytest.param(
        queries.listed_versions(EVERYWHERE, include_deleted=False, latest_only=False),
        WRITTEN_IN_ORDER,
        id="listing",
    ),
    pytest.param(
        queries.listed_versions(WITHIN, include_deleted=False, latest_only=True),
        "SEARCH others USING PRIMARY KEY (context=? AND subject=?)",
        id="latest of a context",
    ),
    pytest.param(
        queries.listed_versions(PREFIXED, include_deleted=True, latest_only=False),
        f"SEARCH versions USING PRIMARY KEY {PREFIX.format('subject', 'subject')}",
        id="listing by prefix",
    ),
    pytest.param(
        queries.SETTINGS,
        "SEARCH configs USING PRIMARY KEY (context=? AND subject=?)",
        id="configs of scopes",
    ),
    pytest.param(
        queries.SETTINGS,
        "SEARCH modes USING PRIMARY KEY (context=? AND subject=?)",
        id="modes of scopes",
    ),
    pytest.param(
        queries.CHANGES, "SEARCH changes USING INTEGER PRIMARY KEY (rowid>?)", id="changes"
    ),
]


@pytest.mark.parametrize(("statement", "step"), PLANS)
def test_the_plan_uses_the_index_and_sorts_little(
    migrated_file: Path, statement: Statement, step: str
) -> None:
    sql, _ = statement.rendered(sqlite.dialect(paramstyle="named"), {})
    connection = sqlite3.connect(migrated_file)
    parameters = dict.fromkeys(_names(sql), 1)
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    connection.close()
    assert step in steps
    scanned = [one for one in steps if one.startswith("SCAN") and one != WRITTEN_IN_ORDER]
    assert scanned == []
    if statement is not queries.GUID_HOLDERS:
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def _names(sql: str) -> list[str]:
    return re.findall(":([a-z_0-9]+)", sql)
