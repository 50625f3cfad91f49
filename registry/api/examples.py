"""The values that the OpenAPI document shows."""

from __future__ import annotations

AVRO_TEXT = '{"type":"record","name":"User","fields":[{"name":"name","type":"string"}]}'
GUID = "095d71cf-1255-6b9d-5e33-0ad575b3df5d"
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
CLUSTER = {
    "scope": {
        "path": [],
        "clusters": {"kafka-cluster": "accord", "schema-registry-cluster": "schema-registry"},
    }
}
ASSOCIATION_REQUEST = {
    "resourceName": "orders",
    "resourceNamespace": "lkc1",
    "resourceId": "lkc1:orders",
    "resourceType": "topic",
    "associations": [{"subject": "orders-schema", "associationType": "value"}],
}
ASSOCIATED = {
    **ASSOCIATION_REQUEST,
    "associations": [{"subject": "orders-schema", "associationType": "value", "lifecycle": "WEAK"}],
}
