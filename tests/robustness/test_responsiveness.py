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


def json_branches(salt: int) -> str:
    branches = [{"properties": {f"p{n:x}": {"maxLength": n + salt}}} for n in range(2_000)]
    return json.dumps({"oneOf": branches}, separators=(",", ":"))


def json_net(salt: int) -> str:
    """Definitions that each refer to all of them."""
    names = [f"d{number}" for number in range(60)]
    every = [{"$ref": f"#/definitions/{name}"} for name in names]
    definitions = {
        name: {"anyOf": [*every, {"type": "object", "required": [f"{name}{salt}"]}]}
        for name in names
    }
    return json.dumps({"definitions": definitions, "anyOf": every}, separators=(",", ":"))


def protobuf_fields(salt: int) -> str:
    kind = ("int32", "string")[salt]
    return f"{PROTO3}message M{{" + "".join(f"{kind} f{n}={n};" for n in range(1, 15_000)) + "}"


COMPARED: dict[str, tuple[str, Callable[[int], str]]] = {
    "unions of many types": ("AVRO", avro_union),
    "many branches": ("JSON", json_branches),
    "a net of references": ("JSON", json_net),
    "many fields": ("PROTOBUF", protobuf_fields),
}


@pytest.mark.parametrize("what", COMPARED)
def test_probes_are_answered_while_costly_schemas_are_compared(
    sqlite_node: Node, what: str
) -> None:
    """Each part held against each, in both directions; too much of it is refused."""
    kind, text_of = COMPARED[what]
    subject = f"compared-{what.replace(' ', '-')}"
    sqlite_node.ask("PUT", f"/config/{subject}", {"compatibility": "FULL"})
    first = sqlite_node.register(subject, text_of(0), kind)
    assert first.status_code == httpx.codes.OK, first.text[:500]
    body = {"schema": text_of(1), "schemaType": kind}
    answers, answered = probes_during(
        sqlite_node,
        lambda _: sqlite_node.ask("POST", f"/compatibility/subjects/{subject}/versions", body),
    )
    told = {httpx.codes.OK, httpx.codes.UNPROCESSABLE_ENTITY}
    assert {answer.status_code for answer in answers} <= told
    assert answered >= PROBES
    sqlite_node.use()


@pytest.mark.parametrize("what", COMPARED)
def test_probes_are_answered_while_costly_schemas_are_explained(
    sqlite_node: Node, what: str
) -> None:
    kind, text_of = COMPARED[what]
    old, new = ({"schema": text_of(salt), "schemaType": kind} for salt in (0, 1))
    question = {"candidate": new, "schemas": [old]}
    answers, answered = probes_during(
        sqlite_node,
        lambda _: sqlite_node.ask("POST", "/accord/v1/compatibility/explain", question),
    )
    told = {httpx.codes.OK, httpx.codes.UNPROCESSABLE_ENTITY}
    assert {answer.status_code for answer in answers} <= told
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
