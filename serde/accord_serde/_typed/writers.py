"""From instances to dicts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from accord_serde._typed.avro_schema import AvroNames, encoded
from accord_serde._typed.shapes import (
    Branch,
    Choice,
    Either,
    Entries,
    Field,
    Form,
    Items,
    Node,
    Record,
    Scalar,
    absent_as_null,
    records,
)
from accord_serde._typed.source import Source, Statement, attribute_of
from accord_serde._typed.unions import Chooser, attribute, written_as

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from enum import Enum

    from accord_serde._typed.unions import Convert


def writer(record: Record, form: Form, names: AvroNames) -> Callable[..., dict[str, Any]]:
    """Return the function that makes a dict of an instance, as an encoder of the form expects.

    It raises ValueError naming the field that holds what its annotation does not say.
    """
    return _Writers(form, names).all_of(record)


class _Writers:
    def __init__(self, form: Form, names: AvroNames) -> None:
        self._form = form
        self._names = names
        self._source = Source()
        self._functions: dict[Record, str] = {}

    def all_of(self, root: Record) -> Callable[..., dict[str, Any]]:
        for record in records(root):
            self._functions[record] = self._source.fresh("w")
        for record in self._functions:
            self._define(record)
        made: Callable[..., dict[str, Any]] = self._source.environment[self._functions[root]]
        return made

    def _define(self, record: Record) -> None:
        always: list[Statement] = []
        sometimes: list[Statement] = []
        for each in record.fields:
            text = self._expression(self._node(each), access(record, each))
            if each.may_be_absent and self._form == "json":
                condition = f"if {each.attribute!r} in o: "
                sometimes.append((each.attribute, f"{condition}d[{each.name!r}] = {text}"))
            else:
                always.append((each.attribute, f"{each.name!r}: {text},"))
        made = [(None, "d = {"), *always, (None, "}"), *sometimes]
        self._source.run(
            [
                f"def {self._functions[record]}(o, context=None):",
                *self._source.guarded(record.name, 1, made),
                "    return d",
            ]
        )

    def _node(self, field: Field) -> Node:
        return absent_as_null(field) if self._form == "avro" else field.node

    def _expression(self, node: Node, x: str) -> str:
        match node:
            case Scalar():
                how = encoded(node) if self._form == "avro" else node.json
                return self._source.filled(how.write, x, how.bound) if how.write else x
            case Choice():
                return self._choice(node, x)
            case Items():
                made = self._source.each(x, lambda item: self._expression(node.item, item))
                return made or (x if node.python == (list,) else f"list({x})")
            case Entries():
                made = self._source.each_value(x, lambda item: self._expression(node.value, item))
                return made or x
            case Either():
                return self._union(node, x)
            case Record():
                return f"{self._functions[node]}({x})"

    def _choice(self, node: Choice, x: str) -> str:
        if node.cls is None:
            return x
        if node.held_as_value:
            return f"{self._source.bind(self._by_member_and_value(node))}[{x}]"
        return f"{x}._value_" if self._form == "json" and node.by_value else f"{x}._name_"

    def _by_member_and_value(self, node: Choice) -> dict[object, object]:
        return {
            key: each.name if self._form == "avro" else each.json
            for each in node.symbols
            for key in (each.value, cast("Enum", each.value).value)
        }

    def _union(self, node: Either, x: str) -> str:
        def text(value: str) -> str:
            if len(node.branches) == 1:
                return self._expression(node.branches[0], value)
            return f"{self._source.bind(self._alternatives(node))}({value})"

        return self._source.unless_none(x, text) if node.nullable else text(x)

    def _tagged(self, node: Branch, x: str) -> str:
        text = self._expression(node, x)
        return f"({self._names.tag(node)!r}, {text})" if self._form == "avro" else text

    def _alternatives(self, node: Either) -> Convert:
        """Return the function that writes a value of several types; Avro gets it with its name."""
        by_class: dict[type, list[tuple[Branch, Convert]]] = {}
        for branch in node.branches:
            write = self._source.converter(partial(self._tagged, branch))
            for cls in written_as(branch):
                by_class.setdefault(cls, []).append((branch, write))
        converts = {cls: _one_of(each) for cls, each in by_class.items()}

        if float in converts:  # where a float is asked for, an int will do
            converts.setdefault(int, converts[float])

        def alternative(value: object) -> object:
            cls = value.__class__
            convert = converts.get(cls)
            if convert is None:
                convert = next((converts[base] for base in cls.__mro__ if base in converts), None)
            if convert is None:
                raise TypeError(f"{value!r} is of no type it is annotated with")
            return convert(value)

        return alternative


def _one_of(branches: Sequence[tuple[Branch, Convert]]) -> Convert:
    """Return the one way of writing a class, or for several TypedDicts the choice among them."""
    if len(branches) == 1:
        return branches[0][1]
    writes = [write for _, write in branches]
    chooser = Chooser.of([cast("Record", node) for node, _ in branches], attribute)
    return lambda value: writes[chooser(cast("Mapping[str, object]", value))](value)


def access(record: Record, field: Field) -> str:
    """Return the expression of a field of the instance `o`."""
    if record.kind != "dict":
        return attribute_of("o", field.attribute)
    return f"o.get({field.attribute!r})" if field.may_be_absent else f"o[{field.attribute!r}]"
