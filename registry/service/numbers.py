"""Version numbers as clients write them."""

from __future__ import annotations

import re

from registry.errors import InvalidVersion
from registry.model import LATEST, MAX_ID

NUMBER = re.compile(r"([+-]?)0*([0-9]{1,10})")


def parse_version(text: str) -> int:
    """Return the number, or LATEST for `latest` and `-1`; raises InvalidVersion."""
    asked = text.strip()
    if asked.lower() == "latest":
        return LATEST
    written = NUMBER.fullmatch(asked)
    if written is None:
        raise InvalidVersion(text)
    sign, digits = written.groups()
    number = int(sign + digits)
    if number != LATEST and not 1 <= number <= MAX_ID:
        raise InvalidVersion(text)
    return number
