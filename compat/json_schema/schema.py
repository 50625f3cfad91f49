"""A JSON Schema document as the registry keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from compat.errors import InvalidSchema
from compat.json_schema.bundle import bundled
from compat.json_schema.drafts import draft_of
from compat.json_schema.library import Library
from compat.json_schema.rules import check_metaschema, check_metaschemas, check_patterns
from compat.json_schema.tags import retag, tagged
from compat.json_text import MAX_DEPTH, read, write
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compat.json_schema.documents import Location
    from compat.json_schema.drafts import Draft
    from compat.json_text import JsonValue
    from compat.schema import EntityTags, ParsedSchema, Resolved


# What jsonschema-rs can take apart to say what is wrong (it counts containers of JSON).
MAX_NEW_DEPTH = 250


def parse(text: str, references: Sequence[Resolved] = (), *, new: bool = True) -> JsonSchema:
    """Read a JSON Schema; raises InvalidSchema.

    A new schema must obey its draft's metaschema and all its references must lead somewhere; a
    stored one only has to be an object or a boolean.
    """
    max_depth = MAX_NEW_DEPTH if new else MAX_DEPTH
    value = read(text, max_depth=max_depth, allow_non_finite=True)
    if not isinstance(value, dict | bool):
        raise InvalidSchema("a JSON Schema is an object or a boolean", path="#")
    if new:
        check(value, references)
    return JsonSchema(write(value), tuple(references), value)


def check(value: JsonValue, references: Sequence[Resolved]) -> None:
    """Raise InvalidSchema where a schema breaks a rule for new ones."""
    library = Library(value, references)
    check_metaschemas(library.root)
    library.check()
    for location in outermost(library.adopted.values()):
        check_metaschema(location.schema, location.draft, location.pointer)
    check_patterns(library.root.locations.values())


def outermost(locations: Iterable[Location]) -> list[Location]:
    """Return the locations that stand in no other of them."""
    kept: dict[str, Location] = {}
    for location in sorted(locations, key=lambda each: len(each.pointer)):
        tokens = location.pointer.split("/")
        above = ("/".join(tokens[:length]) for length in range(1, len(tokens)))
        if not any(pointer in kept for pointer in above):
            kept[location.pointer] = location
    return list(kept.values())


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A JSON Schema: its canonical text, its value, and the documents it was read with."""

    text: str
    references: tuple[Resolved, ...]
    value: JsonValue = field(repr=False, compare=False)

    @property
    def type(self) -> SchemaType:
        return SchemaType.JSON

    @property
    def draft(self) -> Draft:
        return draft_of(self.value)

    @property
    def record_name(self) -> str | None:
        """The title."""
        title = self.value.get("title") if isinstance(self.value, dict) else None
        return title if isinstance(title, str) else None

    def library(self) -> Library:
        """Return the indexed documents: every subschema and what each reference means.

        Raises InvalidSchema when a given document is not JSON.
        """
        return Library(self.value, self.references)

    def normalized(self) -> Self:
        """Return the same schema with the keys of all objects sorted."""
        text = write(self.value, sort_keys=True)
        return type(self)(text, self.references, read(text))

    def rendered(self, form: str) -> str:
        """Return the text; `bundled` is one document with the references inside."""
        return bundled(self.value, self.references) if form == "bundled" else self.text

    def matches(self, other: ParsedSchema) -> bool:
        """Tell whether both have the same canonical text (Confluent 8.3: JsonSchema.equals)."""
        return isinstance(other, JsonSchema) and other.text == self.text

    def top_level_fields(self) -> frozenset[str]:
        """Return the names in the root's `properties`."""
        properties = self.value.get("properties") if isinstance(self.value, dict) else None
        return frozenset(properties) if isinstance(properties, dict) else frozenset()

    def tags(self) -> Sequence[EntityTags]:
        """Return the inline tags in document order."""
        return tuple(tagged(self.value))

    def retagged(
        self,
        *,
        add: Sequence[EntityTags] = (),
        remove: Sequence[EntityTags] = (),
        where_possible: bool = False,
    ) -> Self:
        """Return the schema with inline tags changed; InvalidSchema when a path leads nowhere."""
        value = read(self.text)
        retag(value, add=add, remove=remove, where_possible=where_possible)
        return type(self)(write(value), self.references, value)
