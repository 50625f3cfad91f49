"""The values that the OpenAPI document shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from registry import errors as e

if TYPE_CHECKING:
    from collections.abc import Mapping

AVRO_DOCUMENT = {
    "type": "record",
    "name": "User",
    "fields": [{"name": "name", "type": "string"}],
}
AVRO_TEXT = orjson.dumps(AVRO_DOCUMENT).decode()
GUID = "b24494e1-ebc1-c751-c4e6-ab1ce30f6e90"
AVRO_REQUEST = {"schema": AVRO_TEXT, "schemaType": "AVRO"}
SCHEMA = {
    "subject": "orders-value",
    "version": 1,
    "id": 1,
    "guid": GUID,
    "schemaType": "AVRO",
    "schema": AVRO_TEXT,
    "ts": 1750000000000,
    "deleted": False,
}
SCHEMA_STRING = {key: value for key, value in SCHEMA.items() if key != "id"}
TAG_REQUEST = {
    "newVersion": 2,
    "tagsToAdd": [
        {
            "schemaEntity": {"entityPath": "User.name", "entityType": "sr_field"},
            "tags": ["PII"],
        }
    ],
}
CONFIG = {"compatibilityLevel": "BACKWARD"}
CONFIG_REQUEST = {"compatibility": "FULL"}
MODE = {"mode": "READWRITE"}
VERDICT = {"is_compatible": True}
EXPLAIN_REQUEST = {"subject": "orders-value", "candidate": AVRO_REQUEST}
PLACE = {"subject": "orders-value", "version": 1, "id": 1}
LEVELS = {
    "NONE": True,
    "BACKWARD": False,
    "BACKWARD_TRANSITIVE": False,
    "FORWARD": True,
    "FORWARD_TRANSITIVE": True,
    "FULL": False,
    "FULL_TRANSITIVE": False,
}
EXPLANATION = {
    "isCompatible": False,
    "level": "BACKWARD",
    "policy": "STRICT",
    "change": "MAJOR",
    "acceptingLevels": ["NONE", "FORWARD", "FORWARD_TRANSITIVE"],
    "acceptingPolicies": [],
    "verdicts": {"STRICT": LEVELS, "LENIENT": LEVELS, "LOGICAL": LEVELS},
    "comparisons": [
        {
            **PLACE,
            "isSameType": True,
            "findings": [
                {
                    "direction": "BACKWARD",
                    "kind": "READER_FIELD_MISSING_DEFAULT_VALUE",
                    "path": "/fields/1",
                    "detail": "age",
                    "refusedBy": ["STRICT", "LENIENT", "LOGICAL"],
                    "new": {"path": "/fields/1", "fragment": '{"name":"age","type":"int"}'},
                    "sentence": "The field `age` has no default, and the old schema lacks it.",
                    "fix": "Give `age` a default.",
                    "witness": {
                        "message": '{"name":""}',
                        "encoded": "AA==",
                        "failure": "No default value for field age in User",
                    },
                }
            ],
            "omittedFindings": 0,
        }
    ],
    "omittedComparisons": 0,
}
EXPLAINED_ERROR = {
    "error_code": 40901,
    "message": "Schema being registered is incompatible with an earlier schema …",
    "explanation": EXPLANATION,
}
IMPACT_REQUEST = {"subject": "address", "candidate": AVRO_REQUEST}
IMPACT = {
    "subject": "address",
    "isCompatible": True,
    "checked": 1,
    "broken": 0,
    "dependents": [
        {
            **PLACE,
            "through": [],
            "level": "BACKWARD",
            "policy": "STRICT",
            "isCompatible": True,
            "messages": [],
        }
    ],
}
CLUSTER = {
    "scope": {
        "path": [],
        "clusters": {"kafka-cluster": "accord", "schema-registry-cluster": "schema-registry"},
    }
}
SERVER_VERSION = {"version": "0.1.0", "commitId": "f3c1a80"}
RESOURCE = {
    "resourceName": "orders",
    "resourceNamespace": "lkc-1",
    "resourceId": "orders-7d1f",
    "resourceType": "topic",
}
ASSOCIATION = {
    "subject": "orders-schema",
    "guid": "6b8f1f0e-58a4-4c3f-9a62-3d1b1f0d6c11",
    **RESOURCE,
    "associationType": "value",
    "lifecycle": "WEAK",
    "createTs": 1750000000000,
    "updateTs": 1750000000000,
}
WEAK_TIE = {"subject": "orders-schema", "associationType": "value", "lifecycle": "WEAK"}
ASSOCIATION_REQUEST = {**RESOURCE, "associations": [WEAK_TIE]}
ASSOCIATED = {**RESOURCE, "associations": [{**WEAK_TIE, "frozen": False}]}
BATCH_GET = {"requests": [{"resourceId": "orders-7d1f"}]}
BATCH = {"requests": [{**RESOURCE, "associations": [{"opType": "CREATE", **WEAK_TIE}]}]}
BATCHED = {"results": [{"result": ASSOCIATED}]}

MISSING_DEFAULT = (
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'email' at path "
    "'/fields/1' in the new schema has no default value and is missing in the old schema', "
    "additionalInfo:'email'}"
)

# What each error is about in the document; errors that are not here have a text of their own.
ERROR_PARTS: Mapping[type[e.RegistryError], tuple[object, ...]] = {
    e.InvalidQuestion: ("'candidate' is missing",),
    e.SubjectNotFound: ("orders-value",),
    e.VersionNotFound: (7,),
    e.SchemaNotFound: (7,),
    e.SubjectSoftDeleted: ("orders-value",),
    e.SubjectNotSoftDeleted: ("orders-value",),
    e.VersionSoftDeleted: ("orders-value", 1),
    e.VersionNotSoftDeleted: ("orders-value", 1),
    e.SubjectLevelConfigNotFound: ("orders-value",),
    e.SubjectLevelModeNotFound: ("orders-value",),
    e.AssociationNotFound: ("orders-7d1f",),
    e.IncompatibleSchema: (
        "orders-value",
        (
            MISSING_DEFAULT,
            "{oldSchemaVersion: 1}",
            f"{{oldSchema: '{AVRO_TEXT}'}}",
            "{validateFields: 'false', compatibility: 'BACKWARD'}",
        ),
    ),
    e.AssociationForResourceExists: ("value", "orders-7d1f"),
    e.AssociationForSubjectExists: (":.lkc-1:orders-value",),
    e.StrongAssociationForSubjectExists: (":.lkc-1:orders-value",),
    e.NoActiveVersion: ("orders-schema",),
    e.AssociationFrozen: ("value", ":.lkc-1:orders-value"),
    e.InvalidSchemaText: ("Invalid schema type XML",),
    e.InvalidVersion: ("0",),
    e.OperationNotPermitted: ("Subject orders-value in context  is in read-only mode",),
    e.ReferenceExists: ("{magic=1,keytype=SCHEMA,subject=address,version=1}",),
    e.InvalidSubject: ("__EMPTY",),
    e.SubjectTooLong: (2000,),
    e.InvalidRuleSet: ("Found rule with duplicate name 'mask'",),
    e.ContextNotEmpty: (":.staging:",),
    e.InvalidAssociation: ("subject", "must be provided for WEAK associations"),
    e.NullBody: ("register.arg6",),
    e.MalformedRequest: (
        "Unexpected character ('b' (code 98)): was expecting double-quote to start field name",
    ),
    e.BodyTooLarge: (10_000_000,),
    e.StorageUnavailable: ("the database is busy",),
    e.InternalFailure: ("Internal Server Error",),
    e.NotReady: ("opening the database",),
}


def error_kinds() -> list[type[e.RegistryError]]:
    """Return every error the service can answer with."""
    kinds = [kind for kind in vars(e).values() if isinstance(kind, type)]
    return [k for k in kinds if issubclass(k, e.RegistryError) and k is not e.RegistryError]


def error_example(kind: type[e.RegistryError]) -> dict[str, object]:
    """Return the named example of an error, as the components of the document hold it."""
    error = kind(*ERROR_PARTS.get(kind, ()))
    return {
        "summary": f"error_code {kind.code}",
        "value": {"error_code": kind.code, "message": error.message},
    }
