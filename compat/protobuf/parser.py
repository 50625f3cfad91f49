"""Reads a .proto text into its syntax tree.

The grammar is protoc's for proto2, proto3 and the editions 2023 and 2024. Names are not resolved
and values not judged here; what protoc's parser refuses is refused, with the line and the column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf import parser_options as options
from compat.protobuf import parser_types as types
from compat.protobuf.parser_cursor import Cursor
from compat.protobuf.syntax import File, Import, Rpc, Service
from compat.protobuf.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compat.protobuf.syntax import ImportKind, Option

EDITIONS: Final = ("2023", "2024")
_IMPORT_KINDS: Mapping[str, ImportKind] = {"public": "public", "weak": "weak", "option": "option"}


def parse(text: str, *, lenient: bool = False) -> File:
    """Read a text; raises InvalidSchema.

    `lenient` admits what other registries have stored though protoc refuses it: proto2 fields
    without a label, numbers and names in one `reserved`, a oneof or an extend block without fields.
    """
    text = text.removeprefix("\ufeff")
    cursor = Cursor(text, tokenize(text), lenient=lenient)
    found = File(source=text)
    _read_version(cursor, found)
    while token := cursor.tokens[cursor.index]:
        read = _STATEMENTS.get(token)
        if read is None:
            cursor.expected("a message, an enum, a service, an import or another declaration")
        read(cursor, found)
    return found


def _read_version(cursor: Cursor, file: File) -> None:
    """Read `syntax = "…";` or `edition = "…";`, which may only come first."""
    keyword = cursor.tokens[0]
    if keyword not in {"syntax", "edition"}:
        return
    cursor.index += 1
    cursor.symbol("=")
    version = cursor.string(f"the {keyword} in quotes").text
    if keyword == "edition":
        if version not in EDITIONS:
            cursor.fail(f"edition '{version}' is unknown", 2)
        file.edition = cursor.edition = version
    elif version == "proto2":
        file.syntax = "proto2"
    elif version == "proto3":
        file.syntax = "proto3"
        cursor.proto3 = True
    else:
        cursor.fail(f"syntax '{version}' is unknown", 2)
    cursor.symbol(";")


def _package(cursor: Cursor, file: File) -> None:
    if file.package is not None:
        cursor.fail("there is a second package")
    cursor.index += 1
    name = cursor.dotted("the name of the package")
    if name.startswith("."):
        cursor.index -= 1
        cursor.expected("the name of the package")
    file.package = name
    cursor.symbol(";")


def _import(cursor: Cursor, file: File) -> None:
    at = cursor.index
    cursor.index += 1
    kind = _IMPORT_KINDS.get(cursor.tokens[cursor.index], "plain")
    if kind == "option" and cursor.edition != EDITIONS[-1]:
        cursor.fail("'import option' exists from edition 2024 on")
    if kind == "weak" and cursor.edition == EDITIONS[-1]:
        cursor.fail("'import weak' does not exist from edition 2024 on")
    if kind != "plain":
        cursor.index += 1
    file.imports.append(Import(cursor.string("a path in quotes").text, kind, at))
    cursor.symbol(";")


def _service(cursor: Cursor, file: File) -> None:
    at = cursor.index
    cursor.index += 1
    found = Service(cursor.identifier("the name of a service"), at=at)
    file.services.append(found)
    cursor.symbol("{")
    while not cursor.accept("}"):
        match cursor.tokens[cursor.index]:
            case ";":
                cursor.index += 1
            case "option":
                found.options.append(options.statement(cursor))
            case "rpc":
                found.rpcs.append(_rpc(cursor))
            case _:
                cursor.expected("'rpc'")


def _rpc(cursor: Cursor) -> Rpc:
    at = cursor.index
    cursor.index += 1
    name = cursor.identifier("the name of a method")
    request_streaming, request = _rpc_type(cursor)
    cursor.symbol("returns")
    response_streaming, response = _rpc_type(cursor)
    return Rpc(
        name,
        request,
        response,
        request_streaming=request_streaming,
        response_streaming=response_streaming,
        options=_rpc_options(cursor),
        at=at,
    )


def _rpc_type(cursor: Cursor) -> tuple[bool, str]:
    cursor.symbol("(")
    streaming = cursor.accept("stream")
    name = types.message_name(cursor)
    cursor.symbol(")")
    return streaming, name


def _rpc_options(cursor: Cursor) -> list[Option]:
    found: list[Option] = []
    if not cursor.accept("{"):
        cursor.symbol(";")
        return found
    while not cursor.accept("}"):
        if cursor.accept(";"):
            continue
        if cursor.tokens[cursor.index] != "option":
            cursor.expected("'option'")
        found.append(options.statement(cursor))
    return found


def _visible(cursor: Cursor, file: File) -> None:
    if cursor.edition != types.FIRST_EDITION_WITH_VISIBILITY:
        cursor.fail("'export' and 'local' exist from edition 2024 on")
    types.visible(cursor, file.messages, file.enums)


def _skip(cursor: Cursor, _: File) -> None:
    cursor.index += 1


# What may stand at the top of a file, by its first word.
_STATEMENTS: Mapping[str, Callable[[Cursor, File], None]] = {
    "message": lambda cursor, file: file.messages.append(types.message(cursor)),
    "enum": lambda cursor, file: file.enums.append(types.enum(cursor)),
    "extend": lambda cursor, file: file.extends.append(types.extend(cursor)),
    "option": lambda cursor, file: file.options.append(options.statement(cursor)),
    "service": _service,
    "import": _import,
    "package": _package,
    "export": _visible,
    "local": _visible,
    ";": _skip,
}
