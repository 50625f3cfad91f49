"""Serializers that the stock package's builders make, with a client of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from stock_face import QUICK, id_of, in_key, in_value

if TYPE_CHECKING:
    from types import SimpleNamespace

    from stock_face import Face, Settled

TEXTS = {
    "Avro": '{{"type":"record","name":"{}","fields":[{{"name":"article","type":"string"}}]}}',
    "JSON": '{{"title":"{}","type":"object"}}',
}


def built(face: Face, name: str, *, is_key: bool, **parts: Any) -> Settled:
    """Build a serializer or deserializer and return it, to be closed with its client."""
    builder = face.call(face.stock_class(name), **parts)
    serde, conf = face.call(builder.build, {"acks": "all"}, is_key)
    assert conf == {"acks": "all"}
    return face.adopt(serde)


@pytest.mark.parametrize("is_key", [True, False], ids=["key", "value"])
@pytest.mark.parametrize("form", ["Avro", "JSON", "Protobuf"])
def test_what_is_built_writes_and_reads(
    face: Face, own_context: str, shop: SimpleNamespace, form: str, *, is_key: bool
) -> None:
    parts: dict[str, Any] = {"schema_registry_config": {"url": own_context} | QUICK}
    value: Any = {"article": "pen"}
    if form == "Protobuf":
        parts["message_type"] = shop.order.Line
        value = shop.order.Line(article="pen")
    else:
        parts["schema"] = TEXTS[form].format("Line")
    context = in_key("topic") if is_key else in_value("topic")
    message = built(face, f"{form}SerializerBuilder", is_key=is_key, **parts)(value, context)
    assert (
        id_of(message)
        == face.client(own_context)
        .get_latest_version(f"topic-{'key' if is_key else 'value'}")
        .schema_id
    )
    assert (
        built(face, f"{form}DeserializerBuilder", is_key=is_key, **parts)(message, context) == value
    )
