"""From dicts to instances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from accord_serde._typed.avro_schema import AvroNames, encoded
from accord_serde._typed.defaults import avro_default
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
    records,
)
from accord_serde._typed.source import FAILURES, Source, Statement, blame, keyword_of
from accord_serde._typed.unions import Chooser, seen, wire_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord_serde._typed.unions import Convert

Values: TypeAlias = "dict[str, Any]"
ABSENT = object()
BY_NAME = {"by_name": True, "by_alias": False}
# A decoder asked for the names of records gives a pair.
UNTAGGED = "{x} if {first}.__class__ is not tuple else {x}[1]"


def reader(record: Record, form: Form) -> Callable[..., Any]:
    """Return the function that makes an instance of a dict, as a decoder of the form gives it.

    Keys nobody knows are left out; a field without its key has the default of its class. Raises
    ValueError naming the field; what pydantic finds wrong is pydantic's ValidationError.
    """
    return _Readers(form, AvroNames(record, None)).all_of(record)


def absent_in(form: Form) -> object:
    """Return what stands for a key that a TypedDict was without."""
    return None if form == "avro" else ABSENT


class _Readers:
    """Define a function per class; for a pydantic model two, its values and an instance.

    A model inside a model is handed over as values, for the outer one to validate with its own.
    """

    def __init__(self, form: Form, names: AvroNames) -> None:
        self._form = form
        self._names = names
        self._source = Source()
        self._instances: dict[Record, str] = {}
        self._values: dict[Record, str] = {}
        self._absent = self._source.bind(absent_in(form))

    def all_of(self, root: Record) -> Callable[..., Any]:
        for record in records(root):
            self._instances[record] = self._source.fresh("r")
            if record.kind == "model":
                self._values[record] = self._source.fresh("r")
        for record in self._instances:
            self._define(record)
        made: Callable[..., Any] = self._source.environment[self._instances[root]]
        return made

    def _define(self, record: Record) -> None:
        if record.kind == "dataclass":
            self._define_as(self._instances[record], record, self._constructed(record))
        elif record.kind == "dict":
            self._define_as(self._instances[record], record, self._as_dict(record))
        else:
            values, name = self._values[record], self._instances[record]
            self._define_as(values, record, self._as_dict(record))
            validate = partial(cast("Any", record.cls).model_validate, **BY_NAME)
            bound = self._source.bind(validate)
            self._source.run([f"def {name}(d, context=None): return {bound}({values}(d))"])

    def _define_as(self, name: str, record: Record, made: list[str]) -> None:
        """Define a function that finds the fields, converts them, and then makes something of them.

        Where a field is missing the record is not of today's class, and is made field by field.
        """
        slow = self._source.bind(partial(_slowly, self._plan(record)))
        found = [self._found(number, each) for number, each in enumerate(record.fields)]
        lines = [
            f"def {name}(d, context=None):",
            "    try:",
            f"        {'; '.join(found) or 'pass'}",
            "    except FAILURES:",
            f"        return {slow}(d)",
        ]
        conversions = self._conversions(record)
        if conversions:
            lines += self._source.guarded(record.name, len(lines), conversions)
        self._source.run([*lines, *(f"    {line}" for line in made), "    return o"])

    def _found(self, number: int, each: Field) -> str:
        if not each.may_be_absent:
            return f"v{number} = d[{each.name!r}]"
        found = self._absent
        for key in reversed(each.keys):
            found = f"d.get({key!r}, {found})"
        return f"v{number} = {found}"

    def _conversions(self, record: Record) -> list[Statement]:
        statements: list[Statement] = []
        for number, each in enumerate(record.fields):
            text = self._field(record, each, f"v{number}")
            if text != f"v{number}":
                condition = f"if v{number} is not {self._absent}: " if each.may_be_absent else ""
                statements.append((each.attribute, f"{condition}v{number} = {text}"))
        return statements

    def _constructed(self, record: Record) -> list[str]:
        """Return the lines that call the constructor, and set what it does not take."""
        positional, keywords, late = [], [], []
        for number, each in enumerate(record.fields):
            if not each.in_constructor:
                late.append(f"object.__setattr__(o, {each.attribute!r}, v{number})")
            elif each.keyword_only:
                keywords.append(keyword_of(each.attribute, f"v{number}"))
            else:
                positional.append(f"v{number}")
        cls = self._source.bind(record.cls)
        return [f"o = {cls}({', '.join([*positional, *keywords])})", *late]

    def _as_dict(self, record: Record) -> list[str]:
        numbered = list(enumerate(record.fields))
        always = ", ".join(
            f"{each.attribute!r}: v{number}" for number, each in numbered if not each.may_be_absent
        )
        return [
            f"o = {{{always}}}",
            *(
                f"if v{number} is not {self._absent}: o[{each.attribute!r}] = v{number}"
                for number, each in numbered
                if each.may_be_absent
            ),
        ]

    def _plan(self, record: Record) -> Plan:
        steps = [
            (each, self._source.converter(partial(self._field, record, each)))
            for each in record.fields
        ]
        return Plan(record, steps, absent_in(self._form))

    def _field(self, record: Record, each: Field, x: str) -> str:
        in_model = record.kind == "model"
        if not isinstance(each.node, Either):
            return self._expression(each.node, x, in_model=in_model)
        first = avro_default(each).first if self._form == "avro" else None
        return self._union(each.node, x, in_model=in_model, default=first)

    def _expression(self, node: Node, x: str, *, in_model: bool = False) -> str:
        match node:
            case Scalar():
                how = encoded(node) if self._form == "avro" else node.json
                return self._source.filled(how.read, x, how.bound) if how.read else x
            case Choice():
                values = {
                    each.name if self._form == "avro" else each.json: each.value
                    for each in node.symbols
                }
                return f"{self._source.bind(values)}[{x}]"
            case Items():
                return self._items(node, x, in_model=in_model)
            case Entries():
                value = partial(self._expression, node.value, in_model=in_model)
                return self._source.each_value(x, value) or f"{{**{x}}}"
            case Either():
                return self._union(node, x, in_model=in_model)
            case Record():
                functions = self._values if in_model and node in self._values else self._instances
                return f"{functions[node]}({x})"

    def _items(self, node: Items, x: str, *, in_model: bool) -> str:
        item = partial(self._expression, node.item, in_model=in_model)
        if node.build is set:
            return self._source.each(x, item, "{}") or f"set({x})"
        made = self._source.each(x, item)
        if node.build is list:
            return made or f"[*{x}]"
        return f"{node.build.__name__}({made or x})"

    def _union(self, node: Either, x: str, *, in_model: bool, default: int | None = None) -> str:
        def text(value: str) -> str:
            if len(node.branches) > 1:
                return f"{self._source.bind(self._alternatives(node, default))}({value})"
            only = node.branches[0]
            if isinstance(only, Record):
                value = self._source.filled(UNTAGGED, value)
            return self._expression(only, value, in_model=in_model)

        return self._source.unless_none(x, text) if node.nullable else text(x)

    def _alternatives(self, node: Either, default: int | None) -> Convert:
        """Return the function that reads a value of several types.

        What looks like none of them is a default, as Avro's JSON has it.
        """
        converts = [
            self._source.converter(partial(self._expression, each)) for each in node.branches
        ]
        branches = list(zip(node.branches, converts, strict=True))
        by_class: dict[type | None, Convert] = {}
        for each, convert in branches:
            if isinstance(each, Scalar) and each.json.also and self._form == "json":
                by_class.setdefault(each.json.also, convert)
        by_class |= {seen(each, self._form): convert for each, convert in branches}
        classes = [(each, convert) for each, convert in branches if isinstance(each, Record)]
        if classes:
            by_class[dict] = one_of(classes)
        if self._form == "avro":
            by_class[tuple] = self._named(branches)
        otherwise = None if default is None else converts[default]

        def alternative(value: object) -> object:
            convert = by_class.get(value.__class__, otherwise)
            if convert is None:
                raise TypeError(f"{value!r} is of no type it is annotated with")
            return convert(value)

        return alternative

    def _named(self, branches: Sequence[tuple[Branch, Convert]]) -> Convert:
        """Return the reader of what comes with its name; the namespace is not looked at."""
        converts = {
            simple(name): convert
            for each, convert in branches
            for name in (self._names.tag(each), *(each.aliases if isinstance(each, Record) else ()))
        }

        def tagged(value: object) -> object:
            name, inner = cast("tuple[str, object]", value)
            return converts[simple(name)](inner)

        return tagged


def simple(name: str) -> str:
    return name.rpartition(".")[2]


def one_of(classes: Sequence[tuple[Record, Convert]]) -> Convert:
    """Return the reader of a dict that is one of several classes."""
    chooser = Chooser.of([record for record, _ in classes], wire_name)
    converts = [convert for _, convert in classes]
    return lambda value: converts[chooser(cast("Mapping[str, object]", value))](value)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make an instance field by field, for a record that is not as the class has it now."""

    record: Record
    steps: Sequence[tuple[Field, Convert]]
    absent: object

    def values(self, given: Mapping[str, object]) -> Values:
        made: Values = {}
        for field, convert in self.steps:
            key = next((key for key in field.keys if key in given), None)
            if key is None:
                self._missing(field)
            elif not (field.may_be_absent and given[key] is self.absent):
                made[field.attribute] = self._converted(field, convert, given[key])
        return made

    def _missing(self, field: Field) -> None:
        if field.is_required and self.record.kind != "model":  # a model says so itself
            raise ValueError(
                f"{self.record.name}.{field.attribute}: the record has no {field.name!r}, "
                "and the class no default"
            )

    def _converted(self, field: Field, convert: Convert, value: object) -> object:
        try:
            return convert(value)
        except FAILURES as error:
            blame(self.record.name, field.attribute, error)


def _slowly(plan: Plan, given: Mapping[str, object]) -> object:
    if not hasattr(given, "keys"):
        raise ValueError(f"{plan.record.name}: {given!r} is no record")
    values = plan.values(given)
    if plan.record.kind != "dataclass":
        return values
    late = {
        each.attribute: values.pop(each.attribute)
        for each in plan.record.fields
        if not each.in_constructor and each.attribute in values
    }
    instance = plan.record.cls(**values)
    for name, value in late.items():
        object.__setattr__(instance, name, value)
    return instance
