"""The normal form of options.

Every option becomes one statement, whose value holds what several paths into it said:

    (m).tags = "a", (m).tags = "b"    (m) = { tags: ["a", "b"] }
    (m).a.x = 1, (m).a.y = 2          (m) = { a: { x: 1 y: 2 } }     unless `a` is repeated
    (r) = { … }, (r) = { … }          two statements, if `r` is repeated
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Final

from compat.errors import InvalidSchema
from compat.protobuf import builtin
from compat.protobuf.descriptor_class import DESCRIPTOR_PATH
from compat.protobuf.descriptor_compilation import compiled, definitions
from compat.protobuf.descriptor_symbols import EXTENSIONS
from compat.protobuf.printer import folded, listed
from compat.protobuf.syntax import (
    Aggregate,
    Entry,
    ListValue,
    LiteralKind,
    NamePart,
    Option,
    Scalar,
)
from compat.protobuf.tokens import integer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool

    from compat.protobuf.descriptor_library import Library
    from compat.protobuf.descriptor_symbols import Scope
    from compat.protobuf.syntax import File, Value

# The standard options that are repeated messages.
_REPEATED_OPTIONS: Final = frozenset({"declaration", "edition_defaults"})

# A double ends at 1e308; whatever is beyond stays as it is written, for it would take pages.
_MOST_DIGITS: Final = 400


class OptionNormalizer:
    """Normalises the options of one file."""

    def __init__(self, file: File, library: Library) -> None:
        self._file = file
        self._library = library

    @cached_property
    def scope(self) -> Scope:
        """The names the file can use in options, imported or not."""
        return self._library.scope(self._file, also=(DESCRIPTOR_PATH, builtin.META_PATH))

    @cached_property
    def _pool(self) -> DescriptorPool | None:
        """The definitions of the extensions, if the file is sound enough to have them."""
        try:
            proto = compiled(self._file, "default", self._library).proto
            return definitions(proto, self._library)
        except InvalidSchema:
            return None

    def normalized(self, options: Iterable[Option], inside: str) -> list[Option]:
        """Return the options of an element with this full name."""
        given: dict[NamePart, list[Option]] = {}
        for option in options:
            head, *path = (self._part(part, inside) for part in option.name)
            value = self._value(option.value, inside)
            for part in reversed(path):
                value = Aggregate([Entry(_key(part), value)])
            given.setdefault(head, []).append(Option((head,), value, option.at))
        found = [option for same in given.values() for option in self._merged(same)]
        return sorted(found, key=lambda option: option.name[0].name)

    def _part(self, part: NamePart, inside: str) -> NamePart:
        if not part.is_extension:
            return part
        return NamePart(self._extension_name(part.name, inside), is_extension=True)

    def _extension_name(self, name: str, inside: str) -> str:
        found = self.scope.find(name, inside=inside, kinds=EXTENSIONS)
        return name.removeprefix(".") if found is None else found[0]

    def _value(self, value: Value, inside: str) -> Value:
        if isinstance(value, Scalar):
            return _scalar(value)
        if isinstance(value, ListValue):
            return _unwrapped([self._value(item, inside) for item in value.items])
        entries = [
            Entry(self._entry_name(entry.name, inside), entry.value) for entry in value.entries
        ]
        fields = folded(Aggregate(entries))
        return Aggregate(
            [Entry(name, self._value(fields[name], inside)) for name in sorted(fields)]
        )

    def _entry_name(self, name: str, inside: str) -> str:
        if not name.startswith("[") or "/" in name:
            return name
        return f"[{self._extension_name(name[1:-1], inside)}]"

    def _merged(self, same: Sequence[Option]) -> Sequence[Option]:
        first = same[0]
        values = [option.value for option in same if isinstance(option.value, Aggregate)]
        if len(same) == 1 or len(values) < len(same) or self._is_repeated(first.name[0], ()):
            return same
        return [Option(first.name, self._combined(values, first.name[0], ()), first.at)]

    def _combined(
        self, values: Sequence[Aggregate], head: NamePart, path: tuple[str, ...]
    ) -> Aggregate:
        given: dict[str, list[Value]] = {}
        for value in values:
            for entry in value.entries:
                given.setdefault(entry.name, []).append(entry.value)
        return Aggregate(
            [Entry(name, self._one(given[name], head, (*path, name))) for name in sorted(given)]
        )

    def _one(self, values: Sequence[Value], head: NamePart, path: tuple[str, ...]) -> Value:
        if len(values) == 1:
            return values[0]
        aggregates = [value for value in values if isinstance(value, Aggregate)]
        if len(aggregates) == len(values) and not self._is_repeated(head, path):
            return self._combined(aggregates, head, path)
        return _unwrapped([item for value in values for item in listed(value)])

    def _is_repeated(self, head: NamePart, path: Sequence[str]) -> bool:
        """Tell whether the field an option's path leads to is repeated; unknown ones are not."""
        if not head.is_extension:
            return not path and head.name in _REPEATED_OPTIONS
        field = self._extension(head.name)
        for name in path:
            if field is None or field.message_type is None:
                return False
            known = field.message_type.fields_by_name
            field = self._extension(name[1:-1]) if name.startswith("[") else known.get(name)
        return field is not None and field.is_repeated

    def _extension(self, name: str) -> FieldDescriptor | None:
        try:
            return None if self._pool is None else self._pool.FindExtensionByName(name)
        except KeyError:
            return None


def _unwrapped(items: list[Value]) -> Value:
    return items[0] if len(items) == 1 else ListValue(items)


def _key(part: NamePart) -> str:
    return f"[{part.name}]" if part.is_extension else part.name


def _scalar(scalar: Scalar) -> Scalar:
    if scalar.kind is LiteralKind.INTEGER:
        digits = scalar.text.removeprefix("-")
        value = integer(digits)
        sign = scalar.text[: -len(digits)] if value != 0 else ""
        text = scalar.text if value is None else f"{sign}{value}"
    elif scalar.kind is LiteralKind.FLOAT:
        text = _plain(scalar.text)
    else:
        return scalar
    return Scalar(LiteralKind.FLOAT if "." in text else scalar.kind, text)


def _plain(text: str) -> str:
    """Write a float without exponent and without zeros that say nothing."""
    try:
        number = Decimal(text.rstrip("fF"))
    except InvalidOperation:
        return text
    if not number:
        return "0"
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return text
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
