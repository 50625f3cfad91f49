"""The identity of a content: what is hashed, in which order, and what does not count."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents import metadata_from, references_from, rule_set_from
from registry.model import Content, Metadata, Rule, RuleSet

FOLDER = os.environ.get("ACCORD_PEER_VECTORS")
VECTORS = json.loads((Path(__file__).parent / "vectors" / "identities.json").read_text())


def peer_rows() -> list[dict[str, Any]]:
    if FOLDER is None:
        return []
    lines = (Path(FOLDER) / "target" / "guid-confluent.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def content(document: dict[str, Any]) -> Content:
    return Content(
        type=document.get("schemaType", "AVRO"),
        text=document["schema"],
        references=references_from(document.get("references")),
        metadata=metadata_from(document.get("metadata")),
        rule_set=rule_set_from(document.get("ruleSet")),
    )


def hashed(pieces: list[Any]) -> bytes:
    """Return the bytes of a vector: texts as they stand, `{"hex": …}` for what is no text."""
    return b"".join(
        piece.encode() if isinstance(piece, str) else bytes.fromhex(piece["hex"])
        for piece in pieces
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["title"])
def test_the_parts_of_a_content_are_hashed_in_order(vector: dict[str, Any]) -> None:
    digest = hashlib.md5(hashed(vector["hashed"]), usedforsecurity=False).digest()
    assert str(uuid.UUID(bytes=digest)) == vector["guid"]
    assert content(vector["content"]).guid() == vector["guid"]


@pytest.mark.skipif(FOLDER is None, reason="ACCORD_PEER_VECTORS names no folder")
@pytest.mark.parametrize("row", peer_rows(), ids=lambda row: row["id"])
def test_confluent_gives_the_same_identity(row: dict[str, Any]) -> None:
    document = {**row, "schema": row["input"], "schemaType": row["format"]}
    assert content(document).guid() == row["expected"]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
MAPS = st.dictionaries(TEXTS, TEXTS, max_size=3)
NAMES = st.frozensets(TEXTS, max_size=3)
METADATA = st.builds(
    Metadata, tags=st.dictionaries(TEXTS, NAMES, max_size=3), properties=MAPS, sensitive=NAMES
)
RULES = st.builds(Rule, name=TEXTS, tags=NAMES, params=MAPS)


def turned(mapping: Any) -> dict[Any, Any]:
    return dict(reversed(mapping.items()))


@given(metadata=METADATA, rule=RULES)
def test_the_order_of_maps_does_not_count(metadata: Metadata, rule: Rule) -> None:
    one = Content("AVRO", "x", (), metadata, RuleSet(domain_rules=(rule,)))
    other = replace(
        one,
        metadata=replace(
            metadata, tags=turned(metadata.tags), properties=turned(metadata.properties)
        ),
        rule_set=RuleSet(domain_rules=(replace(rule, params=turned(rule.params)),)),
    )
    assert one.guid() == other.guid()


@given(metadata=METADATA)
def test_metadata_count_even_when_they_say_nothing(metadata: Metadata) -> None:
    assert Content("AVRO", "x", (), metadata).guid() != Content("AVRO", "x").guid()
