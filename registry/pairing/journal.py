"""The journal read in order, with what its rows leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.documents import metadata_document, references_document, rule_set_document
from registry.model import ChangeKind
from registry.names import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from registry.model import Change, Content, Version
    from registry.storage.port import Reader

PAGE = 200


class Journal:
    """The changes of one snapshot."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def head(self) -> int:
        return self._reader.sequence()

    def after(self, sequence: int) -> Sequence[Change]:
        """Return the next changes, oldest first, a page at most."""
        return self._reader.changes(after=sequence, limit=PAGE)

    def content_of(self, change: Change) -> Mapping[str, Any]:
        """Return the content of the version that was soft-deleted or restored.

        It is stored, unless the version was removed since: then the journal tells it, for a
        version is removed with a row that holds its content.
        """
        key: Mapping[str, Any] = change.key
        stored = self._reader.version(Subject(key["context"], key["subject"]), key["version"])
        if stored is not None and _is_of(change, stored.row):
            return _document(stored.content)
        return next(
            later.before
            for later in self._all_after(change.sequence)
            if later.kind is ChangeKind.VERSION_DELETED and later.key == key
            if later.before is not None
        )

    def _all_after(self, sequence: int) -> Iterator[Change]:
        while changes := self.after(sequence):
            yield from changes
            sequence = changes[-1].sequence


def _is_of(change: Change, row: Version) -> bool:
    """Tell a version from one of the same number that was registered after it was removed."""
    assert change.after is not None
    told = (change.after["guid"], change.after["createdMs"])
    return told == (row.guid, row.created_ms)


def _document(content: Content) -> Mapping[str, Any]:
    return {
        "schemaType": content.type,
        "schema": content.text,
        "references": references_document(content.references),
        "metadata": metadata_document(content.metadata),
        "ruleSet": rule_set_document(content.rule_set),
    }
