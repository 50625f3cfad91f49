"""The walk over a message for the rules inside its schema.

The message's own class decides which fields are there and unset. Where it differs from the
registered type, rules are told the message as that type reads it, for they use its names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass

from accord_serde._protobuf import meta
from accord_serde._protobuf.descriptors import type_of
from accord_serde._rules_engine.validation import evaluate_validation_rule
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from accord_serde._rules_engine.validation import (
        ValidationRule,
        ValidationRuleError,
        ValidationRuleExecutor,
    )


class _Place(NamedTuple):
    """A message, what rules are told of it (another message where classes differ), and where."""

    message: Message
    seen: Any
    path: str

    @property
    def differs(self) -> bool:
        return self.seen is not self.message


class InlineRuleWalk:
    """The inline rules of one message type, those of the types in it included."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        self._alike: dict[Descriptor, bool] = {}
        self._rules: dict[str, list[ValidationRule]] = {}

    def violations(
        self,
        executor: ValidationRuleExecutor,
        message: Any,
    ) -> Iterator[ValidationRuleError]:
        """Yield what does not hold. Raises SerializationError: the schema cannot read it."""
        if isinstance(message, Message):
            place = _Place(message, self._seen(message), "")
            yield from self._message(executor, self._descriptor, place)

    def _seen(self, message: Message) -> Message:
        own = type_of(message)
        if own not in self._alike:
            self._alike[own] = own is self._descriptor or _alike(self._descriptor, own, set())
        if self._alike[own]:
            return message
        try:
            return GetMessageClass(self._descriptor).FromString(message.SerializeToString())
        except (DecodeError, EncodeError, UnicodeDecodeError) as error:
            raise SerializationError(
                f"the registered schema of {self._descriptor.full_name} cannot read the message: "
                f"{error}"
            ) from error

    def _message(
        self, executor: ValidationRuleExecutor, descriptor: Descriptor, place: _Place
    ) -> Iterator[ValidationRuleError]:
        yield from self._failed(executor, descriptor, place.seen, place.path)
        for field in type_of(place.message).fields:
            registered = descriptor.fields_by_number.get(field.number)
            if registered is None:
                continue
            if field.has_presence and not place.message.HasField(field.name):
                continue
            value = getattr(place.message, field.name)
            seen = getattr(place.seen, registered.name) if place.differs else value
            path = f"{place.path}.{registered.name}" if place.path else registered.name
            yield from self._failed(executor, registered, seen, path)
            for inner, item in _items(field, registered, value, seen, path):
                yield from self._message(executor, inner, item)

    def _failed(
        self,
        executor: ValidationRuleExecutor,
        described: Descriptor | FieldDescriptor,
        value: Any,
        path: str,
    ) -> Iterator[ValidationRuleError]:
        rules = self._rules.get(described.full_name)
        if rules is None:
            rules = self._rules[described.full_name] = meta.rules(described)
        for rule in rules:
            out: list[ValidationRuleError] = []
            evaluate_validation_rule(executor, rule, described, value, path, out)
            yield from out


def _items(
    field: FieldDescriptor,
    registered: FieldDescriptor,
    value: Any,
    seen: Any,
    path: str,
) -> Iterator[tuple[Descriptor, _Place]]:
    """Yield the messages in a field, with the type the schema has for them."""
    own, inner = field.message_type, registered.message_type
    if own is None or inner is None:
        return
    if not field.is_repeated:
        yield inner, _Place(value, seen, path)
    elif not own.GetOptions().map_entry:
        for index, (item, other) in enumerate(zip(value, seen, strict=True)):
            yield inner, _Place(item, other, f"{path}[{index}]")
    elif own.fields_by_name["value"].message_type is not None:
        held = inner.fields_by_name["value"].message_type
        if held is not None:
            for key in value:
                yield held, _Place(value[key], seen[key], f'{path}["{key}"]')


def _alike(
    registered: Descriptor | None, own: Descriptor | None, met: set[tuple[str, str]]
) -> bool:
    """Tell whether a rule sees the same in both: all that is registered, under the same names."""
    if registered is None or own is None:
        return registered is own
    pair = (registered.full_name, own.full_name)
    if pair in met:
        return True
    met.add(pair)
    for field in registered.fields:
        other = own.fields_by_number.get(field.number)
        if (
            other is None
            or (field.name, field.type, field.is_repeated)
            != (other.name, other.type, other.is_repeated)
            or not _alike(field.message_type, other.message_type, met)
        ):
            return False
    return True
