"""A syntax tree and what it imports, made into descriptors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pool import DescriptorPool

from compat.errors import InvalidSchema
from compat.protobuf import builtin
from compat.protobuf.descriptor_assembly import Assembly
from compat.protobuf.descriptor_class import DESCRIPTOR_PATH, FileProto, known_pool
from compat.protobuf.descriptor_elements import Pending
from compat.protobuf.descriptor_library import Library
from compat.protobuf.descriptor_options import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

    from compat.protobuf.syntax import File

_REFUSAL = "Couldn't build proto file into descriptor pool: "


@dataclass(frozen=True, slots=True)
class Compiled:
    """A descriptor with its standard options set, and what is still to be done with it.

    `custom` are the options that need definitions, `entries` the types declared by map fields,
    with the messages they are nested in, `faults` what was left out because it is wrong.
    """

    proto: FileDescriptorProto
    custom: Sequence[Pending]
    entries: Sequence[tuple[DescriptorProto, str]]
    faults: list[InvalidSchema]


def compiled(file: File, name: str, library: Library, *, as_written: bool = False) -> Compiled:
    """Return the descriptor of a file without its custom options.

    It is protoc's; `as_written` is what the text says and no more. Raises InvalidSchema for a type
    that is not found.
    """
    scope = library.scope(file)
    assembly = Assembly(file, scope, as_written=as_written)
    try:
        proto = assembly.assemble(name, library)
    except ValueError as error:  # a number or a string that a descriptor cannot hold
        raise InvalidSchema(f"Not a valid descriptor: {error}") from error
    interpreter = Interpreter(file, scope, known_pool())
    custom = [
        Pending(pending.options, rest, pending.scope)
        for pending in assembly.elements.pending
        if (rest := interpreter.fill(pending))
    ]
    return Compiled(proto, custom, assembly.entries, assembly.elements.faults + interpreter.faults)


def set_custom_options(file: File, target: Compiled, library: Library) -> None:
    """Set the custom options whose definitions are at hand, adding to the faults."""
    if not target.custom:
        return
    scope = library.scope(file, also=(builtin.META_PATH,))
    interpreter = Interpreter(file, scope, definitions(target.proto, library))
    for pending in target.custom:
        interpreter.fill(pending)
    target.faults.extend(interpreter.faults)


def dependencies(paths: Iterable[str], library: Library) -> list[FileDescriptorProto]:
    """Return the descriptors of files and of all they import, dependencies first."""
    return [_dependency(path, library) for path in library.closure(paths)]


def _dependency(path: str, library: Library) -> FileDescriptorProto:
    if path in builtin.PATHS:
        return bundled(path)
    file = library.find(path)
    assert file is not None, "a closure has only what the library has"
    return compiled(file, path, library).proto


@cache
def bundled(path: str) -> FileDescriptorProto:
    """Return the descriptor of a bundled file."""
    file = builtin.lookup(path)
    assert file is not None, "asked for a path that is not bundled"
    return builtin.runtime_descriptor(path) or compiled(file, path, Library({})).proto


def definitions(proto: FileDescriptorProto, library: Library) -> DescriptorPool:
    """Return a pool in which the extensions that a file can use are known.

    Its map fields are plain repeated messages, for those keep the order of their entries. Raises
    InvalidSchema when the file defines extensions itself and cannot be added to a pool.
    """
    paths = library.closure([*proto.dependency, *proto.option_dependency])
    if not _extends(proto):
        return (
            _bundled_definitions() if builtin.PATHS.issuperset(paths) else _pool_of(paths, library)
        )
    return _pool_of(paths, library, proto)


@cache
def _bundled_definitions() -> DescriptorPool:
    return _pool_of(sorted(builtin.PATHS), Library({}))


def _pool_of(
    paths: Iterable[str], library: Library, *protos: FileDescriptorProto
) -> DescriptorPool:
    needed = dependencies([*paths, builtin.META_PATH, DESCRIPTOR_PATH], library)
    return build_pool(map(_without_maps, [*needed, *protos]))


def _extends(proto: FileDescriptorProto) -> bool:
    """Tell whether a file defines an extension."""
    return bool(proto.extension) or any(message.extension for message in _messages(proto))


def known_to(proto: FileDescriptorProto, library: Library) -> DescriptorPool:
    """Return a pool that knows the extensions of a descriptor that was not compiled here.

    What it imports from files that are not at hand cannot be known: when that leaves its own
    definitions incomplete, those of its imports are known alone.
    """
    known = FileProto()
    known.CopyFrom(proto)
    for indexes in (known.public_dependency, known.weak_dependency):
        indexes.clear()
    for imports in (known.dependency, known.option_dependency):
        imports[:] = [path for path in imports if path in library]
    try:
        return definitions(known, library)
    except InvalidSchema:
        return definitions(FileProto(dependency=known.dependency), library)


def build_pool(protos: Iterable[FileDescriptorProto]) -> DescriptorPool:
    """Return a fresh pool with these files; raises InvalidSchema for what it does not accept.

    Names in JSON are not compared: protoc is more lenient there than the pool, and the caller's
    own rules are as lenient as protoc.
    """
    pool = DescriptorPool()
    for proto in protos:
        try:
            pool.AddSerializedFile(_without_json_conflicts(proto).SerializeToString())
        except TypeError as error:
            raise InvalidSchema(str(error).removeprefix(_REFUSAL)) from error
    return pool


def _without_json_conflicts(proto: FileDescriptorProto) -> FileDescriptorProto:
    if proto.syntax == "proto3":
        return proto
    copy = FileProto()
    copy.CopyFrom(proto)
    for message in _messages(copy):
        message.options.deprecated_legacy_json_field_conflicts = True
    return copy


def _messages(proto: FileDescriptorProto) -> list[DescriptorProto]:
    """Return the messages of a file, nested ones too."""
    found = list(proto.message_type)
    for message in found:
        found.extend(message.nested_type)
    return found


def _without_maps(proto: FileDescriptorProto) -> FileDescriptorProto:
    copy = FileProto()
    copy.CopyFrom(proto)
    for message in _messages(copy):
        message.options.ClearField("map_entry")
    return copy
