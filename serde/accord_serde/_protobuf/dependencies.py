"""Registering the files that a message's file imports, each under a subject of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord_serde._core.asks import Ask
from accord_serde._core.framing import PROTOBUF
from accord_serde._core.settings import flag, function
from accord_serde._core.subjects import reference_subject_name_strategy
from accord_serde._protobuf.built_in import is_built_in
from accord_serde._protobuf.descriptors import schema_text
from accord_serde._schemas import RegisteredSchema, Schema, SchemaReference
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import FileDescriptor

    from accord_serde._conf import Conf
    from accord_serde._core.asks import Steps
    from accord_serde._core.settings import WriterSettings
    from accord_serde.serialization import Context


@dataclass(frozen=True, slots=True)
class Dependencies:
    """How imports become references."""

    skip_known: bool
    subject_of: Callable[[Any, Any], str | None]
    auto_register: bool
    normalize: bool

    @classmethod
    def take(cls, conf: Conf, settings: WriterSettings) -> Dependencies:
        """Take the two settings about imports. Raises ValueError."""
        return cls(
            skip_known=flag(conf, "skip.known.types", default=True),
            subject_of=function(
                conf, "reference.subject.name.strategy", reference_subject_name_strategy
            ),
            auto_register=settings.auto_register,
            normalize=settings.normalize,
        )

    def schema(self, file: FileDescriptor, ctx: Context | None) -> Steps[Schema]:
        """Return what a file is registered as, its imports registered or found before it.

        Raises SerializationError, SchemaRegistryError.
        """
        return (yield from self._schema(file, ctx, {}))

    def _schema(
        self, file: FileDescriptor, ctx: Context | None, known: dict[str, SchemaReference]
    ) -> Steps[Schema]:
        references = []
        for imported in file.dependencies:
            if self.skip_known and is_built_in(imported.name):
                continue
            if imported.name not in known:
                known[imported.name] = yield from self._reference(imported, ctx, known)
            references.append(known[imported.name])
        return Schema(schema_text(file), PROTOBUF, references)

    def _reference(
        self, file: FileDescriptor, ctx: Context | None, known: dict[str, SchemaReference]
    ) -> Steps[SchemaReference]:
        schema = yield from self._schema(file, ctx, known)
        subject = self.subject_of(ctx, file)
        if subject is None:
            raise SerializationError(
                f"the reference subject name strategy gives no subject for {file.name}"
            )
        arguments, options = (subject, schema), {"normalize_schemas": self.normalize}
        if self.auto_register:
            yield Ask("register_schema", arguments, options)
        found: RegisteredSchema = yield Ask("lookup_schema", arguments, options)
        return SchemaReference(file.name, subject, found.version)
