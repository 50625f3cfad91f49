"""The sentences of the REST contract for Avro findings (Confluent 8.3: `Difference.toString`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.avro.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.finding import Finding

# For the logical types Confluent has no sentence; these are of our making.
DESCRIPTIONS: Mapping[Kind, str] = {
    Kind.READER_FIELD_MISSING_DEFAULT_VALUE: (
        "The field '{detail}' at path '{path}' in the {reader} schema has no default value "
        "and is missing in the {writer} schema"
    ),
    Kind.TYPE_MISMATCH: (
        "The type (path '{path}') of a field in the {reader} schema does not match "
        "with the {writer} schema"
    ),
    Kind.NAME_MISMATCH: "The name of the schema has changed (path '{path}')",
    Kind.FIXED_SIZE_MISMATCH: (
        "The size of FIXED type field at path '{path}' in the {reader} schema does not match "
        "with the {writer} schema"
    ),
    Kind.MISSING_ENUM_SYMBOLS: (
        "The {reader} schema is missing enum symbols '{detail}' at path '{path}' "
        "in the {writer} schema"
    ),
    Kind.MISSING_UNION_BRANCH: (
        "The {reader} schema is missing a type inside a union field at path '{path}' "
        "in the {writer} schema"
    ),
    Kind.LOGICAL_TYPE_ADDED: (
        "The logical type '{detail}' at path '{path}' in the {reader} schema is missing "
        "in the {writer} schema"
    ),
    Kind.LOGICAL_TYPE_REMOVED: (
        "The {reader} schema is missing the logical type '{detail}' at path '{path}' "
        "in the {writer} schema"
    ),
    Kind.LOGICAL_TYPE_CHANGED: (
        "The logical type (path '{path}') in the {reader} schema does not match "
        "with the {writer} schema"
    ),
    Kind.DECIMAL_SCALE_CHANGED: (
        "The scale of the decimal at path '{path}' in the {reader} schema does not match "
        "with the {writer} schema"
    ),
    Kind.DECIMAL_PRECISION_DECREASED: (
        "The precision of the decimal at path '{path}' in the {reader} schema is smaller "
        "than in the {writer} schema"
    ),
}


def message(finding: Finding, *, reader: str, writer: str) -> str:
    """Return the sentence; `reader` and `writer` are the words `new` and `old`, as they apply.

    What is harmless has no description.
    """
    if finding.kind is Kind.AMBIGUOUS_FIELD:
        return f"Unexpected exception during compatibility check: {finding.detail}"
    description = DESCRIPTIONS.get(Kind(finding.kind), "").format(
        detail=finding.detail, path=finding.path, reader=reader, writer=writer
    )
    return (
        f"{{errorType:'{finding.kind}', description:'{description}', "
        f"additionalInfo:'{finding.detail}'}}"
    )
