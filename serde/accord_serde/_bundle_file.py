"""Bundles on disk; the README tells what stands in the file.

A file is written whole or not at all, and read whole or refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord_serde import _json
from accord_serde._associations import Association
from accord_serde._bundle import Bundle
from accord_serde._call import Memory, Slot
from accord_serde._questions import (
    ByGuid,
    ById,
    Latest,
    LatestWithMetadata,
    Lookup,
    OfResource,
    OneVersion,
    Registration,
)
from accord_serde._schemas import RegisteredSchema, Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMAT = "accord-serde bundle"
VERSION = 1
MAX_BYTES = 64 * 2**20  # some 20 000 schemas; all of it is held in memory
SUBJECT, ANSWER = "subject_name", "answer"


@dataclass(frozen=True, slots=True)
class _Section:
    """The answers of one method of the client."""

    memory: Memory
    question: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _registered(document: object) -> RegisteredSchema:
    return RegisteredSchema.from_dict(_json.typed(document, dict, ANSWER))


def _schema(document: object) -> Schema:
    return Schema.from_dict(_json.typed(document, dict, "schema"))


def _associations(document: object) -> list[Association]:
    return [Association.from_dict(each) for each in _json.elements(document, dict, ANSWER)]


def _content(question: type) -> _Section:
    return _Section(Memory.CONTENT, question, Schema.to_dict, _schema)


def _place(memory: Memory, question: type) -> _Section:
    return _Section(memory, question, RegisteredSchema.to_dict, _registered)


SECTIONS = {
    "get_schema": _content(ById),
    "get_schema_by_guid": _content(ByGuid),
    "register_schema_full_response": _place(Memory.PLACE, Registration),
    "lookup_schema": _place(Memory.PLACE, Lookup),
    "get_version": _place(Memory.PLACE, OneVersion),
    "get_latest_version": _place(Memory.LATEST, Latest),
    "get_latest_with_metadata": _place(Memory.LATEST, LatestWithMetadata),
    "get_associations_by_resource_name": _Section(
        Memory.ASSOCIATION,
        OfResource,
        lambda answer: [association.to_dict() for association in answer],
        _associations,
    ),
}
NAMES = {section.question: name for name, section in SECTIONS.items()}


def _text(value: object) -> str:
    return _json.typed(value, str, "an argument")


def _number(value: object) -> int:
    return _json.typed(value, int, "an argument")


def _flag(value: object) -> bool:
    return _json.typed(value, bool, "an argument")


# What each argument is in JSON: how it is written, and how it is read where it is not null.
ARGUMENTS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "association_types": (list, lambda value: tuple(_json.elements(value, str, "types"))),
    "deleted": (bool, _flag),
    "fmt": (str, _text),
    "guid": (str, _text),
    "limit": (int, _number),
    "metadata": (dict, lambda value: frozenset(_json.entries(value, str, "metadata").items())),
    "normalize_schemas": (bool, _flag),
    "offset": (int, _number),
    "reference_format": (str, _text),
    "resource_name": (str, _text),
    "resource_namespace": (str, _text),
    "resource_type": (str, _text),
    "schema": (Schema.to_dict, _schema),
    "schema_id": (int, _number),
    "subject_name": (str, _text),
    "version": (int, _number),
}
OPTIONAL = {"association_types", "fmt", "limit", "offset", "reference_format", "resource_type"}


def save(path: str | os.PathLike[str], answers: Mapping[Slot, Any]) -> None:
    """Write a bundle, in one step seen from outside. Raises OSError, ValueError: too much."""
    content = defaultdict[str, list[dict[str, Any]]](list)
    for slot, answer in answers.items():
        name = NAMES[type(slot.key)]
        content[name].append(_entry(slot, answer, SECTIONS[name]))
    document = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": _digest(content),
        "content": content,
    }
    written = json.dumps(document, indent=1, sort_keys=True).encode()
    if len(written) > MAX_BYTES:
        raise ValueError(f"A bundle takes at most {MAX_BYTES} bytes; this one is {len(written)}")
    _replace(Path(path), written)


def _entry(slot: Slot, answer: object, section: _Section) -> dict[str, Any]:
    entry: dict[str, Any] = {} if slot.subject is None else {SUBJECT: slot.subject}
    for field in fields(section.question):
        value = getattr(slot.key, field.name)
        entry[field.name] = None if value is None else ARGUMENTS[field.name][0](value)
    return entry | {ANSWER: section.write(answer)}


def _digest(content: object) -> str:
    compact = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(compact.encode()).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere folders cannot be opened
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def load(path: str | os.PathLike[str]) -> Bundle:
    """Read a bundle. Raises OSError, ValueError: it is none, is damaged, or is too new."""
    try:
        return Bundle(_answers(_document(Path(path))))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)} cannot be used as a bundle: {error}") from error


def _document(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        written = file.read(MAX_BYTES + 1)
    if len(written) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES} bytes")
    try:
        document = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no JSON, or not all of it is there") from error
    match document:
        case {"format": format_, "version": int(version)} if format_ == FORMAT:
            pass
        case _:
            raise ValueError(f"it does not say that it is one ({FORMAT})")
    if version > VERSION:
        raise ValueError(f"it has version {version}, and this accord-serde reads up to {VERSION}")
    content = _json.required(document, "content", dict)
    if document.get("sha256") != _digest(content):
        raise ValueError("it is damaged: its content has another checksum")
    return content


def _answers(content: Mapping[str, Any]) -> dict[Slot, Any]:
    answers: dict[Slot, Any] = {}
    for name, entries in content.items():
        if name not in SECTIONS:
            raise ValueError(f"it holds answers of an unknown method: {name}")
        for entry in _json.elements(entries, dict, name):
            slot, answer = _remembered(entry, SECTIONS[name])
            answers[slot] = answer
    return answers


def _remembered(entry: dict[str, Any], section: _Section) -> tuple[Slot, Any]:
    arguments = {
        field.name: _argument(entry, field.name, section) for field in fields(section.question)
    }
    has_subject = section.memory in {Memory.PLACE, Memory.LATEST}
    subject = _json.required(entry, SUBJECT, str) if has_subject else None
    answer = section.read(entry.get(ANSWER))
    return Slot(section.memory, subject, section.question(**arguments)), answer


def _argument(entry: dict[str, Any], name: str, section: _Section) -> Any:
    value = entry.get(name)
    if value is not None:
        return ARGUMENTS[name][1](value)
    if name in OPTIONAL or (name == SUBJECT and section.question is ById):
        return None
    raise ValueError(f"{name} is missing")
