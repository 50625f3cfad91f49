"""What a rule is told about the message and the field it looks at."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accord_serde._rules_engine import patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from accord_serde._rules import Rule, RuleMode
    from accord_serde._schemas import Schema


class RulePhase(StrEnum):
    """The three lists of a rule set."""

    MIGRATION = "MIGRATION"
    DOMAIN = "DOMAIN"
    ENCODING = "ENCODING"


class FieldType(StrEnum):
    """The type of a field; its name is what CEL sees as `typeName`."""

    RECORD = "RECORD"
    ENUM = "ENUM"
    ARRAY = "ARRAY"
    MAP = "MAP"
    COMBINED = "COMBINED"
    FIXED = "FIXED"
    STRING = "STRING"
    BYTES = "BYTES"
    INT = "INT"
    LONG = "LONG"
    FLOAT = "FLOAT"
    DOUBLE = "DOUBLE"
    BOOLEAN = "BOOLEAN"
    NULL = "NULL"


_COMPOUND = frozenset(
    {
        FieldType.RECORD,
        FieldType.ENUM,
        FieldType.ARRAY,
        FieldType.MAP,
        FieldType.COMBINED,
        FieldType.FIXED,
    }
)


class FieldContext:
    """The field under way: the names are the schema's, `containing_message` is the caller's.

    `field_descriptor` is the Protobuf descriptor of the field, None in the other formats.
    """

    __slots__ = (
        "containing_message",
        "field_descriptor",
        "field_type",
        "full_name",
        "name",
        "tags",
    )

    def __init__(
        self,
        containing_message: Any,
        full_name: str,
        name: str,
        field_type: FieldType,
        tags: set[str],
        field_descriptor: Any = None,
    ) -> None:
        self.containing_message = containing_message
        self.full_name = full_name
        self.name = name
        self.field_type = field_type
        self.tags = tags
        self.field_descriptor = field_descriptor

    def is_primitive(self) -> bool:
        """Tell whether CEL_FIELD looks at values of this type: not at enums and fixed."""
        return self.field_type not in _COMPOUND

    def type_name(self) -> str:
        return self.field_type.name


class RuleContext:
    """One rule at work on one message.

    `rules` is the list in the order of execution, `rule` its element `index`. `original_key` and
    `original_value` are what a dead letter is made of.
    """

    __slots__ = (
        "_field_contexts",
        "enabled_env",
        "field_transformer",
        "index",
        "inline_tags",
        "original_key",
        "original_value",
        "rule",
        "rule_mode",
        "rules",
        "ser_ctx",
        "source",
        "subject",
        "target",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - the signature is Confluent's
        self,
        enabled_env: str | None,
        ser_ctx: Any,
        source: Schema | None,
        target: Schema | None,
        subject: str,
        rule_mode: RuleMode,
        rule: Rule,
        index: int,
        rules: Sequence[Rule],
        inline_tags: Mapping[str, Iterable[str]] | None,
        field_transformer: FieldTransformer | None,
        original_key: Any = None,
        original_value: Any = None,
    ) -> None:
        self.enabled_env = enabled_env
        self.ser_ctx = ser_ctx
        self.source = source
        self.target = target
        self.subject = subject
        self.rule_mode = rule_mode
        self.rule = rule
        self.index = index
        self.rules = rules
        self.inline_tags = inline_tags
        self.field_transformer = field_transformer
        self.original_key = original_key
        self.original_value = original_value
        self._field_contexts: list[FieldContext] = []

    def get_parameter(self, name: str) -> str | None:
        """Return a parameter of the rule, else the property of the schema's metadata, else None."""
        params = self.rule.params
        value = None if params is None else params.params.get(name)
        if value is not None or self.target is None:
            return value
        metadata = self.target.metadata
        if metadata is None or metadata.properties is None:
            return None
        return metadata.properties.properties.get(name)

    def current_field(self) -> FieldContext | None:
        return self._field_contexts[-1] if self._field_contexts else None

    def enter_field(
        self,
        containing_message: Any,
        full_name: str,
        name: str,
        field_type: FieldType,
        tags: Iterable[str] | None,
        field_descriptor: Any = None,
    ) -> FieldContext:
        """Go into a field; its tags are those given, or the inline ones, and the metadata's."""
        inline = (self.inline_tags or {}).get(full_name, ()) if tags is None else tags
        entered = FieldContext(
            containing_message,
            full_name,
            name,
            field_type,
            {*inline, *self.get_tags(full_name)},
            field_descriptor,
        )
        self._field_contexts.append(entered)
        return entered

    def exit_field(self) -> None:
        if self._field_contexts:
            self._field_contexts.pop()

    def get_tags(self, full_name: str) -> set[str]:
        """Return the tags that the metadata's patterns give to a field."""
        metadata = None if self.target is None else self.target.metadata
        if metadata is None or metadata.tags is None:
            return set()
        tagged = metadata.tags.tags.items()
        return {
            tag for pattern, tags in tagged if patterns.matches(pattern, full_name) for tag in tags
        }


FieldTransform = Callable[[RuleContext, FieldContext, Any], Any]
FieldTransformer = Callable[[RuleContext, FieldTransform, Any], Any]
