"""From the default of a field to the default its schema states, where a schema can state it.

A factory is called twice: what it makes is a default only when both are equal and nothing in it
comes from a clock or is drawn by lot. Where no default is stated the field is one that every
writer has to write; a reader still gets the class's own default for a record without it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

from accord_serde._typed.shapes import (
    Branch,
    Choice,
    Default,
    Either,
    Entries,
    Field,
    Form,
    Items,
    Node,
    Record,
    Scalar,
    absent_as_null,
)
from accord_serde._typed.source import scalar_writer
from accord_serde._typed.unions import seen


@dataclass(frozen=True, slots=True)
class Stated:
    """What a schema says of a default; `first` is the branch of a union it belongs to."""

    given: dict[str, object] = field(default_factory=dict)
    first: int | None = None
    """None where the default is null, or where there is none."""


def avro_default(each: Field) -> Stated:
    """Return the default of a field in Avro's JSON; raise TypeError for one of another type."""
    return _stated(each, "avro", {})


def json_default(each: Field) -> dict[str, object]:
    """Return the `default` keyword of a field; raise TypeError for a value of another type."""
    return _stated(each, "json", {}).given


def _stated(each: Field, form: Form, known: dict[Field, Stated]) -> Stated:
    """Return the default; `known` are those of the fields inside that were looked at."""
    if each.may_be_absent and form == "avro":
        return Stated({"default": None})
    if each.default is None:
        return Stated()
    if each not in known:
        try:
            known[each] = _made(
                each.node, each.default, _Walk(form, not each.default.constant, known)
            )
        except ValueError:
            known[each] = Stated()
    return known[each]


def _made(node: Node, default: Default, walk: _Walk) -> Stated:
    first, raw = walk.top(node, default.make())
    if walk.computed and walk.top(node, default.make()) != (first, raw):
        raise ValueError("is another one each time")
    return Stated({"default": raw}, first)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Turn a value into plain JSON.

    Raises TypeError for a value of another type, ValueError for one no schema can state.
    """

    form: Form
    computed: bool
    known: dict[Field, Stated]

    def __call__(self, node: Node, value: object) -> object:
        match node:
            case Scalar():
                return self._scalar(node, value)
            case Choice():
                return self._symbol(node, value)
            case Items():
                return self._items(node, value)
            case Entries():
                if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
                    raise TypeError(f"the default {value!r} is no dict of text")
                return {key: self(node.value, inner) for key, inner in value.items()}
            case Either():
                return self._nested_union(node, value)
            case Record():
                return self._record(node, value)

    def top(self, node: Node, value: object) -> tuple[int | None, object]:
        """Return the JSON of a field's own default, and which branch of a union it is."""
        return self.choose(node, value) if isinstance(node, Either) else (None, self(node, value))

    def choose(self, node: Either, value: object) -> tuple[int | None, object]:
        """Return which branch has the value, None for null, and its JSON."""
        if value is None and node.nullable:
            return None, None
        for index, branch in enumerate(node.branches):
            try:
                raw = self(branch, value)
            except TypeError:
                continue
            self._refuse_misread(node, branch, raw)
            return index, raw
        raise TypeError(f"the default {value!r} is of no type it is annotated with")

    def _refuse_misread(self, node: Either, branch: Branch, raw: object) -> None:
        """Refuse the default that a reader, who gets it as JSON, would take for another branch."""
        if self.form == "json" or seen(branch, "avro") is type(raw):
            return
        if any(seen(each, "avro") is type(raw) for each in node.branches):
            raise ValueError("reads as another type")

    def _scalar(self, node: Scalar, value: object) -> object:
        raw = node.raw(value)
        if self.computed and node.fleeting:
            raise ValueError("comes from a clock or is drawn by lot")
        return raw if self.form == "avro" else scalar_writer(node.json)(value)

    def _symbol(self, node: Choice, value: object) -> object:
        for symbol in node.symbols:
            if symbol.value is value or (
                type(symbol.value) is type(value) and symbol.value == value
            ):
                return symbol.name if self.form == "avro" else symbol.json
        raise TypeError(f"the default {value!r} is no {node.name}")

    def _items(self, node: Items, value: object) -> list[object]:
        if not isinstance(value, node.python):
            raise TypeError(f"the default {value!r} is no {node.build.__name__}")
        items = [self(node.item, each) for each in cast("list[object]", value)]
        # a set has no order, and a schema has one text
        return sorted(items, key=json.dumps) if isinstance(value, set | frozenset) else items

    def _nested_union(self, node: Either, value: object) -> object:
        index, raw = self.choose(node, value)
        if self.form == "avro" and index != (None if node.nullable else 0):
            raise ValueError("inside a default, Avro has only the first type of a union")
        return raw

    def _record(self, node: Record, value: object) -> dict[str, object]:
        if not isinstance(value, node.cls if node.kind != "dict" else dict):
            raise TypeError(f"the default {value!r} is no {node.title}")
        made: dict[str, object] = {}
        for each in node.fields:
            if node.kind == "dict" and each.attribute not in cast("dict[str, object]", value):
                self._absent(node, each, made)
                continue
            inner = (
                value[each.attribute] if isinstance(value, dict) else getattr(value, each.attribute)
            )
            made[each.name] = self._inner(each, inner)
        return made

    def _absent(self, node: Record, each: Field, made: dict[str, object]) -> None:
        if not each.may_be_absent:
            raise TypeError(f"the default of {node.title} is without {each.attribute!r}")
        if self.form == "avro":
            made[each.name] = None

    def _inner(self, each: Field, value: Any) -> object:
        node = absent_as_null(each)
        if self.form == "json" or not isinstance(node, Either):
            return self(each.node, value)
        index, raw = self.choose(node, value)
        stated = _stated(each, "avro", self.known)
        if index != (stated.first if stated.given or node.nullable else 0):
            raise ValueError("inside a default, Avro has only the first type of a union")
        return raw
