"""Rules around JSON messages: where they run, what they see, and what is checked after them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from serde_kits import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from serde_kits import Kit

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Card",
    "type": "object",
    "properties": {
        "number": {"type": "string", "pattern": "^[0-9]+$", "confluent:tags": ["PII"]},
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}, "confluent:tags": ["PII"]},
    },
}
LATEST = {"auto.register.schemas": False, "use.latest.version": True}


def executor(kit: Kit, kind: str, transform: Callable[..., Any]) -> Any:
    """Return an executor that gives whole messages to a function."""

    class Executor(kit.the.RuleExecutor):  # type: ignore[misc] # either package's
        def type(self) -> str:
            return kind

        def transform(self, ctx: Any, message: Any) -> Any:
            return transform(ctx, message)

    return Executor()


def field_executor(kit: Kit, kind: str, change: Callable[[Any], Any]) -> Any:
    """Return an executor that gives fields to a function."""

    class Executor(kit.the.FieldRuleExecutor):  # type: ignore[misc] # either package's
        def type(self) -> str:
            return kind

        def new_transform(self, ctx: Any) -> Any:  # noqa: ARG002 - the interface
            return lambda _ctx, _field, value: change(value)

    return Executor()


def field_rules(kit: Kit, *changes: tuple[str, Callable[[Any], Any]]) -> Any:
    registry = kit.the.RuleRegistry()
    for kind, change in changes:
        made = field_executor(kit, kind, change)
        registry.register_executor(kit.call(lambda made=made: made))
    return registry


def rule(kit: Kit, kind: str, mode: str, *tags: str, condition: bool = False) -> Any:
    the = kit.the
    rule_kind = the.RuleKind.CONDITION if condition else the.RuleKind.TRANSFORM
    name, wanted = kind.lower(), list(tags) or None
    return the.Rule(
        name, None, rule_kind, the.RuleMode[mode], kind, wanted, None, None, None, None, None
    )


def register(kit: Kit, client: Any, name: str, schema: Any, **rules: Any) -> None:
    rule_set = kit.the.RuleSet(rules.get("migration"), rules.get("domain"))
    text = json.dumps(schema)
    client.register_schema(
        f"{name}-value", kit.the.Schema(text, "JSON", [], rules.get("metadata"), rule_set)
    )


CARD = {"number": "123", "name": "Ada", "tags": ["a", "b"]}


def test_messages_are_checked_after_the_rules(kit: Kit, client: Any, name: str) -> None:
    """What a rule makes of tagged fields counts when written, and when read."""
    hide = [rule(kit, "HIDE", "WRITE", "PII"), rule(kit, "SHOW", "READ", "PII")]
    register(kit, client, name, SCHEMA, domain=hide)
    turned = field_rules(kit, ("HIDE", lambda text: text[::-1]), ("SHOW", lambda text: text[::-1]))
    broken = field_rules(kit, ("HIDE", lambda _: "x"), ("SHOW", lambda _: "x"))
    write = kit.JSONSerializer(None, client, conf=LATEST, rule_registry=turned)
    read = kit.JSONDeserializer(None, schema_registry_client=client, rule_registry=turned)
    before = json.dumps(CARD)
    for _ in range(3):
        message = write(CARD | {}, kit.value(name))
        assert json.loads(message[5:]) == {"number": "321", "name": "Ada", "tags": ["a", "b"]}
        assert read(message, kit.value(name)) == CARD
    assert json.dumps(CARD) == before
    for make, data in (
        (lambda **more: kit.JSONSerializer(None, client, conf=LATEST, **more), CARD | {}),
        (lambda **more: kit.JSONDeserializer(None, schema_registry_client=client, **more), message),
    ):
        outcome = Outcome.of(kit, make(rule_registry=broken), data, kit.value(name))
        assert outcome.trouble == "SerializationError"


def test_rules_make_unreadable_messages_readable(kit: Kit, client: Any, name: str) -> None:
    """A payload that is not valid until its rules have run is read."""
    register(kit, client, name, SCHEMA, domain=[rule(kit, "SHOW", "READ", "PII")])
    show = field_rules(kit, ("SHOW", lambda text: text.removeprefix("secret:")))
    write = kit.JSONSerializer(None, client, conf=LATEST | {"validate": False})
    message = write({"number": "secret:123"}, kit.value(name))
    read = kit.JSONDeserializer(None, schema_registry_client=client, rule_registry=show)
    for _ in range(2):
        assert read(message, kit.value(name)) == {"number": "123"}


def test_tags_of_the_metadata_are_paths(kit: Kit, client: Any, name: str) -> None:
    """Full names begin at `$`."""
    tags = kit.the.MetadataTags({"$.na*": ["LATER"]})
    metadata = kit.the.Metadata(tags, None, None)
    rules = [rule(kit, "HIDE", "WRITE", "LATER")]
    register(kit, client, name, SCHEMA, domain=rules, metadata=metadata)
    hide = field_rules(kit, ("HIDE", lambda text: text.upper()))
    write = kit.JSONSerializer(None, client, conf=LATEST, rule_registry=hide)
    assert json.loads(write(CARD | {}, kit.value(name))[5:]) == CARD | {"name": "ADA"}


def test_conditions_on_fields(kit: Kit, client: Any, name: str) -> None:
    """A field that gives False is an error."""
    rules = [rule(kit, "SHORT", "WRITE", "PII", condition=True)]
    register(kit, client, name, SCHEMA, domain=rules)
    short = field_rules(kit, ("SHORT", lambda text: len(text) < 4))
    write = kit.JSONSerializer(None, client, conf=LATEST, rule_registry=short)
    for _ in range(2):
        assert json.loads(write(CARD | {}, kit.value(name))[5:]) == CARD
        outcome = Outcome.of(kit, write, {"number": "12345"}, kit.value(name))
        assert outcome.trouble == "SerializationError"


def test_migrations_work_on_the_decoded_message(kit: Kit, client: Any, name: str) -> None:
    """The result has to be valid for the reader's schema, and the old message for none."""
    old = {"title": "Old", "type": "object", "properties": {"size": {"type": "number"}}}
    new = {
        "title": "New",
        "type": "object",
        "properties": {"height": {"type": "string"}},
        "additionalProperties": False,
    }
    client.set_compatibility(f"{name}-value", "NONE")
    register(kit, client, name, old)
    register(kit, client, name, new, migration=[rule(kit, "MOVE", "UPGRADE")])
    message = kit.JSONSerializer(json.dumps(old), client, conf={"auto.register.schemas": False})(
        {"size": 3}, kit.value(name)
    )
    assert message[:5] == b"\0\0\0\0\1"

    def read(change: Callable[[Any], Any]) -> Outcome:
        registry = kit.the.RuleRegistry()
        registry.register_executor(executor(kit, "MOVE", lambda _, each: change(each)))
        made = kit.JSONDeserializer(
            None,
            schema_registry_client=client,
            conf={"use.latest.version": True},
            rule_registry=registry,
        )
        return Outcome.of(kit, made, message, kit.value(name))

    for _ in range(2):
        moved = read(lambda each: {"height": str(each["size"])})
        assert moved == Outcome({"height": "3"}, None)
        assert read(lambda each: {"height": each["size"]}).trouble == "SerializationError"


def test_inline_rules_are_checked_on_writing(kit: Kit, client: Any, name: str) -> None:
    """Of objects and of fields; absent and null ones are left alone."""
    schema = {
        "type": "object",
        "confluent:rules": [{"name": "whole", "expr": "whole"}],
        "properties": {"a": {"confluent:rules": [{"name": "part", "expr": "part"}]}},
    }
    seen: list[tuple[str, Any]] = []

    class Executor(kit.the.ValidationRuleExecutor):  # type: ignore[misc] # either package's
        def execute(self, rule: Any, schema: Any, message: Any) -> bool:  # noqa: ARG002 - the interface
            seen.append((rule.name, message))
            return bool(message != "bad")

    conf = {
        "validation.rules.execution": "BEFORE_DOMAIN_RULES",
        "validation.rules.executor": Executor(),
    }
    write = kit.JSONSerializer(json.dumps(schema), client, conf=conf)
    for _ in range(2):
        seen.clear()
        write({"a": "good"}, kit.value(name))
        assert seen == [("whole", {"a": "good"}), ("part", "good")]
        write({"a": None}, kit.value(name))
        write({}, kit.value(name))
        assert [each for each, _ in seen[2:]] == ["whole", "whole"]
        outcome = Outcome.of(kit, write, {"a": "bad"}, kit.value(name))
        assert outcome.trouble == "SerializationError"
