"""The shapes of answers, as the OpenAPI document names them."""

from __future__ import annotations

from typing import Any

from registry.api.association_bodies import (
    AssociationBatchGetRequest,
    AssociationBatchRequest,
    AssociationCreateOrUpdateRequest,
)
from registry.api.bodies import (
    ConfigUpdateRequest,
    ModeUpdateRequest,
    RegisterSchemaRequest,
    TagSchemaRequest,
)
from registry.api.documented import ref
from registry.api.explanation_bodies import ExplainRequest, ImpactRequest

BODIES = (
    RegisterSchemaRequest,
    TagSchemaRequest,
    ConfigUpdateRequest,
    ModeUpdateRequest,
    AssociationCreateOrUpdateRequest,
    AssociationBatchGetRequest,
    AssociationBatchRequest,
    ExplainRequest,
    ImpactRequest,
)
REF = "#/components/schemas/{model}"
Shape = dict[str, Any]


def array(items: Shape) -> Shape:
    return {"type": "array", "items": items}


def shape(required: tuple[str, ...], **properties: Shape) -> Shape:
    return {"type": "object", "required": list(required), "properties": properties}


TEXT: Shape = {"type": "string"}
NUMBER: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
FREE: Shape = {"type": "object"}

CONTENT: dict[str, Shape] = {
    "guid": {"type": "string", "format": "uuid"},
    "schemaType": {"type": "string", "enum": ["AVRO", "JSON", "PROTOBUF"]},
    "references": array(ref("SchemaReference")),
    "metadata": ref("MetadataBody"),
    "schema": TEXT,
    "ruleSet": ref("RuleSetBody"),
    "schemaTags": array(ref("SchemaTagsBody")),
    "ts": NUMBER,
    "deleted": FLAG,
}
VERSIONED: dict[str, Shape] = {"subject": TEXT, "version": NUMBER, "id": NUMBER, **CONTENT}
CONFIG: dict[str, Shape] = {
    "alias": TEXT,
    "aliasForDeks": TEXT,
    "normalize": FLAG,
    "validateFields": FLAG,
    "validateNewSchemas": FLAG,
    "validateRules": FLAG,
    "compatibilityLevel": TEXT,
    "compatibilityPolicy": TEXT,
    "compatibilityGroup": TEXT,
    "defaultMetadata": ref("MetadataBody"),
    "overrideMetadata": ref("MetadataBody"),
    "defaultRuleSet": ref("RuleSetBody"),
    "overrideRuleSet": ref("RuleSetBody"),
}
ASSOCIATION: dict[str, Shape] = {
    "subject": TEXT,
    "guid": TEXT,
    "resourceName": TEXT,
    "resourceNamespace": TEXT,
    "resourceId": TEXT,
    "resourceType": TEXT,
    "associationType": TEXT,
    "lifecycle": {"type": "string", "enum": ["STRONG", "WEAK"]},
    "frozen": FLAG,
    "createTs": NUMBER,
    "updateTs": NUMBER,
}

PLACE: dict[str, Shape] = {"subject": TEXT, "version": NUMBER, "id": NUMBER}
SIDE = shape(("path", "fragment"), path=TEXT, fragment=TEXT)

ANSWERS: dict[str, Shape] = {
    "Error": shape(("error_code", "message"), error_code=NUMBER, message=TEXT),
    "Schema": shape(("subject", "version", "id", "guid", "schemaType"), **VERSIONED),
    "ExtendedSchema": shape(
        ("subject", "version", "id", "guid", "schemaType"),
        **VERSIONED,
        aliases=array(TEXT),
        associations=array(ref("Association")),
    ),
    "SchemaString": shape(
        ("guid", "schemaType"),
        subject=TEXT,
        version=NUMBER,
        id=NUMBER,
        **CONTENT,
        maxId=NUMBER,
    ),
    "RegisterSchemaResponse": shape(("id",), id=NUMBER, version=NUMBER, guid=TEXT),
    "SubjectVersion": shape(("subject", "version"), subject=TEXT, version=NUMBER),
    "ContextId": shape(("context", "id"), context=TEXT, id=NUMBER),
    "Config": shape((), **CONFIG),
    "CompatibilityCheckResponse": shape(
        ("is_compatible",), is_compatible=FLAG, messages=array(TEXT)
    ),
    "Explanation": shape(
        ("isCompatible", "level", "policy", "change", "verdicts", "comparisons"),
        isCompatible=FLAG,
        level=TEXT,
        policy=TEXT,
        change={"type": ["string", "null"], "enum": ["MAJOR", "MINOR", "PATCH", None]},
        acceptingLevels=array(TEXT),
        acceptingPolicies=array(TEXT),
        verdicts=FREE,
        comparisons=array(ref("Comparison")),
        omittedComparisons=NUMBER,
    ),
    "Comparison": shape(
        ("isSameType", "findings", "omittedFindings"),
        **PLACE,
        index=NUMBER,
        isSameType=FLAG,
        findings=array(ref("Finding")),
        omittedFindings=NUMBER,
    ),
    "Finding": shape(
        ("direction", "kind", "path", "refusedBy"),
        direction={"type": "string", "enum": ["BACKWARD", "FORWARD"]},
        kind=TEXT,
        path=TEXT,
        detail=TEXT,
        refusedBy=array(TEXT),
        new=SIDE,
        old=SIDE,
        sentence=TEXT,
        fix=TEXT,
        witness=shape(("message", "failure"), message=TEXT, encoded=TEXT, failure=TEXT),
        withoutWitness=TEXT,
    ),
    "ExplainedError": shape(
        ("error_code", "message", "explanation"),
        error_code=NUMBER,
        message=TEXT,
        explanation=ref("Explanation"),
    ),
    "Impact": shape(
        ("subject", "isCompatible", "checked", "broken", "dependents"),
        subject=TEXT,
        isCompatible=FLAG,
        checked=NUMBER,
        broken=NUMBER,
        dependents=array(
            shape(
                ("subject", "version", "id", "through", "level", "policy", "isCompatible"),
                **PLACE,
                through=array(shape(("subject", "version", "id"), **PLACE)),
                level=TEXT,
                policy=TEXT,
                isCompatible=FLAG,
                messages=array(TEXT),
            )
        ),
    ),
    "ServerClusterId": shape(("scope",), scope=FREE),
    "ServerVersion": shape(("version", "commitId"), version=TEXT, commitId=TEXT),
    "Deployment": shape(("attributes",), attributes=array(TEXT)),
    "Association": shape(("subject", "guid", "lifecycle"), **ASSOCIATION),
    "AssociationResponse": shape(
        (),
        resourceName=TEXT,
        resourceNamespace=TEXT,
        resourceId=TEXT,
        resourceType=TEXT,
        associations=array(ref("AssociationInfo")),
    ),
    "AssociationInfo": shape(
        ("subject", "associationType", "lifecycle", "frozen"),
        subject=TEXT,
        associationType=TEXT,
        lifecycle=ASSOCIATION["lifecycle"],
        frozen=FLAG,
        schema=shape(("schemaType",), **CONTENT),
    ),
    "AssociationBatchResponse": shape(
        ("results",),
        results=array(shape((), error=ref("Error"), result=ref("AssociationResponse"))),
    ),
}


def component_schemas() -> dict[str, Shape]:
    """Return every named shape: bodies from their models, answers from the table."""
    found: dict[str, Shape] = {}
    for body in BODIES:
        schema = body.model_json_schema(ref_template=REF, by_alias=True)
        found |= schema.pop("$defs", {})
        found[body.__name__] = schema
    return {name: found[name] for name in sorted(found)} | ANSWERS
