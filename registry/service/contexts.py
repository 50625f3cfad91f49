"""List contexts and remove empty ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import ContextNotEmpty

if TYPE_CHECKING:
    from registry.storage.port import Store


class Contexts:
    """The use cases behind /contexts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def names(self, prefix: str = "") -> list[str]:
        """Return the contexts whose names start with the prefix, the default one first."""
        with self._store.read() as reader:
            return [name for name in reader.contexts() if name.startswith(prefix)]

    def delete(self, context: str, *, principal: str = "") -> None:
        """Remove the context, known or not; raises ContextNotEmpty while a subject is left."""
        with self._store.write(principal) as writer:
            if writer.subjects(context=context, live=True, dead=True):
                raise ContextNotEmpty(f":{context}:")
            writer.delete_context(context)
