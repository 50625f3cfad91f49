"""Differential test: what our clients' methods give is what Confluent's really give.

One conversation with a running registry is held by each client in a context of its own. Where an
answer differs, `DIFFERENCES` says why.
"""

from __future__ import annotations

import asyncio
import inspect
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import accord_serde

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace

USER = '{"type":"record","name":"User","fields":[{"name":"id","type":"long"}]}'
WIDER = USER.replace("}]", '},{"name":"x","type":"int","default":0}]')
WRONG = USER.replace("}]", '},{"name":"y","type":"int"}]')
# Of a content alone, and so the same in every context.
GUID = "095d71cf-1255-6b9d-5e33-0ad575b3df5d"


def text(package: Any) -> Any:
    return package.Schema('"string"')


def user(package: Any) -> Any:
    return package.Schema(USER)


def wider(package: Any) -> Any:
    """Build a schema with all that a schema may have."""
    rule = package.Rule(
        name="r",
        doc="d",
        kind=package.RuleKind.CONDITION,
        mode=package.RuleMode.WRITE,
        type="CEL",
        tags=["PII"],
        params=package.RuleParams({"p": "1"}),
        expr="true",
        on_success="NONE",
        on_failure="ERROR",
        disabled=False,
    )
    tags = package.MetadataTags({"**.x": ["PII"]})
    properties = package.MetadataProperties({"owner": "me"})
    return package.Schema(
        WIDER,
        metadata=package.Metadata(tags, properties, ["owner"]),
        rule_set=package.RuleSet([], [rule], [], "ALL"),
    )


def wrong(package: Any) -> Any:
    return package.Schema(WRONG)


def referrer(package: Any) -> Any:
    reference = package.SchemaReference("User", "user", 1)
    return package.Schema('{"type":"array","items":"User"}', references=[reference])


def settings(package: Any) -> Any:
    return package.ServerConfig(
        compatibility=package.ConfigCompatibilityLevel.FULL,
        compatibility_group="owner",
        default_metadata=wider(package).metadata,
        override_rule_set=wider(package).rule_set,
    )


def ties(lifecycle: str) -> Any:
    def build(package: Any) -> Any:
        info = package.AssociationCreateOrUpdateInfo(
            subject="assoc" if lifecycle == "WEAK" else None,
            association_type="value",
            lifecycle=lifecycle,
            schema=text(package) if lifecycle == "STRONG" else None,
        )
        name = f"{lifecycle}-CONTEXT"
        return package.AssociationCreateOrUpdateRequest(name, "ns", f"id-{name}", "topic", [info])

    return build


# A method and its arguments; a callable is made from the package under test. CONTEXT is replaced.
Step = tuple[str, dict[str, Any]]
STEPS: list[Step] = [
    ("register_schema", {"subject_name": "user", "schema": user}),
    ("register_schema_full_response", {"subject_name": "user", "schema": wider}),
    (
        "register_schema_full_response",
        {"subject_name": "text", "schema": text, "normalize_schemas": True},
    ),
    ("register_schema", {"subject_name": "user", "schema": wrong}),
    ("register_schema", {"subject_name": "users", "schema": referrer}),
    ("get_schema", {"schema_id": 1}),
    ("get_schema", {"schema_id": 2, "subject_name": "user"}),
    ("get_schema", {"schema_id": 4, "fmt": "resolved"}),
    ("get_schema", {"schema_id": 99}),
    ("get_schema_by_guid", {"guid": GUID}),
    ("get_schema_by_guid", {"guid": str(uuid.UUID(int=0))}),
    ("get_schema_types", {}),
    ("get_subjects_by_schema_id", {"schema_id": 1}),
    ("get_subjects_by_schema_id", {"schema_id": 99}),
    ("get_schema_versions", {"schema_id": 2, "deleted": True, "offset": 0, "limit": 1}),
    ("lookup_schema", {"subject_name": "user", "schema": wider, "deleted": True}),
    ("lookup_schema", {"subject_name": "user", "schema": text}),
    ("lookup_schema", {"subject_name": "nobody", "schema": text}),
    ("get_subjects", {}),
    ("get_subjects", {"subject_prefix": "user", "limit": 1, "offset": 1}),
    ("get_latest_version", {"subject_name": "user"}),
    ("get_latest_version", {"subject_name": "nobody"}),
    ("get_latest_with_metadata", {"subject_name": "user", "metadata": {"owner": "me"}}),
    ("get_latest_with_metadata", {"subject_name": "user", "metadata": {"owner": "you"}}),
    ("get_version", {"subject_name": "user"}),
    ("get_version", {"subject_name": "user", "version": 1, "deleted": True}),
    ("get_version", {"subject_name": "user", "version": 9}),
    ("get_referenced_by", {"subject_name": "user", "version": 1}),
    ("get_versions", {"subject_name": "user"}),
    ("get_versions", {"subject_name": "nobody"}),
    ("test_compatibility", {"subject_name": "user", "schema": user, "verbose": True}),
    ("test_compatibility", {"subject_name": "user", "schema": wrong, "version": 1}),
    ("test_compatibility_all_versions", {"subject_name": "user", "schema": wrong}),
    ("set_compatibility", {"level": "none"}),
    ("set_compatibility", {"subject_name": "user", "level": "full"}),
    ("set_compatibility", {"subject_name": "user", "level": "sideways"}),
    ("set_compatibility", {"subject_name": "user"}),
    ("get_compatibility", {}),
    ("get_compatibility", {"subject_name": "user"}),
    ("get_compatibility", {"subject_name": "nobody"}),
    ("set_config", {"config": settings}),
    ("set_config", {"subject_name": "user", "config": settings}),
    ("set_config", {"subject_name": "user"}),
    ("get_config", {}),
    ("get_config", {"subject_name": "user"}),
    ("delete_config", {"subject_name": "user"}),
    ("delete_config", {"subject_name": "user"}),
    ("delete_config", {}),
    ("update_mode", {"subject_name": "m", "mode": "READONLY"}),
    ("update_mode", {"subject_name": "m", "mode": "SIDEWAYS", "force": True}),
    ("get_mode", {"subject_name": "m"}),
    ("delete_mode", {"subject_name": "m"}),
    ("get_mode", {"subject_name": "m"}),
    ("update_global_mode", {"mode": "READWRITE", "force": True}),
    ("get_global_mode", {}),
    ("register_schema", {"subject_name": "assoc", "schema": text}),
    ("create_association", {"request": ties("WEAK")}),
    ("create_association", {"request": ties("STRONG")}),
    (
        "get_associations_by_resource_name",
        {"resource_name": "WEAK-CONTEXT", "resource_namespace": "-", "resource_type": "topic"},
    ),
    (
        "get_associations_by_resource_name",
        {"resource_name": "STRONG-CONTEXT", "resource_namespace": "ns"},
    ),
    (
        "get_associations_by_resource_name",
        {"resource_name": "nobody", "resource_namespace": "-", "association_types": ["key"]},
    ),
    ("delete_associations", {"resource_id": "id-WEAK-CONTEXT", "cascade_lifecycle": True}),
    ("delete_associations", {"resource_id": "nobody"}),
    ("delete_version", {"subject_name": "user", "version": 2}),
    ("delete_version", {"subject_name": "user", "version": 2}),
    ("delete_version", {"subject_name": "user", "version": 2, "permanent": True}),
    ("delete_version", {"subject_name": "user", "version": 1}),
    ("delete_subject", {"subject_name": "text"}),
    ("delete_subject", {"subject_name": "text", "permanent": True}),
    ("delete_subject", {"subject_name": "text"}),
    ("clear_latest_caches", {}),
    ("clear_caches", {}),
]

NOT_COMPARED = {
    "aclose": "the asyncio spelling of close",
    "close": "gives None in any case",
    "config": "gives what the client was made with",
    "get_contexts": "shows the contexts of the other tests",
    "new_client": "gives a client",
}
# Method and field; the packages agree on everything else.
DIFFERENCES = {
    "register_schema_full_response.schema": "where the registry answers none, Confluent's client "
    "has none the first time and the one that was sent from the second time on",
    "get_associations_by_resource_name.frozen": "a registry omits it where it follows from the "
    "lifecycle; Confluent's client says False then, of the frozen ones too",
}


class Entity(NamedTuple):
    name: str
    fields: dict[str, Any]


def differences(ours: Any, theirs: Any, where: str) -> Iterator[str]:
    """Name the places where two answers differ."""
    match ours, theirs:
        case Entity(), Entity() if ours.name == theirs.name:
            for name, found in ours.fields.items():
                yield from differences(found, theirs.fields[name], f"{where}.{name}")
        case list(), list() if len(ours) == len(theirs):
            for found, wanted in zip(ours, theirs, strict=True):
                yield from differences(found, wanted, where)
        case _ if ours != theirs:
            yield where


class Talk:
    """A client that holds the conversation in a context of its own."""

    def __init__(self, package: Any, face: str, url: str, runner: asyncio.Runner) -> None:
        self._package = package
        self._runner = runner
        self._context = uuid.uuid4().hex
        address = f"{url}/contexts/.{self._context}"
        self._client = getattr(package, face)({"url": address, "max.retries": 0})

    def hold(self) -> list[Any]:
        try:
            return [self._ask(method, given) for method, given in STEPS]
        finally:
            self._settle(getattr(self._client, "aclose", getattr(self._client, "close", None))())

    def _ask(self, method: str, given: dict[str, Any]) -> Any:
        """Call a method without memories of former calls, and return what it gave or raised."""
        self._settle(self._client.clear_caches())
        arguments = {name: self._argument(value) for name, value in given.items()}
        try:
            return self._plain(self._settle(getattr(self._client, method)(**arguments)))
        except (accord_serde.SchemaRegistryError, self._package.SchemaRegistryError) as error:
            message = error.error_message.replace(self._context, "CONTEXT")
            return ("SchemaRegistryError", error.http_status_code, error.error_code, message)
        except ValueError as error:
            return (type(error).__name__, str(error))

    def _argument(self, value: Any) -> Any:
        made = value(self._package) if callable(value) else value
        if isinstance(made, str):
            return made.replace("CONTEXT", self._context)
        for name in ("resource_name", "resource_id"):
            if hasattr(made, name):
                setattr(made, name, getattr(made, name).replace("CONTEXT", self._context))
        return made

    def _settle(self, answer: Any) -> Any:
        return self._runner.run(answer) if inspect.isawaitable(answer) else answer

    def _plain(self, value: Any) -> Any:
        """Spell out an answer with the types in it; fields are those that the stock class has."""
        match value:
            case str():
                return (type(value).__name__, value.replace(self._context, "CONTEXT"))
            case list():
                return [self._plain(each) for each in value]
            case dict():
                return {self._plain(key): self._plain(each) for key, each in value.items()}
            case None | bool() | int():
                return value
        names = [field.name for field in STOCK_FIELDS[type(value).__name__]]
        return Entity(type(value).__name__, {name: self._field(value, name) for name in names})

    def _field(self, value: Any, name: str) -> Any:
        found = getattr(value, name)
        if type(value).__name__ == "Association" and name == "guid":
            return str(uuid.UUID(found)) == found  # a random one
        return self._plain(found)


STOCK_FIELDS: dict[str, Any] = {}


@pytest.fixture(scope="module")
def wanted(stock: SimpleNamespace, registry_url: str) -> list[Any]:
    """What Confluent's blocking client gives."""
    for name, member in vars(stock).items():
        if hasattr(member, "__attrs_attrs__"):
            STOCK_FIELDS[name] = member.__attrs_attrs__
    with asyncio.Runner() as runner:
        return Talk(stock, "SchemaRegistryClient", registry_url, runner).hold()


FACES = ["SchemaRegistryClient", "AsyncSchemaRegistryClient"]


def disagreements(talk: Talk, wanted: list[Any]) -> set[str]:
    methods = [method for method, _ in STEPS]
    answers = zip(methods, talk.hold(), wanted, strict=True)
    return {
        place for method, ours, theirs in answers for place in differences(ours, theirs, method)
    }


@pytest.mark.parametrize("face", FACES)
def test_the_conversation_can_be_repeated(
    stock: SimpleNamespace, registry_url: str, wanted: list[Any], face: str
) -> None:
    with asyncio.Runner() as runner:
        assert disagreements(Talk(stock, face, registry_url, runner), wanted) == set()


@pytest.mark.parametrize("face", FACES)
def test_every_method_gives_what_the_stock_client_gives(
    registry_url: str, wanted: list[Any], face: str
) -> None:
    with asyncio.Runner() as runner:
        found = disagreements(Talk(accord_serde, face, registry_url, runner), wanted)
    reasons = {key for key in DIFFERENCES for place in found if place.startswith(key)}
    assert {place for place in found if not place.startswith(tuple(DIFFERENCES))} == set()
    assert reasons == set(DIFFERENCES)


def test_every_method_of_the_stock_client_is_compared(stock: SimpleNamespace) -> None:
    public = {
        name
        for face in (stock.SchemaRegistryClient, stock.AsyncSchemaRegistryClient)
        for name in vars(face)
        if not name.startswith("_")
    }
    assert public - set(NOT_COMPARED) == {method for method, _ in STEPS}


def test_the_conversation_is_more_than_refusals(wanted: list[Any]) -> None:
    """Every method that is compared gives something but an error at least once."""
    given = {
        method
        for (method, _), answer in zip(STEPS, wanted, strict=True)
        if not (isinstance(answer, tuple) and answer[0].endswith("Error"))
    }
    assert given == {method for method, _ in STEPS}
