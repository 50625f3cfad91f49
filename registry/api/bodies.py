"""The request bodies of the contract, and the domain values they stand for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from compat.schema import EntityTags
from registry.api.json_body import (
    MIN_INT,
    Body,
    as_flag,
    as_int,
    as_list,
    as_long_list,
    as_map,
    as_member,
    as_text,
    as_texts,
)
from registry.model import (
    MAX_ID,
    EnableAt,
    Metadata,
    Reference,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
)
from registry.service.config import ConfigUpdate
from registry.service.parsing import Draft
from registry.service.register import Registration
from registry.service.tags import TagRequest

if TYPE_CHECKING:
    from registry.names import Subject

Text = Annotated[str | None, BeforeValidator(as_text)]
INT: dict[str, Any] = {"type": "integer", "minimum": MIN_INT, "maximum": MAX_ID}
Int = Annotated[
    int | None, BeforeValidator(as_int), WithJsonSchema({"anyOf": [INT, {"type": "null"}]})
]
Flag = Annotated[bool | None, BeforeValidator(as_flag)]
Texts = Annotated[list[str] | None, BeforeValidator(as_texts)]
TextMap = Annotated[dict[str, Text] | None, BeforeValidator(as_map)]


class SchemaReference(Body):
    name: Text = None
    subject: Text = None
    version: Int = None

    def value(self) -> Reference:
        """Return the reference as it came; what is missing is refused where it is resolved."""
        return Reference(self.name, self.subject, self.version)  # type: ignore[arg-type]


class MetadataBody(Body):
    tags: Annotated[dict[str, Texts] | None, BeforeValidator(as_map)] = None
    properties: TextMap = None
    sensitive: Texts = None

    def value(self) -> Metadata:
        return Metadata(
            tags={path: frozenset(tags or ()) for path, tags in (self.tags or {}).items()},
            properties={k: v for k, v in (self.properties or {}).items() if v is not None},
            sensitive=frozenset(self.sensitive or ()),
        )


class RuleBody(Body):
    name: Text = None
    doc: Text = None
    kind: Annotated[RuleKind | None, BeforeValidator(as_member(RuleKind, "RuleKind"))] = None
    mode: Annotated[RuleMode | None, BeforeValidator(as_member(RuleMode, "RuleMode"))] = None
    type: Text = None
    tags: Texts = None
    params: TextMap = None
    expr: Text = None
    on_success: Text = None
    on_failure: Text = None
    disabled: Flag = None

    def value(self) -> Rule:
        return Rule(
            name=self.name,
            doc=self.doc,
            kind=self.kind or RuleKind.TRANSFORM,
            mode=self.mode or RuleMode.WRITEREAD,
            type=self.type,
            tags=frozenset(self.tags or ()),
            params={k: v for k, v in (self.params or {}).items() if v is not None},
            expr=self.expr,
            on_success=self.on_success,
            on_failure=self.on_failure,
            disabled=bool(self.disabled),
        )


Rules = Annotated[list[RuleBody] | None, BeforeValidator(as_list)]


class RuleSetBody(Body):
    migration_rules: Rules = None
    domain_rules: Rules = None
    encoding_rules: Rules = None
    enable_at: Annotated[
        EnableAt | None, BeforeValidator(as_member(EnableAt, "RuleSetEnableAt"))
    ] = None

    def value(self) -> RuleSet:
        return RuleSet(
            migration_rules=tuple(rule.value() for rule in self.migration_rules or ()),
            domain_rules=tuple(rule.value() for rule in self.domain_rules or ()),
            encoding_rules=tuple(rule.value() for rule in self.encoding_rules or ()),
            enable_at=self.enable_at,
        )


class EntityType(StrEnum):
    """The kinds of places in a schema that can be tagged."""

    FIELD = "sr_field"
    RECORD = "sr_record"


class SchemaEntity(Body):
    entity_path: Text = None
    entity_type: Annotated[
        EntityType | None, BeforeValidator(as_member(EntityType, "EntityType"))
    ] = None


class SchemaTagsBody(Body):
    schema_entity: SchemaEntity | None = None
    tags: Texts = None

    def value(self) -> EntityTags:
        entity = self.schema_entity or SchemaEntity()
        kind = entity.entity_type or EntityType.FIELD
        return EntityTags(entity.entity_path or "", kind.value, tuple(self.tags or ()))


SchemaTagsList = Annotated[list[SchemaTagsBody] | None, BeforeValidator(as_list)]


class RegisterSchemaRequest(Body):
    """A schema to register, to look up or to test."""

    schema_text: Text = Field(default=None, alias="schema")
    schema_type: Text = None
    references: Annotated[list[SchemaReference] | None, BeforeValidator(as_long_list)] = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    version: Int = None
    id: Int = None
    schema_tags_to_add: SchemaTagsList = None
    schema_tags_to_remove: SchemaTagsList = None
    propagate_schema_tags: Flag = None

    def draft(self, subject: Subject) -> Draft:
        return Draft(
            subject=subject,
            schema_type=self.schema_type,
            text=self.schema_text,
            references=tuple(reference.value() for reference in self.references or ()),
            metadata=None if self.metadata is None else self.metadata.value(),
            rule_set=None if self.rule_set is None else self.rule_set.value(),
            version=self.version,
            id=self.id,
        )

    def registration(self, subject: Subject, *, normalize: bool = False) -> Registration:
        return Registration(
            self.draft(subject),
            normalize=normalize,
            tags_to_add=tuple(tags.value() for tags in self.schema_tags_to_add or ()),
            tags_to_remove=tuple(tags.value() for tags in self.schema_tags_to_remove or ()),
            propagate_tags=bool(self.propagate_schema_tags),
        )


class TagSchemaRequest(Body):
    """Tags, metadata or rules to change on top of a version."""

    new_version: Int = None
    tags_to_add: SchemaTagsList = None
    tags_to_remove: SchemaTagsList = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    rules_to_merge: RuleSetBody | None = None
    rules_to_remove: Texts = None

    def value(self) -> TagRequest:
        return TagRequest(
            new_version=self.new_version,
            tags_to_add=tuple(tags.value() for tags in self.tags_to_add or ()),
            tags_to_remove=tuple(tags.value() for tags in self.tags_to_remove or ()),
            metadata=None if self.metadata is None else self.metadata.value(),
            rule_set=None if self.rule_set is None else self.rule_set.value(),
            rules_to_merge=None if self.rules_to_merge is None else self.rules_to_merge.value(),
            rules_to_remove=tuple(self.rules_to_remove or ()),
        )


class ConfigUpdateRequest(Body):
    """Settings to change: absent ones are kept, nulls are cleared."""

    alias: Text = None
    alias_for_deks: Text = None
    normalize: Flag = None
    validate_fields: Flag = None
    validate_new_schemas: Flag = None
    validate_rules: Flag = None
    compatibility: Text = None
    compatibility_policy: Text = None
    compatibility_group: Text = None
    default_metadata: MetadataBody | None = None
    override_metadata: MetadataBody | None = None
    default_rule_set: RuleSetBody | None = None
    override_rule_set: RuleSetBody | None = None

    def value(self) -> ConfigUpdate:
        values: dict[str, Any] = {}
        for name in self.model_fields_set:
            given = getattr(self, name)
            setting = "compatibility_level" if name == "compatibility" else name
            values[setting] = given.value() if hasattr(given, "value") else given
        return ConfigUpdate(values)


class ModeUpdateRequest(Body):
    mode: Text = None
