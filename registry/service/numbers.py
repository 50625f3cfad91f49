"""Version numbers as clients write them."""

from __future__ import annotations

from registry.errors import InvalidVersion
from registry.model import LATEST, MAX_ID


def parse_version(text: str) -> int:
    """Return the number, or LATEST for `latest` and `-1`; raises InvalidVersion."""
    asked = text.strip()
    if asked.lower() == "latest":
        return LATEST
    digits = asked.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(asked) > len(str(MAX_ID)) + 1:
        raise InvalidVersion(text)
    number = int(asked)
    if number != LATEST and not 1 <= number <= MAX_ID:
        raise InvalidVersion(text)
    return number
