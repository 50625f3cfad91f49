"""The list of messages by which the REST contract explains an incompatible schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from compat import avro, json_schema, protobuf
from compat.level import Direction
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.check import Conflict
    from compat.finding import Finding
    from compat.level import Level

OTHER_TYPE = "Incompatible because of different schema type"

# Confluent 8.3 shows no more of an old schema than this many characters.
SHOWN_LENGTH = 10240


class Sentence(Protocol):
    """Word one finding; `reader` and `writer` are the words `new` and `old`, as they apply."""

    def __call__(self, finding: Finding, *, reader: str, writer: str) -> str: ...


SENTENCES: Mapping[SchemaType, Sentence] = {
    SchemaType.AVRO: avro.message,
    SchemaType.JSON: json_schema.message,
    SchemaType.PROTOBUF: protobuf.message,
}

WORDS: Mapping[Direction, tuple[str, str]] = {
    Direction.BACKWARD: ("new", "old"),
    Direction.FORWARD: ("old", "new"),
}


def messages(
    conflicts: Sequence[Conflict],
    *,
    level: Level,
    versions: Sequence[int | None] = (),
    validate_fields: bool = False,
) -> list[str]:
    """Return the messages of a failed check, none if it passed.

    `versions` are those of the previous schemas the check was given, in the same order.
    """
    if not conflicts:
        return []
    told = [each for conflict in conflicts for each in told_of(conflict, level, versions)]
    return [*told, closing(level, validate_fields=validate_fields)]


def told_of(conflict: Conflict, level: Level, versions: Sequence[int | None]) -> Iterator[str]:
    if conflict.direction is None:
        yield OTHER_TYPE
        return
    reader, writer = WORDS[conflict.direction]
    sentence = SENTENCES[conflict.old.type]
    for finding in conflict.findings:
        yield sentence(finding, reader=reader, writer=writer)
    # Of the two halves of FULL, Confluent shows the old schema with the last one only.
    if conflict.direction is level.directions[-1]:
        version = versions[conflict.index] if conflict.index < len(versions) else None
        yield from shown(conflict.old.text, version)


def shown(text: str, version: int | None) -> Iterator[str]:
    if version is not None:
        yield f"{{oldSchemaVersion: {version}}}"
    if len(text) > SHOWN_LENGTH:
        yield f"{{oldSchema: <truncated> '{text[:SHOWN_LENGTH]}...'}}"
    else:
        yield f"{{oldSchema: '{text}'}}"


def closing(level: Level, *, validate_fields: bool) -> str:
    flag = "true" if validate_fields else "false"
    return f"{{validateFields: '{flag}', compatibility: '{level}'}}"
