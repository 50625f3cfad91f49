"""The calls about settings, modes, contexts, associations and the server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_serde import _json
from accord_serde._associations import Association, AssociationResponse
from accord_serde._call import Call, Forget, Memory, Slot, nothing, path, query
from accord_serde._questions import OfResource
from accord_serde._server_config import ServerConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_serde._associations import AssociationCreateOrUpdateRequest

ASSOCIATIONS = Forget(None, (Memory.ASSOCIATION,))


def _scope(root: str, subject: str | None) -> str:
    """Return the path of a setting, for one subject or for everything."""
    return root if subject is None else path(root, subject)


def set_compatibility(subject: str | None, level: str) -> Call[dict[str, Any]]:
    body = {"compatibility": level.upper()}
    return Call("PUT", _scope("config", subject), _document, body=body)


def _document(answer: object) -> dict[str, Any]:
    return _json.typed(answer, dict, "answer")


def compatibility(subject: str | None) -> Call[str]:
    return Call("GET", _scope("config", subject), _level)


def delete_compatibility(subject: str | None) -> Call[str]:
    return Call("DELETE", _scope("config", subject), _level)


def _level(answer: object) -> str:
    return _json.required(answer, "compatibilityLevel", str)


def set_config(subject: str | None, config: ServerConfig) -> Call[dict[str, Any]]:
    return Call("PUT", _scope("config", subject), _document, body=config.to_dict())


def config(subject: str | None) -> Call[ServerConfig]:
    return Call("GET", _scope("config", subject), _config)


def delete_config(subject: str | None) -> Call[ServerConfig]:
    return Call("DELETE", _scope("config", subject), _config)


def _config(answer: object) -> ServerConfig:
    return ServerConfig.from_dict(_document(answer))


def mode(subject: str | None) -> Call[str]:
    return Call("GET", _scope("mode", subject), _mode)


def update_mode(subject: str | None, new: str, *, force: bool) -> Call[str]:
    scope = _scope("mode", subject)
    return Call("PUT", scope, _mode, query=query(force=force), body={"mode": new})


def delete_mode(subject: str | None) -> Call[str]:
    return Call("DELETE", _scope("mode", subject), _mode)


def _mode(answer: object) -> str:
    return _json.required(answer, "mode", str)


def contexts(*, offset: int, limit: int) -> Call[list[str]]:
    def parse(answer: object) -> list[str]:
        return _json.elements(answer, str, "answer")

    return Call("GET", "contexts", parse, query=query(offset=offset, limit=limit))


def delete_context(context: str) -> Call[None]:
    return Call("DELETE", path("contexts", context), nothing)


def associations_by_resource_name(
    name: str,
    namespace: str,
    *,
    resource_type: str | None,
    association_types: Sequence[str] | None,
    offset: int,
    limit: int,
) -> Call[list[Association]]:
    types = None if association_types is None else tuple(association_types)
    start, size = (number if number > 0 else None for number in (offset, limit))
    question = OfResource(name, namespace, resource_type, types, start, size)
    return Call(
        "GET",
        path("associations", "resources", namespace, name),
        _associations,
        query=query(resourceType=resource_type, associationType=types, offset=start, limit=size),
        slot=Slot(Memory.ASSOCIATION, None, question),
    )


def associations_by_subject(
    subject: str, *, resource_type: str | None, association_types: Sequence[str] | None
) -> Call[list[Association]]:
    return Call(
        "GET",
        path("associations", "subjects", subject),
        _associations,
        query=query(resourceType=resource_type, associationType=association_types),
    )


def _associations(answer: object) -> list[Association]:
    return [Association.from_dict(each) for each in _json.elements(answer, dict, "answer")]


def create_association(request: AssociationCreateOrUpdateRequest) -> Call[AssociationResponse]:
    body = request.to_dict()
    return Call("POST", "associations", _association_response, body=body, forget=ASSOCIATIONS)


def update_association(
    resource_id: str, request: AssociationCreateOrUpdateRequest
) -> Call[AssociationResponse]:
    where = path("associations", "resources", resource_id)
    body = request.to_dict()
    return Call("PUT", where, _association_response, body=body, forget=ASSOCIATIONS)


def _association_response(answer: object) -> AssociationResponse:
    return AssociationResponse.from_dict(_document(answer))


def delete_associations(
    resource_id: str,
    *,
    resource_type: str | None,
    association_types: Sequence[str] | None,
    cascade_lifecycle: bool,
) -> Call[None]:
    return Call(
        "DELETE",
        path("associations", "resources", resource_id),
        nothing,
        query=query(
            cascadeLifecycle=cascade_lifecycle,
            resourceType=resource_type,
            associationType=association_types,
        ),
        forget=ASSOCIATIONS,
    )


def cluster_ids() -> Call[dict[str, str]]:
    def parse(answer: object) -> dict[str, str]:
        clusters = _json.required(_json.required(answer, "scope", dict), "clusters", dict)
        return _json.entries(clusters, str, "clusters")

    return Call("GET", "v1/metadata/id", parse)


def server_version() -> Call[dict[str, str]]:
    def parse(answer: object) -> dict[str, str]:
        return _json.entries(answer, str, "answer")

    return Call("GET", "v1/metadata/version", parse)
