"""A syntax tree and what it imports, made into descriptors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pool import DescriptorPool

from compat.errors import InvalidSchema
from compat.protobuf import builtin
from compat.protobuf.descriptor_assembly import Assembly
from compat.protobuf.descriptor_class import DESCRIPTOR_PATH, FileProto, known_pool
from compat.protobuf.descriptor_library import Library
from compat.protobuf.descriptor_options import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

    from compat.protobuf.descriptor_assembly import Pending
    from compat.protobuf.syntax import File, Option

_REFUSAL = "Couldn't build proto file into descriptor pool: "


@dataclass(frozen=True, slots=True)
class Compiled:
    """A descriptor with its standard options set, and what is still to be done with it.

    `custom` are the options that need definitions, `unknown` standard options nobody knows,
    `entries` the types declared by map fields, with the messages they are nested in.
    """

    proto: FileDescriptorProto
    custom: Sequence[Pending]
    unknown: Sequence[Option]
    entries: Sequence[tuple[DescriptorProto, str]]


def compiled(file: File, name: str, library: Library) -> Compiled:
    """Return the descriptor of a file without its custom options; raises InvalidSchema."""
    scope = library.scope(file)
    assembly = Assembly(file, scope)
    try:
        proto = assembly.assemble(name, library)
    except ValueError as error:  # a number or a string that a descriptor cannot hold
        raise InvalidSchema(f"Not a valid descriptor: {error}") from error
    interpreter = Interpreter(file, scope, known_pool())
    custom: list[Pending] = []
    unknown: list[Option] = []
    for pending in assembly.pending:
        rest = interpreter.fill(pending)
        extensions = [option for option in rest if any(part.is_extension for part in option.name)]
        if extensions:
            custom.append(replace(pending, options=extensions))
        unknown += [option for option in rest if option not in extensions]
    return Compiled(proto, custom, unknown, assembly.entries)


def set_custom_options(file: File, target: Compiled, library: Library) -> None:
    """Set the custom options whose definitions are at hand; raises InvalidSchema."""
    if not target.custom:
        return
    scope = library.scope(file, also=(builtin.META_PATH,))
    pool = definitions(target.proto, library)
    interpreter = Interpreter(file, scope, pool)
    for pending in target.custom:
        interpreter.fill(pending)


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

    Its map fields are plain repeated messages, for those keep the order of their entries.
    """
    paths = [*proto.dependency, *proto.option_dependency, builtin.META_PATH, DESCRIPTOR_PATH]
    return build_pool(map(_without_maps, [*dependencies(paths, library), proto]))


def known_to(proto: FileDescriptorProto, library: Library) -> DescriptorPool:
    """Return a pool that knows the extensions of a descriptor that was not compiled here.

    What it imports from files that are not at hand cannot be known: when that leaves its own
    definitions incomplete, those of its imports are known alone.
    """
    known = FileProto()
    known.CopyFrom(proto)
    for paths in (known.public_dependency, known.weak_dependency):
        paths.clear()
    for paths in (known.dependency, known.option_dependency):
        found = [path for path in paths if path in library]
        paths[:] = found
    try:
        return definitions(known, library)
    except InvalidSchema:
        return definitions(FileProto(dependency=known.dependency), library)


def build_pool(protos: Iterable[FileDescriptorProto]) -> DescriptorPool:
    """Return a fresh pool with these files; raises InvalidSchema for what it does not accept."""
    pool = DescriptorPool()
    for proto in protos:
        try:
            pool.AddSerializedFile(proto.SerializeToString())
        except TypeError as error:
            raise InvalidSchema(str(error).removeprefix(_REFUSAL)) from error
    return pool


def _without_maps(proto: FileDescriptorProto) -> FileDescriptorProto:
    copy = FileProto()
    copy.CopyFrom(proto)
    stack = list(copy.message_type)
    for message in stack:
        message.options.ClearField("map_entry")
        stack.extend(message.nested_type)
    return copy
