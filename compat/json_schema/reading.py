"""From documents of any draft to the one form that is compared (model.py)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from compat.json_schema.documents import escaped
from compat.json_schema.drafts import Draft
from compat.json_schema.library import Library, Target, references_of
from compat.json_schema.model import (
    OPEN,
    Annotations,
    Anything,
    Array,
    Branch,
    Combination,
    Condition,
    Constant,
    Dangling,
    Enumeration,
    Negation,
    Node,
    Nothing,
    Number,
    Object,
    Plain,
    Rest,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.json_schema.model import Criterion, Quantity
    from compat.json_schema.schema import JsonSchema
    from compat.json_schema.shapes import Shapes
    from compat.json_text import JsonValue

    Schema: TypeAlias = Mapping[str, JsonValue]

CRITERIA: Sequence[Criterion] = ("allOf", "anyOf", "oneOf")

TEXT_BOUNDS = ("maxLength", "minLength")
NUMBER_BOUNDS = ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf")
OBJECT_BOUNDS = ("maxProperties", "minProperties")
ARRAY_BOUNDS = ("maxItems", "minItems")
NEWER_ARRAY_BOUNDS = (*ARRAY_BOUNDS, "maxContains", "minContains")

# Without a type, a schema is of every type one of whose keywords it uses.
ARRAY_KEYWORDS = frozenset({"items", "additionalItems", "maxItems", "minItems", "uniqueItems"})
OBJECT_KEYWORDS = frozenset(
    {"properties", "required", "minProperties", "maxProperties", "dependencies"}
    | {"patternProperties", "additionalProperties"}
)
TEXT_KEYWORDS = frozenset({"minLength", "maxLength", "pattern", "format"})
TYPE_KEYWORDS: Mapping[str, Mapping[Draft, frozenset[str]]] = {
    "array": {
        Draft.DRAFT_4: ARRAY_KEYWORDS,
        Draft.DRAFT_6: ARRAY_KEYWORDS | {"contains"},
        Draft.DRAFT_7: ARRAY_KEYWORDS | {"contains"},
        Draft.DRAFT_2019_09: ARRAY_KEYWORDS
        | {"contains", "maxContains", "minContains", "unevaluatedItems"},
        Draft.DRAFT_2020_12: ARRAY_KEYWORDS - {"additionalItems"}
        | {"contains", "maxContains", "minContains", "unevaluatedItems", "prefixItems"},
    },
    "object": {
        Draft.DRAFT_4: OBJECT_KEYWORDS,
        Draft.DRAFT_6: OBJECT_KEYWORDS | {"propertyNames"},
        Draft.DRAFT_7: OBJECT_KEYWORDS | {"propertyNames"},
        Draft.DRAFT_2019_09: OBJECT_KEYWORDS
        | {"propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"},
        Draft.DRAFT_2020_12: OBJECT_KEYWORDS
        | {"propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"},
    },
    "number": dict.fromkeys(Draft, frozenset(NUMBER_BOUNDS)),
    "string": dict.fromkeys(Draft, TEXT_KEYWORDS),
}


class Subschema:
    """A place where a schema stands; what it says is read when it is first asked for."""

    __slots__ = ("_node", "_reading", "_shape", "place")

    def __init__(self, reading: Reading, place: Target) -> None:
        self.place = place
        self._reading = reading
        self._node: Node | None = None
        self._shape: int | None = None

    @property
    def node(self) -> Node:
        if self._node is None:
            self._node = self._reading.read(self)
        return self._node

    @property
    def has_default(self) -> bool:
        """Tell whether there is a default, here or where a reference leads."""
        schema = self.place.location.schema
        if isinstance(schema, dict) and "default" in schema:
            return True
        return self.node.annotations.default is not None

    @property
    def shape(self) -> int:
        """Return the number of what is written here."""
        if self._shape is None:
            self._shape = self._reading.shapes.of(self.place.location.schema)
        return self._shape

    @property
    def refers(self) -> bool:
        """Tell whether references are in what is written here, so that it means more."""
        return self._reading.shapes.refers(self.shape)


class Reading:
    """One schema and all it refers to, as far as they were read."""

    def __init__(self, schema: JsonSchema, shapes: Shapes) -> None:
        self.library: Library = schema.library()
        self.shapes = shapes
        self._known: dict[tuple[int, str], Subschema] = {}
        document = self.library.root
        self.root = self.at(Target(document, document.root))

    def at(self, place: Target) -> Subschema:
        """Return the subschema at a place, always the same for the same place."""
        key = (id(place.document), place.location.pointer)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Subschema(self, place)
        return known

    def read(self, subschema: Subschema) -> Node:
        """Return what a subschema says, following references that say nothing else."""
        here, seen = subschema, {subschema}
        while (link := plain_reference(here.place)) is not None:
            target = self.followed(here.place, *link)
            if target is None or target in seen:
                return Dangling(here.place, str(link[1]))
            seen.add(target)
            here = target
        if here is not subschema:
            return here.node
        schema = here.place.location.schema
        if not isinstance(schema, dict):
            return Nothing(here.place) if schema is False else Anything(here.place)
        return Page(self, here.place, schema).node()

    def followed(self, place: Target, keyword: str, reference: JsonValue) -> Subschema | None:
        """Return where a reference leads; a dynamic one as seen from the root."""
        target = self.library.target(place, reference)
        if target is None:
            return None
        if keyword != "$ref":
            target = self.outermost(target, reference)
        return self.at(target)

    def outermost(self, target: Target, reference: JsonValue) -> Target:
        """Return what overrides the target of a dynamic reference in the root document."""
        root = self.library.root
        schema, outer = target.location.schema, root.root.schema
        if not isinstance(schema, dict) or not isinstance(outer, dict):
            return target
        if schema.get("$recursiveAnchor") is True and outer.get("$recursiveAnchor") is True:
            return Target(root, root.root)
        name = schema.get("$dynamicAnchor")
        if isinstance(name, str) and str(reference).endswith(f"#{name}"):
            location = root.anchors.get((root.root.base, name))
            if location is not None and is_dynamic(location.schema, name):
                return Target(root, location)
        return target


def is_dynamic(schema: JsonValue, name: str) -> bool:
    return isinstance(schema, dict) and schema.get("$dynamicAnchor") == name


# Beside a reference, what says nothing about data may stand, as may what nobody knows.
SAYING = frozenset({"enum", "not", "const", "if", "then", "else", "type", *CRITERIA})


def plain_reference(place: Target) -> tuple[str, JsonValue] | None:
    """Return the reference a schema is, None when it is none or says more than that."""
    links = list(references_of(place.location))
    schema, draft = place.location.schema, place.location.draft
    if len(links) != 1 or not isinstance(schema, dict):
        return None
    if draft.ref_hides_siblings:
        return links[0]
    keywords = (SAYING, *(each[draft] for each in TYPE_KEYWORDS.values()))
    return links[0] if all(each.isdisjoint(schema) for each in keywords) else None


class Page:
    """The reading of one object that is a schema."""

    def __init__(self, reading: Reading, place: Target, schema: Schema) -> None:
        self.reading = reading
        self.place = place
        self.draft = place.location.draft
        self.schema = schema

    def node(self) -> Node:
        parts = list(self.parts())
        if not parts:
            node: Node = Anything(self.place)
        elif len(parts) == 1 and isinstance(parts[0], Node):
            node = parts[0]
        else:
            branches = [Branch(index, part) for index, part in enumerate(parts)]
            node = Combination(self.place, "allOf", branches)
        node.annotations = self.annotations()
        node.is_bytes = self.schema.get("connect.type") == "bytes"
        return node

    def annotations(self) -> Annotations:
        schema = self.schema
        # Confluent 8.3 loses the `$id` of newer drafts on the way to its model.
        keyword = self.draft.id_keyword if self.draft <= Draft.DRAFT_7 else ""
        default = self.reading.shapes.of(schema["default"]) if "default" in schema else None
        return Annotations(
            self.string(keyword), self.string("title"), self.string("description"), default
        )

    def parts(self) -> Iterator[Node | Subschema]:
        """Yield all the things the schema says."""
        schema = self.schema
        for keyword, reference in references_of(self.place.location):
            target = self.reading.followed(self.place, keyword, reference)
            yield Dangling(self.place, str(reference)) if target is None else target
        if isinstance(schema.get("enum"), list):
            yield self.enumeration()
        for criterion in CRITERIA:
            if isinstance(schema.get(criterion), list):
                yield self.combination(criterion)
        if "not" in schema:
            excluded = self.child("not")
            if excluded is not None:
                yield Negation(self.place, excluded)
        if "const" in schema and self.draft >= Draft.DRAFT_6:
            yield Constant(self.place, self.reading.shapes.of(schema["const"]))
        if self.draft >= Draft.DRAFT_7 and not {"if", "then", "else"}.isdisjoint(schema):
            yield Condition(self.place)
        yield from self.typed()

    def enumeration(self) -> Enumeration:
        values = self.schema["enum"]
        assert isinstance(values, list), "parts() looked"
        return Enumeration(self.place, frozenset(map(self.reading.shapes.of, values)))

    def combination(self, criterion: Criterion) -> Combination:
        values = self.schema[criterion]
        assert isinstance(values, list), "parts() looked"
        by_shape: dict[int, Branch] = {}
        for index in range(len(values)):
            part = self.child(f"{criterion}/{index}")
            if part is not None and part.shape not in by_shape:
                by_shape[part.shape] = Branch(index, part, part.shape)
        return Combination(self.place, criterion, list(by_shape.values()))

    def typed(self) -> Iterator[Node]:
        """Yield what is said about the type, by `type` or by the keywords of one."""
        declared = self.schema.get("type")
        if isinstance(declared, str):
            yield self.of_type(declared)
        elif isinstance(declared, list):
            names = dict.fromkeys(each for each in declared if isinstance(each, str))
            parts = [Branch(index, self.of_type(name)) for index, name in enumerate(names)]
            yield Combination(self.place, "anyOf", parts)
        else:
            for name, keywords in TYPE_KEYWORDS.items():
                if any(self.counts(each) for each in keywords[self.draft] if each in self.schema):
                    yield self.of_type(name)

    def counts(self, keyword: str) -> bool:
        """Tell whether a keyword makes a schema one of a type.

        Confluent 8.3 finds nothing in `"properties": {}` of the newer drafts.
        """
        return self.draft <= Draft.DRAFT_7 or self.schema[keyword] != {}

    def of_type(self, name: str) -> Node:
        match name:
            case "string":
                return Text(self.place, self.bounds(TEXT_BOUNDS), self.string("pattern"))
            case "number" | "integer":
                return Number(self.place, self.number_bounds(), name == "integer")
            case "object":
                return self.object()
            case "array":
                return self.array()
            case _:
                return Plain(self.place, name)

    def object(self) -> Object:
        required = self.schema.get("required")
        names = required if isinstance(required, list) else []
        unevaluated = OPEN
        if self.draft >= Draft.DRAFT_2019_09:
            unevaluated = self.rest("unevaluatedProperties")
        return Object(
            self.place,
            properties=self.children("properties"),
            required=frozenset(name for name in names if isinstance(name, str)),
            patterns=self.children("patternProperties"),
            additional=self.rest("additionalProperties"),
            unevaluated=unevaluated,
            needed_names=self.needed_names(),
            needed_schemas=self.needed_schemas(),
            bounds=self.bounds(OBJECT_BOUNDS),
        )

    def needed_names(self) -> dict[str, frozenset[str]]:
        """Return the names each name needs, by whatever keyword."""
        found: dict[str, frozenset[str]] = {}
        for keyword in ("dependencies", "dependentRequired"):
            needed = self.schema.get(keyword)
            if not isinstance(needed, dict) or not self.has_dependencies(keyword):
                continue
            for name, names in needed.items():
                if isinstance(names, list):
                    found[name] = frozenset(each for each in names if isinstance(each, str))
        return found

    def needed_schemas(self) -> dict[str, Subschema]:
        found: dict[str, Subschema] = {}
        for keyword in ("dependencies", "dependentSchemas"):
            if self.has_dependencies(keyword):
                found |= self.children(keyword)
        return found

    def has_dependencies(self, keyword: str) -> bool:
        """Tell whether the draft knows a keyword; `dependencies` never fell out of use."""
        return keyword == "dependencies" or self.draft >= Draft.DRAFT_2019_09

    def array(self) -> Array:
        every, items, additional = self.items()
        is_newer = self.draft >= Draft.DRAFT_2019_09
        return Array(
            self.place,
            every=every,
            items=items,
            additional=additional,
            unevaluated=self.rest("unevaluatedItems") if is_newer else OPEN,
            is_unique=self.schema.get("uniqueItems") is True,
            contained=self.child("contains"),
            bounds=self.bounds(NEWER_ARRAY_BOUNDS if is_newer else ARRAY_BOUNDS),
        )

    def items(self) -> tuple[Subschema | None, Sequence[Subschema], Rest]:
        """Return what every item must be, what those of a list must be, and what others may.

        items           draft 4 to 7         2019-09              2020-12
        --------------  -------------------  -------------------  -------------------
        a list          the list             the list             (prefixItems)
        a schema        every                every                every, or the others
        true, false     every                the others           the others
        """
        listed = "prefixItems" if self.draft >= Draft.DRAFT_2020_12 else "items"
        if isinstance(self.schema.get(listed), list):
            rest = self.rest("items" if listed == "prefixItems" else "additionalItems")
            return None, self.listed(listed), rest
        if self.draft >= Draft.DRAFT_2019_09 and isinstance(self.schema.get("items"), bool):
            return None, (), self.rest("items")
        every = self.child("items")
        # Beside a schema for every item, what is said of additional ones means nothing.
        alone = every is None and self.draft <= Draft.DRAFT_2019_09
        return every, (), self.rest("additionalItems") if alone else OPEN

    def listed(self, keyword: str) -> list[Subschema]:
        values = self.schema[keyword]
        assert isinstance(values, list), "items() looked"
        found = (self.child(f"{keyword}/{index}") for index in range(len(values)))
        return [each for each in found if each is not None]

    def rest(self, keyword: str) -> Rest:
        value = self.schema.get(keyword)
        if isinstance(value, dict):
            return Rest(schema=self.child(keyword))
        return Rest(is_allowed=value is not False)

    def child(self, steps: str) -> Subschema | None:
        """Return the subschema at a keyword, or at `keyword/index`; None where there is none."""
        document = self.place.document
        location = document.locations.get(f"{self.place.location.pointer}/{steps}")
        return None if location is None else self.reading.at(Target(document, location))

    def children(self, keyword: str) -> dict[str, Subschema]:
        named = self.schema.get(keyword)
        if not isinstance(named, dict):
            return {}
        found = {name: self.child(f"{keyword}/{escaped(name)}") for name in named}
        return {name: each for name, each in found.items() if each is not None}

    def string(self, keyword: str) -> str | None:
        value = self.schema.get(keyword)
        return value if isinstance(value, str) else None

    def bounds(self, keywords: Sequence[str]) -> dict[str, Quantity]:
        found = {keyword: quantity(self.schema.get(keyword)) for keyword in keywords}
        return {keyword: value for keyword, value in found.items() if value is not None}

    def number_bounds(self) -> dict[str, Quantity]:
        """Return the bounds of a number, draft 4's flags as the numbers they came to be."""
        bounds = self.bounds(NUMBER_BOUNDS)
        if self.draft is Draft.DRAFT_4:
            for flag, limit in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
                if self.schema.get(flag) is True and limit in bounds:
                    bounds[flag] = bounds[limit]
        return bounds


def quantity(value: JsonValue) -> Quantity | None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    return None
