"""What the port promises, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.errors import OperationNotPermitted
from registry.model import (
    MAX_ID,
    Association,
    AssociationQuery,
    ChangeKind,
    Config,
    Content,
    EnableAt,
    Lifecycle,
    Metadata,
    Mode,
    Reference,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
)
from registry.names import DEFAULT, GLOBAL, Subject, parse_subject
from registry.storage.port import Conflict, UnstorableText

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.model import Version
    from registry.storage.sql.store import SqlStore

    Register = Callable[..., Version]

FOO = Subject(".", "foo")
BAR = Subject(".", "bar")
STAGED = Subject(".staging", "foo")
STRING = Content("AVRO", '"string"')
INT = Content("AVRO", '"int"')
RULE = Rule(
    name="r",
    doc="why",
    kind=RuleKind.CONDITION,
    mode=RuleMode.WRITE,
    type="CEL",
    tags=frozenset({"PII", "A"}),
    params={"k": "v", "empty": ""},
    expr="x > 1",
    on_success="NONE",
    on_failure="DLQ",
    disabled=True,
)
FULL = Content(
    "JSON",
    '{"ключ": "\\u0000", "😀": 1}',
    metadata=Metadata(
        tags={"**.ssn": frozenset({"PII", "B"}), "none": frozenset()},
        properties={"owner": "x", "b": ""},
        sensitive=frozenset({"owner"}),
    ),
    rule_set=RuleSet((RULE,), (replace(RULE, name="s"),), (RULE,), EnableAt.SERVER),
)


def numbered(number: int) -> Content:
    return Content("AVRO", f'{{"type": "fixed", "name": "f", "size": {number}}}')


# contexts and ids


def test_the_default_context_exists_from_the_start(store: SqlStore) -> None:
    with store.read() as reader:
        assert reader.contexts() == ["."]
        assert reader.last_id(".") == 0


def test_contexts_are_listed_default_first_then_by_code_point(store: SqlStore) -> None:
    names = [".b", ".a", ".Z", ".😀", ".\uffff", ".a-b", ".a:"]
    with store.write() as writer:
        for name in names:
            writer.add_context(name)
            writer.add_context(name)
    with store.read() as reader:
        assert reader.contexts() == [".", *sorted(names)]


def test_ids_are_given_in_order_and_per_context(store: SqlStore) -> None:
    with store.write() as writer:
        writer.add_context(".c")
        assert [writer.next_id("."), writer.next_id("."), writer.next_id(".c")] == [1, 2, 1]
    with store.read() as reader:
        assert (reader.last_id("."), reader.last_id(".c"), reader.last_id(".none")) == (2, 1, 0)


def test_a_claimed_id_is_never_given_again(store: SqlStore) -> None:
    with store.write() as writer:
        writer.claim_id(".", 100)
        writer.claim_id(".", 7)
    with store.write() as writer:
        assert writer.next_id(".") == 101


def test_ids_end_at_the_largest_of_the_wire_format(store: SqlStore) -> None:
    with store.write() as writer:
        writer.claim_id(".", MAX_ID)
    with pytest.raises(OperationNotPermitted), store.write() as writer:
        writer.next_id(".")


def test_ids_are_not_reused_after_the_last_schema_is_gone(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        writer.delete_versions(FOO, [1])
    with store.write() as writer:
        assert register(writer, FOO, STRING).schema_id == 2


def test_a_deleted_context_is_gone_and_starts_anew(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, STAGED, STRING)
        writer.delete_versions(STAGED, [1])
        writer.delete_context(".staging")
        writer.delete_context(".staging")
    with store.write() as writer:
        assert writer.contexts() == ["."]
        assert register(writer, STAGED, STRING).schema_id == 1


def test_a_context_with_versions_cannot_be_deleted(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, STAGED, STRING)
    with pytest.raises(Conflict), store.write() as writer:
        writer.delete_context(".staging")
    with store.read() as reader:
        assert reader.contexts() == [".", ".staging"]


# schemas


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(STRING, id="bare"),
        pytest.param(FULL, id="everything"),
        pytest.param(Content("AVRO", "x", metadata=Metadata(), rule_set=RuleSet()), id="empty"),
        pytest.param(Content("AVRO", ""), id="no text"),
        pytest.param(Content("PROTOBUF", "я" * 1_000_000), id="long"),
        pytest.param(Content("AVRO", "%(id)s :id ? {} '; DROP TABLE"), id="markup"),
    ],
)
def test_a_content_comes_back_as_it_was(
    store: SqlStore, register: Register, content: Content
) -> None:
    with store.write() as writer:
        row = register(writer, FOO, content)
    with store.read() as reader:
        stored = reader.schema(".", row.schema_id)
        latest = reader.latest(FOO)
    assert stored is not None
    assert stored.content == content
    assert stored.guid == content.guid() == stored.content.guid()
    assert latest is not None
    assert (latest.row, latest.content) == (row, content)


def test_references_keep_their_order_and_spelling(store: SqlStore, register: Register) -> None:
    references = tuple(
        Reference(f"n{number}", text, 1) for number, text in enumerate(["foo", ":.:foo", "bar"])
    )
    content = Content("AVRO", '"x"', references)
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, BAR, INT)
        row = register(writer, Subject(".", "top"), content)
    with store.read() as reader:
        stored = reader.schema(".", row.schema_id)
        many = reader.schemas(".", [1, 2, 3])
    assert stored is not None
    assert stored.content.references == references
    assert many[row.schema_id] == stored
    assert many[1].content == STRING


def test_unknown_ids_and_guids_are_not_found(store: SqlStore) -> None:
    with store.read() as reader:
        for schema_id in (-(2**70), -1, 1, MAX_ID, MAX_ID + 1, 2**63, 2**70):
            assert reader.schema(".", schema_id) is None
            assert reader.version(FOO, schema_id) is None
            assert reader.schemas(".", [schema_id]) == {}
            assert reader.holders(".", schema_id) == []
        assert reader.primary_id(".", STRING.guid()) is None
        assert reader.guid_holders("none") == []


def test_many_contents_are_read_at_once(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        for number in range(2, 124):
            content = replace(numbered(number), references=(Reference("r", "foo", 1),))
            register(writer, BAR, content)
    with store.read() as reader:
        found = reader.schemas(".", range(1000))
        newest_first = reader.subject_versions(BAR)
    assert sorted(found) == list(range(1, 124))
    assert all(found[number].content.references for number in range(2, 124))
    assert [one.content for one in newest_first] == [
        found[number].content for number in range(123, 1, -1)
    ]


def test_the_same_content_has_one_id_per_context(store: SqlStore, register: Register) -> None:
    guid = STRING.guid()
    with store.write() as writer:
        register(writer, BAR, INT)
        ids = [register(writer, one, STRING).schema_id for one in (FOO, BAR, STAGED)]
    assert ids == [2, 2, 1]
    with store.read() as reader:
        assert (reader.primary_id(".", guid), reader.primary_id(".staging", guid)) == (2, 1)
        assert reader.guid_holders(guid) == [(".", 2), (".staging", 1)]
        assert [(row.subject, row.version) for row in reader.holders(".", 2)] == [
            (BAR, 2),
            (FOO, 1),
        ]


def test_an_imported_twin_is_not_primary_until_the_first_is_gone(
    store: SqlStore, register: Register
) -> None:
    guid = STRING.guid()
    with store.write() as writer:
        register(writer, FOO, STRING, schema_id=9)
        register(writer, BAR, STRING, schema_id=3)
        assert writer.primary_id(".", guid) == 9
        assert writer.guid_holders(guid) == [(".", 9), (".", 3)]
    with store.write() as writer:
        writer.delete_versions(FOO, [1])
        assert writer.primary_id(".", guid) == 3
        assert writer.guid_holders(guid) == [(".", 3)]


def test_id_zero_can_be_imported(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        writer.add_schema(".", 0, STRING, STRING.guid())
        writer.add_version(FOO, 1, 0, STRING.guid())
    with store.read() as reader:
        assert reader.primary_id(".", STRING.guid()) == 0
        assert reader.last_id(".") == 0
    with store.write() as writer:
        assert register(writer, BAR, INT).schema_id == 1


def test_schemas_are_counted(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        assert writer.schema_count() == 0
        for subject, content in ((FOO, STRING), (BAR, STRING), (FOO, INT), (STAGED, STRING)):
            register(writer, subject, content)
    with store.read() as reader:
        assert reader.schema_count() == 3


def test_an_id_cannot_be_taken_twice(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_schema(".", 1, INT, INT.guid())
    with store.read() as reader:
        stored = reader.schema(".", 1)
    assert stored is not None
    assert stored.content == STRING


# versions


def test_versions_come_in_order_with_their_state(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        rows = [register(writer, FOO, numbered(number)) for number in range(1, 13)]
        writer.set_deleted(FOO, [2, 12, 99])
    with store.read() as reader:
        found = reader.versions(FOO)
        assert [row.version for row in found] == list(range(1, 13))
        assert [row.version for row in found if row.deleted] == [2, 12]
        assert found[0] == rows[0]
        newest = reader.subject_versions(FOO)
        assert [one.row.version for one in newest] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 1]
        newest = reader.subject_versions(FOO, include_deleted=True)
        assert [one.row.version for one in newest] == list(range(12, 0, -1))
        assert newest[-1].content == numbered(1)


def test_latest_is_the_highest_live_version(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        for number in (1, 2):
            register(writer, FOO, numbered(number))
        writer.set_deleted(FOO, [2])
    with store.read() as reader:
        live, latest = reader.latest(FOO), reader.latest(FOO, include_deleted=True)
        assert live is not None
        assert latest is not None
        assert (live.row.version, latest.row.version) == (1, 2)
        assert reader.latest(BAR) is None
        assert reader.latest(BAR, include_deleted=True) is None
    with store.write() as writer:
        writer.set_deleted(FOO, [1])
        assert writer.latest(FOO) is None


def test_a_soft_deleted_version_can_be_read_and_brought_back(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        writer.set_deleted(FOO, [1])
        deleted = writer.version(FOO, 1)
        assert deleted is not None
        assert deleted.row.deleted
        writer.set_deleted(FOO, [1], deleted=False)
        restored = writer.version(FOO, 1)
    assert restored is not None
    assert not restored.row.deleted


def test_deleting_versions_removes_contents_nobody_uses(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, FOO, INT)
        register(writer, BAR, INT)
        top = register(writer, FOO, Content("AVRO", '"x"', (Reference("r", "foo", 1),)))
        writer.delete_versions(FOO, [1, 2, 3, 77])
    with store.read() as reader:
        assert reader.versions(FOO) == []
        assert reader.subjects(context=None, dead=True) == [BAR]
        assert reader.schema(".", 1) is None
        assert reader.schema(".", top.schema_id) is None
        assert reader.guid_holders(STRING.guid()) == []
        kept = reader.schema(".", 2)
        assert kept is not None
        assert kept.content == INT
        assert reader.referrers(FOO) == []


def test_a_version_number_can_be_used_again_after_it_is_gone(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        writer.delete_versions(FOO, [1])
        assert register(writer, FOO, INT).version == 1
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_version(FOO, 1, 2, INT.guid())


def test_a_version_needs_its_schema(store: SqlStore) -> None:
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_version(FOO, 1, 1, STRING.guid())


def test_versions_start_at_one(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, BAR, STRING)
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_version(FOO, 0, 1, STRING.guid())


# listings

ODD_NAMES = [
    "%",
    "_",
    "a",
    "a%",
    "a_b",
    "a\uffff",
    "a😀",
    "aa",
    "b",
    "B",
    "ä",
    "é",
    "a b",
    "a/b",
    "a'",
]


@pytest.fixture
def listed(store: SqlStore, register: Register) -> SqlStore:
    """Odd names in three contexts; of each, one version is live unless the name has a `b`."""
    with store.write() as writer:
        for context in (".", ".a", ".a-b"):
            for name in ODD_NAMES:
                subject = Subject(context, name)
                register(writer, subject, STRING)
                register(writer, subject, INT)
                writer.set_deleted(subject, [1, 2] if "b" in name else [2])
    return store


def expected(context: str | None, prefix: str) -> list[Subject]:
    contexts = [".", ".a", ".a-b"] if context is None else [context]
    found = [Subject(c, name) for c in contexts for name in ODD_NAMES if name.startswith(prefix)]
    return sorted(found, key=str)


@pytest.mark.parametrize("context", [None, ".", ".a", ".none"])
def test_subjects_are_listed_by_written_name(listed: SqlStore, context: str | None) -> None:
    for prefix in ["", "a", "a%", "_", "a\uffff", "a😀", "\U0010ffff", "z", "A"]:
        wanted = [one for one in expected(context, prefix) if one.context != ".none"]
        with listed.read() as reader:
            both = reader.subjects(context=context, prefix=prefix, live=True, dead=True)
            live = reader.subjects(context=context, prefix=prefix)
            dead = reader.subjects(context=context, prefix=prefix, live=False, dead=True)
            assert reader.subjects(context=context, live=False, dead=False) == []
        assert both == wanted
        assert live == [one for one in wanted if "b" not in one.name]
        assert dead == [one for one in wanted if "b" in one.name]


@pytest.mark.parametrize("context", [None, "."])
def test_pages_of_subjects_make_the_whole(listed: SqlStore, context: str | None) -> None:
    with listed.read() as reader:
        whole = reader.subjects(context=context)
        pages = [
            reader.subjects(context=context, limit=4, offset=offset)
            for offset in range(0, len(whole) + 4, 4)
        ]
    assert [one for page in pages for one in page] == whole
    assert all(len(page) == 4 for page in pages[:-2])


def test_versions_are_listed_by_written_subject_then_version(listed: SqlStore) -> None:
    with listed.read() as reader:
        every = reader.listing(context=None, include_deleted=True)
        live = reader.listing(context=None)
        latest = reader.listing(context=".a", include_deleted=True, latest_only=True)
        live_latest = reader.listing(context=".a", prefix="a", latest_only=True)
        page = reader.listing(context=None, include_deleted=True, limit=5, offset=3)
    keys = [(str(one.row.subject), one.row.version) for one in every]
    assert keys == sorted(keys)
    assert len(keys) == 3 * len(ODD_NAMES) * 2
    assert every[0].content == STRING
    assert page == every[3:8]
    assert live == [one for one in every if not one.row.deleted]
    assert {one.row.version for one in latest} == {2}
    assert len(latest) == len(ODD_NAMES)
    assert {one.row.version for one in live_latest} == {1}
    assert all(one.row.subject.name.startswith("a") for one in live_latest)


def test_a_prefix_may_end_in_the_last_character_before_the_surrogates(
    store: SqlStore, register: Register
) -> None:
    names = ["\ud7ff", "\ud7ff1", "\ue000", "\U0010ffff", "\U0010ffff\U0010ffff"]
    with store.write() as writer:
        for name in names:
            register(writer, Subject(".", name), STRING)
    with store.read() as reader:
        assert [s.name for s in reader.subjects(context=".", prefix="\ud7ff")] == names[:2]
        assert [s.name for s in reader.subjects(context=".", prefix="\U0010ffff")] == names[3:]


# references


def test_referrers_are_found_across_contexts(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, FOO, INT)
        register(writer, STAGED, STRING)
        by_plain = register(writer, BAR, Content("AVRO", "1", (Reference("r", "foo", 1),)))
        by_name = register(
            writer, Subject(".b", "x"), Content("AVRO", "2", (Reference("r", ":.:foo", 2),))
        )
        by_own = register(
            writer, Subject(".staging", "x"), Content("AVRO", "3", (Reference("r", "foo", 1),))
        )
    with store.read() as reader:
        assert reader.referrers(FOO, 1) == [(".", by_plain.schema_id)]
        assert reader.referrers(FOO, 2) == [(".b", by_name.schema_id)]
        assert reader.referrers(FOO) == [(".", by_plain.schema_id), (".b", by_name.schema_id)]
        assert reader.referrers(STAGED) == [(".staging", by_own.schema_id)]
        assert reader.referrers(BAR) == reader.referrers(FOO, 3) == []


def test_a_soft_deleted_referrer_counts_only_when_asked(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        row = register(writer, BAR, Content("AVRO", "1", (Reference("r", "foo", 1),)))
        writer.set_deleted(BAR, [1])
    with store.read() as reader:
        assert reader.referrers(FOO, 1) == []
        assert reader.referrers(FOO, 1, include_deleted=True) == [(".", row.schema_id)]


def test_a_version_referred_to_cannot_vanish(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, BAR, Content("AVRO", "1", (Reference("r", "foo", 1),)))
    with pytest.raises(Conflict), store.write() as writer:
        writer.delete_versions(FOO, [1])
    with store.read() as reader:
        assert len(reader.versions(FOO)) == 1
        assert reader.sequence() == 2


def test_a_reference_needs_its_target_by_the_end_of_the_transaction(
    store: SqlStore, register: Register
) -> None:
    referrer = Content("AVRO", "1", (Reference("r", "foo", 1),))
    with pytest.raises(Conflict), store.write() as writer:
        register(writer, BAR, referrer)
    with store.write() as writer:
        register(writer, BAR, referrer)
        register(writer, FOO, STRING)


# settings


def test_a_config_comes_back_as_it_was(store: SqlStore) -> None:
    config = Config(
        compatibility_level="FULL",
        compatibility_policy="STRICT",
        compatibility_group="g",
        normalize=False,
        validate_fields=True,
        validate_new_schemas=False,
        validate_rules=True,
        alias="other",
        alias_for_deks="deks",
        default_metadata=FULL.metadata,
        override_metadata=Metadata(),
        default_rule_set=FULL.rule_set,
        override_rule_set=RuleSet(),
    )
    with store.write() as writer:
        writer.set_config(FOO, config)
        writer.set_config(GLOBAL, Config(normalize=True))
    with store.read() as reader:
        assert reader.config(FOO) == config
        assert reader.config(GLOBAL) == Config(normalize=True)
        assert reader.config(DEFAULT) is None
    with store.write() as writer:
        writer.set_config(FOO, Config())
        assert writer.config(FOO) == Config()
        writer.delete_config(FOO)
        writer.delete_config(FOO)
        assert writer.config(FOO) is None


def test_aliases_are_those_of_subjects(store: SqlStore) -> None:
    with store.write() as writer:
        writer.set_config(FOO, Config(alias="bar"))
        writer.set_config(STAGED, Config(alias=":.:foo"))
        writer.set_config(BAR, Config(normalize=True))
        writer.set_config(DEFAULT, Config(alias="nobody"))
    with store.write() as writer:
        assert writer.aliases() == [(FOO, "bar"), (STAGED, ":.:foo")]
        writer.set_config(FOO, Config())
        assert writer.aliases() == [(STAGED, ":.:foo")]


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_kept(store: SqlStore, mode: Mode) -> None:
    with store.write() as writer:
        writer.set_mode(FOO, Mode.READONLY)
        writer.set_mode(FOO, mode)
        writer.set_mode(STAGED, mode)
        writer.set_mode(Subject(".staging", ""), mode)
    with store.write() as writer:
        assert writer.mode(FOO) == mode
        assert writer.mode(BAR) is None
        assert writer.modes_within(".staging") == [Subject(".staging", ""), STAGED]
        writer.delete_mode(FOO)
        writer.delete_mode(FOO)
        assert writer.mode(FOO) is None
        assert writer.modes_within(".") == []


# associations

TOPIC = Association(
    subject=FOO,
    guid="g1",
    resource_name="topic",
    resource_namespace="lkc1",
    resource_id="id1",
    resource_type="topic",
    association_type="value",
    lifecycle=Lifecycle.STRONG,
    frozen=True,
    created_ms=1,
    updated_ms=2,
)
KEY = replace(TOPIC, association_type="key", subject=BAR, lifecycle=Lifecycle.WEAK, frozen=False)
ELSEWHERE = replace(TOPIC, resource_id="id0", resource_namespace="lkc2", subject=STAGED)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (AssociationQuery(), [TOPIC, KEY, ELSEWHERE]),
        (AssociationQuery(subject=FOO), [TOPIC]),
        (AssociationQuery(subject=STAGED), [ELSEWHERE]),
        (AssociationQuery(resource_name="topic", resource_namespace="lkc1"), [TOPIC, KEY]),
        (AssociationQuery(resource_name="topic"), [TOPIC, KEY, ELSEWHERE]),
        (AssociationQuery(resource_namespace="lkc2"), [ELSEWHERE]),
        (AssociationQuery(resource_id="id1", resource_type="topic"), [TOPIC, KEY]),
        (AssociationQuery(resource_type="cluster"), []),
        (AssociationQuery(association_types=["value"]), [TOPIC, ELSEWHERE]),
        (AssociationQuery(association_types=["key", "value"], resource_id="id1"), [TOPIC, KEY]),
        (AssociationQuery(lifecycle=Lifecycle.WEAK), [KEY]),
    ],
)
def test_associations_are_found_by_every_criterion(
    store: SqlStore, query: AssociationQuery, found: list[Association]
) -> None:
    with store.write() as writer:
        for one in (TOPIC, KEY, ELSEWHERE):
            writer.set_association(one)
    with store.read() as reader:
        assert reader.associations(query) == found


def test_an_association_is_replaced_in_place_and_deleted(store: SqlStore) -> None:
    changed = replace(TOPIC, subject=BAR, lifecycle=Lifecycle.WEAK, frozen=False, updated_ms=9)
    with store.write() as writer:
        writer.set_association(TOPIC)
        writer.set_association(KEY)
        writer.set_association(changed)
    with store.write() as writer:
        assert writer.associations(AssociationQuery()) == [changed, KEY]
        writer.delete_association(TOPIC)
        writer.delete_association(TOPIC)
        assert writer.associations(AssociationQuery()) == [KEY]


# the journal


def test_every_mutation_writes_its_row(store: SqlStore, register: Register) -> None:
    with store.write("alice") as writer:
        register(writer, STAGED, FULL)
        writer.set_deleted(STAGED, [1])
        writer.set_deleted(STAGED, [1])
        writer.set_deleted(STAGED, [1], deleted=False)
        writer.delete_versions(STAGED, [1])
        writer.delete_context(".staging")
    with store.write("bob") as writer:
        writer.set_config(FOO, Config(normalize=True))
        writer.set_config(FOO, Config(normalize=False))
        writer.delete_config(FOO)
        writer.set_mode(FOO, Mode.IMPORT)
        writer.delete_mode(FOO)
        writer.set_association(TOPIC)
        writer.delete_association(TOPIC)
        assert writer.sequence() == 13
    with store.read() as reader:
        assert reader.sequence() == 13
        changes = reader.changes(after=0, limit=100)
        assert reader.changes(after=3, limit=2) == changes[3:5]
    assert [change.sequence for change in changes] == list(range(1, 14))
    assert [change.principal for change in changes] == ["alice"] * 6 + ["bob"] * 7
    assert [change.kind for change in changes] == [
        ChangeKind.CONTEXT_CREATED,
        ChangeKind.SCHEMA_REGISTERED,
        ChangeKind.VERSION_SOFT_DELETED,
        ChangeKind.VERSION_RESTORED,
        ChangeKind.VERSION_DELETED,
        ChangeKind.CONTEXT_DELETED,
        ChangeKind.CONFIG_SET,
        ChangeKind.CONFIG_SET,
        ChangeKind.CONFIG_DELETED,
        ChangeKind.MODE_SET,
        ChangeKind.MODE_DELETED,
        ChangeKind.ASSOCIATION_SET,
        ChangeKind.ASSOCIATION_DELETED,
    ]
    registered = changes[1]
    assert registered.key == {"context": ".staging", "subject": "foo", "version": 1}
    assert registered.before is None
    assert registered.after is not None
    assert registered.after["schema"] == FULL.text
    assert registered.after["id"] == 1
    assert changes[4].before == registered.after
    assert changes[4].after is None
    assert (changes[7].before, changes[7].after) == ({"normalize": True}, {"normalize": False})
    assert (changes[9].before, changes[9].after) == (None, {"mode": "IMPORT"})
    assert len({change.at_ms for change in changes[:6]}) == 1


def test_what_changes_nothing_writes_nothing(store: SqlStore) -> None:
    with store.write() as writer:
        writer.delete_config(FOO)
        writer.delete_mode(FOO)
        writer.delete_versions(FOO, [1])
        writer.set_deleted(FOO, [1])
        writer.add_context(".")
        writer.delete_association(TOPIC)
    with store.read() as reader:
        assert reader.sequence() == 0
        assert reader.changes(after=0, limit=1) == []


# transactions


def test_an_exception_takes_everything_back(store: SqlStore, register: Register) -> None:
    def write_and_fail() -> None:
        with store.write() as writer:
            register(writer, STAGED, STRING)
            writer.set_mode(FOO, Mode.READONLY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.write() as writer:
        assert writer.sequence() == 0
        assert writer.contexts() == ["."]
        assert writer.mode(FOO) is None
        assert writer.subjects(context=None) == []


def test_a_failure_that_was_swallowed_still_fails_the_transaction(
    store: SqlStore, register: Register
) -> None:
    def write_through_a_conflict() -> None:
        with store.write() as writer:
            register(writer, FOO, STRING)
            with pytest.raises(Conflict):
                writer.add_schema(".", 1, INT, INT.guid())
            writer.set_mode(FOO, Mode.READONLY)

    with pytest.raises(Conflict):
        write_through_a_conflict()
    with store.read() as reader:
        assert reader.sequence() == 0
        assert reader.versions(FOO) == []
        assert reader.mode(FOO) is None


def test_a_writer_sees_its_own_changes(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        assert writer.sequence() == 1
        assert [change.sequence for change in writer.changes(after=0, limit=9)] == [1]
        latest = writer.latest(FOO)
        assert latest is not None
        assert latest.content == STRING


def test_a_reader_keeps_its_snapshot(store: SqlStore, register: Register) -> None:
    with store.read() as reader, store.read(snapshot=False) as loose:
        assert (reader.sequence(), loose.sequence()) == (0, 0)
        with store.write() as writer:
            register(writer, FOO, STRING)
        assert (reader.sequence(), loose.sequence()) == (0, 1)
        assert reader.versions(FOO) == []
        assert len(loose.versions(FOO)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a\tb",
        "é",
        "日本語",
        "😀",
        "a'b\"c",
        "%s",
        ":x",
        "a:b",
        ".a",
        "\U0010ffff",
        "a" * 5000,
    ],
)
def test_any_name_is_a_subject(store: SqlStore, register: Register, name: str) -> None:
    subject = Subject(".ctx", name)
    with store.write() as writer:
        row = register(writer, subject, STRING)
    with store.read() as reader:
        assert reader.versions(subject) == [row]
        assert reader.subjects(context=None) == [subject]
        assert parse_subject(str(subject)) == subject


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_names_no_database_keeps_are_refused_and_never_found(
    store: SqlStore, register: Register, name: str
) -> None:
    subject = Subject(".", name)
    with store.read() as reader:
        assert reader.versions(subject) == []
        assert reader.latest(subject) is None
        assert reader.config(subject) is None
        assert reader.subjects(context=None, prefix=name) == []
        assert reader.schema(name, 1) is None
    with pytest.raises(UnstorableText), store.write() as writer:
        register(writer, subject, STRING)


def test_ping_answers(store: SqlStore) -> None:
    store.ping()
