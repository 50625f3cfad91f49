"""Our bytes are the stock's, and each side reads the other's.

ACCORD_LONG_RUN is the number of schemas to try beyond those of every run.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from avro_evolution import drawn, seeded
from avro_values import Author, Data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serde_kits import ACCORD, STOCK, WARM, Kit, Store

if TYPE_CHECKING:
    from avro_evolution import Choices

LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
SCHEMAS = 150
DATA = 12
COLD = 2  # of the data, which are left to fastavro
PREFIX_SIZE = 5

OURS, STOCKS = Kit(ACCORD, None), Kit(STOCK, None)


def outcome(function: Any, *args: Any) -> tuple[str, Any]:
    """Return what comes of a call, so that two outcomes can be told apart by every detail."""
    try:
        made = function(*args)
    except Exception as error:  # noqa: BLE001 - the class is the outcome
        return "raised", type(error).__name__
    return "gave", made if isinstance(made, bytes) else repr(made)


class Pair:
    """A serializer of each package for one schema, over one registry."""

    def __init__(self, text: str, conf: dict[str, Any]) -> None:
        store = Store()
        self._topics = [(kit, kit.value("topic")) for kit in (STOCKS, OURS)]
        clients = [store.client(kit) for kit in (STOCKS, OURS)]
        self.serializers = [
            kit.AvroSerializer(client, text, conf=conf)
            for (kit, _), client in zip(self._topics, clients, strict=True)
        ]
        self.deserializers = [
            kit.AvroDeserializer(client)
            for (kit, _), client in zip(self._topics, clients, strict=True)
        ]
        self.naming = [
            kit.AvroDeserializer(client, return_record_name=True)
            for (kit, _), client in zip(self._topics, clients, strict=True)
        ]

    def each(self, serdes: list[Any], value: Any) -> list[tuple[str, Any]]:
        places = self._topics[-len(serdes) :]
        return [
            outcome(serde, value, context)
            for serde, (_, context) in zip(serdes, places, strict=True)
        ]

    def warm(self, datum: Any) -> None:
        """Have our side make the functions for the schema."""
        for _ in range(WARM):
            _, message = self.each(self.serializers[1:], datum)[0]
            for serde in (self.deserializers[1], self.naming[1]):
                outcome(serde, message, self._topics[1][1])

    def check(self, datum: Any) -> None:
        stock, own = self.each(self.serializers, datum)
        assert own == stock
        message = own[1]
        if own[0] == "raised" or datum is None:
            return
        for serdes in (self.deserializers, self.naming):
            stock, own = self.each(serdes, message)
            if len(message) == PREFIX_SIZE:
                assert own[0] == "gave"  # the stock takes it for no message at all
            elif stock[0] == "raised":  # ours has one family for what cannot be read
                assert own == ("raised", "PayloadError")
            else:
                assert own == stock


def check(choices: Choices, *, odd: int) -> None:
    schema = Author(choices).schema()
    conf: dict[str, Any] = {}
    if choices.one_in(6):
        conf = {choices.pick(("validate.strict", "validate.strict.allow.default")): True}
    text = json.dumps(schema)
    made = [outcome(kit.AvroSerializer, Store().client(kit), text)[0] for kit in (STOCKS, OURS)]
    assert made[0] == made[1]
    if made[0] == "raised":
        return
    pair = Pair(text, conf)
    for number in range(DATA):
        pair.check(Data(choices, schema, odd=odd).datum())
        if number == COLD:
            pair.warm(Data(choices, schema).datum())


@pytest.mark.parametrize("odd", [0, 12])
def test_the_bytes_are_the_stocks_and_each_reads_the_others(odd: int) -> None:
    for seed in range(SCHEMAS):
        check(seeded(seed), odd=odd)


@given(st.composite(drawn)())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_bytes_are_the_stocks_for_what_hypothesis_finds(choices: Choices) -> None:
    check(choices, odd=10)


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of schemas")
def test_the_bytes_are_the_stocks_for_many_more() -> None:
    for seed in range(SCHEMAS, SCHEMAS + LONG_RUN):
        check(seeded(seed), odd=12 if seed % 3 == 0 else 0)
