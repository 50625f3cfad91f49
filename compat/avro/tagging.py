"""Inline tags: the `confluent:tags` of records and fields."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from compat.avro.model import Array, Field, Map, Record, Union
from compat.errors import InvalidSchema
from compat.schema import EntityTags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.avro.model import Node
    from compat.json_text import JsonValue

    Object = dict[str, JsonValue]

TAGS = "confluent:tags"
RECORD, FIELD = "sr_record", "sr_field"


def tags_within(node: Node, visited: set[str]) -> Iterator[EntityTags]:
    """Yield the tags in document order, those of referenced types among them."""
    match node:
        case Union():
            for branch in node.branches:
                yield from tags_within(branch, visited)
        case Array():
            yield from tags_within(node.items, visited)
        case Map():
            yield from tags_within(node.values, visited)
        case Record() if node.name.full not in visited:
            visited.add(node.name.full)
            yield from own_tags(node, node.name.full, RECORD)
            for field in node.fields:
                yield from own_tags(field, f"{node.name.full}.{field.name}", FIELD)
                yield from tags_within(field.type, visited)
        case _:
            return


def own_tags(node: Record | Field, path: str, entity_type: str) -> Iterator[EntityTags]:
    tags = tag_names(node.props)
    if tags:
        yield EntityTags(path, entity_type, tags)


def tag_names(props: Mapping[str, JsonValue]) -> tuple[str, ...]:
    listed = props.get(TAGS)
    if not isinstance(listed, list):
        return ()
    return tuple(dict.fromkeys(str(tag) for tag in listed))


def retag(document: JsonValue, add: Sequence[EntityTags], remove: Sequence[EntityTags]) -> None:
    """Change the tags in the JSON of a canonical text; InvalidSchema when a path leads nowhere."""
    for entity in dict.fromkeys((each.path, each.entity_type) for each in (*add, *remove)):
        node = find(document, *entity)
        gone = {tag for tags in tags_for(entity, remove) for tag in tags}
        added = (tag for tags in tags_for(entity, add) for tag in tags)
        kept = [tag for tag in dict.fromkeys((*tag_names(node), *added)) if tag not in gone]
        if kept:
            node[TAGS] = list(kept)
        else:
            node.pop(TAGS, None)


def tags_for(entity: tuple[str, str], changes: Sequence[EntityTags]) -> Iterator[tuple[str, ...]]:
    return (each.tags for each in changes if (each.path, each.entity_type) == entity)


def find(document: JsonValue, path: str, entity_type: str) -> Object:
    """Return the record or field at a dotted path; without a namespace, the first of that name."""
    prefix, _, last = path.rpartition(".")
    record_path = path if entity_type == RECORD else prefix
    for record, space in records_of(document):
        wanted_space, _, name = record_path.rpartition(".")
        if name != record["name"] or wanted_space not in ("", space):
            continue
        if entity_type == RECORD:
            return record
        for field in fields_of(record):
            if field["name"] == last:
                return field
    raise InvalidSchema(f"No matching path '{path}' found in the schema", path=path)


def records_of(document: JsonValue) -> Iterator[tuple[Object, str]]:
    """Yield the records with their namespaces, outermost first."""
    queue: deque[tuple[JsonValue, str]] = deque([(document, "")])
    while queue:
        node, space = queue.popleft()
        if isinstance(node, list):
            queue.extend((branch, space) for branch in node)
        if not isinstance(node, dict):
            continue
        space = str(node.get("namespace", space))
        if node["type"] in ("record", "error"):
            yield node, space
            queue.extend((field["type"], space) for field in fields_of(node))
        queue.extend((node[inner], space) for inner in ("items", "values") if inner in node)


def fields_of(record: Object) -> Iterator[Object]:
    fields = record["fields"]
    assert isinstance(fields, list), "the text is canonical"
    for field in fields:
        assert isinstance(field, dict), "the text is canonical"
        yield field
