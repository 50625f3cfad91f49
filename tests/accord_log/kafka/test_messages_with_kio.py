"""kio, which is made from Apache Kafka's own definitions, reads and writes the same bytes.

ACCORD_LONG_RUN is the number of messages to try of each kind beyond those of every run.
"""

from __future__ import annotations

import os
from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka_messages import SPOKEN, messages, spoken_id
from kio.index import load_request_schema, load_response_schema
from kio.serial import entity_reader, entity_writer
from kio.static.primitive import Records

from accord_log.kafka.codec import decode, encode
from accord_log.kafka.layout import Array, Structure, layout
from accord_log.kafka.messages import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.kafka.fields import Message

EXAMPLES = 4 + int(os.environ.get("ACCORD_LONG_RUN", "0"))

st.register_type_strategy(Records, st.binary(max_size=200).map(Records))

every_message = pytest.mark.parametrize(("cls", "version"), SPOKEN, ids=spoken_id)
few_examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),  # kio's own strategies are slow
)


def kio_class(cls: type[Message], version: int) -> Any:
    load = load_request_schema if REQUESTS[cls.api_key] is cls else load_response_schema
    return load(cls.api_key, version)


@every_message
def test_kio_reads_what_is_written_and_writes_the_same(cls: type[Message], version: int) -> None:
    theirs = kio_class(cls, version)
    read, write = entity_reader(theirs), entity_writer(theirs)

    @few_examples
    @given(messages(cls, version))
    def check(message: Message) -> None:
        data = encode(message, version)
        entity, size = read(data, 0)
        assert size == len(data)
        again = BytesIO()
        write(again, entity)
        assert again.getvalue() == data
        assert decode(cls, data, version) == message

    check()


@every_message
def test_what_kio_writes_is_read_and_written_again(cls: type[Message], version: int) -> None:
    theirs = kio_class(cls, version)
    write = entity_writer(theirs)

    @few_examples
    @given(st.from_type(theirs))
    def check(entity: Any) -> None:
        data = BytesIO()
        write(data, entity)
        message = decode(cls, data.getvalue(), version)
        assert encode(message, version) == data.getvalue()

    check()


@every_message
def test_fields_have_the_names_and_defaults_of_kio(cls: type[Message], version: int) -> None:
    """Neighbours of one type that have changed places show in no bytes."""
    ours = list(declared(cls, layout(cls, version)))
    theirs = list(kio_declared(kio_class(cls, version)))
    assert [path for path, _ in ours] == [path for path, _ in theirs]
    assert [
        (path, default, ours_default)
        for (path, ours_default), (_, default) in zip(ours, theirs, strict=True)
        if default is not MISSING and default != ours_default
    ] == []


def declared(cls: type, structure: Structure) -> Iterator[tuple[str, Any]]:
    """Yield the path and the default of each field on the wire, tagged fields last."""
    defaults = cls()
    for field in (*structure.fields, *structure.tagged):
        yield plain(field.name), getattr(defaults, field.name)
        form = field.form.of if isinstance(field.form, Array) else field.form
        if isinstance(form, Structure):
            for path, default in declared(form.made, form):
                yield f"{plain(field.name)}.{path}", default


def kio_declared(cls: Any) -> Iterator[tuple[str, Any]]:
    for field in sorted(fields(cls), key=lambda field: field.metadata.get("tag", -1)):
        yield plain(field.name), of_wire(field)
        for nested in filter(is_dataclass, (field.type, *types_within(field.type))):
            for path, default in kio_declared(nested):
                yield f"{plain(field.name)}.{path}", default


def types_within(annotation: Any) -> Iterator[Any]:
    for argument in get_args(annotation):
        yield argument
        yield from types_within(argument)


def plain(name: str) -> str:
    """Return a name without what tells a duration, or the old API from one not spoken here."""
    name = name.removeprefix("v3_and_below_").removesuffix("_v3_and_below")
    return name.removesuffix("_ms")


def of_wire(field: Any) -> Any:
    """Return the default of kio's field as it would stand on the wire, MISSING if it has none."""
    default = field.default
    if isinstance(default, timedelta):
        return default // timedelta(milliseconds=1)
    if default is None and field.metadata.get("kafka_type") == "datetime_i64":
        return -1
    if default == ():
        return []
    return None if is_dataclass(default) else default
