"""The file: what stands in it, and every way in which it can be none."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_serde import (
    Association,
    AsyncSchemaRegistryClient,
    Metadata,
    MetadataProperties,
    MetadataTags,
    RegisteredSchema,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    _bundle_file,
)
from accord_serde._bundle import Bundle
from accord_serde._bundle_file import FORMAT, SECTIONS, VERSION, load, save
from accord_serde._call import Memory, Slot
from accord_serde._questions import (
    ByGuid,
    ById,
    Latest,
    LatestWithMetadata,
    Lookup,
    OfResource,
    OneVersion,
    Registration,
)

if TYPE_CHECKING:
    from pathlib import Path

RICH = Schema(
    '{"type": "string"}',
    "JSON",
    [SchemaReference("n", "ref", 3)],
    Metadata(MetadataTags({"**.x": ["PII"]}), MetadataProperties({"ü": "\ud800"}), ["ü"]),
    RuleSet(
        [],
        [
            Rule(
                name="r",
                doc="d",
                kind=RuleKind.TRANSFORM,
                mode=RuleMode.UPGRADE,
                type="CEL",
                tags=["PII"],
                params=RuleParams({"a": "b"}),
                expr="e",
                on_success="NONE",
                on_failure="DLQ",
                disabled=True,
            )
        ],
        [],
        "CLIENT",
    ),
)
FOUND = RegisteredSchema("s", 2, 7, "guid", RICH)
TIED = Association("s", "guid", "t", "ns", "id", "topic", "value", frozen=True, lifecycle="STRONG")
ANSWERS: dict[Slot, Any] = {
    Slot(Memory.CONTENT, None, ById(7, None, None, None)): RICH,
    Slot(Memory.CONTENT, None, ById(7, ":.c:s", "serialized", "qualified")): RICH,
    Slot(Memory.CONTENT, None, ByGuid("guid", None)): RICH,
    Slot(Memory.PLACE, "s", Registration(RICH, normalize_schemas=True)): FOUND,
    Slot(Memory.PLACE, "s", Lookup(RICH, False, "serialized", True)): FOUND,  # noqa: FBT003 - as asked
    Slot(Memory.PLACE, "", OneVersion(2, False, None)): FOUND,  # noqa: FBT003 - likewise
    Slot(Memory.LATEST, "s", Latest("resolved")): FOUND,
    Slot(Memory.LATEST, "s", LatestWithMetadata(frozenset({("k", "v")}), True, None)): FOUND,  # noqa: FBT003 - likewise
    Slot(Memory.ASSOCIATION, None, OfResource("t", "-", "topic", ("value",), None, 5)): [TIED],
    Slot(Memory.ASSOCIATION, None, OfResource("u", "ns", None, None, 1, None)): [],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bundle.json"


def test_every_kind_of_answer_comes_back_as_it_was(file: Path) -> None:
    save(file, ANSWERS)
    assert dict(load(file).answers) == ANSWERS
    assert {type(slot.key) for slot in ANSWERS} == {each.question for each in SECTIONS.values()}


TEXTS = st.text(st.characters(), max_size=20)


@given(text=TEXTS, subject=TEXTS, properties=st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, subject: str, properties: dict[str, str]
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.json"
    schema = Schema(text, metadata=Metadata(properties=MetadataProperties(properties)))
    slot = Slot(Memory.PLACE, subject, OneVersion(1, False, None))  # noqa: FBT003 - as asked
    save(file, {slot: RegisteredSchema(subject, 1, 1, None, schema)})
    (answer,) = load(file).answers.values()
    assert answer.subject == subject
    assert answer.schema.schema_str == text
    assert answer.schema.metadata.properties == schema.metadata.properties  # type: ignore[union-attr] - it was given


def test_the_format_is_what_the_readme_says(file: Path) -> None:
    slot = Slot(Memory.LATEST, "s", Latest(None))
    save(file, {slot: RegisteredSchema("s", 1, 7, "g", Schema('"int"'))})
    document = json.loads(file.read_text())
    assert document == {
        "format": "accord-serde bundle",
        "version": 1,
        "sha256": document["sha256"],
        "content": {
            "get_latest_version": [
                {
                    "subject_name": "s",
                    "fmt": None,
                    "answer": {
                        "subject": "s",
                        "version": 1,
                        "id": 7,
                        "guid": "g",
                        "schema": '"int"',
                        "schemaType": "AVRO",
                        "references": [],
                    },
                }
            ]
        },
    }
    assert len(document["sha256"]) == 64


def test_an_empty_bundle_is_one(file: Path) -> None:
    save(file, {})
    assert load(file).answers == {}


def rewritten(file: Path, **changes: Any) -> None:
    """Change a whole bundle, its checksum put right unless it is what is changed."""
    document = json.loads(file.read_text())
    document |= changes
    if "sha256" not in changes:
        document["sha256"] = _bundle_file._digest(document["content"])  # noqa: SLF001 - to lie well
    file.write_text(json.dumps(document))


ENTRY = {"guid": "g", "fmt": None, "answer": {"schema": '"int"'}}
UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"format": "else"}, "does not say that it is one"),
    ({"format": None}, "does not say that it is one"),
    ({"version": "1"}, "does not say that it is one"),
    ({"version": VERSION + 1}, rf"version {VERSION + 1}, and this accord-serde reads up to"),
    ({"sha256": "0" * 64}, "damaged"),
    ({"sha256": None}, "damaged"),
    ({"content": []}, "content is list"),
    ({"content": None}, "content is missing"),
    ({"content": {"delete_subject": []}}, "unknown method: delete_subject"),
    ({"content": {"get_schema_by_guid": {}}}, "get_schema_by_guid is dict"),
    ({"content": {"get_schema_by_guid": [1]}}, "element of get_schema_by_guid is int"),
    ({"content": {"get_schema_by_guid": [ENTRY | {"guid": None}]}}, "guid is missing"),
    ({"content": {"get_schema_by_guid": [ENTRY | {"guid": 1}]}}, "is int, not str"),
    ({"content": {"get_schema_by_guid": [ENTRY | {"answer": 1}]}}, "is int, not dict"),
    ({"content": {"get_schema_by_guid": [ENTRY | {"answer": {"schema": 1}}]}}, "schema is int"),
    ({"content": {"get_latest_version": [ENTRY]}}, "subject_name is missing"),
]


@pytest.mark.parametrize("face", [SchemaRegistryClient, AsyncSchemaRegistryClient])
@pytest.mark.parametrize(("changes", "message"), UNUSABLE)
def test_what_is_no_whole_bundle_is_refused_at_once(
    file: Path, changes: dict[str, Any], message: str, face: Any
) -> None:
    save(file, {slot: ANSWERS[slot] for slot in ANSWERS if isinstance(slot.key, ByGuid)})
    rewritten(file, **changes)
    with pytest.raises(ValueError, match=message) as caught:
        face({"url": "http://one", "accord.bundle": str(file)})
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"1", b"[" * 100_000, b"null"])
def test_any_other_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ValueError, match="cannot be used as a bundle"):
        load(file)


def test_a_bundle_cut_short_or_changed_is_refused(file: Path) -> None:
    save(file, ANSWERS)
    whole = file.read_bytes()
    for end in range(0, len(whole) - 1, 97):
        file.write_bytes(whole[:end])
        with pytest.raises(ValueError, match="cannot be used as a bundle"):
            load(file)
    for place in [whole.index(b'"get_schema"') + 2, whole.index(b"PII"), whole.index(b"STRONG")]:
        file.write_bytes(whole[:place] + b"Z" + whole[place + 1 :])
        with pytest.raises(ValueError, match="damaged"):
            load(file)


def test_a_bundle_that_is_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SchemaRegistryClient({"url": "http://one", "accord.bundle": file})
    with pytest.raises(TypeError, match=r"accord.bundle must be a str or a path"):
        SchemaRegistryClient({"url": "http://one", "accord.bundle": 1})


def test_neither_side_takes_more_than_the_bound(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(file, ANSWERS)
    monkeypatch.setattr(_bundle_file, "MAX_BYTES", file.stat().st_size - 1)
    with pytest.raises(ValueError, match="larger than"):
        load(file)
    before = file.read_bytes()
    with pytest.raises(ValueError, match="at most"):
        save(file, ANSWERS)
    assert file.read_bytes() == before
    monkeypatch.setattr(_bundle_file, "MAX_BYTES", file.stat().st_size)
    assert dict(load(file).answers) == ANSWERS


def test_a_failed_write_leaves_what_was_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(file, ANSWERS)

    def fail(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        save(file, {})
    assert dict(load(file).answers) == ANSWERS
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_readers_see_one_bundle_or_the_other(file: Path) -> None:
    save(file, {})
    done = threading.Event()

    def write() -> None:
        for _ in range(25):
            save(file, ANSWERS)
            save(file, {})
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert len(load(file).answers) in {0, len(ANSWERS)}
    writer.join()


def test_nothing_secret_is_written(file: Path) -> None:
    conf = {
        "url": "http://user:hush@one",
        "http.headers": {"X-Key": "hush"},
        "max.retries": 0,
    }
    document = {"id": 7, "version": 1, "schema": '"int"'}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=document))
    with SchemaRegistryClient(conf, transport=transport) as client:
        client.register_schema("s", Schema('"int"'))
        client.get_schema(7)
        client.write_bundle(file)
    assert "hush" not in file.read_text()
    assert len(load(file).answers) == 2


def test_a_bundle_may_lack_what_an_old_registry_leaves_out(file: Path) -> None:
    schema = Schema('"int"')
    slot = Slot(Memory.PLACE, "s", Registration(schema, normalize_schemas=False))
    save(file, {slot: RegisteredSchema("s", None, 7, None, schema)})
    bundle = load(file)
    assert bundle.answer(slot).schema_id == 7
    normalized = Slot(Memory.PLACE, "s", Registration(schema, normalize_schemas=True))
    assert bundle.answer(normalized).schema_id == 7
    lookup = Slot(Memory.PLACE, "s", Lookup(schema, False, None, False))  # noqa: FBT003 - as asked
    assert bundle.answer(lookup) is None


def test_json_that_is_deeper_than_python_reads_is_a_text_like_any_other() -> None:
    deep = Schema("[" * 100_000, "JSON")
    slot = Slot(Memory.PLACE, "s", OneVersion(1, False, None))  # noqa: FBT003 - as asked
    bundle = Bundle({slot: RegisteredSchema("s", 1, 7, None, deep)})
    asked = Slot(Memory.PLACE, "s", Registration(deep, normalize_schemas=False))
    assert bundle.answer(asked).schema_id == 7


def test_the_format_is_named() -> None:
    assert FORMAT == "accord-serde bundle"
