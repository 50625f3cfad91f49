"""Authors of JSON Schemas, who change them as people do: a little here and there."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Schema = dict[str, Any]

NAMES = ("a", "b", "c", "d")
WORDS = ("red", "green", "blue", 1, 2.5, None, True)
MAX_DEPTH = 3
BOUNDS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "object": ("minProperties", "maxProperties"),
    "array": ("minItems", "maxItems"),
}
# What Confluent does not compare, or not as data would have it; now and then an author uses it.
UNCOMPARED: tuple[tuple[str, Schema], ...] = (
    ("array", {"contains": {"type": "string"}}),
    ("object", {"propertyNames": {"maxLength": 1}}),
    ("object", {"patternProperties": {"^a": {"type": "string"}}}),
    ("object", {"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
)


class Author:
    """Writes schemas; `random` decides."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.defined: list[str] = []

    def pair(self) -> tuple[Schema, Schema]:
        """Return a writer schema and a reader schema made from it."""
        names = self.defined = self.some(("node", "leaf"))
        writer = {"definitions": {name: self.schema(1) for name in names}, **self.schema(0)}
        reader = copy.deepcopy(writer)
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 3))):
            self.change(reader, 0)
        return writer, reader

    def some(self, values: tuple[Any, ...]) -> list[Any]:
        return [value for value in values if self.random.random() < 0.5]

    def schema(self, depth: int) -> Schema:
        kinds = ["string", "integer", "number", "boolean", "null", "values", "values"]
        if depth < MAX_DEPTH:
            kinds += ["object", "object", "object", "array", "array", "choice", "types", "not"]
        match self.random.choice(kinds):
            case "values" | "types" | "not" as kind:
                return self.small(kind)
            case "choice":
                criterion = self.random.choice(("anyOf", "oneOf", "allOf"))
                size = self.random.randint(1, 3)
                return {criterion: [self.schema(depth + 1) for _ in range(size)]}
            case "object":
                return self.object(depth)
            case "array":
                return self.array(depth)
            case kind:
                return self.bounded(kind)

    def small(self, kind: str) -> Schema:
        if kind == "types":
            return {"type": self.some(("string", "integer", "null")) or ["string"]}
        if kind == "not":
            return {"not": self.bounded(self.random.choice(("string", "integer", "number")))}
        if self.random.random() < 0.5:
            return {"const": self.random.choice(WORDS)}
        return {"enum": self.some(WORDS) or ["red"]}

    def member(self, depth: int) -> Schema:
        """Return a schema or a reference: only what holds another value may refer to itself."""
        if self.defined and self.random.random() < 0.2:
            return {"$ref": f"#/definitions/{self.random.choice(self.defined)}"}
        return self.schema(depth)

    def bounded(self, kind: str) -> Schema:
        schema: Schema = {"type": kind}
        for keyword in BOUNDS.get(kind, ()):
            if self.random.random() < 0.3:
                schema[keyword] = self.random.randint(1, 4)
        for of, keywords in UNCOMPARED:
            if of == kind and self.random.random() < 0.03:
                schema |= copy.deepcopy(keywords)
        return schema

    def object(self, depth: int) -> Schema:
        schema = self.bounded("object")
        schema["properties"] = {name: self.member(depth + 1) for name in self.some(NAMES)}
        schema["required"] = self.some(tuple(schema["properties"]))
        self.set_rest(schema, "additionalProperties", depth)
        if self.random.random() < 0.1:
            schema["dependencies"] = {"a": self.some(NAMES)}
        return schema

    def array(self, depth: int) -> Schema:
        schema = self.bounded("array")
        if self.random.random() < 0.5:
            schema["items"] = self.member(depth + 1)
        else:
            schema["items"] = [self.member(depth + 1) for _ in range(self.random.randint(1, 2))]
            self.set_rest(schema, "additionalItems", depth)
        if self.random.random() < 0.2:
            schema["uniqueItems"] = True
        return schema

    def set_rest(self, schema: Schema, keyword: str, depth: int) -> None:
        match self.random.randint(0, 5):
            case 0 | 1:
                schema[keyword] = False
            case 2:
                schema[keyword] = self.schema(depth + 1)
            case _:
                schema.pop(keyword, None)

    def change(self, schema: Schema, depth: int) -> None:
        """Change one thing, here or further down."""
        children = children_of(schema)
        if children and self.random.random() < 0.5:
            self.change(self.random.choice(children), depth + 1)
            return
        changes: list[Callable[[Schema, int], None]] = [self.replace]
        changes += [self.rebound] * 3
        if "properties" in schema:
            changes += [self.change_properties] * 4
        if isinstance(schema.get("items"), list):
            changes += [self.change_items] * 3
        if not {"anyOf", "oneOf", "allOf", "enum"}.isdisjoint(schema):
            changes += [self.change_choice] * 4
        self.random.choice(changes)(schema, depth)

    def replace(self, schema: Schema, depth: int) -> None:
        kept = {"definitions": schema["definitions"]} if "definitions" in schema else {}
        schema.clear()
        schema.update(self.schema(depth) | kept)

    def rebound(self, schema: Schema, depth: int) -> None:
        kind = schema.get("type")
        if kind in ("integer", "number") and self.random.random() < 0.4:
            schema["type"] = "number" if kind == "integer" else "integer"
        for keyword in BOUNDS.get(kind, ()) if isinstance(kind, str) else ():
            match self.random.randint(0, 5):
                case 0:
                    schema.pop(keyword, None)
                case 1:
                    schema[keyword] = self.random.randint(1, 4)
                case 2 | 3 if keyword in schema:
                    schema[keyword] = max(1, schema[keyword] + self.random.choice((-1, 1)))
        if kind == "array":
            schema["uniqueItems"] = self.random.random() < 0.3
        if kind == "object":
            self.set_rest(schema, "additionalProperties", depth)

    def change_properties(self, schema: Schema, depth: int) -> None:
        properties, required = schema["properties"], schema["required"]
        name = self.random.choice(NAMES)
        match self.random.randint(0, 3):
            case 0 if name in properties:
                del properties[name]
                schema["required"] = [each for each in required if each != name]
            case 0 | 1:
                properties[name] = self.member(depth + 1)
                if self.random.random() < 0.3:
                    properties[name]["default"] = "red"
            case 2:
                schema["required"] = self.some(tuple(properties))
            case _:
                schema["dependencies"] = {"a": self.some(NAMES)}

    def change_items(self, schema: Schema, depth: int) -> None:
        items = schema["items"]
        if len(items) > 1 and self.random.random() < 0.5:
            items.pop()
        else:
            items.append(self.member(depth + 1))

    def change_choice(self, schema: Schema, depth: int) -> None:
        keyword = next(each for each in ("enum", "anyOf", "oneOf", "allOf") if each in schema)
        values = schema[keyword]
        new = self.random.choice(WORDS) if keyword == "enum" else self.schema(depth + 1)
        match self.random.randint(0, 3):
            case 0 if len(values) > 1:
                values.pop(self.random.randrange(len(values)))
            case 1:
                self.random.shuffle(values)
            case 2 if keyword != "enum":
                schema[self.random.choice(("anyOf", "oneOf", "allOf"))] = schema.pop(keyword)
            case _:
                values.append(new)


def children_of(schema: Schema) -> list[Schema]:
    """Return the schemas directly below one, definitions among them."""
    found: list[Any] = [schema.get("items"), schema.get("additionalProperties")]
    found += [schema.get("additionalItems")]
    for keyword in ("properties", "definitions"):
        found += schema.get(keyword, {}).values()
    for keyword in ("items", "anyOf", "oneOf", "allOf"):
        listed = schema.get(keyword)
        found += listed if isinstance(listed, list) else []
    return [each for each in found if isinstance(each, dict)]
