"""What Avro Java, Confluent and the other Avro libraries state, where their vectors are at hand.

ACCORD_PEER_VECTORS names the folder. The answers of Avro Java 1.12 and Confluent are the target; a
row that states something else is listed with the reason.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from compat.avro import incompatibilities, parse
from compat.avro.fingerprint import (
    md5,
    parsing_canonical_form,
    rabin,
    sha256,
    single_object_header,
)
from compat.check import check
from compat.errors import InvalidSchema
from compat.level import Level

FOLDER = os.environ.get("ACCORD_PEER_VECTORS")

NO_JSON = "a bare word is not JSON; Avro Java refuses it"
RESOLVING = "Avro Java's resolving grammar ignores names; the registry asks SchemaCompatibility"
FIELD_ALIAS = "Avro Java does not check the aliases of fields"
RUBY_DECIMAL = "Avro Java takes a decimal without valid precision and scale for plain bytes"
EXCEPTIONS = {
    "avro-java-validator-reflectwithallownullmatchstructure": RESOLVING,
    "avro-java-validator-reflectmatchstructure": RESOLVING,
    "inv-avro-csharp-000": NO_JSON,
    "inv-avro-csharp-001": NO_JSON,
    "inv-avro-csharp-002": NO_JSON,
    "inv-avro-csharp-003": NO_JSON,
    "inv-avro-csharp-004": NO_JSON,
    "inv-avro-csharp-005": NO_JSON,
    "inv-avro-csharp-006": NO_JSON,
    "inv-avro-csharp-007": NO_JSON,
    "inv-avro-csharp-046": "Avro Java wants a text or object where C# takes a union as `type`",
    "inv-avro-csharp-054": FIELD_ALIAS,
    "inv-avro-ruby-invalid-name-with-validation-disabled": "there is no such mode here",
    "inv-avro-ruby-validate-union-default-first-type": "Avro 1.12: any branch will do",
    "inv-avro-ruby-bytes-decimal-without-precision-or-scale": RUBY_DECIMAL,
    "inv-avro-ruby-bytes-decimal-to-negative-scale": RUBY_DECIMAL,
    "inv-confluent-avro-rest-bad-reference": "the subject is unknown, which the service finds",
}
STORED = ("isNew=false", "validateNewSchemas=false", "disabled")


def rows(*names: str, stating: str = "id") -> list[Any]:
    """Return the Avro rows of some files that have a key, or one skipped row without the folder."""
    if not FOLDER:
        skipped = pytest.mark.skip(reason="ACCORD_PEER_VECTORS names no folder")
        return [pytest.param({}, marks=skipped)]
    files = [Path(FOLDER) / "target" / f"{name}.jsonl" for name in names]
    read = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [
        pytest.param(row, id=row["id"], marks=exception(row["id"]))
        for row in read
        if row["format"] == "AVRO" and not row.get("suspect") and row.get(stating)
    ]


def exception(row_id: str) -> list[pytest.MarkDecorator]:
    """Expect the opposite of a row on the list; if it comes to agree, it has to leave the list."""
    if row_id not in EXCEPTIONS:
        return []
    return [pytest.mark.xfail(reason=EXCEPTIONS[row_id], strict=True)]


def level_of(row: dict[str, Any]) -> Level:
    return Level.BACKWARD if row["relation"] == "backward" else Level(row["relation"])


@pytest.mark.parametrize("row", rows("avro-java", "confluent-avro"))
def test_the_verdict_on_a_history(row: dict[str, Any]) -> None:
    oldest_first = row.get("previous") or [row["writer_or_original"]]
    previous = [parse(text, new=False) for text in reversed(oldest_first)]
    new = parse(row["reader_or_update"], new=False)
    assert (not check(level_of(row), new=new, previous=previous)) is row["compatible"]


@pytest.mark.parametrize("row", rows("avro-java", "confluent-avro", stating="differences"))
def test_the_findings_where_they_are_stated(row: dict[str, Any]) -> None:
    """Kind, path and detail, and their order; some rows state less."""
    reader = parse(row["reader_or_update"], new=False)
    writer = parse(row["writer_or_original"], new=False)
    found = incompatibilities(reader=reader, writer=writer)
    for finding, difference in zip(found, row["differences"], strict=True):
        assert finding.kind == difference["type"]
        assert finding.path == difference.get("path", finding.path)
        assert finding.detail == difference.get("message", finding.detail)


@pytest.mark.parametrize("row", rows("invalid-avro", "invalid-confluent"))
def test_what_is_a_schema(row: dict[str, Any]) -> None:
    new = not any(mode in (row.get("mode") or "") for mode in STORED)
    if row["valid"]:
        assert parse(row["schema"], new=new).text
    else:
        with pytest.raises(InvalidSchema):
            parse(row["schema"], new=new)


@pytest.mark.parametrize("row", rows("normalize-avro-pcf"))
def test_forms_and_fingerprints(row: dict[str, Any]) -> None:
    form = parsing_canonical_form(parse(row["input"], new=False).root)
    of_kind = {
        "parsing_canonical_form": lambda: form,
        "crc64_avro": lambda: rabin(form),
        "md5": lambda: md5(form).hex(),
        "sha256": lambda: sha256(form).hex(),
        "single_object_header": lambda: single_object_header(form).hex(),
    }
    assert of_kind[row["kind"]]() == row["expected"]


@pytest.mark.parametrize("row", rows("normalize-confluent"))
def test_texts_and_equality(row: dict[str, Any]) -> None:
    schema = parse(row["input"])
    match row["kind"]:
        case "canonical":
            assert schema.text == row["expected"]
        case "normalized":
            assert schema.normalized().text == row["expected"]
        case "normalized_differs_from_canonical":
            assert schema.normalized().text != schema.text
        case "not_equal":
            assert not schema.matches(parse(row["expected"]))
        case kind:
            pytest.fail(f"nothing is known about {kind}")
