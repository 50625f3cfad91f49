"""The public surface: exactly this, and a superset of Confluent's."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import accord_serde
from accord_serde import error, wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, SimpleNamespace

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

ENTITIES = [
    "Association",
    "AssociationCreateOrUpdateInfo",
    "AssociationCreateOrUpdateRequest",
    "AssociationInfo",
    "AssociationResponse",
    "Metadata",
    "MetadataProperties",
    "MetadataTags",
    "RegisteredSchema",
    "Rule",
    "RuleParams",
    "RuleSet",
    "Schema",
    "SchemaReference",
    "SchemaVersion",
    "ServerConfig",
]
ENUMS = ["ConfigCompatibilityLevel", "RuleKind", "RuleMode"]
CLIENTS = ["AsyncSchemaRegistryClient", "SchemaRegistryClient"]
ERRORS = ["OAuthTokenError", "SchemaRegistryError"]

ADDED_METHODS = {
    "delete_compatibility",
    "delete_context",
    "delete_global_mode",
    "get_associations_by_subject",
    "get_cluster_ids",
    "get_schema_string",
    "get_server_version",
    "update_association",
    "watch_latest",
    "write_bundle",
}
FUNCTIONS = [
    "dual_schema_id_deserializer",
    "header_schema_id_serializer",
    "prefix_schema_id_deserializer",
    "prefix_schema_id_serializer",
    "record_subject_name_strategy",
    "reference_subject_name_strategy",
    "topic_record_subject_name_strategy",
    "topic_subject_name_strategy",
]
# Modules of Confluent's package, and ours with names of their own.
STOCK_MODULES = {
    "avro",
    "error",
    "json_schema",
    "protobuf",
    "rule_registry",
    "schema_registry_client",
    "serde",
}
# What Confluent's modules are built of, and what they hand on of fastavro.
LEFT_OUT = {
    "avro": {"LocalSchemaRepository"},
    "error": {"SchemaParseException", "UnknownType"},
    "rule_registry": {"RuleAction", "RuleExecutor"},
    "serde": {
        "AsyncBaseDeserializer",
        "AsyncBaseSerde",
        "AsyncBaseSerializer",
        "BaseDeserializer",
        "BaseSerde",
        "BaseSerializer",
        "ParsedSchemaCache",
    },
}
OWN_MODULES = {"serialization", "typed", "wire"}


def test_the_package_offers_exactly_this() -> None:
    assert sorted(accord_serde.__all__) == sorted(
        [*ENTITIES, *ENUMS, *CLIENTS, *ERRORS, *FUNCTIONS, "__version__"]
    )
    assert all(hasattr(accord_serde, name) for name in accord_serde.__all__)


def test_the_wire_module_offers_exactly_this() -> None:
    assert sorted(wire.__all__) == [
        "Header",
        "KEY_HEADER",
        "MAX_DEPTH",
        "MAX_INDEX",
        "MAX_SCHEMA_ID",
        "MessageIndexError",
        "SchemaIdError",
        "ShortHeaderError",
        "VALUE_HEADER",
        "WireError",
        "WrongMagicByteError",
        "decode",
        "decode_indexes",
        "encode_guid",
        "encode_id",
        "encode_indexes",
    ]
    assert all(hasattr(wire, name) for name in wire.__all__)


def test_the_error_module_offers_exactly_this() -> None:
    assert sorted(error.__all__) == ERRORS


def test_every_other_module_is_private() -> None:
    modules = {path.stem for path in Path(accord_serde.__file__).parent.glob("*.py")}
    assert {name for name in modules if not name.startswith("_")} == STOCK_MODULES | OWN_MODULES


@pytest.mark.parametrize("name", sorted(STOCK_MODULES))
def test_a_module_has_the_public_names_of_the_stock_one(name: str) -> None:
    with warnings.catch_warnings(record=True):  # of a dependency of its dependency
        theirs = importlib.import_module(f"confluent_kafka.schema_registry.{name}")
    ours = importlib.import_module(f"accord_serde.{name}")
    offered = getattr(theirs, "__all__", None) or defined_in(theirs)
    missing = {each for each in offered if not each.startswith("_") and not hasattr(ours, each)}
    assert missing == LEFT_OUT.get(name, set())


def defined_in(module: ModuleType) -> set[str]:
    package = module.__name__.rpartition(".")[0]
    return {
        each
        for each, value in vars(module).items()
        if isinstance(value, type) and value.__module__.startswith(package)
    }


def parameters(function: Callable[..., object]) -> list[tuple[str, object]]:
    """Return names, in order, and defaults; what annotations say is a matter of taste."""
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.default) for each in found if each.kind is not each.KEYWORD_ONLY]


@pytest.mark.parametrize("name", ENTITIES)
def test_entities_are_built_with_the_stock_arguments(stock: SimpleNamespace, name: str) -> None:
    ours, theirs = getattr(accord_serde, name), getattr(stock, name)
    wanted = inspect.signature(theirs).parameters.values()
    offered = list(inspect.signature(ours).parameters.values())
    assert [each.name for each in wanted] == [each.name for each in offered][: len(wanted)]
    for want, offer in zip(wanted, offered, strict=False):
        if want.default is None or isinstance(want.default, (bool, str)):
            assert offer.default == want.default
        if want.default is not want.empty:
            assert offer.default is not offer.empty
    assert all(offer.default is not offer.empty for offer in offered[len(wanted) :])
    for method in ("from_dict", "to_dict"):
        assert hasattr(ours, method) == hasattr(theirs, method)


@pytest.mark.parametrize("name", ENUMS)
def test_enumerations_have_the_stock_members(stock: SimpleNamespace, name: str) -> None:
    ours, theirs = getattr(accord_serde, name), getattr(stock, name)
    assert [(each.name, str(each)) for each in ours] == [(each.name, str(each)) for each in theirs]


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_the_stock_ones(stock: SimpleNamespace, name: str) -> None:
    ours, theirs = getattr(accord_serde, name), vars(sys.modules[stock.__name__ + ".error"])[name]
    assert parameters(ours.__init__) == parameters(theirs.__init__)
    arguments = (409, 40901, "no") if name == "SchemaRegistryError" else ("no", 401, "text")
    assert str(ours(*arguments)) == str(theirs(*arguments))
    attributes = vars(theirs(*arguments))
    assert {key: getattr(ours(*arguments), key) for key in attributes} == attributes


def public_methods(face: type) -> dict[str, Callable[..., object]]:
    return {
        name: getattr(face, name)
        for name in vars(face)
        if not name.startswith("_") or name in {"__init__", "__enter__", "__aenter__"}
    }


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_have_the_stock_methods(stock: SimpleNamespace, name: str) -> None:
    ours = public_methods(getattr(accord_serde, name))
    theirs = public_methods(getattr(stock, name))
    assert set(ours) - set(theirs) == ADDED_METHODS
    assert {each: parameters(theirs[each]) for each in theirs} == {
        each: parameters(ours[each]) for each in theirs
    }
    for each in theirs:
        assert inspect.iscoroutinefunction(ours[each]) == inspect.iscoroutinefunction(theirs[each])


@pytest.mark.parametrize("name", CLIENTS)
def test_new_client_makes_a_client(name: str) -> None:
    face = getattr(accord_serde, name)
    assert type(face.new_client({"url": "http://one"})) is face


def test_both_faces_have_the_same_methods() -> None:
    blocking, awaited = (
        {
            each: (str(inspect.signature(method)), method.__doc__)
            for each, method in public_methods(getattr(accord_serde, name)).items()
            if each not in {"__init__", "__enter__", "__aenter__", "close", "aclose", "new_client"}
        }
        for name in ("SchemaRegistryClient", "AsyncSchemaRegistryClient")
    )
    assert blocking == awaited


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "serde" / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "accord_serde/_version.py"


def test_callers_are_typed() -> None:
    """What users write passes mypy strict, and what they must not write does not."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    done = subprocess.run(
        [*command, "--config-file=", str(HERE / "typing" / "calls.py")],
        cwd=ROOT / "serde",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("", "")
