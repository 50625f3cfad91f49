"""The costliest texts there are, several at once, while others go on working."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from node import Node

PROTO3 = 'syntax="proto3";'
AT_ONCE = 3
# How many probes a node answers at the very least while it reads the texts.
PROBES = 10


def avro_record(salt: int) -> str:
    fields = [{"name": f"f{number}", "type": "int"} for number in range(60_000)]
    document = {"type": "record", "name": f"R{salt}", "fields": fields}
    return json.dumps(document, separators=(",", ":"))


def avro_union(salt: int) -> str:
    names = [{"type": "fixed", "name": f"F{salt}{n:x}", "size": 1} for n in range(25_000)]
    return json.dumps(names, separators=(",", ":"))


def json_properties(salt: int) -> str:
    properties = {f"p{number:x}": {"type": "string"} for number in range(30_000)}
    document = {"title": f"T{salt}", "properties": properties}
    return json.dumps(document, separators=(",", ":"))


def json_faults(salt: int) -> str:
    properties = {f"p{number:x}": {"type": 7} for number in range(30_000)}
    return json.dumps({"title": f"T{salt}", "properties": properties}, separators=(",", ":"))


def protobuf_messages(salt: int) -> str:
    return PROTO3 + "".join(f"message M{salt}{number:x}{{}}" for number in range(30_000))


def protobuf_options(salt: int) -> str:
    extension = "extend google.protobuf.FieldOptions{int32 x=50000;}"
    body = "".join(f"int32 f{number}={number + 1}[(x)=1];" for number in range(15_000))
    imported = 'import "google/protobuf/descriptor.proto";'
    return f"{PROTO3}{imported}{extension}message M{salt}{{{body}}}"


COSTLY: dict[str, tuple[str, Callable[[int], str]]] = {
    "a record of many fields": ("AVRO", avro_record),
    "a union of many types": ("AVRO", avro_union),
    "many properties": ("JSON", json_properties),
    "many faults": ("JSON", json_faults),
    "many messages": ("PROTOBUF", protobuf_messages),
    "many options": ("PROTOBUF", protobuf_options),
}


def probes_during(node: Node, work: Callable[[int], Any]) -> tuple[list[Any], int]:
    """Do the work several times at once; return what it gave, and the probes answered meanwhile."""
    answered = 0
    with (
        ThreadPoolExecutor(AT_ONCE) as pool,
        httpx.Client(base_url=node.service.url, timeout=5) as prober,
    ):
        working = [pool.submit(work, salt) for salt in range(AT_ONCE)]
        while not all(one.done() for one in working):
            assert prober.get("/health/live").status_code == httpx.codes.OK
            answered += 1
    return [one.result() for one in working], answered


@pytest.mark.parametrize("what", COSTLY)
def test_probes_are_answered_while_costly_texts_are_read(sqlite_node: Node, what: str) -> None:
    kind, text_of = COSTLY[what]
    subject = f"costly-{what.replace(' ', '-')}"
    answers, answered = probes_during(
        sqlite_node, lambda salt: sqlite_node.register(f"{subject}-{salt}", text_of(salt), kind)
    )
    told = {httpx.codes.OK, httpx.codes.UNPROCESSABLE_ENTITY}
    assert {answer.status_code for answer in answers} <= told
    assert answered >= PROBES
    sqlite_node.use()


def test_probes_are_answered_while_costly_types_are_compared(sqlite_node: Node) -> None:
    """Unions of thousands of types, each held against each, in both directions."""
    subject = "compared"
    sqlite_node.ask("PUT", f"/config/{subject}", {"compatibility": "FULL"})
    first = sqlite_node.register(subject, avro_union(0))
    assert first.status_code == httpx.codes.OK, first.text[:500]
    body = {"schema": avro_union(1)}
    answers, answered = probes_during(
        sqlite_node,
        lambda _: sqlite_node.ask("POST", f"/compatibility/subjects/{subject}/versions", body),
    )
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert answered >= PROBES
    sqlite_node.use()


def test_probes_are_answered_while_large_bodies_are_read(sqlite_node: Node) -> None:
    """Nine megabytes of JSON that say nothing."""
    body = b'{"x":[' + b'"",' * 1_400_000 + b'""],"y":"' + b"z" * 4_000_000 + b'"}'
    answers, answered = probes_during(
        sqlite_node, lambda _: sqlite_node.send("POST", "/subjects/s/versions", body)
    )
    assert {answer.status_code for answer in answers} == {httpx.codes.UNPROCESSABLE_ENTITY}
    assert answered >= 1
    sqlite_node.use()
