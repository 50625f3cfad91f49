"""A position in a list of tokens, and the smallest things one can read there."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from compat.errors import InvalidSchema, TooComplex
from compat.protobuf.syntax import LiteralKind, Scalar
from compat.protobuf.tokens import integer, place, unquoted

# protoc reads 31 messages inside one another and no more; it has no limit for aggregates.
MAX_MESSAGE_DEPTH: Final = 31
MAX_AGGREGATE_DEPTH: Final = 64

INT32_MAX: Final = 2**31 - 1
_SAFE_DIGITS: Final = 9  # any number of so many digits is an int32

_DOTTED: Final = re.compile(r"\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


class Cursor:
    """Where the parser is. `tokens` ends with an empty string, which nothing reads past."""

    __slots__ = ("depth", "edition", "index", "lenient", "proto3", "source", "tokens")

    def __init__(self, source: str, tokens: list[str], *, lenient: bool = False) -> None:
        self.source = source
        self.tokens = tokens
        self.lenient = lenient
        self.index = 0
        self.depth = 0
        self.proto3 = False
        self.edition: str | None = None

    @property
    def needs_labels(self) -> bool:
        """Tell whether a field outside of oneofs has to have a label: in proto2."""
        return not (self.proto3 or self.lenient or self.edition is not None)

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Raise InvalidSchema at the current token, or at another one."""
        line, column = place(self.source, self.index if at is None else at)
        raise InvalidSchema(message, line=line, column=column)

    def expected(self, what: str) -> NoReturn:
        """Raise InvalidSchema: something else should stand here."""
        token = self.tokens[self.index]
        found = f"'{token[:40]}'" if token else "the end of the text"
        self.fail(f"expected {what} but found {found}")

    def deeper(self, limit: int) -> None:
        """Enter a block; raises TooComplex. Leave it with `depth -= 1`."""
        self.depth += 1
        if self.depth > limit:
            line, column = place(self.source, self.index)
            raise TooComplex(f"nested deeper than {limit} levels", line=line, column=column)

    def symbol(self, symbol: str) -> None:
        """Read this token."""
        if self.tokens[self.index] != symbol:
            self.expected(f"'{symbol}'")
        self.index += 1

    def accept(self, token: str) -> bool:
        """Read this token if it is the next one."""
        if self.tokens[self.index] == token:
            self.index += 1
            return True
        return False

    def identifier(self, what: str) -> str:
        """Read one identifier without dots."""
        token = self.tokens[self.index]
        if not token.isidentifier():
            self.expected(what)
        self.index += 1
        return token

    def dotted(self, what: str) -> str:
        """Read a name of any number of parts, which may start with a dot."""
        tokens = self.tokens
        name = tokens[self.index]
        if name.isidentifier() and tokens[self.index + 1][:1] != ".":
            self.index += 1
            return name
        if not name:
            self.expected(what)
        end = self.index + 1
        while tokens[end] and (tokens[end - 1] == "." or tokens[end][0] == "."):
            name += tokens[end]
            end += 1
        if _DOTTED.fullmatch(name) is None:
            self.expected(what)
        self.index = end
        return name

    def integer(self, what: str, *, most: int = INT32_MAX) -> int:
        """Read an integer without a sign."""
        token = self.tokens[self.index]
        if is_small(token):
            self.index += 1
            return int(token)
        value = integer(token)
        if value is None:
            self.expected(what)
        if value > most:
            self.fail(f"{token[:40]} is out of range: the greatest is {most}")
        self.index += 1
        return value

    def signed(self, what: str) -> int:
        """Read an int32."""
        if self.accept("-"):
            return -self.integer(what, most=INT32_MAX + 1)
        return self.integer(what)

    def string(self, what: str) -> Scalar:
        """Read one or more string literals side by side as one string."""
        at = self.index
        parts = []
        while (token := self.tokens[self.index])[:1] in {'"', "'"}:
            text = unquoted(token)
            if text is None:
                self.fail("this string is not closed, or has an escape that does not exist")
            parts.append(text)
            self.index += 1
        if not parts:
            self.expected(what)
        text = parts[0] if len(parts) == 1 else joined(parts)
        return Scalar(LiteralKind.STRING, text, at)


def is_small(token: str) -> bool:
    """Tell whether a token is a number without a sign that surely fits an int32."""
    return token.isdecimal() and token[0] != "0" and len(token) <= _SAFE_DIGITS


def joined(parts: list[str]) -> str:
    """Join strings whose bytes may only together be UTF-8."""
    data = b"".join(part.encode(errors="surrogateescape") for part in parts)
    return data.decode(errors="surrogateescape")
