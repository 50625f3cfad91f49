"""The messages and enums one schema can see, by full name: its own and those it imports.

Nodes are the syntax tree's, each with the place it stands in; fields are gathered and types looked
up when somebody asks. A type that is not found is no error here: registries have stored such
schemas, and Confluent compares them by what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from compat.protobuf import builtin, syntax
from compat.protobuf.descriptor_library import Library
from compat.protobuf.descriptor_symbols import TYPES, Kind, Scope, packages, qualified
from compat.protobuf.features import Features, defaults_of
from compat.protobuf.parser_types import SCALARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from compat.protobuf.schema import ProtobufSchema

Version: TypeAlias = "tuple[str, int]"  # the subject and the version of a reference

OWN: Final[Version] = ("", -1)
_TRUE: Final = syntax.Scalar(syntax.LiteralKind.IDENTIFIER, "true")


@dataclass(frozen=True, slots=True)
class Unknown:
    """The name of a type that is not found."""

    name: str


@dataclass(frozen=True, slots=True)
class MapOf:
    """What a map field holds."""

    key: Type
    value: Type


@dataclass(slots=True, eq=False)
class Field:
    """A field, a group or an extension; `oneof` is the one it is a member of.

    `name` and `scope` are those the descriptor has; `source` is the file it stands in.
    """

    node: syntax.Field | syntax.Group
    name: str
    scope: str
    source: Source
    oneof: syntax.OneOf | None = None
    owner: Message | None = None
    _type: Type | None = None

    @property
    def number(self) -> int:
        return self.node.number

    @property
    def full_name(self) -> str:
        return qualified(self.scope, self.name)

    @property
    def label(self) -> syntax.Label | None:
        return self.node.label

    @property
    def is_group(self) -> bool:
        return isinstance(self.node, syntax.Group)

    @property
    def features(self) -> Features:
        """The features in force for the field."""
        return self.inherited.under(self.node.options)

    @property
    def inherited(self) -> Features:
        """The features of the place the field stands in."""
        outer = self.source.features if self.owner is None else self.owner.features
        return outer if self.oneof is None else outer.under(self.oneof.options)

    @property
    def type(self) -> Type:
        """What the field's type means; a group's is its message."""
        if self._type is None:
            self._type = self._resolved()
        return self._type

    def _resolved(self) -> Type:
        node = self.node
        if isinstance(node, syntax.Group):
            name = qualified(self.scope, node.name)
            return self.source.types.get(name) or Unknown(node.name)
        if isinstance(node.type, syntax.MapType):
            return MapOf(
                self.source.type(node.type.key, self.scope),
                self.source.type(node.type.value, self.scope),
            )
        found = self.source.type(node.type, self.scope)
        return (isinstance(found, Message) and found.entry) or found


class Block:
    """What has messages and enums in it: a file or a message."""

    def __init__(self, node: syntax.File | syntax.Message, source: Source, scope: str) -> None:
        self.source = source
        self.messages = {
            message.name: Message(message, source, qualified(scope, message.name), self, index)
            for index, message in enumerate(node.messages)
        }
        self.enums = {
            enum.name: Enum(enum, source, qualified(scope, enum.name), self) for enum in node.enums
        }
        self.groups = {
            group.name: Message(group.body, source, qualified(scope, group.name), self)
            for group in _groups(node)
        }

    def types(self) -> Iterator[Message | Enum]:
        """Yield the types in the block, at all depths."""
        for message in self.messages.values():
            yield message
            yield from message.types()
        for group in self.groups.values():
            yield group
            yield from group.types()
        yield from self.enums.values()


def _groups(node: syntax.File | syntax.Message) -> Iterator[syntax.Group]:
    for extend in node.extends:
        yield from extend.groups
    if isinstance(node, syntax.Message):
        yield from node.groups
        for oneof in node.oneofs:
            yield from oneof.groups


class Message(Block):
    """A message, or the body of a group."""

    def __init__(
        self,
        node: syntax.Message,
        source: Source,
        full_name: str,
        parent: Block,
        index: int = -1,
    ) -> None:
        super().__init__(node, source, full_name)
        self.node = node
        self.full_name = full_name
        self.parent = parent
        self.index = index  # among the messages beside it

    @property
    def local_name(self) -> str:
        """The name without the package."""
        return self.source.local(self.full_name)

    @cached_property
    def features(self) -> Features:
        """The features in force in the message."""
        return _outer(self.parent, self.source).under(self.node.options)

    @cached_property
    def members(self) -> Mapping[int, Field]:
        """The fields and groups by number, those of oneofs too; of two the last counts."""
        found = {node.number: self._member(node, None) for node in self.node.fields}
        found |= {group.number: self._member(group, None) for group in self.node.groups}
        for oneof in self.node.oneofs:
            found |= {node.number: self._member(node, oneof) for node in oneof.fields}
            found |= {group.number: self._member(group, oneof) for group in oneof.groups}
        return found

    def _member(self, node: syntax.Field | syntax.Group, oneof: syntax.OneOf | None) -> Field:
        return Field(node, _name(node), self.full_name, self.source, oneof, self)

    @cached_property
    def is_entry(self) -> bool:
        """Whether this is the type a descriptor declares for a map field."""
        return any(
            option.dotted == "map_entry" and option.value == _TRUE for option in self.node.options
        )

    @cached_property
    def entry(self) -> MapOf | None:
        """What the map holds whose entry this is, or None."""
        if not self.is_entry:
            return None
        named = {field.name: field for field in self.members.values()}
        if not {"key", "value"} <= named.keys():
            return None
        key, value = (named[name].node for name in ("key", "value"))
        if not isinstance(key, syntax.Field) or not isinstance(value, syntax.Field):
            return None
        if not isinstance(key.type, str) or not isinstance(value.type, str):
            return None
        types = (self.source.type(node, self.full_name) for node in (key.type, value.type))
        return MapOf(*types)


class Enum:
    """An enum."""

    def __init__(
        self, node: syntax.EnumType, source: Source, full_name: str, parent: Block
    ) -> None:
        self.node = node
        self.source = source
        self.full_name = full_name
        self.parent = parent

    @property
    def local_name(self) -> str:
        """The name without the package."""
        return self.source.local(self.full_name)

    @cached_property
    def features(self) -> Features:
        """The features in force in the enum."""
        return _outer(self.parent, self.source).under(self.node.options)

    @cached_property
    def numbers(self) -> Mapping[int, syntax.EnumValue]:
        """The constants by number; of several with one number the last, as Confluent has it."""
        return {value.number: value for value in self.node.values}

    @cached_property
    def value_names(self) -> AbstractSet[tuple[str, int]]:
        """The constants as they are named, aliases among them."""
        return frozenset((value.name, value.number) for value in self.node.values)

    @cached_property
    def names(self) -> AbstractSet[str]:
        """The names of the constants."""
        return frozenset(value.name for value in self.node.values)

    @property
    def is_closed(self) -> bool:
        """Whether numbers without a constant are left unread."""
        return self.features.enum_type == "CLOSED"


Type: TypeAlias = "str | MapOf | Message | Enum | Unknown"  # a text is a scalar


def _name(node: syntax.Field | syntax.Group) -> str:
    return node.name.lower() if isinstance(node, syntax.Group) else node.name


def _outer(parent: Block, source: Source) -> Features:
    return parent.features if isinstance(parent, Message) else source.features


class Source:
    """One file; `version` is that of the reference it came by, None if it needed none."""

    def __init__(
        self, file: syntax.File, library: SourceLibrary, version: Version | None = None
    ) -> None:
        self.file = file
        self.version = version
        self.package = file.package or ""
        self.features = defaults_of(file).under(file.options)
        self.block = Block(file, self, self.package)
        self._library = library
        self._seen: dict[tuple[str, str], Type] = {}

    @cached_property
    def types(self) -> Mapping[str, Message | Enum]:
        """What the file declares, by full name; of two the first counts."""
        found: dict[str, Message | Enum] = {}
        for declared in self.block.types():
            found.setdefault(declared.full_name, declared)
        return found

    @cached_property
    def names(self) -> Mapping[str, Kind]:
        """The names of the types and of the packages around them."""
        kinds = {
            name: Kind.MESSAGE if isinstance(declared, Message) else Kind.ENUM
            for name, declared in self.types.items()
        }
        return {**dict(packages(self.file.package)), **kinds}

    @cached_property
    def _scope(self) -> Scope:
        return Scope(self.names, (source.names for source in self._library.visible(self.file)))

    @cached_property
    def known(self) -> Mapping[str, Message | Enum]:
        """What the file can use, by full name."""
        known: dict[str, Message | Enum] = {}
        for source in self._library.visible(self.file):
            known.update(source.types)
        known.update(self.types)
        return known

    def local(self, full_name: str) -> str:
        """Return the name without the file's package."""
        return full_name.removeprefix(f"{self.package}.") if self.package else full_name

    def type(self, name: str, inside: str) -> Type:
        """Return what a type's name means inside a scope of the file."""
        if name in SCALARS:
            return name
        place = (name, "" if name.startswith(".") else inside)
        if place not in self._seen:
            found = self._scope.find(name, inside=inside, kinds=TYPES)
            self._seen[place] = Unknown(name) if found is None else self.known[found[0]]
        return self._seen[place]

    def full_name(self, name: str, inside: str) -> str:
        """Return the full name of a type, or the name itself where it is not found."""
        found = self.type(name, inside)
        return found.full_name if isinstance(found, Message | Enum) else name


class SourceLibrary:
    """The files a schema imports, directly or not, made into sources when they are needed."""

    def __init__(self, imports: Mapping[str, syntax.File], versions: Mapping[str, Version]) -> None:
        self._library = Library(imports)
        self._versions = versions
        self._sources: dict[str, Source | None] = {}

    def visible(self, file: syntax.File) -> list[Source]:
        """Return the sources whose names a file can use."""
        found = (self.source(path) for path in self._library.visible(file))
        return [source for source in found if source is not None]

    def source(self, path: str) -> Source | None:
        """Return the source of an import path, or None."""
        if path in builtin.PATHS:
            return _bundled(path)
        if path not in self._sources:
            file = self._library.find(path)
            version = self._versions.get(path)
            self._sources[path] = None if file is None else Source(file, self, version)
        return self._sources[path]


@cache
def _bundled(path: str) -> Source:
    file = builtin.lookup(path)
    assert file is not None, "asked for a path that is not bundled"
    return Source(file, SourceLibrary({}, {}))


def declarations(schema: ProtobufSchema) -> Source:
    """Return a schema's own file with all it can see."""
    versions = {each.name: (each.subject, each.version) for each in schema.references}
    needs_references = any(one.path not in builtin.PATHS for one in schema.file.imports)
    imports = schema.imports if needs_references else {}
    return Source(schema.file, SourceLibrary(imports, versions), OWN)
