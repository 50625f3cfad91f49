"""Text to tokens, and tokens to the values they spell.

A token is a plain string; its first character tells its kind:

    letter, _     identifier, or several joined by dots: `a.b.c`
    .             `.`, a name with a leading dot, or a number such as `.5`
    digit         number, not yet checked: `1`, `0x1F`, `1.5e-3`, but also `1abc`
    " or '        string, with its quotes, not yet checked
    else          one symbol

An empty string ends the list. The patterns are linear: every alternative either runs to the end of
the text or cannot overlap with itself.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from compat.errors import InvalidSchema, TooComplex

# Several times the largest message a broker takes by default; a text this long parses in a second.
MAX_TEXT: Final = 2 * 1024 * 1024

_STRING = r"\"[^\"\\\n]*(?:\\[^\n][^\"\\\n]*)*\"?|'[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'?"
_NUMBER = r"\.?[0-9](?:[eE][+-]|[\w.])*"
_COMMENT = r"//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)"
_NAME = r"[A-Za-z_]\w*"
_TOKEN: Final = re.compile(rf"\.?{_NAME}(?:\.{_NAME})*|{_NUMBER}|{_STRING}|{_COMMENT}|\S", re.ASCII)
_SINGLE: Final = re.compile(rf"{_NAME}|{_NUMBER}|{_STRING}|{_COMMENT}|\S", re.ASCII)

# A word the grammar gives a meaning, before a dot: `optional.M f = 1` is a label and the type `.M`.
# Texts with one (they hardly exist) are cut at every dot.
_WORD_BEFORE_DOT: Final = re.compile(
    r"(?<![\w.])(?:message|enum|extensions|reserved|extend|option|oneof|optional|required|repeated"
    r"|stream|map|group|export|local|returns|public|weak|package|import|service|rpc|syntax|edition"
    r"|double|float|u?int(?:32|64)|s?fixed(?:32|64)|sint(?:32|64)|bool|string|bytes)\s*\.(?![0-9])"
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
    tokens: list[str] = _pattern(text).findall(text)
    if "//" in text or "/*" in text:
        if any(map(_is_bad_comment, tokens)):
            raise _bad_comment(text)
        tokens = [token for token in tokens if not _is_comment(token)]
    if not text.isascii():
        _refuse_letters(text, tokens)
    tokens.append("")
    return tokens


def place(text: str, index: int) -> tuple[int, int]:
    """Return the line and the column, counted from 1, of the token with this number.

    A number past the last token is the end of the text.
    """
    tokens = (match for match in _pattern(text).finditer(text) if not _is_comment(match.group()))
    match = next(islice(tokens, index, None), None)
    return _position(text, len(text.rstrip()) if match is None else match.start())


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _pattern(text: str) -> re.Pattern[str]:
    return _SINGLE if _WORD_BEFORE_DOT.search(text) else _TOKEN


def _is_comment(token: str) -> bool:
    return token[0] == "/" and len(token) > 1


def _is_bad_comment(token: str) -> bool:
    return token.startswith("/*") and (token.find("*/", 2) < 0 or "/*" in token[2:])


def _bad_comment(text: str) -> InvalidSchema:
    matches = (match for match in _pattern(text).finditer(text) if _is_bad_comment(match.group()))
    return _at(text, next(matches).start(), "this comment is not closed, or contains another one")


def _at(text: str, offset: int, message: str) -> InvalidSchema:
    line, column = _position(text, offset)
    return InvalidSchema(message, line=line, column=column)


def _refuse_characters(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise TooComplex(f"the text has {len(text)} characters, more than {MAX_TEXT}")
    if "\0" in text:
        raise _at(text, text.index("\0"), "unexpected NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _at(text, error.start, "unexpected half of a surrogate pair") from None


def _refuse_letters(text: str, tokens: list[str]) -> None:
    for number, token in enumerate(tokens):
        if not token.isascii() and token[0] not in "\"'":
            line, column = place(text, number)
            raise InvalidSchema(f'unexpected character "{token}"', line=line, column=column)


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
