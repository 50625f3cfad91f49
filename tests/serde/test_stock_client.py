"""Differential test: what our clients and Confluent's put on the wire is the same.

Where it is not, `REASONS` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import pytest

import accord_serde

if TYPE_CHECKING:
    from types import SimpleNamespace

SUBJECT = "a/b c:.x-ü%-value"
ID_ANSWER = {"id": 7, "version": 2, "guid": "g", "subject": "s", "schema": '"int"'}

REASONS = {
    "deleted_only": "the registry knows the parameter as deletedOnly and ignores this one",
    "reference_format": "the registry knows the parameter as referenceFormat and ignores this one",
    "key": "encoded twice, so that no pair with a character to encode is ever found",
    "value": "encoded twice, so that no pair with a character to encode is ever found",
}
CURED = {"deleted_only": "deletedOnly", "reference_format": "referenceFormat"}


def schema(package: Any) -> Any:
    """Build a schema that uses every field there is."""
    rule = package.Rule(
        name="r",
        doc="d",
        kind=package.RuleKind.CONDITION,
        mode=package.RuleMode.WRITE,
        type="CEL",
        tags=["PII"],
        params=package.RuleParams({"p": "1"}),
        expr="true",
        on_success="NONE",
        on_failure="ERROR",
        disabled=False,
    )
    return package.Schema(
        '{"type":"record","name":"ü","fields":[]}',
        "AVRO",
        [package.SchemaReference("n", "s", 3)],
        package.Metadata(
            package.MetadataTags({"**.x": ["PII"]}),
            package.MetadataProperties({"owner": "me"}),
            ["owner"],
        ),
        package.RuleSet([rule], [rule], [rule], "ALL"),
    )


def config(package: Any) -> Any:
    return package.ServerConfig(
        compatibility=package.ConfigCompatibilityLevel.FULL,
        compatibility_group="g",
        default_metadata=schema(package).metadata,
        override_rule_set=schema(package).rule_set,
    )


def association(package: Any) -> Any:
    info = package.AssociationCreateOrUpdateInfo(
        subject="s",
        association_type="value",
        lifecycle="WEAK",
        frozen=False,
        schema=schema(package),
        normalize=True,
    )
    return package.AssociationCreateOrUpdateRequest("t", "ns", "id", "topic", [info])


# (method, arguments, answer); a callable argument is made from the package under test
CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("register_schema", {"subject_name": SUBJECT, "schema": schema}, ID_ANSWER),
    (
        "register_schema_full_response",
        {"subject_name": SUBJECT, "schema": schema, "normalize_schemas": True},
        ID_ANSWER,
    ),
    ("get_schema", {"schema_id": 7}, ID_ANSWER),
    (
        "get_schema",
        {"schema_id": 7, "subject_name": SUBJECT, "fmt": "serialized", "reference_format": "q"},
        ID_ANSWER,
    ),
    ("get_schema_by_guid", {"guid": "0011-22"}, ID_ANSWER),
    ("get_schema_by_guid", {"guid": "0011-22", "fmt": "serialized"}, ID_ANSWER),
    ("get_schema_types", {}, ["AVRO", "JSON"]),
    ("get_subjects_by_schema_id", {"schema_id": 7}, ["s"]),
    (
        "get_subjects_by_schema_id",
        {"schema_id": 7, "subject_name": SUBJECT, "deleted": True, "offset": 1, "limit": 2},
        ["s"],
    ),
    ("get_schema_versions", {"schema_id": 7}, [{"subject": "s", "version": 1}]),
    (
        "get_schema_versions",
        {"schema_id": 7, "subject_name": SUBJECT, "deleted": True, "offset": 1, "limit": 2},
        [],
    ),
    ("lookup_schema", {"subject_name": SUBJECT, "schema": schema}, ID_ANSWER),
    (
        "lookup_schema",
        {
            "subject_name": SUBJECT,
            "schema": schema,
            "normalize_schemas": True,
            "fmt": "resolved",
            "deleted": True,
        },
        ID_ANSWER,
    ),
    ("get_subjects", {}, ["s"]),
    (
        "get_subjects",
        {"subject_prefix": ":*:x y", "deleted": True, "deleted_only": True, "limit": 5},
        ["s"],
    ),
    ("delete_subject", {"subject_name": SUBJECT}, [1, 2]),
    ("delete_subject", {"subject_name": SUBJECT, "permanent": True}, [1, 2]),
    ("get_latest_version", {"subject_name": SUBJECT}, ID_ANSWER),
    ("get_latest_version", {"subject_name": SUBJECT, "fmt": "serialized"}, ID_ANSWER),
    (
        "get_latest_with_metadata",
        {"subject_name": SUBJECT, "metadata": {"k": "v", "a b": "c&d"}, "fmt": "resolved"},
        ID_ANSWER,
    ),
    ("get_version", {"subject_name": SUBJECT}, ID_ANSWER),
    ("get_version", {"subject_name": SUBJECT, "version": 3, "deleted": True}, ID_ANSWER),
    ("get_version", {"subject_name": SUBJECT, "version": 3, "fmt": "serialized"}, ID_ANSWER),
    ("get_referenced_by", {"subject_name": SUBJECT, "version": 3, "limit": 4}, [1]),
    ("get_versions", {"subject_name": SUBJECT, "deleted": True}, [1]),
    ("delete_version", {"subject_name": SUBJECT, "version": 3}, 3),
    ("delete_version", {"subject_name": SUBJECT, "version": 3, "permanent": True}, 3),
    ("set_compatibility", {"level": "full"}, {"compatibility": "FULL"}),
    (
        "set_compatibility",
        {"subject_name": SUBJECT, "level": "NONE"},
        {"compatibility": "NONE"},
    ),
    ("get_compatibility", {}, {"compatibilityLevel": "FULL"}),
    ("get_compatibility", {"subject_name": SUBJECT}, {"compatibilityLevel": "FULL"}),
    ("test_compatibility", {"subject_name": SUBJECT, "schema": schema}, {"is_compatible": True}),
    (
        "test_compatibility",
        {
            "subject_name": SUBJECT,
            "schema": schema,
            "version": 2,
            "normalize": True,
            "verbose": True,
        },
        {"is_compatible": False, "messages": ["no"]},
    ),
    (
        "test_compatibility_all_versions",
        {"subject_name": SUBJECT, "schema": schema, "verbose": True},
        {"is_compatible": True, "messages": []},
    ),
    ("set_config", {"config": config}, {"compatibility": "FULL"}),
    ("set_config", {"subject_name": SUBJECT, "config": config}, {"compatibility": "FULL"}),
    ("get_config", {}, {"compatibilityLevel": "FULL"}),
    ("get_config", {"subject_name": SUBJECT}, {"compatibilityLevel": "FULL"}),
    ("delete_config", {}, {"compatibilityLevel": "FULL"}),
    ("delete_config", {"subject_name": SUBJECT}, {"compatibilityLevel": "FULL"}),
    ("get_mode", {"subject_name": SUBJECT}, {"mode": "IMPORT"}),
    ("update_mode", {"subject_name": SUBJECT, "mode": "IMPORT"}, {"mode": "IMPORT"}),
    ("update_mode", {"subject_name": "s", "mode": "READONLY", "force": True}, {"mode": "READONLY"}),
    ("delete_mode", {"subject_name": SUBJECT}, {"mode": "IMPORT"}),
    ("get_global_mode", {}, {"mode": "READWRITE"}),
    ("update_global_mode", {"mode": "READWRITE", "force": True}, {"mode": "READWRITE"}),
    ("get_contexts", {"offset": 1, "limit": 2}, [".", ".x"]),
    (
        "get_associations_by_resource_name",
        {
            "resource_name": "a/b",
            "resource_namespace": "-",
            "resource_type": "topic",
            "association_types": ["key", "value"],
            "offset": 1,
            "limit": 2,
        },
        [{"subject": "s", "resourceName": "t", "frozen": True}],
    ),
    (
        "get_associations_by_resource_name",
        {"resource_name": "t", "resource_namespace": "-"},
        [],
    ),
    ("create_association", {"request": association}, {"resourceName": "t"}),
    ("delete_associations", {"resource_id": "a/b"}, None),
    (
        "delete_associations",
        {
            "resource_id": "i",
            "resource_type": "topic",
            "association_types": ["key"],
            "cascade_lifecycle": True,
        },
        None,
    ),
]

NOT_CALLS = {
    "aclose",
    "clear_caches",
    "clear_latest_caches",
    "close",
    "config",
    "new_client",
}


def arguments(package: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {name: value(package) if callable(value) else value for name, value in given.items()}


def ask(recorder: Any, face: Any, method: str, given: dict[str, Any]) -> Any:
    """Call a method of a new client and return what the recorder saw of it."""
    recorder.requests.clear()
    # what their client makes of an answer is not the matter here
    with contextlib.suppress(TypeError, KeyError):
        if hasattr(face, "aclose"):
            asyncio.run(ask_async(face({"url": recorder.url}), method, given))
        else:
            with face({"url": recorder.url}) as client:
                getattr(client, method)(**given)
    (seen,) = recorder.requests
    return seen


async def ask_async(client: Any, method: str, given: dict[str, Any]) -> None:
    async with client:
        await getattr(client, method)(**given)


def spelled(target: str, *, theirs: bool) -> tuple[str, list[tuple[str, str]]]:
    """Split a request target, with Confluent's known mistakes undone on their side."""
    path, _, query = target.partition("?")
    pairs = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        right = unquote(value) if theirs and name in {"key", "value"} else value
        flag = right.lower() if right in {"True", "False"} else right  # read in either case
        pairs.append((CURED.get(name, name) if theirs else name, flag))
    return path, sorted(pairs)


@pytest.mark.parametrize(("method", "given", "answer"), CASES)
@pytest.mark.parametrize("face", ["SchemaRegistryClient", "AsyncSchemaRegistryClient"])
def test_requests_are_those_of_the_stock_client(
    recorder: Any,
    stock: SimpleNamespace,
    face: str,
    method: str,
    given: dict[str, Any],
    answer: object,
) -> None:
    recorder.always(answer, status=204 if answer is None else 200)
    theirs = ask(recorder, stock.SchemaRegistryClient, method, arguments(stock, given))
    ours = ask(recorder, getattr(accord_serde, face), method, arguments(accord_serde, given))
    assert ours.method == theirs.method
    assert spelled(ours.target, theirs=False) == spelled(theirs.target, theirs=True)
    assert ours.body == theirs.body
    for name in ("content-type", "confluent-accept-unknown-properties"):
        assert ours.headers.get(name) == theirs.headers.get(name)


def test_every_mistake_undone_has_a_reason() -> None:
    assert set(CURED) | {"key", "value"} == set(REASONS)


def test_every_call_of_the_stock_client_has_a_case(stock: SimpleNamespace) -> None:
    calls = {
        name
        for face in (stock.SchemaRegistryClient, stock.AsyncSchemaRegistryClient)
        for name in vars(face)
        if not name.startswith("_")
    }
    assert calls - NOT_CALLS == {method for method, _, _ in CASES}


def test_a_token_is_asked_for_as_the_stock_client_does(
    recorder: Any,
    stock: SimpleNamespace,
) -> None:
    recorder.answer = lambda seen: (
        (200, {"access_token": "T", "token_type": "bearer", "expires_in": 60})
        if seen.target == "/token"
        else (200, [])
    )
    conf = {
        "url": recorder.url,
        "bearer.auth.credentials.source": "OAUTHBEARER",
        "bearer.auth.client.id": "me",
        "bearer.auth.client.secret": "s:e c",
        "bearer.auth.scope": "a b",
        "bearer.auth.issuer.endpoint.url": f"{recorder.url}/token",
        "bearer.auth.logical.cluster": "lsrc-1",
        "bearer.auth.identity.pool.id": ["pool-1", "pool-2"],
    }
    seen = []
    for package in (stock, accord_serde):
        recorder.requests.clear()
        with package.SchemaRegistryClient(conf) as client:
            assert client.get_subjects() == []
        token, call = recorder.requests
        form = sorted(parse_qsl(token.content.decode()))
        names = ("authorization", "target-sr-cluster", "confluent-identity-pool-id")
        sent = [call.headers[name] for name in names]
        seen.append((token.method, token.headers["authorization"], form, sent))
    assert seen[0] == seen[1]
    assert seen[1][3] == ["Bearer T", "lsrc-1", "pool-1,pool-2"]
