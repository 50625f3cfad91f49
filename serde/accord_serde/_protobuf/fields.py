"""The walk over Protobuf messages for rules, planned once per pair of message types.

The fields are those of the message's own class, and each is what the schema says of its number:
the two may name it differently, and a field the schema does not have is not visited.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from accord_serde._protobuf import meta
from accord_serde._protobuf.descriptors import type_of
from accord_serde._protobuf.inline_rules import InlineRuleWalk
from accord_serde._protobuf.leaves import LEAVES, is_leaf, leaf_message
from accord_serde._rules import RuleKind
from accord_serde._rules_engine.contexts import FieldType
from accord_serde._rules_engine.executors import RuleConditionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import Descriptor

    from accord_serde._rules_engine.contexts import FieldTransform, RuleContext
    from accord_serde._rules_engine.validation import ValidationRuleError, ValidationRuleExecutor

_SCALARS = {
    FieldDescriptor.TYPE_ENUM: FieldType.ENUM,
    FieldDescriptor.TYPE_STRING: FieldType.STRING,
    FieldDescriptor.TYPE_BYTES: FieldType.BYTES,
    FieldDescriptor.TYPE_BOOL: FieldType.BOOLEAN,
    FieldDescriptor.TYPE_FLOAT: FieldType.FLOAT,
    FieldDescriptor.TYPE_DOUBLE: FieldType.DOUBLE,
    FieldDescriptor.TYPE_INT32: FieldType.INT,
    FieldDescriptor.TYPE_SINT32: FieldType.INT,
    FieldDescriptor.TYPE_UINT32: FieldType.INT,
    FieldDescriptor.TYPE_FIXED32: FieldType.INT,
    FieldDescriptor.TYPE_SFIXED32: FieldType.INT,
    FieldDescriptor.TYPE_INT64: FieldType.LONG,
    FieldDescriptor.TYPE_SINT64: FieldType.LONG,
    FieldDescriptor.TYPE_UINT64: FieldType.LONG,
    FieldDescriptor.TYPE_FIXED64: FieldType.LONG,
    FieldDescriptor.TYPE_SFIXED64: FieldType.LONG,
}


class _Shape(Enum):
    SINGLE = 0
    REPEATED = 1
    MAP = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    """A field: how the message has it, and what the schema calls it and says of it.

    `inner` is the schema's type of the messages in it, `leaf` the message's own where they are
    single values to rules.
    """

    field: FieldDescriptor
    full_name: str
    name: str
    field_type: FieldType
    tags: frozenset[str]
    shape: _Shape
    inner: Descriptor | None
    leaf: Descriptor | None


class ProtobufFields:
    """The `FieldWalk` of a message type."""

    __slots__ = ("_descriptor", "_inline_rules", "_inline_tags", "_plans")

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        self._plans: dict[tuple[Descriptor, Descriptor], list[_Member]] = {}
        self._inline_tags: dict[str, set[str]] | None = None
        self._inline_rules = InlineRuleWalk(descriptor)

    @property
    def inline_tags(self) -> Mapping[str, set[str]]:
        """The tags of all fields within reach, by full name."""
        if self._inline_tags is None:
            self._inline_tags = _all_tags(self._descriptor)
        return self._inline_tags

    def transform(self, ctx: RuleContext, field_transform: FieldTransform, message: Any) -> Any:
        """Return the message with a rule applied to its fields; a condition raises."""
        if not isinstance(message, Message) or is_leaf(type_of(message)):
            return message
        if ctx.rule.kind is not RuleKind.CONDITION:
            original, message = message, type(message)()
            message.CopyFrom(original)
        self._walk(ctx, field_transform, self._descriptor, message)
        return message

    def violations(
        self,
        executor: ValidationRuleExecutor,
        message: Any,
        *,
        fail_fast: bool = False,
    ) -> list[ValidationRuleError]:
        """Return the inline rules that do not hold, in the order of the message's fields.

        Raises SerializationError: the message cannot be read by the registered schema.
        """
        found = self._inline_rules.violations(executor, message)
        return list(islice(found, 1) if fail_fast else found)

    def _walk(
        self, ctx: RuleContext, apply: FieldTransform, descriptor: Descriptor, message: Message
    ) -> None:
        for member in self._plan(descriptor, type_of(message)):
            ctx.enter_field(
                message,
                member.full_name,
                member.name,
                member.field_type,
                member.tags,
                member.field,
            )
            try:
                self._visit(ctx, apply, member, message)
            finally:
                ctx.exit_field()

    def _plan(self, descriptor: Descriptor, own: Descriptor) -> list[_Member]:
        known = self._plans.get((descriptor, own))
        if known is None:
            known = self._plans[descriptor, own] = [
                _member(field, descriptor.fields_by_number[field.number])
                for field in own.fields
                if field.number in descriptor.fields_by_number
            ]
        return known

    def _visit(
        self, ctx: RuleContext, apply: FieldTransform, member: _Member, message: Message
    ) -> None:
        name = member.field.name
        if member.field.has_presence and not message.HasField(name):
            return
        value = getattr(message, name)
        result = self._applied(ctx, apply, member, value)
        if ctx.rule.kind is RuleKind.CONDITION:
            if result is False:
                raise RuleConditionError(ctx.rule)
        elif member.inner is None:
            _store(message, member, result)

    def _applied(
        self,
        ctx: RuleContext,
        apply: FieldTransform,
        member: _Member,
        value: Any,
    ) -> Any:
        match member.shape:
            case _Shape.SINGLE:
                return self._one(ctx, apply, member, value)
            case _Shape.REPEATED:
                return [self._one(ctx, apply, member, item) for item in value]
            case _Shape.MAP:
                return {key: self._one(ctx, apply, member, value[key]) for key in value}

    def _one(
        self,
        ctx: RuleContext,
        apply: FieldTransform,
        member: _Member,
        value: Any,
    ) -> Any:
        if member.inner is not None:
            self._walk(ctx, apply, member.inner, value)
            return value
        field_ctx = ctx.current_field()
        assert field_ctx is not None
        wanted = ctx.rule.tags
        if wanted and field_ctx.tags.isdisjoint(wanted):
            return value
        return apply(ctx, field_ctx, value)


def _member(field: FieldDescriptor, registered: FieldDescriptor) -> _Member:
    is_map = _is_map(field)
    held, held_registered = _held(field), _held(registered)
    is_record = held is not None and held_registered is not None
    is_walked = is_record and not is_leaf(held)
    return _Member(
        field=field,
        full_name=registered.full_name,
        name=registered.name,
        field_type=_type(field),
        tags=meta.tags(registered),
        shape=_Shape.MAP if is_map else _Shape.REPEATED if field.is_repeated else _Shape.SINGLE,
        inner=held_registered if is_walked else None,
        leaf=held if is_leaf(held) else None,
    )


def _type(field: FieldDescriptor) -> FieldType:
    """Return the type of a field, repeated or not."""
    if field.message_type is None:
        return _SCALARS[field.type]
    if _is_map(field):
        return FieldType.MAP
    return LEAVES.get(field.message_type.full_name, FieldType.RECORD)


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _held(field: FieldDescriptor) -> Descriptor | None:
    """Return the type of the messages in a field, in a map of its values."""
    held = field.message_type
    if held is None or not _is_map(field):
        return held
    return held.fields_by_name["value"].message_type


def _store(message: Message, member: _Member, result: Any) -> None:
    name, leaf = member.field.name, member.leaf
    if leaf is not None:
        _store_leaves(getattr(message, name), member.shape, leaf, result)
    elif member.shape is _Shape.SINGLE:
        if member.field.message_type is None:
            setattr(message, name, result)
    else:
        message.ClearField(name)
        target = getattr(message, name)
        target.update(result) if member.shape is _Shape.MAP else target.extend(result)


def _store_leaves(target: Any, shape: _Shape, leaf: Descriptor, result: Any) -> None:
    match shape:
        case _Shape.SINGLE:
            target.CopyFrom(leaf_message(leaf, result))
        case _Shape.REPEATED:
            for item, given in zip(target, result, strict=True):
                item.CopyFrom(leaf_message(leaf, given))
        case _Shape.MAP:
            for key, given in result.items():
                target[key].CopyFrom(leaf_message(leaf, given))


def _all_tags(root: Descriptor) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    waiting, met = [root], {root.full_name}
    while waiting:
        for field in waiting.pop().fields:
            tags = meta.tags(field)
            if tags:
                found[field.full_name] = set(tags)
            inner = field.message_type
            if inner is not None and inner.full_name not in met:
                met.add(inner.full_name)
                waiting.append(inner)
    return found
