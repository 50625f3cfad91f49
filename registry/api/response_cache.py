"""A bounded store of finished answers that knows what each of them depends on.

Answers are put and taken on the event loop; the watch drops them from the thread it refreshes in.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from registry.api.metrics import Tally
    from registry.model import Change
    from registry.names import Subject

Dependency = tuple[str, ...]
# Path and query as they were sent, and what was negotiated.
Key = tuple[bytes, bytes, str]

# Dropped by every change whatever: for answers that no narrower dependency describes.
ON_ANYTHING: Dependency = ("anything",)


def on_schema(context: str, schema_id: int) -> Dependency:
    """Depend on the content of an id and on the versions that use it."""
    return ("schema", context, str(schema_id))


def on_guid(guid: str) -> Dependency:
    """Depend on where a content is held."""
    return ("guid", guid)


def on_subject(subject: Subject) -> Dependency:
    """Depend on the versions and the settings of a subject; an empty name is the context."""
    return ("subject", subject.context, subject.name)


@dataclass(slots=True)
class Finished:
    """An answer with status 200: headers and body as they go out, the request id left out."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    dependencies: tuple[Dependency, ...]
    served: Tally
    is_used: bool = False


# Measured with tracemalloc over 10 000 answers: objects and their places in the dictionaries.
ENTRY_BYTES = 450
DEPENDENCY_BYTES = 400
# One answer may take this share of the whole, lest a single one empties the cache.
LARGEST_SHARE = 16
# Changes remembered by what they touched; beyond, answers under way are not kept, only served.
REMEMBERED_TOUCHES = 10_000


class ResponseCache:
    """Finished answers, bounded in number and bytes.

    Those that were not used since they came to the head of the queue go first ("second chance"): as
    good as least recently used, and a hit only has to set `is_used`.

    Every batch of changes begins a generation. Whoever computes an answer notes the generation
    first; `put` refuses the answer if something it depends on was touched since, for then it may
    come from an older snapshot than the change.
    """

    def __init__(self, *, max_bytes: int, max_entries: int = 1_000_000) -> None:
        self.generation = 0
        self.size = 0
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._entries: dict[Key, Finished] = {}
        # The dictionary's own method: one step, and so safe beside the watch's thread.
        self.get = self._entries.get
        self._dependents: dict[Dependency, set[Key]] = {}
        self._touched: dict[Dependency, int] = {}
        self._forgotten = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    @property
    def largest_body(self) -> int:
        return self._max_bytes // LARGEST_SHARE

    def put(self, key: Key, answer: Finished, *, generation: int) -> bool:
        """Keep an answer whose computation began in `generation`; tell whether it was kept."""
        with self._lock:
            if len(answer.body) > self.largest_body or not self._is_current(answer, generation):
                return False
            self._remove(key)
            self._entries[key] = answer
            self.size += _cost(key, answer)
            for dependency in answer.dependencies:
                self._dependents.setdefault(dependency, set()).add(key)
            while self.size > self._max_bytes or len(self._entries) > self._max_entries:
                self._evict()
            return True

    def drop(self, changes: Sequence[Change] | None) -> None:
        """Forget every answer that depends on what the changes touched; None: all of them."""
        touched = None if changes is None else touched_by(changes)
        with self._lock:
            self.generation += 1
            if touched is None:
                self._clear()
            else:
                self._drop(touched)

    def _drop(self, touched: Iterable[Dependency]) -> None:
        for dependency in touched:
            self._touched[dependency] = self.generation
            for key in tuple(self._dependents.get(dependency, ())):
                self._remove(key)
        if len(self._touched) > REMEMBERED_TOUCHES:
            self._touched.clear()
            self._forgotten = self.generation

    def _clear(self) -> None:
        self._forgotten = self.generation
        self._touched.clear()
        self._entries.clear()
        self._dependents.clear()
        self.size = 0

    def _is_current(self, answer: Finished, generation: int) -> bool:
        if generation < self._forgotten:
            return False
        return all(self._touched.get(d, 0) <= generation for d in answer.dependencies)

    def _evict(self) -> None:
        """Remove the first answer, or send it to the end if it was used since it last came up."""
        key, answer = next(iter(self._entries.items()))
        if answer.is_used:
            answer.is_used = False
            self._entries[key] = self._entries.pop(key)
        else:
            self._remove(key)

    def _remove(self, key: Key) -> None:
        answer = self._entries.pop(key, None)
        if answer is None:
            return
        self.size -= _cost(key, answer)
        for dependency in answer.dependencies:
            keys = self._dependents[dependency]
            keys.discard(key)
            if not keys:
                del self._dependents[dependency]


def _cost(key: Key, answer: Finished) -> int:
    path, query, _ = key
    overhead = ENTRY_BYTES + DEPENDENCY_BYTES * len(answer.dependencies)
    return len(path) + len(query) + len(answer.body) + overhead


# Nothing that is kept shows a mode, a context as such or an association; an answer that did would
# depend on ON_ANYTHING.
NOT_SHOWN = frozenset(
    {
        ChangeKind.MODE_SET,
        ChangeKind.MODE_DELETED,
        ChangeKind.CONTEXT_CREATED,
        ChangeKind.CONTEXT_DELETED,
        ChangeKind.ASSOCIATION_SET,
        ChangeKind.ASSOCIATION_DELETED,
    }
)
SETTINGS = frozenset({ChangeKind.CONFIG_SET, ChangeKind.CONFIG_DELETED})


def touched_by(changes: Sequence[Change]) -> set[Dependency] | None:
    """Return what the changes touched, None when one of them does not say."""
    touched = {ON_ANYTHING}
    for change in changes:
        found = _touched_by(change)
        if found is None:
            return None
        touched |= found
    return touched


def _touched_by(change: Change) -> set[Dependency] | None:
    if change.kind in NOT_SHOWN:
        return set()
    match change.key:
        case {"context": str(context), "subject": str(name)}:
            subject = ("subject", context, name)
        case _:
            return None
    if change.kind in SETTINGS:
        return {subject}
    match change.after or change.before:
        case {"id": int(schema_id), "guid": str(guid)}:
            return {subject, on_schema(context, schema_id), on_guid(guid)}
        case _:
            return None
