"""What a .proto file has to keep beyond its grammar, to be accepted as a new schema.

The runtime's descriptor pool knows most of protoc's rules; the modules beside this one add those
it lacks. Where both would speak, ours do, for they say it in words and give the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from compat.protobuf.descriptor import DEFAULT_NAME
from compat.protobuf.descriptor_compilation import (
    build_pool,
    compiled,
    dependencies,
    set_custom_options,
)
from compat.protobuf.descriptor_library import Library
from compat.protobuf.semantics_enums import enum_uses
from compat.protobuf.semantics_places import located
from compat.protobuf.semantics_rules import breaches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.protobuf.syntax import File


def validate(file: File, imports: Mapping[str, File] | None = None) -> None:
    """Refuse a file that protoc would refuse; raises InvalidSchema.

    `imports` are the references by import path, the indirect ones too. Imports that are not known
    are no fault as long as nothing of theirs is needed, nor are custom options without definition.
    """
    library = Library(imports or {})
    target = compiled(file, DEFAULT_NAME, library)
    set_custom_options(file, target, library)
    for fault in target.faults:
        raise fault
    for breach in breaches(target.proto):
        raise located(file, breach.message, breach.path)
    package = library.taken_package(file)
    if package is not None:
        raise InvalidSchema(f"An import declares {package}, which the package is named like")
    needed = dependencies(target.proto.dependency, library)
    try:
        pool = build_pool([*needed, target.proto])
    except InvalidSchema as error:
        raise located(file, error.message) from error
    # enums of proto3 are open: with nothing else around, there are no others
    if any(proto.syntax != "proto3" for proto in (*needed, target.proto)):
        for breach in enum_uses(target.proto, pool.FindFileByName(DEFAULT_NAME)):
            raise located(file, breach.message, breach.path)
