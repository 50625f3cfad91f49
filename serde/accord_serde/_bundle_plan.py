"""Which answers a bundle needs, so that serializers can start from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_serde import _schema_calls, _server_calls
from accord_serde._bundle import ANY
from accord_serde.error import SchemaRegistryError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from typing import TypeAlias

    from accord_serde._call import Call, Slot
    from accord_serde._schemas import RegisteredSchema

    Asking: TypeAlias = Generator[Call[Any], Any, Any]

NOT_FOUND = 404
SERIALIZED = "serialized"


class Plan:
    """Asks for all that the serializers of topics and subjects ask for, answer by answer."""

    def __init__(self, *, all_versions: bool) -> None:
        self.answers: dict[Slot, Any] = {}
        self._all_versions = all_versions
        self._seen: set[tuple[str, int]] = set()

    def run(self, subjects: Iterable[str], topics: Iterable[str]) -> Asking:
        """Yield calls and be sent their answers. Raises what the calls raise."""
        for subject in subjects:
            yield from self._subject(subject)
        for topic in topics:
            has_key = yield from self._topic(topic, "key")
            has_value = yield from self._topic(topic, "value")
            if not has_key and not has_value:
                raise ValueError(f"The registry has no subject for the topic {topic}")

    def _topic(self, topic: str, kind: str) -> Asking:
        """Follow the association of a topic or else its name; tell whether there is a subject."""
        associated = yield from self._associated(topic, kind)
        subjects = [each.subject for each in associated if each.subject is not None]
        try:
            for subject in subjects or [f"{topic}-{kind}"]:
                yield from self._subject(subject)
        except SchemaRegistryError as error:
            if error.http_status_code != NOT_FOUND or subjects:
                raise
            return False
        return True

    def _associated(self, topic: str, kind: str) -> Asking:
        call = _server_calls.associations_by_resource_name(
            topic, ANY, resource_type="topic", association_types=[kind], offset=0, limit=-1
        )
        try:
            return (yield from self._ask(call))
        except SchemaRegistryError as error:
            if error.http_status_code != NOT_FOUND:
                raise
        assert call.slot is not None
        self.answers[call.slot] = []  # a registry that knows no associations has none
        return []

    def _subject(self, subject: str) -> Asking:
        latest = yield from self._ask(_schema_calls.latest(subject, fmt=None))
        if latest.schema.schema_type == "PROTOBUF":
            yield from self._ask(_schema_calls.latest(subject, fmt=SERIALIZED))
        numbers = [latest.version]
        if self._all_versions:
            numbers = yield _schema_calls.versions(
                subject, deleted=False, deleted_only=False, offset=0, limit=-1
            )
        for number in numbers:
            yield from self._version(subject, number)

    def _version(self, subject: str, number: int) -> Asking:
        pending = [(subject, number)]
        while pending:
            place = pending.pop()
            if place not in self._seen:
                self._seen.add(place)
                found = yield from self._one_version(*place)
                pending += _references(found)

    def _one_version(self, subject: str, number: int) -> Asking:
        found = yield from self._ask(_schema_calls.version(subject, number, deleted=True, fmt=None))
        if found.schema.schema_type == "PROTOBUF":
            yield from self._ask(
                _schema_calls.version(subject, number, deleted=True, fmt=SERIALIZED)
            )
        return found

    def _ask(self, call: Call[Any]) -> Asking:
        answer = yield call
        assert call.slot is not None
        self.answers[call.slot] = answer
        return answer


def _references(found: RegisteredSchema) -> list[tuple[str, int]]:
    return [
        (each.subject, each.version)
        for each in found.schema.references or []
        if each.subject is not None and each.version is not None
    ]
