"""The documents a schema may refer to, and what each of its references means.

Nothing is ever fetched: a reference leads into the document it stands in, into one that was
given by name, into a metaschema everybody knows, or nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NoReturn

import jsonschema_rs

from compat.errors import InvalidSchema, TooComplex
from compat.json_schema.documents import Document, Location, children
from compat.json_schema.drafts import (
    METASCHEMAS,
    REFERENCE_KEYWORDS,
    Draft,
    without_scheme,
)
from compat.json_schema.uris import resolve, split_fragment
from compat.json_text import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.json_text import JsonValue
    from compat.schema import Resolved

# Every reference costs a look-up of its own; generated schemas have some thousands.
MAX_REFERENCES = 50_000

# Each reference is resolved against the base URI in force, which a short `$id` can make long.
MAX_RESOLVED_LENGTH = 10_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A place in one of several documents."""

    document: Document
    location: Location


@dataclass(frozen=True, slots=True)
class Link:
    """A reference: where it stands, under which keyword, what it says, and where it leads."""

    source: Target
    keyword: str
    reference: JsonValue
    target: Target | None


class Library:
    """A schema document, those given with it, and the built-in metaschemas.

    `adopted` are the places of the root document which a check found to be schemas although the
    draft's metaschema does not look there.
    """

    def __init__(self, value: JsonValue, references: Sequence[Resolved] = ()) -> None:
        self.root = Document(value)
        self.shelf: dict[str, Document] = {}
        self.ids: dict[str, Document] = {}
        self.adopted: dict[str, Location] = {}
        self.resolved: dict[tuple[str, str], str] = {}
        self.resolved_length = 0
        self.enter_ids(self.root)
        for reference in references:
            self.put(reference)

    def put(self, reference: Resolved) -> None:
        """File a document under its name as written and as the root's base URI resolves it."""
        name, _ = split_fragment(reference.name)
        uri = resolve(self.root.root.base, name)
        if name in self.shelf:
            return
        try:
            value = read(reference.text, allow_non_finite=True)
        except InvalidSchema as error:
            raise InvalidSchema(f"reference {reference.name!r}: {error}") from error
        document = Document(value, uri=uri, draft=self.root.draft)
        for spelling in (name, uri, resolve("", name)):
            self.shelf.setdefault(spelling, document)
        self.enter_ids(document)

    def holds(self, document: Document) -> bool:
        """Tell whether a document was given, rather than built in."""
        return document is self.root or self.shelf.get(document.uri) is document

    def enter_ids(self, document: Document) -> None:
        for uri in document.resources:
            self.ids.setdefault(uri, document)

    def target(self, source: Target, reference: JsonValue) -> Target | None:
        """Return what a reference at a place means, None when it leads nowhere.

        Raises TooComplex.
        """
        if not isinstance(reference, str):
            return None
        document, location = source.document, source.location
        uri, fragment = split_fragment(reference)
        if not uri:
            return found(document, location.base, fragment)
        absolute = self.absolute(location.base, uri)
        if absolute in document.resources:
            return found(document, absolute, fragment)
        given = self.given(uri, absolute)
        if given is not None:
            return found(given, given.root.base, fragment)
        other = self.ids.get(absolute)
        return None if other is None else found(other, absolute, fragment)

    def absolute(self, base: str, uri: str) -> str:
        """Resolve a URI, each pair once."""
        known = self.resolved.get((base, uri))
        if known is not None:
            return known
        self.resolved_length += len(base) + len(uri)
        if self.resolved_length > MAX_RESOLVED_LENGTH:
            raise TooComplex("the URIs of the references are too long together")
        self.resolved[base, uri] = absolute = resolve(base, uri)
        return absolute

    def given(self, uri: str, absolute: str) -> Document | None:
        """Find a document by the URI a reference means, or by what it literally says.

        The latter because a reference's name belongs to whoever registered it, who may have
        thought of another base URI, or of none.
        """
        for spelling in (absolute, uri, resolve("", uri)):
            document = self.shelf.get(spelling) or metaschemas().get(without_scheme(spelling))
            if document is not None:
                return document
        return None

    def check(self) -> None:
        """Raise InvalidSchema unless every reference that can be reached leads to a schema."""
        for link in self.links():
            self.check_link(link)

    def links(self) -> Iterator[Link]:
        """Yield every reference that can be reached from the root document, with its target."""
        root = self.root
        pending = [Target(root, root.locations[pointer]) for pointer in reversed(root.proper)]
        seen = {(id(root), pointer) for pointer in root.proper}
        count = 0
        while pending:
            here = pending.pop()
            for keyword, reference in references_of(here.location):
                count += 1
                if count > MAX_REFERENCES:
                    raise TooComplex(f"more than {MAX_REFERENCES} references")
                link = Link(here, keyword, reference, self.target(here, reference))
                yield link
                if link.target is not None:
                    pending += unseen(link.target, seen)

    def check_link(self, link: Link) -> None:
        """Raise InvalidSchema at the place of a reference that leads to no schema."""
        here, there = link.source, link.target
        place = f"{here.document.uri}#{here.location.pointer}/{link.keyword}"
        if not isinstance(link.reference, str):
            raise InvalidSchema(f"{link.keyword} must be a string", path=place)
        if there is None:
            raise InvalidSchema(unresolved(here.location, link.reference), path=place)
        if not isinstance(there.location.schema, dict | bool):
            raise InvalidSchema(f"{link.reference!r} leads to what is no schema", path=place)
        if there.document is self.root and there.location.pointer not in self.root.proper:
            self.adopted[there.location.pointer] = there.location


def unseen(start: Target, seen: set[tuple[int, str]]) -> list[Target]:
    """Return a place and all below it that were not seen before; now they are."""
    document = start.document
    pending, places = [start.location], []
    while pending:
        location = pending.pop()
        key = (id(document), location.pointer)
        if key not in seen:
            seen.add(key)
            places.append(Target(document, location))
            pending += [document.locations[child.pointer] for child in children(location)]
    return places


def found(document: Document, base: str, fragment: str) -> Target | None:
    location = document.named(base, fragment)
    return None if location is None else Target(document, location)


def references_of(location: Location) -> Iterator[tuple[str, JsonValue]]:
    """Yield keyword and value of the references a schema makes."""
    schema = location.schema
    if isinstance(schema, dict):
        for keyword in REFERENCE_KEYWORDS[location.draft]:
            if keyword in schema:
                yield keyword, schema[keyword]


def unresolved(location: Location, reference: str) -> str:
    """Say what is missing where a reference leads nowhere."""
    uri, fragment = split_fragment(reference)
    absolute = resolve(location.base, uri) if uri else ""
    if not uri:
        return f"{reference!r} leads nowhere in this document"
    named = f"{reference!r}" if absolute == uri else f"{reference!r} ({absolute})"
    if absolute.startswith(("http:", "https:")):
        return f"{named} names no given reference, and remote documents are never fetched"
    missing = " or no such place in it" if fragment else ""
    return f"{named} names no given reference{missing}"


@cache
def metaschemas() -> Mapping[str, Document]:
    """Return the metaschemas and vocabularies by URI without scheme."""
    shelf: dict[str, Document] = {}
    for draft, uri in METASCHEMAS.items():
        wanted: dict[str, JsonValue] = {"$ref": uri}
        bundle = jsonschema_rs.bundle(wanted, draft=BUNDLE_DRAFTS[draft], retriever=refuse)
        named = bundle[draft.definitions_keyword]
        assert isinstance(named, dict), "a bundle keeps what it embeds under a keyword"
        for name, value in named.items():
            shelf[without_scheme(name)] = Document(value, uri=name, draft=draft)
    return shelf


def refuse(uri: str) -> NoReturn:
    """Stand where a library would fetch something."""
    raise LookupError(f"{uri} is not built in")


BUNDLE_DRAFTS: Mapping[Draft, int] = {
    Draft.DRAFT_4: jsonschema_rs.Draft4,
    Draft.DRAFT_6: jsonschema_rs.Draft6,
    Draft.DRAFT_7: jsonschema_rs.Draft7,
    Draft.DRAFT_2019_09: jsonschema_rs.Draft201909,
    Draft.DRAFT_2020_12: jsonschema_rs.Draft202012,
}
