"""What stands between a writer's data and a reader, found in one walk over both files.

Confluent's walk, whose paths and order are part of the REST contract:

* messages and enums are compared by their names, level by level, in the order of a Java HashSet;
  in a message, oneofs first, then fields and members of oneofs by number, then nested types;
* a field whose type is a message is followed where one of the two comes by a reference, unless
  both are of one subject and version; what is found there is told with paths of its own, and
  FIELD_NAMED_TYPE_CHANGED is added if any of it breaks. Messages of the two files themselves meet
  by their names, and are not followed;
* groups are not seen at all.

The rules of our own are asked on the way. A group is followed for them; what Confluent would
refuse in it, had it looked, is one finding, GROUP_CHANGED.

Imported messages can lead to each other a thousand deep or in circles, so the walk keeps its own
stack, and a pair that is met inside itself counts as compatible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from compat.errors import TooComplex
from compat.java_order import of_union
from compat.protobuf import rules_enums, rules_fields, rules_files, rules_messages
from compat.protobuf.declarations import Message, declarations
from compat.protobuf.differ_enums import constants
from compat.protobuf.differ_fields import compared, is_plainly_same, renamed
from compat.protobuf.differ_oneofs import Oneofs, left_oneof, place
from compat.protobuf.findings import Found, findings, one
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_types import Judge
from compat.protobuf.spots import differing, spot
from compat.walk import walked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from compat.finding import Finding
    from compat.protobuf.declarations import Block, Enum, Field, Source
    from compat.protobuf.differ_fields import Pair
    from compat.protobuf.schema import ProtobufSchema

Walk: TypeAlias = "Generator[Walk, Found, Found]"

# A step is a glance at one field, constant or type. The budget is about ten seconds; texts as long
# as the registry takes stay far below, unless imports multiply them.
MAX_STEPS: Final = 1_000_000


def differences(*, reader: ProtobufSchema, writer: ProtobufSchema) -> tuple[Finding, ...]:
    """Return the findings, breaking or not; TooComplex beyond the step budget."""
    return Differ().between(declarations(reader), declarations(writer))


class Differ:
    """One walk and its memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Found] = {}
        self._judge = Judge()
        self._steps = 0

    def between(self, reader: Source, writer: Source) -> tuple[Finding, ...]:
        """Run the walk on a stack of its own."""
        return findings(walked(self._files(reader, writer)))

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise TooComplex(f"the comparison takes more than {MAX_STEPS} steps")

    def _files(self, reader: Source, writer: Source) -> Walk:
        found = Found()
        if reader.file.package != writer.file.package:
            found.add([differing(Kind.PACKAGE_CHANGED, "#/", reader=reader, writer=writer)])
        found.join((yield self._types(reader.block, writer.block, "#")))
        self._spend(len(reader.file.services) + len(writer.file.services))
        found.add(rules_files.files(reader, writer))
        return found

    def _types(self, reader: Block, writer: Block, path: str) -> Walk:
        """Compare the types of two blocks, those in them included."""
        found = Found()
        for name in of_union(writer.messages, reader.messages):
            self._spend(1)
            new, old = reader.messages.get(name), writer.messages.get(name)
            at = f"{path}/{name}"
            if new is not None and old is not None:
                found.join((yield self._messages(new, old, at)))
                self._moved(found, new, old, at)
            else:
                found.add(alone(new, old, at))
        for name in of_union(writer.enums, reader.enums):
            new_enum, old_enum = reader.enums.get(name), writer.enums.get(name)
            self._enums(found, new_enum, old_enum, f"{path}/{name}")
            if new_enum is None and old_enum is not None:
                found.add(rules_enums.gone(reader.source, old_enum, f"{path}/{name}"))
        return found

    @staticmethod
    def _moved(found: Found, reader: Message, writer: Message, path: str) -> None:
        if reader.index != writer.index:
            found.add([differing(Kind.MESSAGE_MOVED, path, reader=reader, writer=writer)])

    def _enums(self, found: Found, reader: Enum | None, writer: Enum | None, path: str) -> None:
        if reader is not None and writer is not None:
            self._spend(len(reader.node.values) + len(writer.node.values))
            found.add(constants(reader, writer, path))
            found.add(rules_enums.enums(reader, writer, path))
        elif reader is not None:
            found.add([one(Kind.ENUM_ADDED, path, reader=spot(reader))])
        elif writer is not None:
            found.add([one(Kind.ENUM_REMOVED, path, writer=spot(writer))])

    def _messages(self, reader: Message, writer: Message, path: str) -> Walk:
        pair = (id(reader), id(writer))
        known = self._known.get(pair)
        if known is not None:
            return known
        self._known[pair] = Found()
        found = Found()
        oneofs = Oneofs(reader, writer)
        self._spend(len(reader.members) + len(writer.members) + oneofs.size)
        found.add(oneofs.findings(path))
        for number in sorted(reader.members.keys() | writer.members.keys()):
            new, old = reader.members.get(number), writer.members.get(number)
            if new is None or old is None:
                found.add(oneofs.lone(new, old, path))
            elif not is_plainly_same(new, old):
                found.join((yield self._fields(new, old, path, oneofs)))
        found.join((yield self._types(reader, writer, path)))
        found.add(rules_messages.messages(reader, writer, path))
        self._known[pair] = found
        return found

    def _fields(self, reader: Field, writer: Field, path: str, oneofs: Oneofs) -> Walk:
        found = Found()
        at = place(path, reader)
        if reader.is_group and writer.is_group:
            found.add(renamed(reader, writer, at))
            yield from self._group(found, reader, writer, at)
        elif reader.is_group or writer.is_group:
            found.add(oneofs.lone(reader, None, path))
            found.add(oneofs.lone(None, writer, path))
            found.add(renamed(reader, writer, at))
            if rules_fields.is_delimited(reader) and rules_fields.is_delimited(writer):
                yield from self._group(found, reader, writer, at)
        else:
            found.add(left_oneof(reader, writer, at))
            for pair in compared(found, reader, writer, at):
                yield from self._followed(found, pair, reader, writer, at)
        found.add(rules_fields.fields(reader, writer, at, self._judge))
        return found

    def _group(self, found: Found, reader: Field, writer: Field, path: str) -> Walk:
        """Compare the bodies of two groups, or of a group and a message that is written as one.

        What Confluent would refuse there is ours to refuse.
        """
        new, old = reader.type, writer.type
        if not isinstance(new, Message) or not isinstance(old, Message):
            return found
        inside = yield self._messages(new, old, path)
        if inside.parts:
            found.parts.append(Found([inside], unseen=True))
        if inside.breaks:
            found.add([differing(Kind.GROUP_CHANGED, path, reader=reader, writer=writer)])
        return found

    def _followed(self, found: Found, pair: Pair, reader: Field, writer: Field, path: str) -> Walk:
        """Compare the messages a field leads to, where they do not meet by their names."""
        new, old = pair
        if new is old or new.source.version == old.source.version is not None:
            return found
        inside = yield self._messages(new, old, "#/" + new.local_name.replace(".", "/"))
        found.join(inside)
        if inside.breaks:
            kind = Kind.FIELD_NAMED_TYPE_CHANGED
            found.add([differing(kind, path, reader=reader, writer=writer)])
        return found


def alone(reader: Message | None, writer: Message | None, path: str) -> Iterator[Finding]:
    """Yield what to say of a message that one side has; the types of map fields do not count."""
    if reader is not None and not reader.is_entry:
        yield one(Kind.MESSAGE_ADDED, path, reader=spot(reader))
    if writer is not None and not writer.is_entry:
        yield one(Kind.MESSAGE_REMOVED, path, writer=spot(writer))
