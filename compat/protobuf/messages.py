"""The sentences of the REST contract for Protobuf findings (Confluent 8.3: `Difference`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf.advice import advice
from compat.protobuf.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compat.finding import Finding

# Confluent's, with their oddities in spaces and punctuation.
DESCRIPTIONS: Final[Mapping[Kind, str]] = {
    Kind.PACKAGE_CHANGED: (
        "The package at '{path}' in the {reader} schema does not match "
        "the package in the {writer} schema"
    ),
    Kind.MESSAGE_REMOVED: (
        "The {reader} schema is missing a MESSAGE type at path '{path}' in the {writer} schema"
    ),
    Kind.FIELD_KIND_CHANGED: (
        "The type of a field at path '{path}' in the {reader} schema does not match "
        "the {writer} schema"
    ),
    Kind.FIELD_SCALAR_KIND_CHANGED: (
        "The kind of a SCALAR field at path '{path}' in the {reader} schema does not match "
        "its kind in the {writer} schema"
    ),
    Kind.FIELD_NAMED_TYPE_CHANGED: (
        "The type of a MESSAGE field at path '{path}' in the {reader} schema does not match "
        "its type in the {writer} schema"
    ),
    Kind.FIELD_NUMERIC_LABEL_CHANGED: (
        "The label for a NUMERIC field at path '{path}' in the {reader} schema does not match "
        "its label in the {writer} schema"
    ),
    Kind.REQUIRED_FIELD_ADDED: (
        "A required field  at path '{path}' in the {reader} schema is missing "
        "in the {writer} schema"
    ),
    Kind.REQUIRED_FIELD_REMOVED: (
        "The {reader} schema is missing a required field at path: '{path}' in the {writer} schema"
    ),
    Kind.ONEOF_FIELD_REMOVED: (
        "The {reader} schema is missing a oneof field at path '{path}' in the {writer} schema"
    ),
    Kind.MULTIPLE_FIELDS_MOVED_TO_ONEOF: (
        "Multiple fields in the oneof at path '{path}' in the {reader} schema are outside a oneof "
        "in the {writer} schema"
    ),
    Kind.FIELD_MOVED_TO_EXISTING_ONEOF: (
        "A field in the oneof at path '{path}' in the {reader} schema is outside an existing oneof "
        "in the {writer} schema"
    ),
}


def message(finding: Finding, *, reader: str, writer: str) -> str:
    """Return the sentence; `reader` and `writer` are the words `new` and `old`, as they apply."""
    template = DESCRIPTIONS.get(Kind(finding.kind))
    if template is None:  # Confluent knows no such finding, or does not mind it
        description = advice(finding).sentence
    else:
        description = template.format(path=finding.path, reader=reader, writer=writer)
    return f'{{errorType:"{finding.kind}", description:"{description}"}}'
