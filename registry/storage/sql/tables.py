"""The tables, as the newest migration leaves them; a test compares the two.

Every text is compared and ordered by code point, on PostgreSQL as on SQLite.
"""

from __future__ import annotations

import sqlalchemy as sa

from registry.model import MAX_ID, Lifecycle, Mode

REVISION = "0001"
VERSION_TABLE = "accord_version"

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# SQLite keeps a table in the order of a key only when that key is of its own type INTEGER.
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData(naming_convention=NAMES)


def _one_of(column: str, values: type[Mode | Lifecycle]) -> sa.CheckConstraint:
    texts = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({texts})", name=column)


contexts = sa.Table(
    "contexts",
    metadata,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("last_id", sa.Integer, nullable=False),
    sa.CheckConstraint(f"last_id BETWEEN 0 AND {MAX_ID}", name="last_id"),
    sqlite_with_rowid=False,
)

subjects = sa.Table(
    "subjects",
    metadata,
    sa.Column("context", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("written", TEXT, nullable=False, unique=True),
    sa.ForeignKeyConstraint(["context"], ["contexts.name"]),
    sa.CheckConstraint(
        "written = CASE WHEN context = '.' THEN name ELSE ':' || context || ':' || name END",
        name="written",
    ),
    sqlite_with_rowid=False,
)

schemas = sa.Table(
    "schemas",
    metadata,
    sa.Column("context", TEXT, primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("guid", TEXT, nullable=False),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("metadata", TEXT),
    sa.Column("rule_set", TEXT),
    sa.Column("reference_count", sa.Integer, nullable=False),
    sa.Column("is_primary", sa.Boolean, nullable=False),
    sa.ForeignKeyConstraint(["context"], ["contexts.name"]),
    sa.CheckConstraint(f"id BETWEEN 0 AND {MAX_ID}", name="id"),
    sa.CheckConstraint("reference_count >= 0", name="reference_count"),
    sa.CheckConstraint("length(guid) = 36", name="guid"),
)
sa.Index("ix_schemas_guid", schemas.c.guid)
sa.Index(
    "ix_schemas_primary",
    schemas.c.context,
    schemas.c.guid,
    unique=True,
    sqlite_where=sa.text("is_primary = 1"),
    postgresql_where=sa.text("is_primary"),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("context", TEXT, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("schema_id", sa.Integer, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(["context", "subject"], ["subjects.context", "subjects.name"]),
    sa.ForeignKeyConstraint(["context", "schema_id"], ["schemas.context", "schemas.id"]),
    sa.CheckConstraint(f"version BETWEEN 1 AND {MAX_ID}", name="version"),
    sqlite_with_rowid=False,
)
sa.Index("ix_versions_schema", versions.c.context, versions.c.schema_id)

# `subject` is what the client wrote; `target_*` is the version it means.
schema_references = sa.Table(
    "schema_references",
    metadata,
    sa.Column("context", TEXT, primary_key=True),
    sa.Column("schema_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("subject", TEXT, nullable=False),
    sa.Column("target_context", TEXT, nullable=False),
    sa.Column("target_subject", TEXT, nullable=False),
    sa.Column("target_version", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["context", "schema_id"], ["schemas.context", "schemas.id"]),
    # A subject may go at once with the versions that refer to each other.
    sa.ForeignKeyConstraint(
        ["target_context", "target_subject", "target_version"],
        ["versions.context", "versions.subject", "versions.version"],
        deferrable=True,
        initially="DEFERRED",
    ),
    sa.CheckConstraint("ordinal >= 0", name="ordinal"),
    sqlite_with_rowid=False,
)
sa.Index(
    "ix_schema_references_target",
    schema_references.c.target_context,
    schema_references.c.target_subject,
    schema_references.c.target_version,
)

# A scope has settings before its context or subject exists, hence no foreign key.
configs = sa.Table(
    "configs",
    metadata,
    sa.Column("context", TEXT, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("alias", TEXT),
    sa.Column("settings", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index(
    "ix_configs_alias",
    configs.c.alias,
    sqlite_where=sa.text("alias IS NOT NULL"),
    postgresql_where=sa.text("alias IS NOT NULL"),
)

modes = sa.Table(
    "modes",
    metadata,
    sa.Column("context", TEXT, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("mode", TEXT, nullable=False),
    _one_of("mode", Mode),
    sqlite_with_rowid=False,
)

# `created_sequence` is the row of the journal that created it: the order of creation.
associations = sa.Table(
    "associations",
    metadata,
    sa.Column("resource_id", TEXT, primary_key=True),
    sa.Column("resource_type", TEXT, primary_key=True),
    sa.Column("association_type", TEXT, primary_key=True),
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
    _one_of("lifecycle", Lifecycle),
)
sa.Index("ix_associations_subject", associations.c.context, associations.c.subject)
sa.Index(
    "ix_associations_resource",
    associations.c.resource_name,
    associations.c.resource_namespace,
)

# One row: the number of the newest change. Whoever has locked it is the only writer.
journal_head = sa.Table(
    "journal_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="single"),
    sa.CheckConstraint("sequence >= 0", name="sequence"),
)

# No check on `kind`: a later version adds kinds, and must not rewrite the longest table for it.
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("principal", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("before", TEXT),
    sa.Column("after", TEXT),
    sa.CheckConstraint("sequence >= 1", name="sequence"),
)
