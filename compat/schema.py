"""What the three formats have in common: a parsed schema and the references it was parsed with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence


class SchemaType(StrEnum):
    """The formats, spelt as the REST contract spells `schemaType`."""

    AVRO = "AVRO"
    JSON = "JSON"
    PROTOBUF = "PROTOBUF"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A reference whose target was found.

    `name` is the handle the referring text uses: an Avro full name, a `$ref` document URI, an
    import path. `text` is the canonical text of the target.
    """

    name: str
    subject: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class EntityTags:
    """Tags on one place inside a schema, as `schemaTags` of the REST contract shows them."""

    path: str
    entity_type: str  # "sr_record" or "sr_field"
    tags: tuple[str, ...]


class ParsedSchema(Protocol):
    """A schema that was read and found valid; immutable, cheap to keep, safe between threads."""

    @property
    def type(self) -> SchemaType: ...

    @property
    def text(self) -> str:
        """The canonical text: what is stored, hashed and served."""

    @property
    def references(self) -> Sequence[Resolved]:
        """The transitive closure of references, dependencies before dependants."""

    @property
    def record_name(self) -> str | None:
        """The full name of the record, message or titled schema, for naming strategies."""

    def normalized(self) -> Self:
        """Return the same schema in normal form (`normalize=true`)."""

    def rendered(self, form: str) -> str:
        """Return the text in a `format=` of the REST contract; unknown forms are canonical."""

    def matches(self, other: ParsedSchema) -> bool:
        """Tell whether both are the same schema for a lookup, metadata and references aside."""

    def top_level_fields(self) -> frozenset[str]:
        """Return the names of the outermost fields or properties."""

    def tags(self) -> Sequence[EntityTags]:
        """Return the inline tags in document order."""

    def retagged(
        self,
        *,
        add: Sequence[EntityTags] = (),
        remove: Sequence[EntityTags] = (),
        where_possible: bool = False,
    ) -> Self:
        """Return the schema with inline tags changed.

        Raises InvalidSchema when a path leads nowhere; `where_possible` leaves such paths out.
        """
