"""References that lead nowhere, too far, or to too much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from node import is_refused

from registry.model import Content, Reference
from registry.names import Subject
from registry.settings import Settings
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from node import Node

MOST = Settings.model_fields["max_references"].default
LEVELS = 30


def reference(name: str, subject: str, version: int = 1) -> dict[str, Any]:
    return {"name": name, "subject": subject, "version": version}


def record(name: str, *fields: str) -> str:
    types = [{"name": f"f{number}", "type": each} for number, each in enumerate(fields)]
    return json.dumps({"type": "record", "name": name, "fields": types})


def added(node: Node, subject: str, text: str, *references: dict[str, Any]) -> None:
    answer = node.register(subject, text, references=references)
    assert answer.status_code == httpx.codes.OK, answer.text[:500]


@pytest.mark.parametrize(
    "reference_",
    [
        reference("n", "nobody"),
        reference("n", "usable", 7),
        reference("n", "usable", 0),
        reference("n", "nobody", -1),
        reference("n", "usable", -2),
    ],
    ids=str,
)
def test_a_reference_to_nothing_is_refused(sqlite_node: Node, reference_: dict[str, Any]) -> None:
    with sqlite_node.left_alone():
        answer = sqlite_node.register("s", record("R"), references=[reference_])
        is_refused(answer, 422, 42201, "No schema reference found")


@pytest.mark.parametrize("part", ["name", "subject", "version"])
def test_half_a_reference_is_refused(sqlite_node: Node, part: str) -> None:
    half = {key: value for key, value in reference("n", "usable").items() if key != part}
    with sqlite_node.left_alone():
        answer = sqlite_node.register("s", record("R"), references=[half])
        is_refused(answer, 422, 42201, "Invalid reference")


def test_a_reference_to_itself_is_one_to_nothing(sqlite_node: Node) -> None:
    with sqlite_node.left_alone():
        answer = sqlite_node.register("own", record("R"), references=[reference("R", "own")])
        is_refused(answer, 422, 42201, "No schema reference found")


def test_a_circle_cannot_be_closed_by_following_the_latest(sqlite_node: Node) -> None:
    """References to the latest version are pinned, so a circle would have to go back in time."""
    added(sqlite_node, "c1", record("C1"))
    added(sqlite_node, "c2", record("C2", "C1"), reference("C1", "c1", -1))
    answer = sqlite_node.register("c1", record("C1"), references=[reference("C2", "c2", -1)])
    assert answer.status_code in {httpx.codes.OK, httpx.codes.UNPROCESSABLE_ENTITY}, answer.text
    for subject in ("c1", "c2"):
        read = sqlite_node.client.get(f"/subjects/{subject}/versions/latest?format=resolved")
        assert read.status_code == httpx.codes.OK, read.text
    sqlite_node.use()


def test_more_references_than_the_limit_are_refused(sqlite_node: Node) -> None:
    references = [reference(f"n{number}", "usable") for number in range(MOST + 1)]
    with sqlite_node.left_alone():
        answer = sqlite_node.register("s", record("R"), references=references)
        is_refused(answer, 422, 42201, f"More than {MOST} references")


@pytest.mark.parametrize("subject", ["usable", "nobody"])
def test_a_hundred_thousand_references_are_refused(sqlite_node: Node, subject: str) -> None:
    references = [reference(f"n{number}", subject) for number in range(100_000)]
    with sqlite_node.left_alone():
        answer = sqlite_node.register("s", record("R"), references=references)
        is_refused(answer, 422, 42201, "More than|No schema reference found")
        assert len(answer.content) < 100_000


def store_chain(node: Node, context: str, length: int) -> None:
    """Store s1, s2, … that each refer to the one before: over REST it would take minutes."""
    store = open_store(str(node.database.url))
    with store.write() as writer:
        writer.add_context(context)
        for number in range(1, length + 1):
            before = (Reference(f"N{number - 1}", f"s{number - 1}", 1),) if number > 1 else ()
            content = Content("AVRO", record(f"N{number}"), before)
            writer.claim_id(context, number)
            writer.add_schema(context, number, content, content.guid())
            writer.add_version(Subject(context, f"s{number}"), 1, number, content.guid())
    store.close()


def test_a_chain_may_be_as_long_as_references_may_be_many(sqlite_node: Node) -> None:
    """Longer than anything that calls itself could follow."""
    store_chain(sqlite_node, ".chain", MOST)
    text = record("R", f"N{MOST}")
    answer = sqlite_node.register(":.chain:top", text, references=[reference("N", f"s{MOST}")])
    assert answer.status_code == httpx.codes.OK, answer.text[:500]
    with sqlite_node.left_alone():
        last = reference("R", "top")
        answer = sqlite_node.register(":.chain:over", record("Q", "R"), references=[last])
        is_refused(answer, 422, 42201, f"More than {MOST} references")


DIAMOND = {
    "AVRO": lambda name, below: record(name, *below),
    "JSON": lambda name, below: json.dumps(
        {"title": name, "allOf": [{}, *({"$ref": f"{each}.json"} for each in below)]}
    ),
    "PROTOBUF": lambda name, below: (
        'syntax="proto3";'
        + "".join(f'import "{each}.proto";' for each in below)
        + f"message {name}{{"
        + "".join(f"{each} f{number}={number + 1};" for number, each in enumerate(below))
        + "}"
    ),
}
SUFFIX = {"AVRO": "", "JSON": ".json", "PROTOBUF": ".proto"}


@pytest.mark.parametrize("kind", DIAMOND)
def test_a_diamond_of_many_levels_is_followed_once(sqlite_node: Node, kind: str) -> None:
    """Two ways down at each of thirty levels are a billion paths, and sixty schemas."""
    below: list[str] = []
    for level in range(LEVELS):
        names = [f"L{level}", f"R{level}"]
        for name in names:
            answer = sqlite_node.register(
                f"{kind}-{name}",
                DIAMOND[kind](name, below),
                kind,
                references=[reference(f"{n}{SUFFIX[kind]}", f"{kind}-{n}") for n in below],
            )
            assert answer.status_code == httpx.codes.OK, answer.text[:500]
        below = names
    top = sqlite_node.client.get(f"/subjects/{kind}-L{LEVELS - 1}/versions/1").json()
    again = sqlite_node.look_up(
        top["subject"], top["schema"], kind, references=top.get("references", [])
    )
    assert again.json()["id"] == top["id"]
    sqlite_node.use()


def test_references_that_are_too_long_together_are_refused(sqlite_node: Node) -> None:
    doc = "x" * 1_900_000
    for number in range(3):
        text = json.dumps({"type": "enum", "name": f"E{number}", "symbols": ["A"], "doc": doc})
        added(sqlite_node, f"long{number}", text)
    references = [reference(f"E{number}", f"long{number}") for number in range(3)]
    with sqlite_node.left_alone():
        answer = sqlite_node.register("s", record("R", "E0", "E1", "E2"), references=references)
        is_refused(answer, 422, 42201, "schemas referred to are longer than")
