"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MAX_ID = 2**31 - 1
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MODES = "'READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'"
LIFECYCLES = "'STRONG', 'WEAK'"
# Without statistics SQLite prefers any prefix of a primary key, a whole context at times, to the
# index made for the query. These are the figures of a large registry: rows in the table, then rows
# for one value of the first column, of the first two, and so on. ANALYZE replaces them.
STATISTICS = {
    ("subjects", "subjects"): "1000000 10000 1",
    ("subjects", "sqlite_autoindex_subjects_2"): "1000000 1",
    ("schemas", "sqlite_autoindex_schemas_1"): "1000000 10000 1",
    ("schemas", "ix_schemas_guid"): "1000000 2",
    ("schemas", "ix_schemas_primary"): "1000000 10000 1",
    ("versions", "versions"): "2000000 20000 5 1",
    ("versions", "ix_versions_schema"): "2000000 20000 2",
    ("schema_references", "schema_references"): "1000000 10000 5 1",
    ("schema_references", "ix_schema_references_target"): "1000000 10000 50 10",
}


def upgrade() -> None:
    _create_contexts_and_subjects()
    _create_schemas()
    _create_versions()
    _create_references()
    _create_settings()
    _create_associations()
    _create_journal()
    if op.get_context().dialect.name == "sqlite":
        _give_statistics()


def downgrade() -> None:
    for table in (
        "changes",
        "journal_head",
        "associations",
        "modes",
        "configs",
        "schema_references",
        "versions",
        "schemas",
        "subjects",
        "contexts",
    ):
        op.drop_table(table)


def _create_contexts_and_subjects() -> None:
    contexts = op.create_table(
        "contexts",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_contexts")),
        sa.CheckConstraint(f"last_id BETWEEN 0 AND {MAX_ID}", name=op.f("ck_contexts_last_id")),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(contexts, [{"name": ".", "last_id": 0}])
    op.create_table(
        "subjects",
        sa.Column("context", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("written", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("context", "name", name=op.f("pk_subjects")),
        sa.UniqueConstraint("written", name=op.f("uq_subjects_written")),
        sa.ForeignKeyConstraint(["context"], ["contexts.name"], name=op.f("fk_subjects_contexts")),
        sa.CheckConstraint(
            "written = CASE WHEN context = '.' THEN name ELSE ':' || context || ':' || name END",
            name=op.f("ck_subjects_written"),
        ),
        sqlite_with_rowid=False,
    )


def _create_schemas() -> None:
    op.create_table(
        "schemas",
        sa.Column("context", TEXT, nullable=False),
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("guid", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("metadata", TEXT),
        sa.Column("rule_set", TEXT),
        sa.Column("reference_count", sa.Integer, nullable=False),
        sa.Column("is_primary", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("context", "id", name=op.f("pk_schemas")),
        sa.ForeignKeyConstraint(["context"], ["contexts.name"], name=op.f("fk_schemas_contexts")),
        sa.CheckConstraint(f"id BETWEEN 0 AND {MAX_ID}", name=op.f("ck_schemas_id")),
        sa.CheckConstraint("reference_count >= 0", name=op.f("ck_schemas_reference_count")),
        sa.CheckConstraint("length(guid) = 36", name=op.f("ck_schemas_guid")),
    )
    op.create_index("ix_schemas_guid", "schemas", ["guid"])
    op.create_index(
        "ix_schemas_primary",
        "schemas",
        ["context", "guid"],
        unique=True,
        sqlite_where=sa.text("is_primary = 1"),
        postgresql_where=sa.text("is_primary"),
    )


def _create_versions() -> None:
    op.create_table(
        "versions",
        sa.Column("context", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("schema_id", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("context", "subject", "version", name=op.f("pk_versions")),
        sa.ForeignKeyConstraint(
            ["context", "subject"],
            ["subjects.context", "subjects.name"],
            name=op.f("fk_versions_subjects"),
        ),
        sa.ForeignKeyConstraint(
            ["context", "schema_id"],
            ["schemas.context", "schemas.id"],
            name=op.f("fk_versions_schemas"),
        ),
        sa.CheckConstraint(f"version BETWEEN 1 AND {MAX_ID}", name=op.f("ck_versions_version")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_versions_schema", "versions", ["context", "schema_id"])


def _create_references() -> None:
    op.create_table(
        "schema_references",
        sa.Column("context", TEXT, nullable=False),
        sa.Column("schema_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("target_context", TEXT, nullable=False),
        sa.Column("target_subject", TEXT, nullable=False),
        sa.Column("target_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "context", "schema_id", "ordinal", name=op.f("pk_schema_references")
        ),
        sa.ForeignKeyConstraint(
            ["context", "schema_id"],
            ["schemas.context", "schemas.id"],
            name=op.f("fk_schema_references_schemas"),
        ),
        sa.ForeignKeyConstraint(
            ["target_context", "target_subject", "target_version"],
            ["versions.context", "versions.subject", "versions.version"],
            name=op.f("fk_schema_references_versions"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint("ordinal >= 0", name=op.f("ck_schema_references_ordinal")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_schema_references_target",
        "schema_references",
        ["target_context", "target_subject", "target_version"],
    )


def _create_settings() -> None:
    op.create_table(
        "configs",
        sa.Column("context", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("alias", TEXT),
        sa.Column("settings", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("context", "subject", name=op.f("pk_configs")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_configs_alias",
        "configs",
        ["alias"],
        sqlite_where=sa.text("alias IS NOT NULL"),
        postgresql_where=sa.text("alias IS NOT NULL"),
    )
    op.create_table(
        "modes",
        sa.Column("context", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("context", "subject", name=op.f("pk_modes")),
        sa.CheckConstraint(f"mode IN ({MODES})", name=op.f("ck_modes_mode")),
        sqlite_with_rowid=False,
    )


def _create_associations() -> None:
    op.create_table(
        "associations",
        sa.Column("resource_id", TEXT, nullable=False),
        sa.Column("resource_type", TEXT, nullable=False),
        sa.Column("association_type", TEXT, nullable=False),
        sa.Column("resource_name", TEXT, nullable=False),
        sa.Column("resource_namespace", TEXT, nullable=False),
        sa.Column("context", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("guid", TEXT, nullable=False),
        sa.Column("lifecycle", TEXT, nullable=False),
        sa.Column("frozen", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("created_sequence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "resource_id", "resource_type", "association_type", name=op.f("pk_associations")
        ),
        sa.CheckConstraint(f"lifecycle IN ({LIFECYCLES})", name=op.f("ck_associations_lifecycle")),
    )
    op.create_index("ix_associations_subject", "associations", ["context", "subject"])
    op.create_index(
        "ix_associations_resource", "associations", ["resource_name", "resource_namespace"]
    )


def _create_journal() -> None:
    head = op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
        sa.CheckConstraint("id = 1", name=op.f("ck_journal_head_single")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_journal_head_sequence")),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0}])
    op.create_table(
        "changes",
        sa.Column("sequence", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("before", TEXT),
        sa.Column("after", TEXT),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_changes")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_changes_sequence")),
    )


def _give_statistics() -> None:
    op.execute("ANALYZE sqlite_schema")
    table = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.execute(table.delete())
    op.bulk_insert(
        table, [{"tbl": t, "idx": i, "stat": stat} for (t, i), stat in STATISTICS.items()]
    )
