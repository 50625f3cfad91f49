"""One self-contained document out of a schema and what it refers to.

Each given document that is reached becomes a definition of the root, carrying its URI as `$id`,
so that references keep their words: any validator resolves them without fetching. Words are
changed only where this registry understands what the specification alone would not, such as
`#/$defs/X` for `#/definitions/X` or a name that is no URI of the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import quote, unquote

from compat.json_schema.documents import pointer_tokens, value_at
from compat.json_schema.library import Library
from compat.json_schema.uris import parsed, resolve, split_fragment
from compat.json_text import read, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compat.json_schema.documents import Document
    from compat.json_schema.drafts import Draft
    from compat.json_schema.library import Target
    from compat.json_text import JsonValue
    from compat.schema import Resolved

    Schema: TypeAlias = dict[str, JsonValue]


# What RFC 3986 allows in a fragment as it is.
SAFE = "/~!$&'()*+,;=:@?"

# The URI of a root that has no absolute one of its own, where it is needed: a name that is
# nobody's (RFC 2606), in a scheme against which every validator resolves.
ROOT_URI = "https://bundle.invalid/"


def bundled(value: JsonValue, references: Sequence[Resolved]) -> str:
    """Return the text of a schema with all it refers to inside.

    Raises InvalidSchema when a given document is not JSON.
    """
    library = Library(value, references)
    links = [
        Jump(link.source, link.keyword, str(link.reference), link.target)
        for link in library.links()
        if link.target is not None
    ]
    base = library.root.root.base
    prefix = "" if all(can_be_said(link, base) for link in links) else ROOT_URI
    return write(Bundle(library, prefix).assembled(links))


class Jump(NamedTuple):
    """A reference that leads somewhere."""

    source: Target
    keyword: str
    reference: str
    target: Target


class Bundle:
    """What a bundle is put together with; `prefix` makes its URIs absolute, or is empty."""

    def __init__(self, library: Library, prefix: str) -> None:
        self.library = library
        self.prefix = prefix
        self.draft = library.root.draft

    def assembled(self, links: Sequence[Jump]) -> JsonValue:
        """Return the root document with what the links lead to among its definitions."""
        root = self.library.root
        copies: dict[Document, JsonValue] = {root: fresh(root)}
        for link in links:
            if link.source.document not in copies:
                continue
            document = link.target.document
            if self.library.holds(document) or document.draft is not root.draft:
                # A validator knows the metaschemas of the draft it goes by, perhaps no others.
                copies.setdefault(document, fresh(document))
            self.rewrite(link, copies[link.source.document])
        whole = copies.pop(root)
        if not isinstance(whole, dict):
            return whole
        if copies:
            self.embed(copies, whole)
        return self.resource_of(root, whole) if self.prefix else whole

    def rewrite(self, link: Jump, copy: JsonValue) -> None:
        """Make a reference say by RFC 3986 and the specification where it leads."""
        if is_plain(link):
            return
        uri = "" if is_inside(link) else self.absolute(link.target.document)
        place = value_at(copy, link.source.location.pointer)
        assert isinstance(place, dict), "references stand in objects"
        place[link.keyword] = f"{uri}#{quote(link.target.location.pointer, safe=SAFE)}"

    def absolute(self, document: Document) -> str:
        """Return the URI a document has in the bundle."""
        base = document.root.base
        return resolve(self.prefix, base) if self.prefix else base

    def embed(self, copies: dict[Document, JsonValue], whole: Schema) -> None:
        """Put documents among the root's definitions."""
        unhide(whole, self.draft)
        keyword = self.draft.definitions_keyword
        definitions = whole.get(keyword)
        if not isinstance(definitions, dict):
            definitions = whole[keyword] = {}
        for document, copy in copies.items():
            name = free_name(document.uri, definitions)
            definitions[name] = self.resource_of(document, copy)

    def resource_of(self, document: Document, copy: JsonValue) -> Schema:
        """Return a document as a schema that says who it is, in its own words and its root's.

        One that keeps to another draft than the root has said so itself, in `$schema`.
        """
        if not isinstance(copy, dict):
            copy = {} if copy is True else {"not": {}}
        unhide(copy, document.draft)
        keywords = (document.draft.id_keyword, self.draft.id_keyword)
        named: Schema = dict.fromkeys(keywords, self.absolute(document))
        return named | {key: value for key, value in copy.items() if key not in named}


def fresh(document: Document) -> JsonValue:
    return read(write(document.value), allow_non_finite=True)


def can_be_said(link: Jump, root: str) -> bool:
    """Tell whether the target can be named, which a root without an absolute URI may prevent."""
    if is_inside(link):
        return True
    uri = link.target.document.root.base
    if resolve(root, uri) != uri:
        return False
    return is_plain(link) or resolve(link.source.location.base, uri) == uri


def is_inside(link: Jump) -> bool:
    """Tell whether a reference leads to the resource it stands in."""
    document = link.target.document
    return document is link.source.document and link.source.location.base == document.root.base


def is_plain(link: Jump) -> bool:
    """Tell whether a reference leads to its target for any validator that has the document."""
    uri, fragment = split_fragment(link.reference)
    base = link.source.location.base
    absolute = resolve(base, uri) if uri else base
    if uri and is_rootless(base) and absolute != uri:
        return False
    document, location = link.target.document, link.target.location
    resource = document.resources.get(absolute)
    if resource is None or absolute != resource.base or resource.pointer not in document.proper:
        return False
    if not fragment.startswith("/"):
        return location.pointer in document.proper
    return pointer_tokens(location.pointer) == (
        pointer_tokens(resource.pointer) + pointer_tokens(unquote(fragment))
    )


def is_rootless(uri: str) -> bool:
    """Tell whether a URI has no path to resolve against, as URNs have none."""
    reference = parsed(uri)
    has_path = reference.authority is not None or reference.path.startswith("/")
    return reference.scheme is not None and not has_path


def unhide(schema: Schema, draft: Draft) -> None:
    """Make the `$id` and the definitions beside a `$ref` count, which older drafts ignore."""
    if draft.ref_hides_siblings and "$ref" in schema:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]


def free_name(uri: str, definitions: Schema) -> str:
    name, number = uri, 1
    while name in definitions:
        number += 1
        name = f"{uri} {number}"
    return name
