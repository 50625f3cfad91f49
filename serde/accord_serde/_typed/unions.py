"""How the types of a union are told apart, in a value and in what was written of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from accord_serde._typed.shapes import (
    Branch,
    Choice,
    Either,
    Entries,
    Field,
    Form,
    Items,
    Record,
    Scalar,
)

Convert: TypeAlias = Callable[[object], object]
Key: TypeAlias = Callable[[Field], str]


def seen(node: Branch, form: Form) -> type | None:
    """Return the class of what was written, as a reader of the form meets it."""
    match node:
        case Scalar():
            encoded = node.avro if form == "avro" else node.json
            return None if isinstance(encoded, str) else encoded.seen
        case Choice():
            return str if form == "avro" else type(node.symbols[0].json)
        case Items():
            return list
        case Entries() | Record():
            return dict


def written_as(node: Branch) -> tuple[type, ...]:
    """Return the classes of the values a class may hold there."""
    match node:
        case Scalar():
            return node.python
        case Choice():
            own = () if node.cls is None else (node.cls,)
            by_value = node.cls is None or node.held_as_value
            return (*own, type(node.symbols[0].json)) if by_value else own
        case Items():
            return node.python
        case Entries():
            return (dict,)
        case Record():
            return (dict,) if node.kind == "dict" else (node.cls,)


def json_branches(node: Either) -> tuple[Branch, ...]:
    """Return the branches of a union, which JSON has to tell apart."""
    told_apart(node, "json")
    return node.branches


def told_apart(node: Either, form: Form) -> None:
    """Raise TypeError for a union of which no reader could tell what was written."""
    by_class: dict[type | None, Branch] = {}
    for branch in node.branches:
        cls = seen(branch, form)
        other = by_class.setdefault(cls, branch)
        if other is not branch and not (isinstance(other, Record) and isinstance(branch, Record)):
            raise TypeError(
                f"{title(other)} and {title(branch)} look the same to a reader of {form}; "
                f"keep one of them, or put each in a class of its own"
            )
    Chooser.of([each for each in node.branches if isinstance(each, Record)], wire_name)


def title(node: Branch) -> str:
    match node:
        case Scalar() | Record():
            return node.title
        case Choice():
            return node.name
        case Items():
            return node.build.__name__
        case Entries():
            return "dict"


def wire_name(field: Field) -> str:
    return field.name


def attribute(field: Field) -> str:
    return field.attribute


@dataclass(frozen=True, slots=True)
class Outline:
    """The keys of one class: those each of its records has, and all."""

    required: frozenset[str]
    known: frozenset[str]

    @classmethod
    def of(cls, record: Record, key: Key) -> Outline:
        return cls(
            frozenset(key(each) for each in record.fields if each.is_required),
            frozenset(key(each) for each in record.fields),
        )

    def fit(self, keys: frozenset[str]) -> tuple[int, int] | None:
        """Return how well a record with these keys fits; None where a required one is missing.

        What the record has and the class knows counts first, then what the class lacks.
        """
        if not self.required <= keys:
            return None
        return len(keys & self.known), -len(self.known - keys)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Which of several classes a dict was made from: by a Literal they share, or by its keys."""

    tag: str | None
    tagged: Mapping[object, int]
    outlines: tuple[Outline, ...]

    @classmethod
    def of(cls, records: list[Record], key: Key) -> Chooser:
        """Return the chooser; raise TypeError where two classes have no key to tell them apart."""
        tag, tagged = _tags(records, key)
        outlines = tuple(Outline.of(each, key) for each in records)
        if tag is None:
            _refuse_likeness(records, outlines)
        return cls(tag, tagged, outlines)

    def __call__(self, value: Mapping[str, object]) -> int:
        """Return which class it is; raise ValueError where it is none, or may be several."""
        if self.tag is not None:
            found = self.tagged.get(value.get(self.tag))
            if found is None:
                raise ValueError(f"{self.tag!r} is {value.get(self.tag)!r}, which no class has")
            return found
        if len(self.outlines) == 1:
            return 0
        keys = frozenset(value)
        fits = [outline.fit(keys) for outline in self.outlines]
        best = max((fit for fit in fits if fit is not None), default=None)
        if best is None or fits.count(best) > 1:
            raise ValueError(f"a record of {', '.join(sorted(keys))} is none of the classes")
        return fits.index(best)


def _tags(records: list[Record], key: Key) -> tuple[str | None, dict[object, int]]:
    """Return the Literal field all classes share with values no two have in common."""
    for field in records[0].fields if records[1:] else ():
        values = [_values(record, key(field), key) for record in records]
        tagged = {value: index for index, own in enumerate(values) for value in own}
        if all(values) and len(tagged) == sum(map(len, values)):
            return key(field), tagged
    return None, {}


def _values(record: Record, name: str, key: Key) -> list[object]:
    for field in record.fields:
        if key(field) == name and isinstance(field.node, Choice) and not field.may_be_absent:
            return [each.value for each in field.node.symbols] if field.node.cls is None else []
    return []


def _refuse_likeness(records: list[Record], outlines: tuple[Outline, ...]) -> None:
    for index, one in enumerate(outlines):
        for second, other in enumerate(outlines[:index]):
            if one.required <= other.known and other.required <= one.known:
                raise TypeError(
                    f"{records[second].title} and {records[index].title} have no field without a "
                    'default to be told apart by; tag them, as in kind: Literal["order"] in one '
                    'and kind: Literal["refund"] in the other'
                )
