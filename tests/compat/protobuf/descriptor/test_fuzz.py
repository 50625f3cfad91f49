"""Whatever is sent as a descriptor ends as a schema that can be stored, or is refused."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compat.errors import InvalidSchema
from compat.protobuf import parser
from compat.protobuf.descriptor import decode_base64, from_descriptor, serialized, to_descriptor
from compat.protobuf.printer import print_file
from compat.protobuf.semantics import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from compat.protobuf.syntax import File

QUICK = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stored(text: str) -> str | None:
    """Return what a registry would store for a text, or None if it is refused."""
    try:
        proto = decode_base64(text)
        if proto is None:
            return None
        file = from_descriptor(proto)
    except InvalidSchema:
        return None
    printed = print_file(file)
    again = parser.parse(printed)
    assert print_file(again) == printed
    try:
        validate(again)
    except InvalidSchema:
        return None
    sent_back = decode_base64(serialized(again))
    assert sent_back is not None
    return printed


@QUICK
@given(st.binary(max_size=200))
def test_random_bytes(content: bytes) -> None:
    stored(base64.b64encode(content).decode())


@QUICK
@given(st.text(max_size=100))
def test_random_text(text: str) -> None:
    stored(text)


@QUICK
@given(data=st.data())
def test_descriptors_with_changed_bytes(data: st.DataObject, corpus: dict[str, File]) -> None:
    name = data.draw(st.sampled_from(sorted(corpus)))
    content = bytearray(to_descriptor(corpus[name], name, corpus).SerializeToString())
    changes: list[Callable[[int], None]] = [
        lambda at: content.__setitem__(at, data.draw(st.integers(0, 255))),
        lambda at: content.__delitem__(slice(at, at + 3)),
        lambda at: content.__setitem__(slice(at, at), data.draw(st.binary(min_size=1, max_size=4))),
        lambda at: content.__setitem__(slice(at, at), content[at : at + 20]),
    ]
    for change in data.draw(st.lists(st.sampled_from(changes), min_size=1, max_size=4)):
        change(data.draw(st.integers(0, max(0, len(content) - 1))) if content else 0)
        if not content:
            return
    stored(base64.b64encode(bytes(content)).decode())
