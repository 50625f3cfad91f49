"""The bytes of both libraries are the same, and each reads the other's.

ACCORD_LONG_RUN is the number of messages to write beyond those of every run.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.descriptor import FieldDescriptor as Field
from hypothesis import given, settings
from hypothesis import strategies as st

from accord_serde import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))

INDEXES = {
    "shop.v1.Order": [0],
    "shop.v1.Order.Line": [0, 2],  # behind the entries of two maps
    "shop.v1.Order.Locker": [0, 3],
    "shop.v1.Order.Locker.Door": [0, 3, 0],
    "shop.v1.Order.Locker.Door.Hinge": [0, 3, 0, 1],
    "shop.v1.Refund": [1],
    "shop.v1.Note": [2],
    "shop.v1.Empty": [3],
    "common.Party": [0],
    "Bare": [0],
    "Bare.Item": [0, 0],
    "Later": [1],
    "modern.Modern": [0],
    "modern.Modern.Part": [0, 0],
    "annotated.Person": [0],
    "annotated.Person.Pet": [0, 2],
}

INTEGERS = {
    Field.TYPE_INT32: (-(2**31), 2**31 - 1),
    Field.TYPE_SINT32: (-(2**31), 2**31 - 1),
    Field.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
    Field.TYPE_UINT32: (0, 2**32 - 1),
    Field.TYPE_FIXED32: (0, 2**32 - 1),
    Field.TYPE_INT64: (-(2**63), 2**63 - 1),
    Field.TYPE_SINT64: (-(2**63), 2**63 - 1),
    Field.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
    Field.TYPE_UINT64: (0, 2**64 - 1),
    Field.TYPE_FIXED64: (0, 2**64 - 1),
}
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    **{kind: st.integers(*limits) for kind, limits in INTEGERS.items()},
    Field.TYPE_BOOL: st.booleans(),
    Field.TYPE_STRING: st.text(max_size=20),
    Field.TYPE_BYTES: st.binary(max_size=20),
    Field.TYPE_FLOAT: st.floats(width=32, allow_nan=False),
    Field.TYPE_DOUBLE: st.floats(allow_nan=False),
}
DEEPEST = 3


@st.composite
def messages(draw: st.DrawFn, kind: type[Any]) -> Any:
    """Build a message, about half of its fields set."""
    made = kind()
    _fill(draw, made, 0)
    return made


def _fill(draw: st.DrawFn, message: Any, depth: int) -> None:
    for field in message.DESCRIPTOR.fields:
        if not field.is_required and (depth > DEEPEST or not draw(st.booleans())):
            continue
        if not field.is_repeated:
            _set(draw, message, field, depth)
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            _put(draw, getattr(message, field.name), field, depth)
        else:
            _append(draw, getattr(message, field.name), field, depth)


def _set(draw: st.DrawFn, message: Any, field: Any, depth: int) -> None:
    if field.message_type is None:
        setattr(message, field.name, draw(_scalar(field)))
    else:
        inner = getattr(message, field.name)
        inner.SetInParent()
        _fill(draw, inner, depth + 1)


def _append(draw: st.DrawFn, items: Any, field: Any, depth: int) -> None:
    for _ in range(draw(st.integers(0, 3))):
        if field.message_type is None:
            items.append(draw(_scalar(field)))
        else:
            _fill(draw, items.add(), depth + 1)


def _put(draw: st.DrawFn, items: Any, field: Any, depth: int) -> None:
    entry = field.message_type.fields_by_name
    for key in draw(st.lists(_scalar(entry["key"]), max_size=3, unique=True)):
        if entry["value"].message_type is None:
            items[key] = draw(_scalar(entry["value"]))
        else:
            _fill(draw, items[key], depth + 1)


def _scalar(field: Any) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    return SCALARS[field.type]


class Both:
    """The serializers and deserializers of one type in both libraries, Confluent's first."""

    def __init__(self, kind: Any, topic: str, sides: list[tuple[Any, Any]]) -> None:
        self._writers = [side.ProtobufSerializer(kind, client) for side, client in sides]
        self._readers = [side.ProtobufDeserializer(kind, {}, client) for side, client in sides]
        self._contexts = [side.value(topic) for side, _ in sides]

    def write(self, message: Any) -> bytes:
        stock, ours = map(_call, self._writers, [message] * 2, self._contexts)
        assert ours == stock
        return bytes(ours)

    def read(self, data: bytes) -> list[Any]:
        """Return what each makes of the bytes: a message or an error."""
        return list(map(_outcome, self._readers, [data] * 2, self._contexts))


def _call(serializer: Any, given_: Any, ctx: Any) -> Any:
    return serializer(given_, ctx)


def _outcome(deserializer: Any, data: bytes, ctx: Any) -> Any:
    try:
        return deserializer(data, ctx)
    except Exception as error:  # noqa: BLE001 - compared by the test
        return error


@pytest.fixture(scope="module")
def both(
    classes: Any, confluent: Any, accord: Any, registry_url: str
) -> Iterator[Callable[[str], Both]]:
    """Make the serializers of a type, once."""
    with confluent.client(registry_url) as stock, accord.client(registry_url) as ours:
        sides = [(confluent, stock), (accord, ours)]

        @cache
        def make(name: str) -> Both:
            return Both(classes[name], f"bytes-{name}", sides)

        yield make


@pytest.mark.parametrize("name", INDEXES)
def test_messages_begin_with_their_place_in_the_file(
    name: str, both: Callable[[str], Both], classes: Any
) -> None:
    """Behind the id stands the path of the type, in both libraries."""
    message = classes[name]()
    for field in message.DESCRIPTOR.fields:
        if field.is_required:
            setattr(message, field.name, field.default_value)
    header = wire.decode(both(name).write(message), indexed=True)
    assert list(header.message_indexes or ()) == INDEXES[name]


@settings(max_examples=300 + LONG_RUN, deadline=None)
@given(data=st.data())
def test_both_write_and_read_the_same(
    data: st.DataObject, both: Callable[[str], Both], classes: Any
) -> None:
    """Any message of any type comes back from both, from the same bytes."""
    name = data.draw(st.sampled_from(sorted(INDEXES)))
    message = data.draw(messages(classes[name]))
    written = [both(name).write(message) for _ in range(2)]  # with all steps, and without
    for each in written:
        assert both(name).read(each) == [message, message]


@settings(max_examples=300 + LONG_RUN // 10, deadline=None)
@given(data=st.data())
def test_broken_messages_are_the_same_for_both(
    data: st.DataObject,
    both: Callable[[str], Both],
    classes: Any,
    accord: Any,
) -> None:
    """Cut or changed behind its id, a message is the same object or an error for both."""
    name = data.draw(st.sampled_from(sorted(INDEXES)))
    written = bytearray(both(name).write(data.draw(messages(classes[name]))))
    both(name).read(bytes(written))
    place = data.draw(st.integers(5, len(written) - 1))
    written[place] = data.draw(st.integers(0, 255))
    stock, ours = both(name).read(bytes(written[: data.draw(st.integers(5, len(written)))]))
    if isinstance(stock, Exception):
        assert isinstance(ours, accord.SerializationError), stock
        assert (ours.topic, ours.field) == (f"bytes-{name}", "value")
        assert ours.schema_id is not None
    else:
        assert ours.SerializePartialToString() == stock.SerializePartialToString()
