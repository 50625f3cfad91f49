"""What the service needs from storage; nothing about SQL leaks through.

A reader is one consistent snapshot. A writer holds the only write lock there is, sees everything
committed before it, and commits or rolls back as a whole when its block ends. Every mutation
appends its row to the journal in the same transaction; sequence numbers follow the order of
commits and have no gaps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from registry.errors import OperationNotPermitted, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from contextlib import AbstractContextManager

    from registry.model import (
        Association,
        AssociationQuery,
        Change,
        Config,
        Content,
        Mode,
        ScopeSettings,
        StoredSchema,
        SubjectVersion,
        Version,
    )
    from registry.names import Subject


class Conflict(StorageUnavailable):
    """Another transaction came first, or a row would have contradicted the others: try again."""


class UnstorableText(OperationNotPermitted):
    """A text holds NUL, which PostgreSQL cannot keep, or half a surrogate pair."""

    template = "A text holds a character that cannot be stored"


class Reader(Protocol):
    """One consistent snapshot of the registry."""

    def sequence(self) -> int:
        """Return the number of the newest row of the journal, 0 when it is empty."""

    def changes(self, *, after: int, limit: int) -> Sequence[Change]: ...

    # contexts

    def contexts(self) -> Sequence[str]:
        """Return the contexts that exist: the default one first, the others in order."""

    def last_id(self, context: str) -> int:
        """Return the highest id ever given in the context, 0 when none was."""

    # schemas

    def schema(self, context: str, schema_id: int) -> StoredSchema | None: ...

    def schemas(self, context: str, schema_ids: Collection[int]) -> dict[int, StoredSchema]:
        """Return the contents of many ids at once; unknown ids are left out."""

    def schema_count(self) -> int:
        """Return how many contents are stored, those of all contexts together."""

    def primary_id(self, context: str, guid: str) -> int | None:
        """Return the id that the content has in the context."""

    def guid_holders(self, guid: str) -> Sequence[tuple[str, int]]:
        """Return (context, id) of every place that holds the content, in order."""

    def holders(self, context: str, schema_id: int) -> Sequence[Version]:
        """Return the versions that use the id, by subject then version, soft-deleted included."""

    # versions

    def versions(self, subject: Subject) -> Sequence[Version]:
        """Return every version of the subject in ascending order, soft-deleted included."""

    def version(self, subject: Subject, version: int) -> SubjectVersion | None:
        """Return one version, soft-deleted or not."""

    def latest(self, subject: Subject, *, include_deleted: bool = False) -> SubjectVersion | None:
        """Return the highest version."""

    def subject_versions(
        self, subject: Subject, *, include_deleted: bool = False
    ) -> Sequence[SubjectVersion]:
        """Return every version of the subject with its content, newest first."""

    def subjects(
        self,
        *,
        context: str | None,
        prefix: str = "",
        live: bool = True,
        dead: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Sequence[Subject]:
        """Return subjects in order of their written names; `context` None means every context.

        `prefix` is that of the name inside its context. `live` takes those with a version that is
        not soft-deleted, `dead` those with none left.
        """

    def listing(
        self,
        *,
        context: str | None,
        prefix: str = "",
        include_deleted: bool = False,
        latest_only: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Sequence[SubjectVersion]:
        """Return versions with their contents, by written subject then version.

        `latest_only` takes the highest version of each subject among those that count.
        """

    # references

    def referrers(
        self, subject: Subject, version: int | None = None, *, include_deleted: bool = False
    ) -> Sequence[tuple[str, int]]:
        """Return (context, id) of the schemas that refer to the subject's version (None: any).

        A schema counts when a live version uses it, or any version with `include_deleted`.
        """

    # settings

    def config(self, scope: Subject) -> Config | None: ...

    def mode(self, scope: Subject) -> Mode | None: ...

    def settings(self, scopes: Sequence[Subject]) -> Sequence[ScopeSettings]:
        """Return what each of up to four scopes has set, in their order."""

    def aliases(self) -> Sequence[tuple[Subject, str]]:
        """Return (subject, alias) for every subject-level config that has an alias."""

    # associations

    def associations(self, query: AssociationQuery) -> Sequence[Association]:
        """Return the associations that agree with every criterion, in order of creation."""


class Writer(Reader, Protocol):
    """A snapshot that can be changed; `principal` of the journal is set where it was opened."""

    def add_context(self, context: str) -> None:
        """Create the context unless it exists."""

    def delete_context(self, context: str) -> None: ...

    def next_id(self, context: str) -> int:
        """Give the next id of the context."""

    def claim_id(self, context: str, schema_id: int) -> None:
        """Note an id that came from outside, so that it is never given again."""

    def add_schema(self, context: str, schema_id: int, content: Content, guid: str) -> None:
        """Store a content under its id; the first id of a content in a context is primary."""

    def add_version(self, subject: Subject, version: int, schema_id: int, guid: str) -> Version:
        """Append a version; the context and the schema exist."""

    def set_deleted(
        self, subject: Subject, versions: Collection[int], *, deleted: bool = True
    ) -> None:
        """Soft-delete versions, or bring them back."""

    def delete_versions(self, subject: Subject, versions: Collection[int]) -> None:
        """Remove versions for good, and with them the contents that no version uses any more."""

    def set_config(self, scope: Subject, config: Config) -> None: ...

    def delete_config(self, scope: Subject) -> None: ...

    def set_mode(self, scope: Subject, mode: Mode) -> None: ...

    def delete_mode(self, scope: Subject) -> None: ...

    def modes_within(self, context: str) -> Sequence[Subject]:
        """Return the scopes of the context that have a mode of their own."""

    def set_association(self, association: Association) -> None:
        """Create or replace the association (key: resource id, resource type, type)."""

    def delete_association(self, association: Association) -> None: ...


Drop = Callable[["Sequence[Change] | None"], None]


class Watch(Protocol):
    """Tells a cache whether what it holds may still be served. Safe to use from many threads.

    `unchanged` answers without waiting: True only when no write acknowledged before the call can
    be missing from the cache. When it says False, `refresh` (which may block) learns the changes
    and has them dropped; only then does `unchanged` say True again.

    To fill the cache: note `sequence`, read, then, under the lock that `drop` takes too, store the
    answer only if `sequence` is still the same. It moves before `drop` is called, so an answer read
    before a change cannot be stored after it was dropped.
    """

    @property
    def sequence(self) -> int:
        """Return the number of the newest change that was learned, -1 before the first refresh."""

    def unchanged(self) -> bool: ...

    def refresh(self) -> None:
        """Learn what changed and call `drop` with it; raises StorageUnavailable."""


class Store(Protocol):
    """The registry's state behind transactions."""

    def read(self, *, snapshot: bool = True) -> AbstractContextManager[Reader]:
        """Open a reader.

        Without `snapshot` each call sees what is committed when it is made: enough for one call,
        and on PostgreSQL two round trips fewer.
        """

    def write(self, principal: str = "") -> AbstractContextManager[Writer]:
        """Open the only write transaction; others wait their turn.

        Raises Conflict when the use case should be tried again, StorageUnavailable when the
        database cannot be reached or cannot commit. After any exception nothing is acknowledged:
        the transaction was rolled back, unless the connection broke during the very commit.
        """

    def settle(self) -> None:
        """Wait until no other node can answer from a cache older than what was just committed."""

    def watch(self, drop: Drop) -> Watch:
        """Return a watch that calls `drop` with changes, or None: drop everything."""

    def ping(self) -> None:
        """Raise StorageUnavailable when the database does not answer."""

    def close(self) -> None: ...
