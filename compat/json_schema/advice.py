"""Findings in plain words: who cannot read what, and the smallest change that ends it.

Which of the two schemas can still be changed is not known here, so a fix says what the reader
schema has to look like, and what the writer schema could do instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.finding import Advice
from compat.json_schema.fragments import beginning
from compat.json_schema.kinds import Kind, contract_name
from compat.json_schema.naming import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.finding import Finding, Spot
    from compat.json_text import JsonValue

SHOWN_LENGTH = 80

# Which data a limit refuses.
REFUSED: Mapping[str, str] = {
    "maxLength": "longer texts",
    "minLength": "shorter texts",
    "maximum": "larger numbers",
    "minimum": "smaller numbers",
    "exclusiveMaximum": "numbers at or above the limit",
    "exclusiveMinimum": "numbers at or below the limit",
    "multipleOf": "numbers that are no multiple of it",
    "maxProperties": "objects with more properties",
    "minProperties": "objects with fewer properties",
    "maxItems": "longer arrays",
    "minItems": "shorter arrays",
    "maxContains": "arrays with more items of that sort",
    "minContains": "arrays with fewer items of that sort",
    "pattern": "texts that do not match it",
    "uniqueItems": "arrays that have an item twice",
}

LIMIT_ADDED = Advice(
    "The reader schema sets `{keyword}` ({new}) for {place} and the writer schema does not, so "
    "{refused} that were written cannot be read.",
    "Take `{keyword}` out of the reader schema, or set it in the writer schema first.",
)
LIMIT_TIGHTER = Advice(
    "The reader schema has {new} as `{keyword}` of {place} and the writer schema has {old}, so "
    "{refused} that were written cannot be read.",
    "Set `{keyword}` in the reader schema to {old} again, or to something that allows more.",
)
VALUE_CHANGED = Advice(
    "`{keyword}` of {place} is {new} in the reader schema and {old} in the writer schema, so "
    "{refused} may have been written and cannot be read.",
    "Set `{keyword}` in the reader schema to {old} again, or leave it out.",
)
REST_REMOVED = Advice(
    "The reader schema allows nothing in {place} that it does not name (`{keyword}` is false), "
    "so what the writer schema allows there cannot be read.",
    "Take `{keyword}` out of the reader schema, or make it true.",
)
REST_NARROWED = Advice(
    "The reader schema allows only {new} in {place} where it names nothing (`{keyword}`), and "
    "the writer schema allows anything there.",
    "Take `{keyword}` out of the reader schema, or give the writer schema the same.",
)
ADDED_TO_OPEN = Advice(
    "The reader schema describes {place}, the writer schema does not and allows any property, so "
    "something else may have been written under that name.",
    "Set the compatibility policy to LENIENT, which takes it that nobody did; or describe "
    "{place} as `true` in the reader schema; or close the writer schema by "
    "`additionalProperties: false` in a version of its own first.",
)
SUBSCHEMAS = Advice(
    "Some alternative of {place} in the one schema has no counterpart in the other that can "
    "read it.",
    "Leave the alternatives of the writer schema in the reader schema as they are, and only add "
    "new ones (to `anyOf` or `oneOf`) or take some away (from `allOf`).",
)
TYPES = Advice(
    "{place} is {new} in the reader schema and {old} in the writer schema, so what was written "
    "is of the wrong type for the reader schema.",
    "Give {place} its old type in the reader schema, or let it be either by `anyOf`.",
)
EXCLUDED = Advice(
    "The reader schema excludes more of {place} by `not` than the writer schema does, so what "
    "only it excludes cannot be read.",
    "Set `not` in the reader schema to what the writer schema has, or to less.",
)
ITEM_REMOVED = Advice(
    "The writer schema describes the item {place}, the reader schema does not, and what it "
    "says of all further items ({new}) does not allow what the writer schema does ({old}).",
    "Keep the item in the reader schema's list, or let further items be of its type as well.",
)
ITEM_ADDED = Advice(
    "The reader schema describes the item {place} as {new}, and the writer schema allows "
    "something else for all further items ({old}).",
    "Describe the item in the reader schema as the writer schema describes further ones.",
)

WORDS: Mapping[Kind, Advice] = {
    **{
        kind: LIMIT_ADDED
        for kind in Kind
        if kind.endswith("_ADDED")
        and kind.startswith(("MAX", "MIN", "EXCLUSIVE", "MULTIPLE", "PATTERN", "UNIQUE"))
    },
    **{
        kind: LIMIT_TIGHTER
        for kind in Kind
        if (kind.startswith(("MAX_", "MAXIMUM", "EXCLUSIVE_MAXIMUM")) and "DECREASED" in kind)
        or (kind.startswith(("MIN_", "MINIMUM", "EXCLUSIVE_MINIMUM")) and "INCREASED" in kind)
    },
    Kind.MULTIPLE_OF_EXPANDED: LIMIT_TIGHTER,
    Kind.MULTIPLE_OF_CHANGED: VALUE_CHANGED,
    Kind.PATTERN_CHANGED: VALUE_CHANGED,
    Kind.SCHEMA_ADDED: Advice(
        "The reader schema wants {place} to be {new}, and the writer schema allows anything there.",
        "Take `items` out of the reader schema, or set it in the writer schema first.",
    ),
    Kind.TYPE_CHANGED: TYPES,
    Kind.TYPE_NARROWED: Advice(
        "{place} has to be a whole number in the reader schema and may be any number in the "
        "writer schema, so fractions cannot be read.",
        "Make it `number` in the reader schema again.",
    ),
    Kind.REQUIRED_ATTRIBUTE_ADDED: Advice(
        "{place} is required by the reader schema and not by the writer schema, so documents "
        "written without it cannot be read.",
        "Take {place} out of `required` in the reader schema, or give it a default there.",
    ),
    Kind.DEPENDENCY_ARRAY_ADDED: Advice(
        "Where {place} is, the reader schema wants other properties to be as well and the "
        "writer schema does not.",
        "Take what {place} depends on out of the reader schema.",
    ),
    Kind.DEPENDENCY_ARRAY_EXTENDED: Advice(
        "Where {place} is, the reader schema wants more properties to be as well than the "
        "writer schema does.",
        "Let {place} depend on no more in the reader schema than in the writer schema.",
    ),
    Kind.DEPENDENCY_ARRAY_CHANGED: Advice(
        "Where {place} is, the reader schema wants other properties to be as well than the "
        "writer schema does.",
        "Let {place} depend in the reader schema on what it depends on in the writer schema.",
    ),
    Kind.DEPENDENCY_SCHEMA_ADDED: Advice(
        "Where {place} is, the reader schema wants the document to be {new} and the writer "
        "schema does not.",
        "Take what {place} depends on out of the reader schema.",
    ),
    Kind.ADDITIONAL_PROPERTIES_REMOVED: REST_REMOVED,
    Kind.UNEVALUATED_PROPERTIES_REMOVED: REST_REMOVED,
    Kind.ADDITIONAL_ITEMS_REMOVED: REST_REMOVED,
    Kind.UNEVALUATED_ITEMS_REMOVED: REST_REMOVED,
    Kind.ADDITIONAL_PROPERTIES_NARROWED: REST_NARROWED,
    Kind.UNEVALUATED_PROPERTIES_NARROWED: REST_NARROWED,
    Kind.ADDITIONAL_ITEMS_NARROWED: REST_NARROWED,
    Kind.UNEVALUATED_ITEMS_NARROWED: REST_NARROWED,
    Kind.OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL: ADDED_TO_OPEN,
    Kind.REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL: ADDED_TO_OPEN,
    Kind.REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL: Advice(
        "{place} is new in the reader schema and required there, so documents written without "
        "it cannot be read.",
        "Take {place} out of `required` in the reader schema and describe it as `true`; under the "
        "policy LENIENT, a default for it is enough.",
    ),
    Kind.REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL: Advice(
        "{place} is new in the reader schema and required there, so documents written without "
        "it cannot be read.",
        "Take {place} out of `required` in the reader schema, or give it a default there.",
    ),
    Kind.PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: Advice(
        "The reader schema describes {place} as {new}, and the writer schema allows something "
        "else for properties it does not name ({old}).",
        "Describe {place} in the reader schema as the writer schema describes such properties.",
    ),
    Kind.PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL: Advice(
        "{place} is not in the reader schema any more, which allows no properties but those it "
        "names, so documents written with it cannot be read.",
        "Keep {place} in the reader schema, or take `additionalProperties: false` out of it.",
    ),
    Kind.PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: Advice(
        "{place} is not in the reader schema any more, and what that says of properties it does "
        "not name ({new}) does not allow what the writer schema does ({old}).",
        "Keep {place} in the reader schema, or let such properties be of its type as well.",
    ),
    Kind.ITEM_ADDED_TO_OPEN_CONTENT_MODEL: Advice(
        "The reader schema describes the item {place}, the writer schema does not and allows "
        "any further item, so something else may have been written there.",
        "Describe the item as `true` in the reader schema, or take it out of the list.",
    ),
    Kind.ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL: Advice(
        "The item {place} is not in the reader schema any more, which allows no items but those "
        "it lists, so arrays written with it cannot be read.",
        "Keep the item in the reader schema, or let it allow further items.",
    ),
    Kind.ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: ITEM_ADDED,
    Kind.ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL: ITEM_REMOVED,
    Kind.ENUM_ARRAY_NARROWED: Advice(
        "The reader schema no longer knows some values of {place} that the writer schema "
        "allows, so documents with them cannot be read.",
        "Keep every value of the writer schema in `enum` of the reader schema: {old}.",
    ),
    Kind.ENUM_ARRAY_CHANGED: Advice(
        "{place} is {new} in the reader schema and {old} in the writer schema, so values that "
        "only the writer schema has cannot be read.",
        "Let the reader schema allow every value of the writer schema, by `enum`.",
    ),
    Kind.COMBINED_TYPE_CHANGED: Advice(
        "The reader schema combines the alternatives of {place} otherwise than the writer "
        "schema does, so that less is allowed.",
        "Use the writer schema's `allOf`, `anyOf` or `oneOf` again, or `anyOf`, which allows most.",
    ),
    Kind.COMBINED_TYPE_SUBSCHEMAS_CHANGED: SUBSCHEMAS,
    Kind.PRODUCT_TYPE_EXTENDED: Advice(
        "The reader schema has more conditions for {place} (`allOf`) than the writer schema, so "
        "what does not meet them cannot be read.",
        "Take the new conditions out of the reader schema.",
    ),
    Kind.SUM_TYPE_NARROWED: Advice(
        "The reader schema has fewer alternatives for {place} than the writer schema, so what "
        "was written by one of the others cannot be read.",
        "Keep every alternative of the writer schema in the reader schema.",
    ),
    Kind.NOT_TYPE_EXTENDED: EXCLUDED,
}


def advice(finding: Finding) -> Advice:
    """Say what a finding that breaks means for whoever reads, and what to change."""
    sentence, fix = WORDS[contract_name(Kind(finding.kind))]
    keyword = finding.path.rpartition("/")[2]
    facts = {
        "place": place_of(finding.path),
        "keyword": keyword,
        "refused": REFUSED.get(keyword, ""),
        "new": text_of(finding.reader),
        "old": text_of(finding.writer),
    }
    sentence = sentence.format(**facts)
    return Advice(sentence[0].upper() + sentence[1:], fix.format(**facts))


def text_of(spot: Spot | None) -> str:
    if spot is None:
        return "nothing"
    fragment: JsonValue = spot.fragment  # type: ignore[assignment] # of this format, so it is JSON
    return f"`{beginning(fragment, SHOWN_LENGTH)}`"
