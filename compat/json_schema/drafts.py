"""The drafts of JSON Schema, and where each of them keeps subschemas."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.json_text import JsonValue


class Draft(IntEnum):
    """A draft; later drafts compare greater."""

    DRAFT_4 = 4
    DRAFT_6 = 6
    DRAFT_7 = 7
    DRAFT_2019_09 = 2019
    DRAFT_2020_12 = 2020

    @property
    def id_keyword(self) -> str:
        return "id" if self is Draft.DRAFT_4 else "$id"

    @property
    def definitions_keyword(self) -> str:
        """Return the keyword that holds named subschemas."""
        return "$defs" if self >= Draft.DRAFT_2019_09 else "definitions"

    @property
    def ref_hides_siblings(self) -> bool:
        """Tell whether keywords beside `$ref` mean nothing, `$id` included."""
        return self <= Draft.DRAFT_7


# Confluent 8.3: what names no known draft, or nothing at all, is read as draft 7.
DEFAULT_DRAFT = Draft.DRAFT_7

METASCHEMAS: Mapping[Draft, str] = {
    Draft.DRAFT_4: "http://json-schema.org/draft-04/schema",
    Draft.DRAFT_6: "http://json-schema.org/draft-06/schema",
    Draft.DRAFT_7: "http://json-schema.org/draft-07/schema",
    Draft.DRAFT_2019_09: "https://json-schema.org/draft/2019-09/schema",
    Draft.DRAFT_2020_12: "https://json-schema.org/draft/2020-12/schema",
}


def without_scheme(uri: str) -> str:
    """Return a metaschema URI without what its spellings differ in: scheme, empty fragment."""
    _, _, rest = uri.partition("://")
    return rest.removesuffix("#")


DRAFTS: Mapping[str, Draft] = {without_scheme(uri): draft for draft, uri in METASCHEMAS.items()}


def draft_of(schema: JsonValue, default: Draft = DEFAULT_DRAFT) -> Draft:
    """Return the draft that `$schema` names, or the default where it names none we know."""
    uri = schema.get("$schema") if isinstance(schema, dict) else None
    return DRAFTS.get(without_scheme(uri), default) if isinstance(uri, str) else default


@dataclass(frozen=True)
class Applicators:
    """The keywords of one draft that hold a subschema, a list of them, or a map of them.

    A keyword may be in several sets (`items` is a schema or a list); a value of another shape,
    like the list of names in `dependencies`, holds no subschema.
    """

    one: frozenset[str]
    many: frozenset[str]
    named: frozenset[str]

    @cached_property
    def all(self) -> frozenset[str]:
        return self.one | self.many | self.named


DRAFT_4_ONE = frozenset({"additionalItems", "additionalProperties", "items", "not"})
DRAFT_6_ONE = DRAFT_4_ONE | {"contains", "propertyNames"}
DRAFT_7_ONE = DRAFT_6_ONE | {"if", "then", "else"}
DRAFT_2019_ONE = DRAFT_7_ONE | {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}

COMBINATIONS = frozenset({"allOf", "anyOf", "oneOf"})
DRAFT_4_NAMED = frozenset({"definitions", "dependencies", "patternProperties", "properties"})
DRAFT_2019_NAMED = DRAFT_4_NAMED | {"$defs", "dependentSchemas"}

APPLICATORS: Mapping[Draft, Applicators] = {
    Draft.DRAFT_4: Applicators(DRAFT_4_ONE, COMBINATIONS | {"items"}, DRAFT_4_NAMED),
    Draft.DRAFT_6: Applicators(DRAFT_6_ONE, COMBINATIONS | {"items"}, DRAFT_4_NAMED),
    Draft.DRAFT_7: Applicators(DRAFT_7_ONE, COMBINATIONS | {"items"}, DRAFT_4_NAMED),
    Draft.DRAFT_2019_09: Applicators(DRAFT_2019_ONE, COMBINATIONS | {"items"}, DRAFT_2019_NAMED),
    Draft.DRAFT_2020_12: Applicators(
        DRAFT_2019_ONE - {"additionalItems"}, COMBINATIONS | {"prefixItems"}, DRAFT_2019_NAMED
    ),
}

# Which keywords point at another schema, and what else than `$id` names a place.
REFERENCE_KEYWORDS: Mapping[Draft, tuple[str, ...]] = {
    Draft.DRAFT_4: ("$ref",),
    Draft.DRAFT_6: ("$ref",),
    Draft.DRAFT_7: ("$ref",),
    Draft.DRAFT_2019_09: ("$ref", "$recursiveRef"),
    Draft.DRAFT_2020_12: ("$ref", "$dynamicRef"),
}
ANCHOR_KEYWORDS: Mapping[Draft, tuple[str, ...]] = {
    Draft.DRAFT_4: (),
    Draft.DRAFT_6: (),
    Draft.DRAFT_7: (),
    Draft.DRAFT_2019_09: ("$anchor",),
    Draft.DRAFT_2020_12: ("$anchor", "$dynamicAnchor"),
}
