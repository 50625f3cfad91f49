"""A schema and those it refers to, with every reference resolved among them.

Names and bases are those of Confluent's client: a referenced schema is known by the name of its
reference and by its own `$id`, and a relative `$ref` in it counts from that name. Beyond that a
name also counts from the `$id` of the schema that refers, as in Confluent's clients for the JVM.
Nothing is ever fetched: a `$ref` that leads out of the set is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urldefrag, urljoin

import jsonschema_rs
import orjson

from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_rs import Validator

BASE = "json-schema:///"  # where jsonschema_rs puts what has no absolute URI
ROOT = BASE + "accord-root"

# By `$schema` without an empty fragment; anything else is the latest, as in Confluent's client.
_DRAFTS: dict[str, type[Validator]] = {
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
}
_LATEST = "https://json-schema.org/draft/2020-12/schema"
_OLD = frozenset(uri for uri in _DRAFTS if uri.startswith("http:"))  # before 2019-09
_UNSUPPORTED = "http://json-schema.org/draft-03/schema"

_URI_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"  # beside letters, digits and -._


class _NotAsserted:
    """A keyword that the drafts let a validator assert and Confluent's client does not."""

    def __init__(self, parent_schema: object, value: object, schema_path: object) -> None:
        pass

    def validate(self, instance: object) -> None:
        pass


_ANNOTATIONS = frozenset({"contentEncoding", "contentMediaType"})
_SINCE_2019 = _ANNOTATIONS | {"dependencies"}  # which is no keyword any more


class Place(NamedTuple):
    """A schema within the set: what it says, and the URI it is found at where it has one."""

    schema: Any
    address: str | None
    base: str

    def at(self, *steps: str | int) -> str | None:
        """Return the address of a part of it."""
        if self.address is None:
            return None
        parts = [str(step).replace("~", "~0").replace("/", "~1") for step in steps]
        return self.address + "".join("/" + quote(part) for part in parts)


class Documents:
    """One schema and what it refers to, compiled when asked for.

    Raises ValueError: a text is no JSON.
    """

    __slots__ = ("_found", "_keywords", "_make", "_registry", "root")

    def __init__(self, text: str, referenced: Iterable[tuple[str, str]] = ()) -> None:
        schema, texts = orjson.loads(text), dict(referenced)
        draft = _draft(schema, _LATEST)
        own = _own_uri(schema)
        found = {
            uri: _dated(orjson.loads(each), draft)
            for name, each in texts.items()
            for uri in (_joined(own, _uri(name)), _joined(BASE, _uri(name)))
        }
        found[own] = _dated(schema, draft)
        self._make = _DRAFTS[draft]
        self._found = found
        self._registry: jsonschema_rs.Registry | None = None
        self._keywords: dict[str, Any] = {
            keyword: _NotAsserted
            for keyword in (_ANNOTATIONS if draft in _OLD else _SINCE_2019)
            if any(keyword in each for each in (text, *texts.values()))
        }
        self.root = Place(found[own], own + "#", own)

    def validator(self) -> Validator:
        """Compile the whole. Raises SerializationError: it is no schema, or refers elsewhere."""
        return self._compiled(self.root.schema)

    def validator_at(self, place: Place) -> Validator:
        """Compile a part of it. Raises SerializationError."""
        schema = place.schema if place.address is None else {"$ref": place.address}
        return self._compiled(schema)

    def lookup(self, place: Place, ref: str) -> Place:
        """Return what a `$ref` at a place leads to. Raises SerializationError."""
        try:
            found = self._resources().resolver(place.base).lookup(ref)
        except jsonschema_rs.ReferencingError as error:
            raise SerializationError(f"a reference of the schema leads nowhere: {error}") from error
        base = found.resolver.base_uri
        fragment = urldefrag(ref).fragment
        is_pointer = not fragment or fragment.startswith("/")
        return Place(found.contents, f"{base}#{fragment}" if is_pointer else None, base)

    def _resources(self) -> jsonschema_rs.Registry:
        """Return all documents by URI. Raises SerializationError: one refers elsewhere."""
        if self._registry is None:
            try:
                self._registry = jsonschema_rs.Registry(self._found.items())
            except ValueError as error:
                raise SerializationError(f"no message can be checked: {_reason(error)}") from error
        return self._registry

    def _compiled(self, schema: Any) -> Validator:
        try:
            return self._make(
                schema,
                registry=self._resources(),
                validate_formats=False,
                offline=True,
                keywords=self._keywords or None,
            )
        except ValueError as error:
            raise SerializationError(f"no message can be checked: {_reason(error)}") from error


def _draft(schema: Any, default: str) -> str:
    """Return the URI of a schema's draft. Raises SerializationError: it is not supported."""
    given = schema.get("$schema") if isinstance(schema, dict) else None
    if not isinstance(given, str):
        return default
    uri = given.removesuffix("#")
    if uri == _UNSUPPORTED:
        raise SerializationError(f"schemas of {given} are not supported")
    return uri if uri in _DRAFTS else _LATEST


def _dated(schema: Any, default: str) -> Any:
    """Return a schema with its draft, where it names none that of the schema which refers to it."""
    if not isinstance(schema, dict):
        return schema
    return schema | {"$schema": _draft(schema, default)}


def _own_uri(schema: Any) -> str:
    """Return the URI that relative references in the schema count from."""
    given = schema.get("$id", schema.get("id")) if isinstance(schema, dict) else None
    if not isinstance(given, str):
        return ROOT
    uri = urldefrag(_uri(given)).url
    return _joined(BASE, uri) if uri else ROOT


def _uri(name: str) -> str:
    return quote(name, safe=_URI_CHARACTERS)


def _joined(base: str, uri: str) -> str:
    """Return a URI counted from another, for the scheme of BASE too, which urljoin ignores."""
    if not base.startswith(BASE):
        return urljoin(base, uri)
    joined = urljoin("http://x/" + base.removeprefix(BASE), uri)
    return BASE + joined.removeprefix("http://x/") if joined.startswith("http://x/") else joined


def _reason(error: ValueError) -> str:
    if isinstance(error, jsonschema_rs.ValidationError):
        place = "/".join(str(step) for step in error.instance_path)
        return f"{error.message} (in the schema at /{place})" if place else error.message
    return str(error)
