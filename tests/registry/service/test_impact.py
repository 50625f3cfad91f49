"""What else breaks: referrers of a subject, judged as if they moved to a candidate."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest

from registry.errors import InvalidSchemaText
from registry.model import Metadata, Reference
from registry.names import Subject
from registry.service import impact
from registry.service.config import ConfigUpdate
from registry.service.options import Options
from registry.service.parsing import Draft
from registry.service.register import Registration
from registry.service.registry import open_registry

if TYPE_CHECKING:
    from registry.service.impact import Dependent, Impact
    from registry.storage.sql.store import SqlStore

CONTEXTS = itertools.count()


def record(name: str, **fields: object) -> str:
    listed = [{"name": field, **shape} for field, shape in fields.items()]  # type: ignore[dict-item]
    return json.dumps({"type": "record", "name": name, "fields": listed})


def of(kind: str) -> dict[str, object]:
    return {"type": kind}


ADDRESS = record("Address", city=of("string"))
WIDER = record("Address", city=of("string"), zip={"type": "string", "default": ""})
BROKEN = record("Address", city=of("string"), zip=of("string"))
RENAMED = record("Place", city=of("string"))


class Place:
    """A registry in a context of its own."""

    def __init__(self, store: SqlStore) -> None:
        self.registry = open_registry(store, Options())
        self.context = f".impact{next(CONTEXTS)}"

    def subject(self, name: str) -> Subject:
        return Subject(self.context, name)

    def draft(self, name: str, text: str, *referred: tuple[str, str], **more: object) -> Draft:
        references = tuple(Reference(full, subject, 1) for full, subject in referred)
        return Draft(self.subject(name), "AVRO", text, references, **more)  # type: ignore[arg-type]

    def register(self, name: str, text: str, *referred: tuple[str, str], **more: object) -> int:
        draft = self.draft(name, text, *referred, **more)
        return self.registry.registrations.register(Registration(draft)).version

    def config(self, name: str, **settings: object) -> None:
        self.registry.configs.update(self.subject(name), ConfigUpdate(settings))

    def impact(self, text: str, *referred: tuple[str, str]) -> Impact:
        return self.registry.impacts.of(self.draft("address", text, *referred))


def user(*fields: str) -> str:
    return record("User", home=of("Address"), **{name: of("int") for name in fields})


USES_ADDRESS = ("Address", "address")


@pytest.fixture
def place(shared_store: SqlStore) -> Place:
    place = Place(shared_store)
    place.register("address", ADDRESS)
    return place


def names(found: Impact) -> list[str]:
    return [dependent.version.subject.name for dependent in found.dependents]


def only(found: Impact) -> Dependent:
    (dependent,) = found.dependents
    return dependent


def test_nobody_refers_to_it(place: Place) -> None:
    found = place.impact(BROKEN)
    assert (found.dependents, found.is_compatible) == ((), True)


def test_a_field_without_a_default_breaks_those_that_embed_it(place: Place) -> None:
    place.register("user", user(), USES_ADDRESS)
    found = only(place.impact(BROKEN))
    assert not found.is_compatible
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in found.messages[0]
    assert "/fields/0/type/fields/1" in found.messages[0]
    assert place.impact(WIDER).is_compatible


def test_what_refers_through_others_is_told_with_its_way(place: Place) -> None:
    place.register("user", user(), USES_ADDRESS)
    order = record("Order", buyer=of("User"))
    place.register("order", order, ("User", "user"), USES_ADDRESS)
    place.register("basket", record("Basket", order=of("Order")), ("Order", "order"))
    found = place.impact(BROKEN)
    assert sorted(names(found)) == ["basket", "order", "user"]
    ways = {d.version.subject.name: [v.subject.name for v in d.through] for d in found.dependents}
    assert ways == {"user": [], "order": [], "basket": ["order"]}
    assert [d.is_compatible for d in found.dependents] == [False] * 3


def test_a_diamond_is_counted_once(place: Place) -> None:
    place.register("left", record("Left", a=of("Address")), USES_ADDRESS)
    place.register("right", record("Right", a=of("Address")), USES_ADDRESS)
    both = record("Both", left=of("Left"), right=of("Right"))
    place.register("both", both, ("Left", "left"), ("Right", "right"))
    assert sorted(names(place.impact(WIDER))) == ["both", "left", "right"]


def test_a_circle_of_subjects_ends(place: Place) -> None:
    """Through versions: the second address embeds the user that embeds the first address."""
    place.config("address", compatibility_level="NONE")
    place.register("user", user(), USES_ADDRESS)
    place.register("address", record("Lodging", host=of("User")), ("User", "user"))
    assert names(place.impact(WIDER)) == ["user"]


def test_a_candidate_that_needs_its_own_dependent_is_told(place: Place) -> None:
    place.config("address", compatibility_level="NONE")
    place.register("user", user(), USES_ADDRESS)
    found = only(place.impact(record("Lodging", host=of("User")), ("User", "user")))
    assert "Circular reference" in found.error
    assert not found.is_compatible


def test_a_candidate_without_the_name_is_told(place: Place) -> None:
    place.register("user", user(), USES_ADDRESS)
    found = only(place.impact(RENAMED))
    assert "Address" in found.error


@pytest.mark.parametrize(
    ("level", "is_compatible"),
    [("NONE", True), ("FORWARD", True), ("BACKWARD", False), ("FULL", False)],
)
def test_each_is_judged_at_its_own_level(place: Place, level: str, *, is_compatible: bool) -> None:
    place.register("user", user(), USES_ADDRESS)
    place.config("user", compatibility_level=level)
    found = only(place.impact(BROKEN))
    assert (found.level, found.is_compatible) == (level, is_compatible)


def test_a_transitive_level_looks_at_all_versions(place: Place) -> None:
    place.config("user", compatibility_level="NONE")
    place.register("user", record("User", home=of("int")))
    place.register("user", user(), USES_ADDRESS)
    place.config("user", compatibility_level="BACKWARD")
    assert only(place.impact(WIDER)).is_compatible
    place.config("user", compatibility_level="BACKWARD_TRANSITIVE")
    assert "TYPE_MISMATCH" in only(place.impact(WIDER)).messages[0]


def test_the_policy_is_each_one_s_own(place: Place) -> None:
    place.register("user", user(), USES_ADDRESS)
    dated = record("Address", city={"type": {"type": "string", "logicalType": "uuid"}})
    assert place.impact(dated).is_compatible
    place.config("user", compatibility_policy="LOGICAL")
    assert "LOGICAL_TYPE_ADDED" in only(place.impact(dated)).messages[0]


def test_a_group_is_heeded(place: Place) -> None:
    place.config("user", compatibility_group="major", compatibility_level="BACKWARD_TRANSITIVE")
    one, two = (Metadata(properties={"major": number}) for number in ("1", "2"))
    place.register("user", record("User", home=of("int")), metadata=one)
    place.register("user", user(), USES_ADDRESS, metadata=two)
    assert only(place.impact(WIDER)).is_compatible


def test_only_the_newest_live_version_moves(place: Place) -> None:
    place.config("user", compatibility_level="NONE")
    place.register("user", user(), USES_ADDRESS)
    place.register("user", record("User", home=of("string")))
    assert names(place.impact(BROKEN)) == []
    place.registry.deletions.delete_version(place.subject("user"), 2)
    assert names(place.impact(BROKEN)) == ["user"]
    place.registry.deletions.delete_version(place.subject("user"), 1)
    assert names(place.impact(BROKEN)) == []


def test_a_candidate_that_is_no_schema_is_refused(place: Place) -> None:
    with pytest.raises(InvalidSchemaText):
        place.impact('{"type":"recrod"}')
    with pytest.raises(InvalidSchemaText, match="Empty schema"):
        place.impact(" ")


def test_the_number_of_dependents_is_bounded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact, "MAX_DEPENDENTS", 2)
    for number in range(3):
        place.register(f"s{number}", record(f"S{number}", a=of("Address")), USES_ADDRESS)
    with pytest.raises(InvalidSchemaText, match="More than 2 schemas refer to"):
        place.impact(WIDER)


def test_an_alias_is_followed(place: Place) -> None:
    place.register("user", user(), USES_ADDRESS)
    place.config("alias", alias=f":{place.context}:address")
    draft = place.draft("alias", BROKEN)
    assert names(place.registry.impacts.of(draft)) == ["user"]
