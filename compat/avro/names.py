"""Names of named types: what they may be made of, and how a namespace completes them."""

from __future__ import annotations

from dataclasses import dataclass

from compat.avro.model import TypeName

TYPE_WORDS = frozenset(TypeName)


@dataclass(frozen=True, slots=True)
class Name:
    """A full name in its parts; `space` is None in the null namespace."""

    full: str
    simple: str
    space: str | None

    def seen_from(self, space: str | None) -> str:
        """Return the shortest spelling that means this name inside the namespace.

        A name in the same namespace that is also the word for a type stays qualified, or the
        reader would take it for the type.
        """
        if self.space is not None and self.space == space and self.simple not in TYPE_WORDS:
            return self.simple
        return self.full


def resolved(name: str, space: str | None) -> Name:
    """Return the name as it is meant inside a namespace; a dotted name brings its own."""
    prefix, dot, simple = name.rpartition(".")
    if dot:
        space = prefix
    if not space:
        return Name(simple, simple, None)
    return Name(f"{space}.{simple}", simple, space)


def identifier_fault(name: str) -> str | None:
    """Return what is wrong with a name without dots, in Avro Java's words, or None."""
    if name.isascii() and name.isidentifier():
        return None
    if not name:
        return "Empty name"
    if not (name[0] == "_" or is_letter(name[0])):
        return f"Illegal initial character: {name}"
    if not all(char == "_" or is_letter(char) or char.isdecimal() for char in name):
        return f"Illegal character in: {name}"
    return None


def is_letter(char: str) -> bool:
    """Java asks each UTF-16 unit, so letters beyond the basic plane are none."""
    return char.isalpha() and char <= "\uffff"


def space_fault(space: str) -> str | None:
    """Return what is wrong with a namespace, or None."""
    for part in space.split("."):
        fault = identifier_fault(part)
        if fault is not None:
            return f'Namespace part "{part}" is invalid: {fault}'
    return None
