from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_serde import RegisteredSchema, Schema, SchemaRegistryError, SchemaVersion
from accord_serde import _schema_calls as schemas
from accord_serde import _server_calls as server
from accord_serde._call import Reply


def reply(document: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(document).encode())


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_any_subject_is_one_segment_of_the_path(subject: str) -> None:
    target = schemas.delete_version(subject, 3, permanent=False).target
    raw = httpx.URL(f"http://host/base/{target}").raw_path.decode()
    assert raw == f"/base/{target}"
    segments = target.split("/")
    assert [unquote(segment) for segment in segments] == ["subjects", subject, "versions", "3"]


@pytest.mark.parametrize(("subject", "segment"), [(".", "%2E"), ("..", "%2E%2E"), ("...", "...")])
def test_a_subject_of_dots_is_no_step_in_the_path(subject: str, segment: str) -> None:
    assert schemas.delete_subject(subject, permanent=False).target == f"subjects/{segment}"


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
)
def test_metadata_pairs_reach_the_server_as_they_are(metadata: dict[str, str]) -> None:
    call = schemas.latest_with_metadata("s", metadata, deleted=False, fmt=None)
    params = httpx.URL(f"http://host/{call.target}").params
    assert params.get_list("key") == list(metadata)
    assert params.get_list("value") == list(metadata.values())


def test_parameters_carry_the_names_the_registry_reads() -> None:
    listing = schemas.subjects(prefix=":*:a b", deleted=True, deleted_only=True, offset=1, limit=2)
    assert listing.target == (
        "subjects?deleted=true&deletedOnly=true&offset=1&limit=2&subjectPrefix=%3A%2A%3Aa%20b"
    )
    by_id = schemas.by_id(7, subject="s", fmt="resolved", reference_format="qualified")
    assert by_id.target == "schemas/ids/7?subject=s&format=resolved&referenceFormat=qualified"


def test_what_is_not_asked_for_is_not_sent() -> None:
    assert schemas.by_id(7, subject=None, fmt=None, reference_format=None).target == "schemas/ids/7"
    assert schemas.delete_subject("s", permanent=False).target == "subjects/s"
    assert schemas.delete_subject("s", permanent=True).target == "subjects/s?permanent=true"


def test_a_body_is_json_in_ascii() -> None:
    call = schemas.register("s", Schema('"ü"', "JSON"), normalize=False)
    assert call.content == (b'{"schema": "\\"\\u00fc\\"", "schemaType": "JSON", "references": []}')
    assert schemas.types().content is None


def test_a_registration_is_filled_in_with_what_the_client_knows() -> None:
    schema = Schema('"int"')
    call = schemas.register("s", schema, normalize=False)
    old = RegisteredSchema("s", None, 7, None, schema)
    assert call.settle(reply({"id": 7})) == old
    new = RegisteredSchema("s", 2, 7, "g", schema)
    assert call.settle(reply({"id": 7, "version": 2, "guid": "g"})) == new
    told = call.settle(reply({"id": 7, "subject": ":.c:s", "schema": '{"type":"int"}'}))
    assert (told.subject, told.schema.schema_str) == (":.c:s", '{"type":"int"}')


def test_a_lookup_returns_the_schema_that_was_looked_up() -> None:
    schema = Schema('"int"')
    call = schemas.lookup("s", schema, normalize=False, fmt=None, deleted=False)
    found = call.settle(reply({"subject": "s", "id": 7, "version": 2, "schema": '{"type":"int"}'}))
    assert found == RegisteredSchema("s", 2, 7, None, schema)


ANSWERS: list[tuple[Any, Any, Any]] = [
    (schemas.types(), ["AVRO"], ["AVRO"]),
    (
        schemas.versions_of_id(1, subject=None, deleted=False, offset=0, limit=-1),
        [{"subject": "s", "version": 2}],
        [SchemaVersion("s", 2)],
    ),
    (schemas.delete_version("s", 2, permanent=False), 2, 2),
    (
        schemas.compatible("s", None, Schema('"int"'), normalize=False, verbose=True),
        {"is_compatible": False, "messages": ["no"]},
        False,
    ),
    (server.set_compatibility("s", "full"), {"compatibility": "FULL"}, {"compatibility": "FULL"}),
    (server.delete_compatibility("s"), {"compatibilityLevel": "NONE"}, "NONE"),
    (server.delete_mode(None), {"mode": "IMPORT"}, "IMPORT"),
    (
        server.cluster_ids(),
        {"scope": {"path": [], "clusters": {"kafka-cluster": "k"}}, "id": ""},
        {"kafka-cluster": "k"},
    ),
    (
        server.server_version(),
        {"version": "8.3.0", "commitId": "c"},
        {"version": "8.3.0", "commitId": "c"},
    ),
]


@pytest.mark.parametrize(("call", "document", "value"), ANSWERS)
def test_an_answer_is_read(call: Any, document: object, value: object) -> None:
    assert call.settle(reply(document)) == value


def test_a_call_without_an_answer_reads_none() -> None:
    assert server.delete_context(".x").settle(Reply(204, b"")) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"<html>",
        b"{}",
        b"[]",
        b"7",
        b'{"schema": 7}',
        b'{"schema": null}',
        b'{"schema": "\\"int\\"", "references": 1}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_success_that_makes_no_sense_is_an_error(content: bytes) -> None:
    with pytest.raises(SchemaRegistryError, match=r"^Unexpected answer") as caught:
        schemas.by_guid("g", fmt=None).settle(Reply(200, content))
    assert (caught.value.http_status_code, caught.value.error_code) == (200, -1)


def test_an_error_carries_the_registry_code_and_message() -> None:
    answer = reply({"error_code": 40401, "message": "Subject 's' not found."}, 404)
    with pytest.raises(SchemaRegistryError) as caught:
        schemas.types().settle(answer)
    error = caught.value
    assert (error.http_status_code, error.error_code) == (404, 40401)
    assert error.error_message == "Subject 's' not found."
    assert repr(error) == "Subject 's' not found. (HTTP status code 404, SR code 40401)"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Bad Gateway",
        b"[]",
        b"{}",
        b'{"error_code": 1}',
        b'{"error_code": "x", "message": 1}',
        b"\xff",
    ],
)
def test_an_error_of_somebody_else_is_shown_as_it_is(content: bytes) -> None:
    with pytest.raises(SchemaRegistryError) as caught:
        schemas.types().settle(Reply(502, content))
    error = caught.value
    assert (error.http_status_code, error.error_code) == (502, SchemaRegistryError.UNKNOWN)
    assert error.error_message == f"Unknown Schema Registry Error: {content!r}"


def test_a_long_error_is_cut() -> None:
    with pytest.raises(SchemaRegistryError) as caught:
        schemas.types().settle(Reply(502, b"x" * 1_000_000))
    assert len(caught.value.error_message) < 1000


@given(st.binary(max_size=60), st.sampled_from([200, 404]))
def test_no_content_raises_anything_but_the_one_error(content: bytes, status: int) -> None:
    with pytest.raises(SchemaRegistryError):
        schemas.by_guid("g", fmt=None).settle(Reply(status, content))
