"""Text to tokens, and tokens to the values they spell.

A token is a plain string; its first character tells its kind:

    letter, _     identifier, or several joined by dots: `a.b.c`
    .             `.`, a name with a leading dot, or a number such as `.5`
    digit         number, not yet checked: `1`, `0x1F`, `1.5e-3`, but also `1abc`
    " or '        string, with its quotes, not yet checked
    else          one symbol

An empty string ends the list. The pattern is linear: whatever it tries it takes possessively, and
what may lack its end (a string, a comment) is taken without one too and refused afterwards.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from compat.errors import InvalidSchema, TooComplex

# What a broker takes in one record by default, so the most that a registry which keeps its schemas
# in a topic can have stored. The costliest text of this length, all messages or all custom options,
# takes two seconds to be read, compiled and printed.
MAX_TEXT: Final = 1024 * 1024

_STRING = r"\"[^\"\\\n]*+(?:\\[^\n][^\"\\\n]*+)*+\"?|'[^'\\\n]*+(?:\\[^\n][^'\\\n]*+)*+'?"
_COMMENT = r"//[^\n]*+|/\*[\s\S]*?(?:\*/|\Z)"
_GAP = rf"\s*+(?:(?:{_COMMENT})\s*+)*+"
_REST = rf"[{{}}=;\[\](),<>:]|\.?[0-9](?:[eE][+-]|[\w.])*+|{_STRING}"
_TOKEN: Final = re.compile(
    rf"{_GAP}([A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)*+|{_REST}|(?:\.[A-Za-z_]\w*+)++|\S|\Z)", re.ASCII
)
_SINGLE: Final = re.compile(rf"{_GAP}([A-Za-z_]\w*+|{_REST}|\S|\Z)", re.ASCII)
_STRING_OR_COMMENT: Final = re.compile(rf"{_STRING}|({_COMMENT})")

# Words the grammar gives a meaning: `optional.M f = 1` is a label and the type `.M`. A text with
# such a word before a dot (they hardly exist) is cut at every dot.
_WORDS: Final = frozenset(
    (
        *("message", "enum", "extensions", "reserved", "extend", "option", "oneof", "optional"),
        *("required", "repeated", "stream", "map", "group", "export", "local", "returns", "public"),
        *("weak", "package", "import", "service", "rpc", "syntax", "edition"),
        *("double", "float", "bool", "string", "bytes", "int32", "int64", "uint32", "uint64"),
        *("sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64"),
    )
)
_SPELT_STRING: Final = re.compile(
    r"[^\\]*(?:\\(?:[abfnrtv\\?'\"]|[0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}"
    r"|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})[^\\]*)*"
)
_ESCAPE: Final = re.compile(
    rb"\\(?:(?P<character>[abfnrtv\\?'\"])|(?P<octal>[0-7]{1,3})|[xX](?P<byte>[0-9a-fA-F]{1,2})"
    rb"|u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8}))"
)
_CHARACTERS: Final = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


def tokenize(text: str) -> list[str]:
    """Cut a text into tokens, comments left out; raises InvalidSchema."""
    _refuse_characters(text)
    if "/*" in text:
        _refuse_comments(text)
    tokens: list[str] = _TOKEN.findall(text)
    if _is_ambiguous(tokens):
        tokens = _SINGLE.findall(text)
    if not text.isascii():
        _refuse_letters(text, tokens)
    return tokens


def place(text: str, index: int) -> tuple[int, int]:
    """Return the line and the column, counted from 1, of the token with this number."""
    pattern = _SINGLE if _is_ambiguous(_TOKEN.findall(text)) else _TOKEN
    token = next(islice(pattern.finditer(text), index, None), None)
    return _position(text, token.start(1) if token and token[1] else len(text.rstrip()))


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _is_ambiguous(tokens: list[str]) -> bool:
    dotted = [token for token in tokens if "." in token]
    return any(token.partition(".")[0] in _WORDS for token in dotted)


def _at(text: str, offset: int, message: str) -> InvalidSchema:
    line, column = _position(text, offset)
    return InvalidSchema(message, line=line, column=column)


def _refuse_characters(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise TooComplex(f"the text has {len(text)} characters, more than {MAX_TEXT}")
    if "\0" in text:
        raise _at(text, text.index("\0"), "unexpected NUL character")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _at(text, error.start, "unexpected half of a surrogate pair") from None


def _refuse_comments(text: str) -> None:
    for match in _STRING_OR_COMMENT.finditer(text):
        comment = match[1] or ""
        if comment.startswith("/*") and (comment.find("*/", 2) < 0 or "/*" in comment[2:]):
            raise _at(text, match.start(), "this comment is not closed, or contains another one")


def _refuse_letters(text: str, tokens: list[str]) -> None:
    for number, token in enumerate(tokens):
        if not token.isascii() and token[0] not in "\"'":
            line, column = place(text, number)
            raise InvalidSchema(f"unexpected character '{token}'", line=line, column=column)


def unquoted(token: str) -> str | None:
    """Return what a string token says, or None when it is not closed or misspelt.

    Bytes that are no UTF-8 come as lone surrogates, as `surrogateescape` makes them.
    """
    inner = token[1:-1]
    if len(token) < len('""') or token[-1] != token[0]:
        return None
    if "\\" not in inner:
        return inner
    if _SPELT_STRING.fullmatch(inner) is None:
        return None
    return _ESCAPE.sub(_unescaped, inner.encode()).decode(errors="surrogateescape")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    spelt = escape[escape.lastgroup or 0]
    match escape.lastgroup:
        case "character":
            return bytes([_CHARACTERS.get(spelt[0], spelt[0])])
        case "octal":
            return bytes([int(spelt, 8) & 0xFF])
        case "byte":
            return bytes([int(spelt, 16)])
        case "low":
            return bytes.fromhex((escape["high"] + spelt).decode()).decode("utf-16-be").encode()
        case _:
            return chr(int(spelt, 16)).encode(errors="surrogatepass")


# Nothing in a .proto file is longer than the sign and the digits of a uint64, octal.
_LONGEST_INTEGER: Final = 24
_INTEGER: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*", re.ASCII)
_FLOAT: Final = re.compile(
    r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?", re.ASCII
)


def is_integer(token: str) -> bool:
    """Tell whether a number token is a well-spelt integer, of whatever size."""
    return _INTEGER.fullmatch(token) is not None


def is_float(token: str) -> bool:
    """Tell whether a number token is a well-spelt float (or integer)."""
    return _FLOAT.fullmatch(token) is not None


def integer(token: str) -> int | None:
    """Return the value of an integer token, or None when it is misspelt or absurdly long."""
    if len(token) > _LONGEST_INTEGER or not is_integer(token):
        return None
    if token[:2] in {"0x", "0X"}:
        return int(token, 16)
    return int(token, 8 if token[0] == "0" else 10)
