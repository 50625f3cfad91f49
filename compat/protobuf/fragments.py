"""What stands at the spot of a finding, as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from compat.protobuf import syntax
from compat.protobuf.printer import print_file, print_part

if TYPE_CHECKING:
    from compat.protobuf.printer import Part

MAX_SHOWN: Final = 500


def shown(fragment: object) -> str:
    """Return the text of a spot's fragment, cut where it gets long; of a file, its head."""
    if isinstance(fragment, syntax.File):
        head = replace(fragment, messages=[], enums=[], extends=[], services=[])
        text = print_file(head).strip()
    else:
        # the fragments of this format's findings are parts of a file
        text = print_part(cast("Part", fragment))
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
