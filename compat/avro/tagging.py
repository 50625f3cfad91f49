"""Inline tags: the `confluent:tags` of records and fields."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from compat.avro.model import Array, Field, Map, Record, Union
from compat.errors import InvalidSchema
from compat.schema import EntityTags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from compat.avro.model import Node
    from compat.json_text import JsonValue

    Object = dict[str, JsonValue]
    Place = tuple[str, str, str | None]  # namespace, record, field

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


def retag(
    document: JsonValue,
    *,
    add: Sequence[EntityTags],
    remove: Sequence[EntityTags],
    where_possible: bool = False,
) -> None:
    """Change the tags in the JSON of a canonical text; InvalidSchema when a path leads nowhere."""
    places = places_of(document)
    added, removed = by_entity(add), by_entity(remove)
    for entity in dict.fromkeys((*added, *removed)):
        path, entity_type = entity
        node = places.get(place_of(path, entity_type))
        if node is None and where_possible:
            continue
        if node is None:
            raise InvalidSchema(f"No matching path '{path}' found in the schema", path=path)
        gone = removed.get(entity, {})
        wanted = dict.fromkeys((*tag_names(node), *added.get(entity, {})))
        kept = [tag for tag in wanted if tag not in gone]
        if kept:
            node[TAGS] = list(kept)
        else:
            node.pop(TAGS, None)


def by_entity(changes: Iterable[EntityTags]) -> dict[tuple[str, str], dict[str, None]]:
    """Return the tags of all changes to one place together, each once, in order."""
    together: dict[tuple[str, str], dict[str, None]] = {}
    for each in changes:
        tags = together.setdefault((each.path, each.entity_type), {})
        tags.update(dict.fromkeys(each.tags))
    return together


def place_of(path: str, entity_type: str) -> Place:
    """Take a dotted path apart: a namespace may be left out, and a record has no field."""
    record, field = (path, None) if entity_type == RECORD else path.rpartition(".")[::2]
    space, _, name = record.rpartition(".")
    return space, name, field


def places_of(document: JsonValue) -> dict[Place, Object]:
    """Return records and fields by their places; without a namespace, the first of that name."""
    places: dict[Place, Object] = {}
    for record, space in records_of(document):
        name = str(record["name"])
        for spelling in ("", space):
            places.setdefault((spelling, name, None), record)
            for field in fields_of(record):
                places.setdefault((spelling, name, str(field["name"])), field)
    return places


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
