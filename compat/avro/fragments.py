"""What stands at a place, as text: short enough to be read beside its other version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from compat.avro.model import NAMED, Enum, Field, Record
from compat.avro.printer import Printer
from compat.json_text import quoted

if TYPE_CHECKING:
    from compat.avro.model import Named, Node
    from compat.avro.places import Fragment

SHOWN_LENGTH = 500
CUT = "…"

# The least a field takes is `{"name":"a","type":"int"},`, and a symbol `"A",`: so many of them
# are longer than what is shown.
SHOWN_FIELDS = 21
SHOWN_SYMBOLS = 126


def shown(fragment: Fragment) -> str:
    """Return the text of a fragment, the types inside it by their names."""
    text = inside(fragment.node)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - len(CUT)] + CUT


def inside(node: Node | Field) -> str:
    printer = NamesOnly(())
    match node:
        case Field():
            return printer.field(node, None)
        case Record():
            return printer.whole(replace(node, fields=node.fields[:SHOWN_FIELDS]), None)
        case Enum():
            return printer.whole(replace(node, symbols=node.symbols[:SHOWN_SYMBOLS]), None)
        case _ if isinstance(node, NAMED):
            return printer.whole(node, None)
        case _:
            return printer.text(node, None)


class NamesOnly(Printer):
    """Write a type with nothing but the names of the types inside."""

    def _named(self, node: Named, space: str | None) -> str:
        return quoted(node.name.seen_from(space))
