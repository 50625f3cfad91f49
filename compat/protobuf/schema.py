"""A .proto file as the registry keeps it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf import parser, tags
from compat.protobuf.descriptor import decode_base64, from_descriptor, serialized
from compat.protobuf.descriptor_symbols import qualified
from compat.protobuf.normal import normalize
from compat.protobuf.plain import without_custom_options
from compat.protobuf.printer import print_file
from compat.protobuf.semantics import validate
from compat.protobuf.tokens import MAX_TEXT
from compat.schema import EntityTags, ParsedSchema, Resolved, SchemaType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compat.protobuf.syntax import File, Message, OneOf

MAX_PUBLIC_IMPORTS: Final = 64  # followed one by one in search of a first message


def parse(text: str, references: Sequence[Resolved] = (), *, new: bool = True) -> ProtobufSchema:
    """Read a .proto text or a base64 FileDescriptorProto; raises InvalidSchema.

    A new schema has to resolve all its types and to keep the rules of the language.
    """
    references = tuple(references)
    imports = _Imports(references)
    schema = ProtobufSchema(_read(text, imports, lenient=not new), references, imports)
    if len(schema.text) > MAX_TEXT:  # printing adds space, and what is stored is read again
        raise TooComplex(f"the text has {len(schema.text)} characters, more than {MAX_TEXT}")
    if new:
        schema.check()
    return schema


def _read(text: str, imports: _Imports, *, lenient: bool) -> File:
    try:
        return parser.parse(text, lenient=lenient)
    except TooComplex:
        raise
    except InvalidSchema as error:
        proto = decode_base64(text)
        if proto is None:
            raise InvalidSchema(
                f"Could not parse Protobuf - {error.message}", line=error.line, column=error.column
            ) from error
    return from_descriptor(proto, imports.files)


class _Imports:
    """The references as files, read when somebody needs them."""

    def __init__(self, references: Sequence[Resolved]) -> None:
        self._references = references

    @cached_property
    def files(self) -> Mapping[str, File]:
        return {reference.name: self._file(reference) for reference in self._references}

    def _file(self, reference: Resolved) -> File:
        try:
            return parser.parse(reference.text, lenient=True)
        except InvalidSchema as error:
            raise InvalidSchema(f"The reference {reference.name} is invalid: {error}") from error


class ProtobufSchema:
    """A parsed .proto file; `file` is its syntax tree."""

    type = SchemaType.PROTOBUF

    def __init__(
        self,
        file: File,
        references: tuple[Resolved, ...],
        imports: _Imports,
        *,
        normal: bool = False,
    ) -> None:
        self.file = file
        self.references = references
        self.text = print_file(file, options_in_order=normal)
        self._imports = imports
        self._normal = normal

    @property
    def imports(self) -> Mapping[str, File]:
        """The referenced files by import path, bundled ones not among them."""
        return self._imports.files

    def check(self) -> None:
        """Apply the rules for new schemas; raises InvalidSchema."""
        try:
            validate(self.file, self.imports)
        except InvalidSchema as error:
            error.stage = "validate"
            raise

    @property
    def record_name(self) -> str | None:
        """The full name of the first message or, failing that, enum; public imports count."""
        file: File | None = self.file
        for _ in range(MAX_PUBLIC_IMPORTS):
            if file is None:
                return None
            declared = [message.name for message in file.messages[:1]]
            declared += [enum.name for enum in file.enums[:1]]
            if declared:
                return qualified(file.package or "", declared[0])
            file = self._first_public_import(file)
        return None

    def _first_public_import(self, file: File) -> File | None:
        paths = (one.path for one in file.imports if one.kind == "public")
        return next((self.imports[path] for path in paths if path in self.imports), None)

    def normalized(self) -> Self:
        if self._normal:
            return self
        file = normalize(self.file, self.imports)
        return type(self)(file, self.references, self._imports, normal=True)

    def rendered(self, form: str) -> str:
        match form:
            case "serialized":
                # of the stored text, so that the answer does not depend on what was registered
                return serialized(parser.parse(self.text, lenient=True), self.imports)
            case "ignore_extensions":
                file = without_custom_options(self.file)
                return print_file(file, options_in_order=self._normal)
            case _:
                return self.text

    @cached_property
    def canonical(self) -> str:
        """The text as it is printed when it is read again; the normal form differs in details."""
        return print_file(self.file) if self._normal else self.text

    def matches(self, other: ParsedSchema) -> bool:
        return isinstance(other, ProtobufSchema) and self.canonical == other.canonical

    def top_level_fields(self) -> frozenset[str]:
        return frozenset(_field_names(self.file.messages[0]) if self.file.messages else ())

    def tags(self) -> Sequence[EntityTags]:
        return tags.tags(self.file)

    def retagged(
        self,
        *,
        add: Sequence[EntityTags] = (),
        remove: Sequence[EntityTags] = (),
        where_possible: bool = False,
    ) -> Self:
        file = tags.retagged(self.file, add=add, remove=remove, where_possible=where_possible)
        return type(self)(file, self.references, self._imports)


def _field_names(message: Message) -> set[str]:
    owners: list[Message | OneOf] = [message, *message.oneofs]
    return {field.name for owner in owners for field in owner.fields} | {
        group.name.lower() for owner in owners for group in owner.groups
    }
