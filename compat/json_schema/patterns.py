"""Whether a text is a regular expression, without ever running one.

JSON Schema means ECMA-262's; Confluent 8.3 compiles with java.util.regex. What either of them
takes is taken. The scanner here reads Java's grammar once from left to right, so its time is
linear in the pattern whatever the pattern says; the rarer ECMA-only spellings are asked of
jsonschema-rs, which compiles to an automaton of bounded size.
"""

from __future__ import annotations

import re
from typing import NoReturn

import jsonschema_rs

# A pattern within both compiles in some milliseconds at worst.
MAX_ECMA_LENGTH = 1_000
ECMA_LIMITS = jsonschema_rs.FancyRegexOptions(size_limit=256 * 1024)

# What may follow a backslash in Java, besides what is no letter or digit.
ESCAPE = re.compile(
    r"""\\(?:
      Q.*?(?:\\E|\Z)                                # quotation, up to its end or the pattern's
    | [pP](?:\{\^?[A-Za-z0-9_=\ -]+\}|[A-Z])        # property
    | x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\})
    | u[0-9a-fA-F]{4}
    | 0[0-7]{0,3}
    | c.
    | k<[A-Za-z][A-Za-z0-9]*>
    | N\{[^}]+\}
    | [tnrfaedDsSwWhHvVRbBAGZzXE1-9]
    | [^A-Za-z0-9]
    )""",
    re.VERBOSE | re.DOTALL,
)
GROUP = re.compile(r"\((?:\?(?::|=|!|>|<=|<!|<[A-Za-z][A-Za-z0-9]*>|[idmsuxU]*(?:-[idmsuxU]*)?:))?")
FLAGS = re.compile(r"\(\?[idmsuxU]*(?:-[idmsuxU]*)?\)")
QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<low>\d+)(?P<comma>,(?P<high>\d*))?\})[+?]?")


def java_fault(pattern: str) -> str | None:
    """Say what Java's grammar has against a pattern, None when nothing."""
    try:
        JavaScanner(pattern).scan()
    except PatternFault as fault:
        return str(fault)
    return None


def is_ecma(pattern: str) -> bool:
    """Tell whether ECMA-262 has a reading of a pattern."""
    if len(pattern) > MAX_ECMA_LENGTH:
        return False
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=ECMA_LIMITS)
    except ValueError:
        return False
    return True


class PatternFault(Exception):
    """A place in a pattern where no reading goes on."""


class JavaScanner:
    """One pass over a pattern by the grammar of java.util.regex."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.groups: list[int] = []
        self.can_repeat = False

    def scan(self) -> None:
        """Read the whole pattern; raises PatternFault."""
        while self.position < len(self.pattern):
            self.step(self.pattern[self.position])
        if self.groups:
            self.fail("unclosed group", self.groups[-1])

    def step(self, character: str) -> None:
        match character:
            case "\\":
                self.take(ESCAPE, "unknown escape")
                self.can_repeat = True
            case "[":
                self.character_class()
                self.can_repeat = True
            case "(":
                self.group()
            case ")":
                self.close()
            case "*" | "+" | "?" | "{":
                self.quantifier()
            case _:
                self.position += 1
                self.can_repeat = character != "|"

    def fail(self, what: str, position: int | None = None) -> NoReturn:
        place = self.position if position is None else position
        raise PatternFault(f"{what} at character {place + 1}")

    def take(self, token: re.Pattern[str], what: str) -> re.Match[str]:
        match = token.match(self.pattern, self.position)
        if match is None:
            self.fail(what)
        self.position = match.end()
        return match

    def group(self) -> None:
        flags = FLAGS.match(self.pattern, self.position)
        if flags is not None:
            self.position = flags.end()
            return
        start = self.position
        self.take(GROUP, "unknown group")
        if self.pattern.startswith("?", self.position):
            self.fail("unknown group", start)
        self.groups.append(start)
        self.can_repeat = False

    def close(self) -> None:
        if not self.groups:
            self.fail("unmatched )")
        self.groups.pop()
        self.position += 1
        self.can_repeat = True

    def quantifier(self) -> None:
        start = self.position
        match = self.take(QUANTIFIER, "malformed repetition")
        if not self.can_repeat:
            self.fail("nothing to repeat", start)
        low, high = match["low"], match["high"]
        if low and high and as_number(low) > as_number(high):
            self.fail("repetition out of order", start)
        self.can_repeat = False

    def character_class(self) -> None:
        """Read a class with all classes in it; ranges must not run backwards."""
        starts: list[int] = []
        before: str | None = None
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "[":
                starts.append(self.position)
                self.open_class()
                before = None
            elif character == "]":
                self.position += 1
                starts.pop()
                if not starts:
                    return
                before = None
            else:
                before = self.class_member(before)
        self.fail("unclosed class", starts[-1])

    def open_class(self) -> None:
        self.position += 1
        if self.pattern.startswith("^", self.position):
            self.position += 1
        if self.pattern.startswith("]", self.position):
            self.position += 1  # first in its class, it is itself

    def class_member(self, before: str | None) -> str | None:
        """Read one member or the end of a range; return what a range could start with."""
        if self.is_range(before):
            self.position += 1
            start = self.position
            end = self.single()
            if end is not None and before is not None and end < before:
                self.fail("range out of order", start)
            return None
        return self.single()

    def is_range(self, before: str | None) -> bool:
        return (
            before is not None
            and self.pattern.startswith("-", self.position)
            and self.pattern[self.position + 1 : self.position + 2] not in {"", "]", "["}
        )

    def single(self) -> str | None:
        """Read a member; return its character when it is one and plainly written."""
        start = self.position
        if self.pattern[start] == "\\":
            self.take(ESCAPE, "unknown escape")
            escape = self.pattern[start + 1 : self.position]
            return escape if len(escape) == 1 and not escape.isalnum() else None
        self.position += 1
        return self.pattern[start]


def as_number(digits: str) -> tuple[int, str]:
    """Return what orders runs of digits of any length by value."""
    significant = digits.lstrip("0")
    return len(significant), significant
