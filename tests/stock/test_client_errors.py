"""What the stock clients raise: the status, the code and the text of Confluent's registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    ConfigCompatibilityLevel,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryError,
    ServerConfig,
)
from stock_scenarios import SCENARIOS

if TYPE_CHECKING:
    from stock_face import Face, Settled

STRING = Schema('"string"')
INT = Schema('"int"')
INVALID = Schema('{"type":"record"}')
DANGLING = Schema('{"type":"array","items":"R"}', references=[SchemaReference("R", "gone", 7)])
MISTYPED = Schema('"string"', "avro")
NAMELESS = Rule(
    None,
    None,
    RuleKind.CONDITION,
    RuleMode.WRITE,
    "CEL",
    None,
    None,
    "true",
    None,
    None,
    disabled=False,
)


@dataclass(frozen=True)
class Refusal:
    """A call that is refused, on a client of the context that the fixture prepares.

    `{}` in the message stands for the prefix of the context's subjects.
    """

    method: str
    arguments: tuple[Any, ...]
    status: int
    code: int
    message: str


NO_GUID = "00000000-0000-0000-0000-000000000000"
NOT_FOUND = "Subject '{}x' not found."
NO_LEVEL = "Subject '{}x' does not have subject-level compatibility configured"
NO_MODE = "Subject '{}x' does not have subject-level mode configured"
READ_ONLY = "Subject {}ro in context {c} is in read-only mode"
REFERENCED = (
    "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject={}base,version=1}."
)
BAD_AVRO = "Invalid schema of type AVRO, details: "
BAD_VERSION = (
    "The specified version '0' is not a valid version id. "
    'Allowed values are between [1, 2^31-1] and the string "latest"'
)
BAD_LEVEL = (
    "Invalid compatibility level. Valid values are none, backward, forward, full, "
    "backward_transitive, forward_transitive, and full_transitive"
)
SUBJECTS_THERE = "Cannot import since found existing subjects"
CASES = [
    Refusal("register_schema", ("s", INT), 409, 40901, "Schema being registered is incompatible"),
    Refusal("register_schema", ("s", INVALID), 422, 42201, BAD_AVRO),
    Refusal("register_schema", ("s", DANGLING), 422, 42201, "Invalid schema"),
    Refusal("register_schema", ("s", MISTYPED), 422, 42201, "Invalid schema type avro"),
    Refusal("register_schema", ("x", Schema("")), 422, 42201, "Empty schema"),
    Refusal(
        "register_schema",
        ("a\nb", STRING),
        422,
        42208,
        "The specified subject '{}a\nb' is not a valid.",
    ),
    Refusal("register_schema", ("ro", INT), 422, 42205, READ_ONLY),
    Refusal(
        "register_schema",
        ("s", Schema('"string"', rule_set=RuleSet([], [NAMELESS]))),
        422,
        42210,
        "Missing rule name",
    ),
    Refusal("get_schema", (99,), 404, 40403, "Schema 99 not found"),
    Refusal("get_schema_by_guid", (NO_GUID,), 404, 40403, f"Schema {NO_GUID} not found"),
    Refusal("get_subjects_by_schema_id", (99,), 404, 40403, "Schema not found"),
    Refusal("get_schema_versions", (99,), 404, 40403, "Schema not found"),
    Refusal("lookup_schema", ("x", STRING), 404, 40401, NOT_FOUND),
    Refusal("lookup_schema", ("s", Schema('"long"')), 404, 40403, "Schema not found"),
    Refusal("lookup_schema", ("s", INVALID), 422, 42201, BAD_AVRO),
    Refusal("delete_subject", ("x",), 404, 40401, NOT_FOUND),
    Refusal(
        "delete_subject",
        ("d",),
        404,
        40404,
        "Subject '{}d' was soft deleted.Set permanent=true to delete permanently",
    ),
    Refusal(
        "delete_subject",
        ("s", True),
        404,
        40405,
        "Subject '{}s' was not deleted first before being permanently deleted",
    ),
    Refusal("delete_subject", ("base",), 422, 42206, REFERENCED),
    Refusal("get_latest_version", ("x",), 404, 40401, NOT_FOUND),
    Refusal("get_latest_version", ("d",), 404, 40401, "Subject '{}d' not found."),
    Refusal("get_latest_with_metadata", ("x", {"a": "b"}), 404, 40401, NOT_FOUND),
    Refusal("get_latest_with_metadata", ("s", {"a": "b"}), 404, 40403, "Schema not found"),
    Refusal("get_version", ("x", 1), 404, 40401, NOT_FOUND),
    Refusal("get_version", ("s", 2), 404, 40402, "Version 2 not found."),
    Refusal("get_version", ("s", 0), 422, 42202, BAD_VERSION),
    Refusal("get_referenced_by", ("x", 1), 404, 40401, NOT_FOUND),
    Refusal("get_referenced_by", ("s", 9), 404, 40402, "Version 9 not found."),
    Refusal("get_versions", ("x",), 404, 40401, NOT_FOUND),
    Refusal("delete_version", ("x", 1), 404, 40401, NOT_FOUND),
    Refusal("delete_version", ("s", 9), 404, 40402, "Version 9 not found."),
    Refusal(
        "delete_version",
        ("s", 2),
        404,
        40406,
        "Subject '{}s' Version 2 was soft deleted.Set permanent=true to delete permanently",
    ),
    Refusal(
        "delete_version",
        ("s", 1, True),
        404,
        40407,
        "Subject '{}s' Version 1 was not deleted first before being permanently deleted",
    ),
    Refusal("delete_version", ("base", 1), 422, 42206, REFERENCED),
    Refusal("set_compatibility", ("s", "sideways"), 422, 42203, BAD_LEVEL),
    Refusal("get_compatibility", ("x",), 404, 40408, NO_LEVEL),
    Refusal("test_compatibility", ("s", STRING, 9), 404, 40402, "Version 9 not found."),
    Refusal("test_compatibility", ("s", INVALID), 422, 42201, BAD_AVRO),
    Refusal("test_compatibility_all_versions", ("s", INVALID), 422, 42201, BAD_AVRO),
    Refusal(
        "set_config", ("ro", ServerConfig(ConfigCompatibilityLevel.NONE)), 422, 42205, READ_ONLY
    ),
    Refusal("get_config", ("x",), 404, 40408, NO_LEVEL),
    Refusal("delete_config", ("x",), 404, 40401, NOT_FOUND),
    Refusal("get_mode", ("x",), 404, 40409, NO_MODE),
    Refusal(
        "update_mode",
        ("s", "SIDEWAYS"),
        422,
        42204,
        "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.",
    ),
    Refusal("update_mode", ("s", "IMPORT"), 422, 42205, SUBJECTS_THERE),
    Refusal("update_global_mode", ("IMPORT",), 422, 42205, SUBJECTS_THERE),
    Refusal("delete_mode", ("x",), 404, 40401, NOT_FOUND),
    Refusal(
        "delete_associations", ("nothing",), 404, 40410, "Association for 'nothing' not found."
    ),
    Refusal(
        "create_association",
        (
            AssociationCreateOrUpdateRequest(
                "t", "n", "i", "topic", [AssociationCreateOrUpdateInfo("nobody", "value", "WEAK")]
            ),
        ),
        409,
        40907,
        "No active (non-deleted) version exists for subject '{}nobody'",
    ),
]


@pytest.fixture
def client(face: Face, own_context: str) -> Settled:
    """A client without memories of its context.

    There, `s` has a live version and a deleted one, `d` is deleted, `ro` read-only, and `refers`
    refers to `base`.
    """
    made = face.client(own_context)
    base = Schema('{"type":"record","name":"Base","fields":[]}')
    made.register_schema("base", base)
    refer = Schema(
        '{"type":"array","items":"Base"}', references=[SchemaReference("Base", "base", 1)]
    )
    made.register_schema("refers", refer)
    made.register_schema("s", STRING)
    made.register_schema("s", Schema('["string","null"]'))
    made.delete_version("s", 2)
    made.register_schema("d", STRING)
    made.delete_subject("d")
    made.register_schema("ro", STRING)
    made.update_mode("ro", "READONLY")
    return face.client(own_context)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method}-{case.code}")
def test_a_refusal_carries_confluents_status_code_and_text(
    client: Settled, name: str, case: Refusal
) -> None:
    with pytest.raises(SchemaRegistryError) as caught:
        getattr(client, case.method)(*case.arguments)
    error = caught.value
    assert (error.http_status_code, error.error_code) == (case.status, case.code)
    message = case.message.replace("{}", f":.{name}:").replace("{c}", f":.{name}:")
    assert error.error_message.startswith(message)


def test_what_is_missing_is_refused_before_anything_is_sent(client: Settled) -> None:
    with pytest.raises(ValueError, match="level must be set"):
        client.set_compatibility("s")
    with pytest.raises(ValueError, match="config must be set"):
        client.set_config("s")


# Methods that send nothing, that ask for what is always there, or send what another one sends.
NEVER_REFUSED = {
    "clear_caches",
    "clear_latest_caches",
    "close",
    "config",
    "get_associations_by_resource_name",
    "get_contexts",
    "get_global_mode",
    "get_schema_types",
    "get_subjects",
    "new_client",
    "register_schema_full_response",
}


def test_every_method_that_can_be_refused_is() -> None:
    assert {case.method for case in CASES} == set(SCENARIOS) - NEVER_REFUSED
