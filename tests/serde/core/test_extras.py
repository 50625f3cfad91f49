"""A format whose library is not installed says which extra brings it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.modules[{library!r}] = None
try:
    import accord_serde.{module}
except ImportError as error:
    print(error)
"""
LIBRARIES = {
    "celpy",
    "confluent_kafka",
    "fastavro",
    "google.protobuf",
    "jsonschema_rs",
    "orjson",
    "pydantic",
}


@pytest.mark.parametrize(
    ("module", "library", "extra"),
    [
        ("avro", "fastavro", "accord-serde[avro]"),
        ("json_schema", "orjson", "accord-serde[json]"),
        ("json_schema", "jsonschema_rs", "accord-serde[json]"),
        ("protobuf", "google.protobuf.message", "accord-serde[protobuf]"),
        ("rules.cel.cel_executor", "celpy", "accord-serde[rules]"),
        ("rules.jsonata.jsonata_executor", "jsonata", "accord-serde[rules]"),
    ],
)
def test_a_missing_library_is_named(module: str, library: str, extra: str) -> None:
    program = PROGRAM.format(module=module, library=library)
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert extra in told.stdout


def test_the_package_itself_loads_no_format() -> None:
    program = f"""
import sys, accord_serde, accord_serde.serialization, accord_serde.typed
print(sorted({LIBRARIES} & set(sys.modules)))
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout == "[]\n"
