"""Tags written into a schema as `confluent:tags`, and the names of the places they stand at.

A place is named by the way to it through a schema's kinds, as Confluent 8.3 names it:

    object                          the schema itself (sr_record)
    object.owner                    a property (sr_field)
    object.owner.object.name        a property of that property's object
    object.tags.array.object.name   a property of the objects in an array
    object.definitions.Owner.object, object.$defs.Owner.object
    anyof.1.object, oneof.0.object.name, not.object, conditional.then.object

The number of an alternative is its rank when all are sorted by kind, title, description and so
on. A schema that says several things at once (`type` and `anyOf`, or a list of types) counts as a
combination of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from compat.errors import InvalidSchema, TooComplex
from compat.json_text import write
from compat.schema import EntityTags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from compat.json_text import JsonValue

TAGS = "confluent:tags"
RECORD, FIELD = "sr_record", "sr_field"
NO_TAGS: Mapping[str, None] = {}

# The names repeat the keys on the way, so deep schemas with long keys have far longer names than
# text.
MAX_NAMES_LENGTH = 50_000_000

COMBINATIONS = {"allOf": "allof", "anyOf": "anyof", "oneOf": "oneof"}

# Without a `type`, a schema is of every kind one of whose keywords it uses.
KIND_KEYWORDS: Mapping[str, frozenset[str]] = {
    "array": frozenset(
        {"items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"}
        | {"prefixItems", "unevaluatedItems", "minContains", "maxContains"}
    ),
    "object": frozenset(
        {"properties", "required", "minProperties", "maxProperties", "dependencies"}
        | {"patternProperties", "additionalProperties", "propertyNames"}
        | {"dependentRequired", "dependentSchemas", "unevaluatedProperties"}
    ),
    "number": frozenset(
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    ),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "conditional": frozenset({"if", "then", "else"}),
}
KIND_OF_TYPE = {"integer": "number"}


class Part(NamedTuple):
    """One of the things a schema says: its kind, and its rank among the others' kinds."""

    kind: str
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A place that can be tagged: its name, its type, and the schema that stands there."""

    path: str
    entity_type: str
    schema: JsonValue


class Scope(NamedTuple):
    """A schema to be walked: the prefix of all names in it, and whether it is a property's."""

    schema: JsonValue
    prefix: str
    in_field: bool = False
    parts: tuple[Part, ...] | None = None

    def under(self, keyword: str, prefix: str) -> Scope:
        """Return the scope of the schema a keyword holds."""
        child = self.schema.get(keyword) if isinstance(self.schema, dict) else None
        return Scope(child, f"{self.prefix}{prefix}")


def entities(schema: JsonValue) -> Iterator[Entity]:
    """Yield everything in a schema that can carry tags, in document order."""
    pending = [Scope(schema, "")]
    written = 0
    while pending:
        scope = pending.pop()
        written += len(scope.prefix)
        if written > MAX_NAMES_LENGTH:
            raise TooComplex("the names of the places to be tagged are too long together")
        if not isinstance(scope.schema, dict):
            continue
        parts = parts_of(scope.schema) if scope.parts is None else scope.parts
        inner: list[Scope] = []
        if len(parts) == 1:
            inner += inside(scope, scope.schema, parts[0])
            if parts[0].kind == "object":
                yield from object_entities(scope, scope.schema)
        else:
            ranked = sorted(parts)
            inner += [
                scope._replace(prefix=f"{scope.prefix}allof.{rank}.", parts=(part,))
                for rank, part in enumerate(ranked)
            ]
        pending += reversed(inner)


def object_entities(scope: Scope, schema: Mapping[str, JsonValue]) -> Iterator[Entity]:
    name = f"{scope.prefix}object"
    if not scope.in_field:
        yield Entity(name, RECORD, scope.schema)
    for key, child in mapping(schema, "properties"):
        yield Entity(f"{name}.{key}", FIELD, child)


def inside(scope: Scope, schema: Mapping[str, JsonValue], part: Part) -> Iterator[Scope]:
    """Yield the schemas one part of a schema leads to."""
    match part.kind:
        case "object":
            yield from object_scopes(scope, schema)
        case "array":
            yield scope.under("items", "array.")
        case "combined" if part.keyword == "type":
            yield from typed_alternatives(scope, schema)
        case "combined":
            yield from alternatives(scope, schema, part.keyword)
        case "conditional":
            for keyword in ("if", "then", "else"):
                yield scope.under(keyword, f"conditional.{keyword}.")
        case "not":
            yield scope.under("not", "not.")
        case _:
            return


def object_scopes(scope: Scope, schema: Mapping[str, JsonValue]) -> Iterator[Scope]:
    name = f"{scope.prefix}object"
    for key, child in mapping(schema, "properties"):
        yield Scope(child, f"{name}.{key}.", in_field=True)
    for keyword in ("definitions", "$defs"):
        for key, child in mapping(schema, keyword):
            yield Scope(child, f"{name}.{keyword}.{key}.")


def alternatives(scope: Scope, schema: Mapping[str, JsonValue], keyword: str) -> Iterator[Scope]:
    branches = schema[keyword]
    if not isinstance(branches, list):
        return
    order = sorted(range(len(branches)), key=lambda index: rank_of(branches[index]))
    for rank, index in enumerate(order):
        prefix = f"{scope.prefix}{COMBINATIONS[keyword]}.{rank}."
        yield Scope(branches[index], prefix)


def typed_alternatives(scope: Scope, schema: Mapping[str, JsonValue]) -> Iterator[Scope]:
    """Yield the schema itself once per type of its list, as if `anyOf` had been written."""
    types = schema["type"]
    assert isinstance(types, list), "parts_of made this part of a list"
    kinds = sorted(KIND_OF_TYPE.get(each, each) for each in types if isinstance(each, str))
    for rank, kind in enumerate(kinds):
        prefix = f"{scope.prefix}anyof.{rank}."
        yield scope._replace(prefix=prefix, parts=(Part(kind),))


def parts_of(schema: Mapping[str, JsonValue]) -> tuple[Part, ...]:
    """Return all the things a schema says; a reference says nothing but itself."""
    if "$ref" in schema:
        return (Part("reference"),)
    parts = [Part("combined", keyword) for keyword in COMBINATIONS if keyword in schema]
    parts += [Part(keyword) for keyword in ("const", "enum", "not") if keyword in schema]
    declared = schema.get("type")
    if isinstance(declared, str):
        parts.append(Part(KIND_OF_TYPE.get(declared, declared)))
    elif isinstance(declared, list):
        parts.append(Part("combined", "type"))
    kinds = KIND_KEYWORDS if declared is None else ("conditional",)
    parts += [Part(kind) for kind in kinds if not KIND_KEYWORDS[kind].isdisjoint(schema)]
    return tuple(parts) or (Part("empty"),)


def rank_of(schema: JsonValue) -> tuple[object, ...]:
    """Return what Confluent 8.3 sorts alternatives by: kind first, then what describes them."""
    if not isinstance(schema, dict):
        return ("true" if schema is True else "false",)
    parts = parts_of(schema)
    kind = parts[0].kind if len(parts) == 1 else "combined"
    described = (optional(schema, "title"), optional(schema, "description"))
    default = "default" in schema, write(schema["default"]) if "default" in schema else ""
    return (kind, *described, default, *kind_rank(schema, kind))


def optional(schema: Mapping[str, JsonValue], keyword: str) -> tuple[bool, str]:
    value = schema.get(keyword)
    return (True, value) if isinstance(value, str) else (False, "")


def kind_rank(schema: Mapping[str, JsonValue], kind: str) -> tuple[object, ...]:
    match kind:
        case "object":
            properties = sorted(key for key, _ in mapping(schema, "properties"))
            return (*counted(properties), *counted(listed(schema, "required")))
        case "enum" | "const":
            return counted(listed(schema, kind) or [write(schema[kind])])
        case _:
            return ()


def counted(names: list[str]) -> tuple[object, ...]:
    return len(names), sorted(names)


def listed(schema: Mapping[str, JsonValue], keyword: str) -> list[str]:
    value = schema.get(keyword)
    return [text_of(each) for each in value] if isinstance(value, list) else []


def mapping(schema: Mapping[str, JsonValue], keyword: str) -> list[tuple[str, JsonValue]]:
    value = schema.get(keyword)
    return list(value.items()) if isinstance(value, dict) else []


def text_of(value: JsonValue) -> str:
    return value if isinstance(value, str) else write(value)


def tags_of(schema: JsonValue) -> tuple[str, ...]:
    """Return the tags at one place, each once."""
    return tuple(dict.fromkeys(listed(schema, TAGS))) if isinstance(schema, dict) else ()


def tagged(schema: JsonValue) -> Iterator[EntityTags]:
    """Yield the places of a schema that carry tags, in document order."""
    for entity in entities(schema):
        tags = tags_of(entity.schema)
        if tags:
            yield EntityTags(entity.path, entity.entity_type, tags)


def retag(
    schema: JsonValue,
    *,
    add: Sequence[EntityTags],
    remove: Sequence[EntityTags],
    where_possible: bool = False,
) -> None:
    """Change tags in place, removals last; raises InvalidSchema for a path that leads nowhere."""
    places: dict[tuple[str, str], Entity] = {}
    for entity in entities(schema):
        places.setdefault((entity.path, entity.entity_type), entity)
        if entity.entity_type == FIELD:
            # The object that a property holds is one place under two names.
            places.setdefault((f"{entity.path}.object", RECORD), entity)
    if where_possible:
        places = {at: one for at, one in places.items() if isinstance(one.schema, dict)}
        add = [change for change in add if (change.path, change.entity_type) in places]
        remove = [change for change in remove if (change.path, change.entity_type) in places]
    for change in (*add, *remove):
        if (change.path, change.entity_type) not in places:
            raise InvalidSchema(f"No matching path '{change.path}' found in the schema")
    for place, tags in by_place(add).items():
        put(places[place], added=tags)
    for place, tags in by_place(remove).items():
        put(places[place], removed=tags)


def by_place(changes: Sequence[EntityTags]) -> dict[tuple[str, str], dict[str, None]]:
    """Return the tags of all changes to one place together, each once, in order."""
    together: dict[tuple[str, str], dict[str, None]] = {}
    for change in changes:
        tags = together.setdefault((change.path, change.entity_type), {})
        tags.update(dict.fromkeys(change.tags))
    return together


def put(
    entity: Entity, *, added: Collection[str] = (), removed: Mapping[str, None] = NO_TAGS
) -> None:
    if not isinstance(entity.schema, dict):
        raise InvalidSchema(f"'{entity.path}' is true or false and cannot be tagged")
    tags: list[JsonValue] = [
        tag for tag in dict.fromkeys((*tags_of(entity.schema), *added)) if tag not in removed
    ]
    if tags:
        entity.schema[TAGS] = tags
    else:
        entity.schema.pop(TAGS, None)
