"""What the generated OpenAPI document says of bodies and errors; nothing here runs on a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

    from registry.errors import RegistryError

MEDIA_TYPES = (
    "application/vnd.schemaregistry.v1+json",
    "application/vnd.schemaregistry+json",
    "application/json",
)


def errors(*kinds: type[RegistryError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: every error by status, with an example of each."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        known = by_status.setdefault(kind.status, _error_answer())
        examples = known["content"][MEDIA_TYPES[0]]["examples"]
        examples[kind.__name__] = {
            "summary": f"error_code {kind.code}",
            "value": {"error_code": kind.code, "message": kind.template},
        }
    return by_status


def _error_answer() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": "Refused, with the reason",
        "content": {MEDIA_TYPES[0]: {"schema": schema, "examples": {}}},
    }


def answers(schema: dict[str, Any], example: object, *, status: int = 200) -> dict[int | str, Any]:
    """Return the `responses` entry of a success."""
    content = {"schema": schema, "example": example}
    return {
        status: {"description": "Done", "content": {MEDIA_TYPES[0]: content}},
    }


def takes(body: type[BaseModel], example: object) -> dict[str, Any]:
    """Return the `openapi_extra` of a route that reads a body of this shape."""
    content = {
        "schema": {"$ref": f"#/components/schemas/{body.__name__}"},
        "example": example,
    }
    return {
        "requestBody": {
            "required": True,
            "content": dict.fromkeys(MEDIA_TYPES, content),
        }
    }
