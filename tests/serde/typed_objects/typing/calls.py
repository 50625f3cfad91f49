"""Calls a user writes, checked by mypy and never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict, assert_type

from accord_serde.typed import (
    Digits,
    Doc,
    Fixed,
    Float32,
    Int32,
    Name,
    avro_schema,
    from_dict,
    json_schema,
    named,
    to_dict,
)


@named("Purchase", namespace="com.acme", aliases=("Order",))
@dataclass(frozen=True, slots=True)
class Order:
    id: Annotated[Int32, Name("orderId", aliases=("id",)), Doc("Who knows.")]
    weight: Float32
    digest: Annotated[bytes, Fixed(16)] | None = None


@named("OrderLine")
class Line(TypedDict):
    sku: str


class Client:
    """A serializer as Confluent's takes its functions: with a context of its own."""

    def __init__(self, to_dict: Any, from_dict: Any) -> None: ...


def dataclasses(order: Order, context: Client) -> None:
    assert_type(avro_schema(Order, namespace="com.acme"), str)
    assert_type(json_schema(Order, dialect="2020-12"), str)
    write = to_dict(Order, form="json")
    assert_type(write(order), dict[str, Any])
    assert_type(write(order, context), dict[str, Any])
    assert_type(from_dict(Order)({"orderId": 1}, context), Order)
    write("text")  # type: ignore[arg-type]  # no Order
    Client(to_dict(Order), from_dict(Order))
    json_schema(Order, dialect="draft-04")  # type: ignore[arg-type]  # of these there are two
    to_dict(Order, form="xml")  # type: ignore[arg-type]
    Digits("1")  # type: ignore[arg-type]


def typed_dicts(line: Line) -> None:
    assert_type(from_dict(Line)({"sku": "a"}), Line)
    assert_type(to_dict(Line)(line), dict[str, Any])
