"""Read and change the mode of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import (
    ForwardModeNotGlobal,
    InvalidMode,
    InvalidSubject,
    OperationNotPermitted,
    ReferenceExists,
    SubjectLevelModeNotFound,
    SubjectNotFound,
)
from registry.model import Mode
from registry.names import DEFAULT, GLOBAL, is_valid
from registry.service.deletion import schema_key
from registry.service.scopes import effective_mode, refuse_too_long

if TYPE_CHECKING:
    from registry.names import Subject
    from registry.service.options import Options
    from registry.storage.port import Reader, Store, Writer


class Modes:
    """The use cases behind /mode."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

    def get(self, scope: Subject, *, effective: bool = False) -> Mode:
        """Return the scope's mode, the one that holds for it when asked or when it is global.

        Raises SubjectLevelModeNotFound.
        """
        with self._store.read() as reader:
            if effective or scope in (DEFAULT, GLOBAL):
                return effective_mode(reader, scope)
            mode = reader.mode(scope)
        if mode is None:
            raise SubjectLevelModeNotFound(scope)
        return mode

    def update(
        self, scope: Subject, text: str | None, *, force: bool = False, principal: str = ""
    ) -> Mode | None:
        """Set the mode; None forgets it. IMPORT wants an empty scope unless forced.

        Raises InvalidMode, ForwardModeNotGlobal, InvalidSubject, SubjectTooLong,
        OperationNotPermitted, ReferenceExists.
        """
        refuse_too_long(str(scope))
        if not is_valid(scope, as_scope=True):
            raise InvalidSubject(scope)
        mode = None if text is None else _mode(text)
        if mode is Mode.FORWARD and scope != GLOBAL:
            raise ForwardModeNotGlobal
        self._refuse_when_fixed()
        with self._store.write(principal) as writer:
            if mode is None:
                writer.delete_mode(scope)
                return None
            if mode is Mode.IMPORT and not force and writer.mode(scope) is not Mode.IMPORT:
                _clear_for_import(writer, scope)
            writer.set_mode(scope, mode)
        if mode is Mode.IMPORT:
            self._store.settle()
        return mode

    def delete(
        self, scope: Subject, *, recursive: bool = False, principal: str = ""
    ) -> Mode | None:
        """Forget the scope's mode and return what it was.

        `recursive` forgets those of every subject in the context too. Raises SubjectNotFound when
        nothing was set and not recursive, OperationNotPermitted.
        """
        self._refuse_when_fixed()
        with self._store.write(principal) as writer:
            old = writer.mode(scope)
            if old is None and not recursive and scope not in (DEFAULT, GLOBAL):
                raise SubjectNotFound(scope)
            if old is None and not recursive:
                return effective_mode(writer, scope)
            writer.delete_mode(scope)
            if recursive and scope.is_context:
                for inner in writer.modes_within(scope.context):
                    writer.delete_mode(inner)
        return old

    def _refuse_when_fixed(self) -> None:
        if not self._options.mode_mutability:
            raise OperationNotPermitted("Mode changes are not allowed")


def _mode(text: str) -> Mode:
    try:
        return Mode(text.upper())
    except ValueError:
        raise InvalidMode from None


def _clear_for_import(writer: Writer, scope: Subject) -> None:
    """Refuse a scope with live versions; remove the soft-deleted ones for good."""
    subjects = _subjects_in(writer, scope)
    versions = {subject: writer.versions(subject) for subject in subjects}
    if any(not row.deleted for rows in versions.values() for row in rows):
        raise OperationNotPermitted("Cannot import since found existing subjects")
    for subject, rows in versions.items():
        for row in rows:
            for context, schema_id in writer.referrers(subject, row.version, include_deleted=True):
                holders = writer.holders(context, schema_id)
                if any(holder.subject not in versions for holder in holders):
                    raise ReferenceExists(schema_key(row))
    for subject, rows in versions.items():
        writer.delete_versions(subject, [row.version for row in rows])


def _subjects_in(reader: Reader, scope: Subject) -> list[Subject]:
    if not scope.is_context:
        return [scope] if reader.versions(scope) else []
    context = None if scope == GLOBAL else scope.context
    return list(reader.subjects(context=context, live=True, dead=True))
