"""Rules of our own for two files: what generated code and callers count on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf.findings import one
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_extensions import extensions
from compat.protobuf.rules_options import changed_options
from compat.protobuf.rules_services import services
from compat.protobuf.spots import differing, spot, spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compat.finding import Finding
    from compat.protobuf.declarations import Source
    from compat.protobuf.syntax import Option

# The options that decide what generated code looks like, and what is in force without them.
OPTIONS: Final[Mapping[str, str]] = {
    "cc_enable_arenas": "true",
    "optimize_for": "SPEED",
    **dict.fromkeys(
        (
            "cc_generic_services",
            "java_generic_services",
            "java_multiple_files",
            "java_string_check_utf8",
            "php_generic_services",
            "py_generic_services",
        ),
        "false",
    ),
    **dict.fromkeys(
        (
            "csharp_namespace",
            "go_package",
            "java_outer_classname",
            "java_package",
            "objc_class_prefix",
            "php_class_prefix",
            "php_metadata_namespace",
            "php_namespace",
            "ruby_package",
            "swift_prefix",
        ),
        "",
    ),
}
PATH: Final = "#/"


def files(reader: Source, writer: Source) -> Iterator[Finding]:
    """Yield what the rules find."""
    new, old = language(reader), language(writer)
    if new != old:
        kind, detail = Kind.SYNTAX_CHANGED, f"{old} to {new}"
        yield differing(kind, PATH, reader=reader, writer=writer, detail=detail)
    for name in changed_options(_relevant(reader), _relevant(writer), OPTIONS):
        kind = Kind.FILE_OPTION_CHANGED
        yield differing(kind, PATH, reader=reader, writer=writer, detail=name)
    public = {each.path for each in reader.file.imports if each.kind == "public"}
    for statement in writer.file.imports:
        if statement.kind == "public" and statement.path not in public:
            at = spot_of(statement, inside=writer.package)
            yield one(
                Kind.PUBLIC_IMPORT_REMOVED,
                PATH,
                reader=spot(reader),
                writer=at,
                detail=statement.path,
            )
    yield from extensions(reader, writer)
    yield from services(reader, writer)


def language(source: Source) -> str:
    """Return the syntax or the edition of a file."""
    file = source.file
    return file.syntax or "proto2" if file.edition is None else f"edition {file.edition}"


def _relevant(source: Source) -> list[Option]:
    return [option for option in source.file.options if option.dotted in OPTIONS]
