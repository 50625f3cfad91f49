"""'Tell me exactly why it is incompatible, and how to fix it.'"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

from compat.level import Level

if TYPE_CHECKING:
    from conftest import Team

NATIVE = "application/vnd.accord.v1+json"


def record(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "Order", "fields": list(fields)}


ID = {"name": "id", "type": "long"}
NOTE = {"name": "note", "type": ["null", "string"]}
OLD = record(ID)


def test_the_refusal_names_the_subject_and_the_version_in_the_way(team: Team) -> None:
    team.register(OLD)
    message = team.register(record(ID, NOTE)).json()["message"]
    assert f'subject "{team.subject}"' in message
    assert "{oldSchemaVersion: 1}" in message
    assert "'/fields/1'" in message


def test_an_optional_field_without_a_default_is_told_what_it_lacks(team: Team) -> None:
    """People take a union with null for optional; only a default makes a field so."""
    team.register(OLD)
    (finding,) = team.refusals(record(ID, NOTE))
    assert "`note` has no default" in finding["sentence"]
    assert '"default":null' in finding["fix"]
    assert team.register(record(ID, {**NOTE, "default": None})).status_code == 200


def test_the_witness_is_a_message_that_cannot_be_read(team: Team) -> None:
    team.register(OLD)
    (finding,) = team.refusals(record(ID, NOTE))
    encoded = base64.b64decode(finding["witness"]["encoded"])
    old, new = map(fastavro.parse_schema, (OLD, record(ID, NOTE)))
    assert fastavro.schemaless_reader(io.BytesIO(encoded), old, None) == {"id": 0}
    with pytest.raises(fastavro.read.SchemaResolutionError):
        fastavro.schemaless_reader(io.BytesIO(encoded), old, new)


def test_a_union_that_lost_a_type_is_told_in_words(team: Team) -> None:
    team.register(record({"name": "note", "type": ["null", "string", "int"]}))
    (finding,) = team.refusals(record({"name": "note", "type": ["null", "string"]}))
    assert (finding["old"]["path"], finding["old"]["fragment"]) == ("/fields/0/type/2", '"int"')
    assert "may be written as an int" in finding["sentence"]


def test_every_level_and_policy_is_answered_at_once(team: Team) -> None:
    team.register(OLD)
    told = team.explain(record(ID, NOTE))
    assert told["acceptingLevels"] == ["NONE", "FORWARD", "FORWARD_TRANSITIVE"]
    assert {policy: list(levels) for policy, levels in told["verdicts"].items()} == {
        policy: list(Level) for policy in ("STRICT", "LENIENT", "LOGICAL")
    }
    assert told["change"] == "MAJOR"


@pytest.mark.parametrize(
    ("new", "change"),
    [
        (OLD, "PATCH"),
        ({**OLD, "doc": "what a customer asks for"}, "PATCH"),
        (record(ID, {**NOTE, "default": None}), "MINOR"),
        (record(ID, NOTE), "MAJOR"),
    ],
)
def test_a_change_has_a_size(team: Team, new: dict[str, Any], change: str) -> None:
    team.register(OLD)
    assert team.explain(new)["change"] == change


def test_who_registers_in_vain_can_have_it_explained_in_the_same_answer(team: Team) -> None:
    team.register(OLD)
    answer = team.register(record(ID, NOTE), accept=NATIVE)
    assert (answer.status_code, answer.headers["content-type"]) == (409, NATIVE)
    document = answer.json()
    assert document["error_code"] == 40901
    assert document["explanation"] == team.explain(record(ID, NOTE))


def test_protobuf_is_told_as_exactly_as_avro(send: Any, team: Team) -> None:
    proto = type(team)(send, "PROTOBUF")
    proto.register('syntax = "proto3"; message Order { int64 id = 1; }')
    (finding,) = proto.refusals('syntax = "proto3"; message Order { string id = 1; }')
    assert finding["kind"] == "FIELD_SCALAR_KIND_CHANGED"
    assert finding["fix"]
    assert finding["witness"]
