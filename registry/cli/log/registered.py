"""Schemas asked of a registry over REST; no other part of Accord is needed for that."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import orjson

from compat.errors import InvalidSchema
from compat.formats import parse
from compat.schema import ParsedSchema, Resolved, SchemaType

SECONDS = 10.0
MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
NOT_FOUND = 404


class Unregistered(Exception):
    """The registry does not know the schema."""


class Unanswered(Exception):
    """The registry gave no answer, or one that cannot be used; says why in one line."""


@dataclass(frozen=True, slots=True)
class Found:
    """A schema with its id."""

    id: int
    parsed: ParsedSchema


class Registry:
    """Asks once for each schema."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url.rstrip("/"))
        host = parts.netloc.rpartition("@")[2]
        self._url = urlunsplit((parts.scheme, host, parts.path, "", ""))
        self._headers = {"Accept": MEDIA_TYPE}
        if parts.username is not None:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
        self._known: dict[str, ParsedSchema] = {}

    def by_id(self, schema_id: int, subject: str) -> ParsedSchema:
        """Return a schema; raises Unregistered, Unanswered."""
        return self._parsed(f"/schemas/ids/{schema_id}?subject={quote(subject, safe='')}")

    def by_guid(self, guid: str) -> ParsedSchema:
        """Return a schema; raises Unregistered, Unanswered."""
        return self._parsed(f"/schemas/guids/{guid}")

    def latest(self, subject: str) -> Found:
        """Return the latest version of a subject; raises Unregistered, Unanswered."""
        document = self._ask(f"/subjects/{quote(subject, safe='')}/versions/latest")
        return Found(document["id"], self._parse(document))

    def _parsed(self, path: str) -> ParsedSchema:
        if path not in self._known:
            self._known[path] = self._parse(self._ask(path))
        return self._known[path]

    def _parse(self, document: dict[str, Any]) -> ParsedSchema:
        try:
            schema_type = SchemaType(document.get("schemaType", SchemaType.AVRO))
            references = tuple(self._references(document, {}))
            return parse(schema_type, document["schema"], references, new=False)
        except (InvalidSchema, ValueError, KeyError) as error:
            raise Unanswered(f"{self._url} gave a schema that cannot be read: {error}") from error

    def _references(self, document: dict[str, Any], seen: dict[str, Resolved]) -> list[Resolved]:
        """Return all that a schema refers to, directly or not, dependencies first."""
        for reference in document.get("references") or ():
            name, subject, version = (reference[k] for k in ("name", "subject", "version"))
            if name not in seen:
                path = f"/subjects/{quote(subject, safe='')}/versions/{version}?deleted=true"
                target = self._ask(path)
                self._references(target, seen)
                seen[name] = Resolved(name, subject, version, target["schema"])
        return list(seen.values())

    def _ask(self, path: str) -> dict[str, Any]:
        request = urllib.request.Request(f"{self._url}{path}", headers=self._headers)  # noqa: S310 - the user's own address
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                document: dict[str, Any] = orjson.loads(answer.read())
                return document
        except urllib.error.HTTPError as error:
            error.close()  # it is the answer, and holds the connection
            if error.code == NOT_FOUND:
                raise Unregistered(path) from error
            raise Unanswered(f"{self._url} answers {error.code} {error.reason}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Unanswered(f"cannot ask {self._url}: {reason}") from error
