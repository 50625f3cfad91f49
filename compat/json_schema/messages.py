"""The sentences of the REST contract for JSON Schema findings (Confluent 8.3: `Difference`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_schema.kinds import Kind, contract_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.finding import Finding

NOT_PRESENT = (
    "The keyword at path '{path}' in the {reader} schema is not present in the {writer} schema"
)
MORE = (
    "The value at path '{path}' in the {reader} schema is more than its value in the {writer} "
    "schema"
)
LESS = (
    "The value at path '{path}' in the {reader} schema is less than its value in the {writer} "
    "schema"
)
OTHER_VALUE = "The value at path '{path}' is different between the {reader} and {writer} schema"
FEWER_ELEMENTS = (
    "An array or combined type at path '{path}' has fewer elements in the {reader} schema than "
    "the {writer} schema"
)
MORE_ELEMENTS = (
    "An array or combined type at path '{path}' has more elements in the {reader} schema than "
    "the {writer} schema"
)
OTHER_TYPE = (
    "A type at path '{path}' is different between the {reader} schema and the {writer} schema"
)
ADDED_TO_OPEN = (
    "The {reader} schema has an open content model and has a property or item at path '{path}' "
    "which is missing in the {writer} schema"
)
ADDED_TO_UNOPEN = (
    "The {reader} schema has an unopen content model and has a required property at path "
    "'{path}' which is missing in the {writer} schema"
)
REMOVED_FROM_CLOSED = (
    "The {reader} has a closed content model and is missing a property or item present at path "
    "'{path}' in the {writer} schema"
)
REMOVED_NOT_COVERED = (
    "A property or item is missing in the {reader} schema but present at path '{path}' in the "
    "{writer} schema and is not covered by its partially open content model"
)
ADDED_NOT_COVERED = (
    "The {reader} schema has a property or item at path '{path}' which is missing in the "
    "{writer} schema and is not covered by its partially open content model"
)

# A kind that is not here has an empty description.
DESCRIPTIONS: Mapping[Kind, str] = {
    kind: description
    for description, kinds in {
        NOT_PRESENT: (
            Kind.MAXIMUM_ADDED,
            Kind.MINIMUM_ADDED,
            Kind.EXCLUSIVE_MAXIMUM_ADDED,
            Kind.EXCLUSIVE_MINIMUM_ADDED,
            Kind.MULTIPLE_OF_ADDED,
            Kind.MAX_LENGTH_ADDED,
            Kind.MIN_LENGTH_ADDED,
            Kind.PATTERN_ADDED,
            Kind.REQUIRED_ATTRIBUTE_ADDED,
            Kind.MAX_PROPERTIES_ADDED,
            Kind.MIN_PROPERTIES_ADDED,
            Kind.DEPENDENCY_ARRAY_ADDED,
            Kind.DEPENDENCY_SCHEMA_ADDED,
            Kind.MAX_ITEMS_ADDED,
            Kind.MIN_ITEMS_ADDED,
            Kind.MAX_CONTAINS_ADDED,
            Kind.MIN_CONTAINS_ADDED,
            Kind.UNIQUE_ITEMS_ADDED,
            Kind.ADDITIONAL_ITEMS_REMOVED,
            Kind.ADDITIONAL_PROPERTIES_REMOVED,
            Kind.UNEVALUATED_PROPERTIES_REMOVED,
            Kind.UNEVALUATED_ITEMS_REMOVED,
        ),
        MORE: (
            Kind.MIN_LENGTH_INCREASED,
            Kind.MINIMUM_INCREASED,
            Kind.EXCLUSIVE_MINIMUM_INCREASED,
            Kind.MIN_PROPERTIES_INCREASED,
            Kind.MULTIPLE_OF_EXPANDED,
            Kind.MIN_ITEMS_INCREASED,
            Kind.MIN_CONTAINS_INCREASED,
        ),
        LESS: (
            Kind.MAX_LENGTH_DECREASED,
            Kind.MAXIMUM_DECREASED,
            Kind.MAX_ITEMS_DECREASED,
            Kind.MAX_CONTAINS_DECREASED,
            Kind.EXCLUSIVE_MAXIMUM_DECREASED,
            Kind.MAX_PROPERTIES_DECREASED,
        ),
        OTHER_VALUE: (
            Kind.PATTERN_CHANGED,
            Kind.MULTIPLE_OF_CHANGED,
            Kind.DEPENDENCY_ARRAY_CHANGED,
        ),
        FEWER_ELEMENTS: (
            Kind.ADDITIONAL_ITEMS_NARROWED,
            Kind.ENUM_ARRAY_NARROWED,
            Kind.SUM_TYPE_NARROWED,
            Kind.ADDITIONAL_PROPERTIES_NARROWED,
            Kind.UNEVALUATED_PROPERTIES_NARROWED,
            Kind.UNEVALUATED_ITEMS_NARROWED,
        ),
        MORE_ELEMENTS: (
            Kind.DEPENDENCY_ARRAY_EXTENDED,
            Kind.PRODUCT_TYPE_EXTENDED,
            Kind.SUM_TYPE_EXTENDED,
            Kind.NOT_TYPE_EXTENDED,
        ),
        OTHER_TYPE: (
            Kind.TYPE_CHANGED,
            Kind.TYPE_NARROWED,
            Kind.COMBINED_TYPE_CHANGED,
            Kind.COMBINED_TYPE_SUBSCHEMAS_CHANGED,
            Kind.ENUM_ARRAY_CHANGED,
        ),
        ADDED_TO_OPEN: (
            Kind.REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL,
            Kind.REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL,
            Kind.OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL,
            Kind.ITEM_ADDED_TO_OPEN_CONTENT_MODEL,
        ),
        ADDED_TO_UNOPEN: (Kind.REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL,),
        REMOVED_FROM_CLOSED: (
            Kind.PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL,
            Kind.ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL,
        ),
        REMOVED_NOT_COVERED: (
            Kind.PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL,
            Kind.ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL,
        ),
        ADDED_NOT_COVERED: (
            Kind.PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL,
            Kind.ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL,
        ),
    }.items()
    for kind in kinds
}


def message(finding: Finding, *, reader: str, writer: str) -> str:
    """Return the sentence; `reader` and `writer` are the words `new` and `old`, as they apply.

    It closes with the wrong quotation mark, as Confluent's does.
    """
    kind = contract_name(Kind(finding.kind))
    description = DESCRIPTIONS.get(kind, "").format(path=finding.path, reader=reader, writer=writer)
    return f'{{errorType:"{kind}", description:"{description}\'}}'
