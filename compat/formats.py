"""The one place that knows which module reads which format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from compat import avro, json_schema, protobuf
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compat.schema import ParsedSchema, Resolved


class Parser(Protocol):
    """Read a text into a schema.

    `new` asks for every rule of the format; without it the text is taken as leniently as a schema
    that was stored long ago has to be. Raises InvalidSchema, and nothing else for any input.
    """

    def __call__(
        self, text: str, references: Sequence[Resolved] = (), *, new: bool = True
    ) -> ParsedSchema: ...


PARSERS: Mapping[SchemaType, Parser] = {
    SchemaType.AVRO: avro.parse,
    SchemaType.JSON: json_schema.parse,
    SchemaType.PROTOBUF: protobuf.parse,
}


def parse(
    schema_type: SchemaType,
    text: str,
    references: Sequence[Resolved] = (),
    *,
    new: bool = True,
) -> ParsedSchema:
    """Read a text of the given format; raises InvalidSchema."""
    return PARSERS[schema_type](text, references, new=new)
