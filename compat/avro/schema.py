"""An Avro schema as the registry handles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.avro.builder import Builder
from compat.avro.document import MAX_DEPTH, read, write
from compat.avro.equality import equal
from compat.avro.model import Record
from compat.avro.printer import canonical, normal
from compat.avro.tagging import retag, tags_within
from compat.json_text import check_depth
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compat.avro.model import Node
    from compat.schema import EntityTags, ParsedSchema, Resolved


def parse(text: str, references: Sequence[Resolved] = (), *, new: bool = True) -> AvroSchema:
    """Read an Avro schema; raises InvalidSchema, or TooComplex beyond a limit.

    The references' types are known by name to the text, as they are to each other in order.
    """
    builder = Builder()
    brought = tuple([builder.add(reference.text, new=False) for reference in references])
    known = frozenset(builder.named)
    root = builder.add(text, new=new)
    schema = AvroSchema(canonical(root, known), tuple(references), root, brought, known)
    if references:
        schema.rendered("resolved")  # is TooComplex now rather than when somebody asks for it
    if builder.looked_ahead:
        check_depth(schema.text, MAX_DEPTH)  # a default may have moved inwards with its type
    return schema


class AvroSchema:
    """A schema that was read.

    `root` is its type, `brought` are those of its references, `known` the names they bring.
    """

    __slots__ = ("brought", "known", "references", "root", "text")

    def __init__(
        self,
        text: str,
        references: tuple[Resolved, ...],
        root: Node,
        brought: tuple[Node, ...],
        known: frozenset[str],
    ) -> None:
        self.text = text
        self.references = references
        self.root = root
        self.brought = brought
        self.known = known

    @property
    def type(self) -> SchemaType:
        return SchemaType.AVRO

    @property
    def record_name(self) -> str | None:
        return self.root.name.full if isinstance(self.root, Record) else None

    def normalized(self) -> AvroSchema:
        text = normal(self.root, self.known)
        return self if text == self.text else parse(text, self.references, new=False)

    def rendered(self, form: str) -> str:
        return canonical(self.root) if form.lower() == "resolved" else self.text

    def matches(self, other: ParsedSchema) -> bool:
        return isinstance(other, AvroSchema) and equal(self.root, other.root, documented=True)

    def top_level_fields(self) -> frozenset[str]:
        return frozenset(self.root.by_name) if isinstance(self.root, Record) else frozenset()

    def tags(self) -> Sequence[EntityTags]:
        return tuple(tags_within(self.root, set()))

    def retagged(
        self,
        *,
        add: Sequence[EntityTags] = (),
        remove: Sequence[EntityTags] = (),
        where_possible: bool = False,
    ) -> AvroSchema:
        document = read(self.text)
        retag(document, add=add, remove=remove, where_possible=where_possible)
        return parse(write(document), self.references, new=False)
