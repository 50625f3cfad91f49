"""The request bodies of /associations, and the domain values they stand for."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from registry.api.bodies import (
    Flag,  # noqa: TC001 - pydantic reads annotations when the program runs
    RegisterSchemaRequest,  # noqa: TC001 - likewise
    Text,  # noqa: TC001 - likewise
    Texts,  # noqa: TC001 - likewise
)
from registry.api.json_body import Body, as_batch, as_list, as_member
from registry.model import AssociationQuery, Lifecycle
from registry.names import DEFAULT
from registry.service.association_rules import TOPIC, Operation, Resource, Tie, complain

LifecycleName = Annotated[
    Lifecycle | None, BeforeValidator(as_member(Lifecycle, "LifecyclePolicy"))
]


def _as_operation(value: object) -> object:
    if value is None:
        raise PydanticCustomError(
            "operation", "{text}", {"text": "missing type id property 'opType'"}
        )
    return as_member(Operation, "OpType")(value)


def _require_operation(schema: dict[str, Any]) -> None:
    """Say that `opType` has to be there; pydantic would, and word the refusal its own way."""
    del schema["properties"]["opType"]["default"]
    schema["required"] = ["opType"]


OperationName = Annotated[
    Operation | None,
    BeforeValidator(_as_operation),
    WithJsonSchema({"type": "string", "enum": list(Operation)}),
]


class AssociationCreateOrUpdateInfo(Body):
    """One association of a resource."""

    subject: Text = None
    association_type: Text = None
    lifecycle: LifecycleName = None
    frozen: Flag = None
    schema_body: RegisterSchemaRequest | None = Field(default=None, alias="schema")
    normalize: Flag = None

    def tie(self, operation: Operation) -> Tie:
        registration = None
        if self.schema_body is not None:
            # The subject follows from the resource and is filled in where that is known.
            registration = self.schema_body.registration(DEFAULT, normalize=bool(self.normalize))
        return Tie(
            association_type=self.association_type,
            subject=self.subject,
            lifecycle=self.lifecycle,
            frozen=self.frozen,
            registration=registration,
            operation=operation,
        )


class AssociationOp(AssociationCreateOrUpdateInfo):
    """What is to be done about one association of a resource."""

    model_config = ConfigDict(json_schema_extra=_require_operation)

    op_type: OperationName = Field(default=None, validate_default=True)
    cascade_lifecycle: Flag = None

    def value(self) -> Tie:
        tie = self.tie(self.op_type or Operation.CREATE)
        return tie.cascading() if self.cascade_lifecycle else tie


class ResourceBody(Body):
    """A resource as requests name it."""

    resource_name: Text = None
    resource_namespace: Text = None
    resource_id: Text = None
    resource_type: Text = None

    def resource(self) -> Resource:
        return Resource(
            name=self.resource_name or "",
            namespace=self.resource_namespace or "",
            id=self.resource_id or "",
            type=self.resource_type or TOPIC,
        )


class AssociationCreateOrUpdateRequest(ResourceBody):
    """A resource and how it is tied to subjects."""

    associations: Annotated[
        list[AssociationCreateOrUpdateInfo] | None, BeforeValidator(as_list)
    ] = None

    def ties(self, operation: Operation) -> list[Tie]:
        return [one.tie(operation) for one in self.associations or ()]


class AssociationOpRequest(ResourceBody):
    """A resource and what is to be done about its associations."""

    associations: Annotated[list[AssociationOp] | None, BeforeValidator(as_list)] = None

    def ties(self) -> list[Tie]:
        return [one.value() for one in self.associations or ()]


class AssociationBatchRequest(Body):
    """Several resources to tie or untie; each is done or refused by itself."""

    requests: Annotated[list[AssociationOpRequest] | None, BeforeValidator(as_batch)] = None


class AssociationGetRequest(ResourceBody):
    """Which associations of which resource to show."""

    association_types: Texts = None
    lifecycle: LifecycleName = None

    def query(self) -> AssociationQuery:
        """Return the criteria; raises InvalidAssociation for what would be every association."""
        if not (self.resource_id or self.resource_name):
            raise complain("resourceId", "cannot be null or empty")
        return AssociationQuery(
            resource_namespace=self.resource_namespace or None,
            resource_name=self.resource_name or None,
            resource_id=self.resource_id or None,
            resource_type=self.resource_type or TOPIC,
            association_types=tuple(self.association_types or ()),
            lifecycle=self.lifecycle,
        )


class AssociationBatchGetRequest(Body):
    """Several questions about resources."""

    requests: Annotated[list[AssociationGetRequest] | None, BeforeValidator(as_batch)] = None
