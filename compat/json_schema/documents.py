"""A JSON document as a place of schemas: where each subschema stands and what it is called.

One walk finds every location the draft calls a subschema, with the base URI and the draft that
hold there; `$id` and anchors become two tables of names. Whatever is asked for later, by `$ref`
or by a checker, is a look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from compat.errors import TooComplex
from compat.json_schema.drafts import (
    ANCHOR_KEYWORDS,
    APPLICATORS,
    DEFAULT_DRAFT,
    Draft,
    draft_of,
)
from compat.json_schema.uris import resolve, split_fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compat.json_schema.drafts import Applicators
    from compat.json_text import JsonValue

# A schema of ten thousand properties, with a few keywords each, stays well below; what is above
# was made by a machine to see what happens.
MAX_LOCATIONS = 100_000

# Pointers and base URIs repeat what is above them: a text of four million characters can have a
# thousand times as many in its pointers.
MAX_NAMES_LENGTH = 50_000_000

# No list is so long that its index needs more.
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Location:
    """A subschema: its JSON pointer, its value, and the base URI and draft in force."""

    pointer: str
    schema: JsonValue
    base: str
    draft: Draft


class Document:
    """The schemas of one JSON text.

    `uri` is what the document was asked for by, empty when nobody has a name for it; the base
    URI of its root is that, or its own `$id`.
    """

    def __init__(self, value: JsonValue, *, uri: str = "", draft: Draft = DEFAULT_DRAFT) -> None:
        self.value = value
        self.uri = uri
        self.draft = draft_of(value, draft)
        self.names_length = 0
        self.locations: dict[str, Location] = {}
        self.resources: dict[str, Location] = {}
        self.anchors: dict[tuple[str, str], Location] = {}
        self.foreign: list[Location] = []
        self.root = self.add(Location("", value, uri, self.draft))
        self.resources.setdefault(uri, self.root)
        self.proper = dict.fromkeys(self.locations)
        self.add_informal()

    def add(self, start: Location) -> Location:
        """Index a location and all below it; return it as indexed."""
        pending = [start]
        while pending:
            location = pending.pop()
            if location.pointer in self.locations:
                continue
            if len(self.locations) >= MAX_LOCATIONS:
                raise TooComplex(f"more than {MAX_LOCATIONS} subschemas")
            self.spend(len(location.pointer))
            location = self.entered(location)
            self.locations[location.pointer] = location
            pending += reversed(list(children(location)))
        return self.locations[start.pointer]

    def spend(self, length: int) -> None:
        """Count the characters of names kept; raises TooComplex when they are too many."""
        self.names_length += length
        if self.names_length > MAX_NAMES_LENGTH:
            raise TooComplex("the paths or URIs of the subschemas are too long together")

    def add_informal(self) -> None:
        """Index what stands in `$defs` before there was such a keyword: everybody writes it."""
        for location in list(self.locations.values()):
            schema = location.schema
            if location.draft >= Draft.DRAFT_2019_09 or not isinstance(schema, dict):
                continue
            named = schema.get("$defs")
            if isinstance(named, dict):
                for name in named:
                    self.at(location, f"/$defs/{escaped(name)}")

    def entered(self, location: Location) -> Location:
        """Note the names a schema gives itself; return it with the base URI and draft they set."""
        schema = location.schema
        if not isinstance(schema, dict):
            return location
        draft, base = location.draft, location.base
        own_id = schema.get(draft.id_keyword)
        if isinstance(own_id, str) and not (draft.ref_hides_siblings and "$ref" in schema):
            uri, fragment = split_fragment(own_id)
            if uri:
                base, draft = resolve(base, uri), draft_of(schema, draft)
                self.spend(len(base))
            changed = draft is not location.draft
            location = Location(location.pointer, schema, base, draft)
            if changed:
                self.foreign.append(location)
            if uri:
                self.resources.setdefault(base, location)
            if fragment:
                self.anchors.setdefault((base, fragment), location)
        for keyword in ANCHOR_KEYWORDS[draft]:
            name = schema.get(keyword)
            if isinstance(name, str):
                self.anchors.setdefault((base, name), location)
        return location

    def at(self, start: Location, pointer: str) -> Location | None:
        """Follow a JSON pointer down from a location; None when it leads nowhere.

        Where no `$defs` stands but `definitions` does, that is taken (Confluent 8.3).
        A place the draft does not call a subschema is indexed when first asked for.
        """
        here, nearest = start.pointer, start
        value: JsonValue = start.schema
        for token in pointer_tokens(pointer):
            child = child_at(value, token)
            if child is None:
                return None
            name, value = child
            here = f"{here}/{escaped(name)}"
            nearest = self.locations.get(here, nearest)
        if here in self.locations:
            return self.locations[here]
        return self.add(Location(here, value, nearest.base, nearest.draft))

    def named(self, base: str, fragment: str) -> Location | None:
        """Return what a fragment means in the resource of a URI, None when nothing."""
        resource = self.resources[base]
        fragment = unquote(fragment)
        if not fragment:
            return resource
        if not fragment.startswith("/"):
            return self.anchors.get((base, fragment))
        # A pointer counts from the resource it stands in; many schemas count from the document.
        return self.at(resource, fragment) or self.at(self.root, fragment)


def children(location: Location) -> Iterator[Location]:
    """Yield the locations directly below one, as its draft's keywords have them."""
    schema = location.schema
    if not isinstance(schema, dict):
        return
    applicators = APPLICATORS[location.draft]
    for keyword, value in schema.items():
        if keyword not in applicators.all:
            continue
        for suffix, child in held(applicators, keyword, value):
            if isinstance(child, dict | bool):
                pointer = f"{location.pointer}/{keyword}{suffix}"
                yield Location(pointer, child, location.base, location.draft)


def held(
    applicators: Applicators, keyword: str, value: JsonValue
) -> Iterator[tuple[str, JsonValue]]:
    """Yield what a keyword holds, with the rest of its pointer; its value may be of any shape."""
    if isinstance(value, dict | bool) and keyword in applicators.one:
        yield "", value
    elif isinstance(value, dict) and keyword in applicators.named:
        for name, child in value.items():
            yield f"/{escaped(name)}", child
    elif isinstance(value, list) and keyword in applicators.many:
        for index, child in enumerate(value):
            yield f"/{index}", child


def escaped(token: str) -> str:
    """Spell an object key as a JSON pointer token (RFC 6901 section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def pointer_tokens(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def child_at(value: JsonValue, step: str) -> tuple[str, JsonValue] | None:
    """Return the child a step names, and its real name; None when there is none."""
    if isinstance(value, dict):
        name = "definitions" if step == "$defs" and step not in value else step
        return (name, value[name]) if name in value else None
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) <= MAX_DIGITS:
        index = int(step)
        return (str(index), value[index]) if index < len(value) else None
    return None


def value_at(value: JsonValue, pointer: str) -> JsonValue:
    """Follow a pointer that is known to lead somewhere."""
    for token in pointer_tokens(pointer):
        child = child_at(value, token)
        assert child is not None, "the pointer came from a walk over the same value"
        _, value = child
    return value
