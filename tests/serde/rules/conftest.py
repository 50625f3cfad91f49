"""The same rules in Confluent's client and in ours."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry.common.avro import get_inline_tags, transform
from confluent_kafka.schema_registry.common.avro import validate_message as stock_validate
from confluent_kafka.schema_registry.serde import BaseDeserializer
from fastavro.schema import expand_schema

from accord_serde._avro.fields import AvroFields
from accord_serde._rules_engine import RulePhase, has_rules, migrations, run_migrations, run_rules
from accord_serde._rules_engine import versions_between as versions

TOPIC = "orders"
SUBJECT = "orders-value"
STOCK = "confluent_kafka.schema_registry"


class Library:
    """The names of one client, and its way to run rules over fastavro's data."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.is_stock = root == STOCK
        for name in ("", ".serde", ".rule_registry"):
            module = importlib.import_module(root + name)
            exported = getattr(module, "__all__", None) or dir(module)
            self.__dict__.update({key: getattr(module, key) for key in exported})
        outer = importlib.import_module(
            "confluent_kafka.serialization" if self.is_stock else f"{root}.serialization"
        )
        self.SerializationContext = outer.SerializationContext
        self.SerializationError = outer.SerializationError
        self.MessageField = outer.MessageField
        self.registry = self.RuleRegistry()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # what the modules do not have

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.root}.{name}")

    def with_executors(self, *names: str) -> None:
        for name in names:
            module, _, kind = name.rpartition(".")
            self.registry.register_executor(getattr(self.module(f"rules.{module}"), kind)())

    def rule(self, **given: Any) -> Any:
        names = ("name", "doc", "kind", "mode", "type", "tags", "params", "expr")
        names += ("on_success", "on_failure", "disabled")
        values = {"name": "r", "kind": "TRANSFORM", "mode": "WRITE", "type": "CEL"} | given
        values["kind"] = values["kind"] and self.RuleKind(values["kind"])
        values["mode"] = values["mode"] and self.RuleMode(values["mode"])
        if values.get("params") is not None:
            values["params"] = self.RuleParams(values["params"])
        return self.Rule(**{name: values.get(name) for name in names})

    def schema(
        self,
        *,
        domain: list[Any] = (),
        migration: list[Any] = (),
        encoding: list[Any] = (),
        enable_at: str | None = None,
        tags: dict[str, list[str]] | None = None,
        properties: dict[str, str] | None = None,
    ) -> Any:
        rules = self.RuleSet(list(migration), list(domain), list(encoding), enable_at)
        metadata = self.Metadata(
            None if tags is None else self.MetadataTags(tags),
            None if properties is None else self.MetadataProperties(properties),
            None,
        )
        return self.Schema("{}", "AVRO", [], metadata, rules)

    def version(self, number: int, **rules: Any) -> Any:
        schema = self.schema(**rules)
        given = {"subject": SUBJECT, "version": number, "schema_id": number, "guid": None}
        return self.RegisteredSchema(**given, schema=schema)

    def context(self, *, field: str = "VALUE", headers: Any = None) -> Any:
        return self.SerializationContext(TOPIC, self.MessageField[field], headers)

    def run(  # noqa: PLR0913 - by keyword, as the function that it calls
        self,
        message: Any,
        *,
        mode: str = "WRITE",
        phase: str = "DOMAIN",
        source: Any = None,
        target: Any = None,
        avro: Any = None,
        ctx: Any = None,
        original: Any = None,
    ) -> Any:
        ctx = ctx or self.context()
        walk = None if avro is None else self.walk(avro)
        tags = None if walk is None else walk.inline_tags
        transformer = None if walk is None else walk.transform
        mode = self.RuleMode(mode)
        if self.is_stock:
            phases = importlib.import_module(f"{STOCK}.common.schema_registry_client").RulePhase
            arguments = (ctx, SUBJECT, phases(phase), mode, source, target, message, tags)
            return self._stock()._execute_rules_with_phase(*arguments, transformer, original)  # noqa: SLF001 - the oracle
        return run_rules(
            registry=self.registry,
            ser_ctx=ctx,
            subject=SUBJECT,
            phase=RulePhase(phase),
            mode=mode,
            source=source,
            target=target,
            message=message,
            inline_tags=tags,
            field_transformer=transformer,
            original_message=original,
        )

    def has_rules(self, rule_set: Any, phase: str, mode: str) -> bool:
        mode = self.RuleMode(mode)
        if self.is_stock:
            phases = importlib.import_module(f"{STOCK}.common.schema_registry_client").RulePhase
            return self._stock()._has_rules(rule_set, phases(phase), mode)  # noqa: SLF001 - the oracle
        return has_rules(rule_set, RulePhase(phase), mode)

    def walk(self, avro: Any) -> Any:
        parsed = fastavro.parse_schema(avro)
        if not self.is_stock:
            return AvroFields(parsed)
        expanded = expand_schema(parsed)
        return SimpleNamespace(
            inline_tags=get_inline_tags(parsed),
            transform=lambda ctx, apply, message: transform(ctx, expanded, message, apply),
            violations=lambda executor, message, fail_fast=False: stock_validate(
                executor, expanded, message, fail_fast
            ),
        )

    def migrate(self, message: Any, history: list[Any], *, writer: int, reader: int) -> Any:
        by_version = {schema.version: schema for schema in history}
        source, target = by_version[writer], by_version[reader]
        if self.is_stock:
            serde = self._stock()
            serde._registry = SimpleNamespace(  # noqa: SLF001 - the oracle
                lookup_schema=lambda *_, **__: source,
                get_version=lambda _, version, *__: by_version[version],
            )
            steps = serde._get_migrations(SUBJECT, source.schema, target, None)  # noqa: SLF001
            return serde._execute_migrations(self.context(), SUBJECT, steps, message)  # noqa: SLF001
        between = [by_version[version] for version in versions(source, target)]
        return run_migrations(
            migrations(source, target, between),
            message,
            registry=self.registry,
            ser_ctx=self.context(),
            subject=SUBJECT,
        )

    def _stock(self) -> Any:
        serde = BaseDeserializer()
        serde._rule_registry = self.registry  # noqa: SLF001 - the oracle
        return serde


@dataclass(frozen=True)
class Trouble:
    """The class of an exception, as both clients have it."""

    kind: str

    @classmethod
    def of(cls, library: Library, error: Exception) -> Trouble:
        for kind in ("SerializationError", "RuleConditionError", "RuleError"):
            if isinstance(error, getattr(library, kind)):
                return cls(kind)
        return cls(type(error).__name__)


@pytest.fixture(params=[STOCK, "accord_serde"], ids=["stock", "ours"])
def library(request: pytest.FixtureRequest) -> Library:
    """Return a client with a rule registry of its own."""
    return Library(request.param)


@pytest.fixture(scope="session")
def libraries() -> list[Library]:
    """Return both clients, for tests that compare them."""
    return [Library(STOCK), Library("accord_serde")]


@pytest.fixture
def outcome(library: Library) -> Any:
    """Return a function that runs rules and gives the message, or the class of the error."""

    def run(message: Any, **given: Any) -> Any:
        try:
            return library.run(message, **given)
        except Exception as error:  # noqa: BLE001 - any error is an outcome
            return Trouble.of(library, error)

    return run


@pytest.fixture
def failed() -> type[Trouble]:
    return Trouble


@pytest.fixture
def journal(library: Library) -> list[str]:
    """Register executors NOTE and FIELD_NOTE that append their rule's expression to the message.

    Returns the list of what was run, with the name of the rule and the mode.
    """
    lines: list[str] = []

    class Note(library.RuleExecutor):  # type: ignore[name-defined, misc] - chosen by the test
        def type(self) -> str:
            return "NOTE"

        def transform(self, ctx: Any, message: Any) -> Any:
            lines.append(f"{ctx.rule.name} {ctx.rule_mode.value}")
            match ctx.rule.expr:
                case "raise":
                    raise ValueError(ctx.rule.name)
                case "null":
                    return None
                case "true" | "false" as verdict:
                    return verdict == "true"
                case _:
                    return [*message, ctx.rule.name] if isinstance(message, list) else message

    class Tell(library.RuleAction):  # type: ignore[name-defined, misc] - likewise
        def type(self) -> str:
            return "TELL"

        def run(self, ctx: Any, message: Any, ex: Exception | None) -> None:
            lines.append(f"{ctx.rule.name} told {message} {ex}")

    class Break(library.RuleAction):  # type: ignore[name-defined, misc] - likewise
        def type(self) -> str:
            return "BREAK"

        def run(self, ctx: Any, message: Any, ex: Exception | None) -> None:
            lines.append(f"{ctx.rule.name} broke on {message} {ex}")
            raise ValueError("broken")

    library.registry.register_executor(Note())
    library.registry.register_action(Tell())
    library.registry.register_action(Break())
    return lines


@pytest.fixture
def cel(library: Library) -> Any:
    """Register CEL and CEL_FIELD."""
    library.with_executors(
        "cel.cel_executor.CelExecutor", "cel.cel_field_executor.CelFieldExecutor"
    )
    return library


@pytest.fixture
def jsonata(library: Library) -> Library:
    """Register JSONATA."""
    library.with_executors("jsonata.jsonata_executor.JsonataExecutor")
    return library


@pytest.fixture
def ours() -> Library:
    """Return our client with all executors, for what Confluent's does not do."""
    made = Library("accord_serde")
    made.with_executors(
        "cel.cel_executor.CelExecutor",
        "cel.cel_field_executor.CelFieldExecutor",
        "jsonata.jsonata_executor.JsonataExecutor",
    )
    return made
