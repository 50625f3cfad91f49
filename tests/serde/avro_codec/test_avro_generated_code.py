"""The functions that are made for a schema: what is in their text, and when they are made."""

# ruff: noqa: E501 - tables have a case in a line

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from avro_codecs import PREFIX, plain_decode, plain_encode, schema_of
from fastavro.read import LOGICAL_READERS
from fastavro.write import LOGICAL_WRITERS

from accord_serde._avro import decoder, encoder, load
from accord_serde._avro.decoder import compiled_decode
from accord_serde._avro.decoder_source import DecoderSource
from accord_serde._avro.encoder import WARM_UP, compiled_encode
from accord_serde._avro.encoder_source import EncoderSource
from accord_serde._avro.schema_types import Types
from accord_serde._avro.source import MAX_PARTS

if TYPE_CHECKING:
    from accord_serde._avro.source import Source

START = len(PREFIX)
HOSTILE = (
    "'] or __import__('os').system('touch /tmp/x')#",
    '"]; raise SystemExit\n',
    "'''\"\"\"\\",
    "a\nimport os\nos._exit(1)",
    "{0.__class__}",
    "{v}{picked}{size}{symbols}",
    "%s%b",
    "K1",
    "datum",
    "out",
    "data",
    "class",
    "__class__",
    "def",
    "\u2028\ud800\x00",
    "ﬁeld",
    "",
)
GENERATED = re.compile(r"[\x00-\x7f]*")


def hostile(text: str) -> dict[str, Any]:
    """Return a schema that has the text wherever fastavro lets it be."""
    return {
        "type": "record",
        "name": f"n.{text}",
        "doc": text,
        "aliases": [text],
        text: text,
        "fields": [
            {"name": text, "type": "int", "doc": text, "default": 5, "aliases": [text]},
            {"name": text + "2", "type": "string", "default": text},
            {"name": text + "3", "type": {"type": "map", "values": "int"}, "default": {text: 1}},
            {"name": text + "4", "type": {"type": "fixed", "name": f"n.F{text}", "size": 1}},
            {"name": text + "5", "type": ["null", {"type": "long", "logicalType": text or "x"}]},
            {"name": text + "6", "type": {"type": "enum", "name": f"n.E{text}", "symbols": ["None", "import", "K1"]}},
            {"name": text + "7", "type": ["null", {"type": "record", "name": f"n.I{text}", "fields": []}, f"n.{text}"]},
        ],
    }  # fmt: skip


def datum_of(text: str) -> dict[str, Any]:
    return {text: 1, f"{text}4": b"x", f"{text}5": 7, f"{text}6": "import", f"{text}7": None}


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_nothing_that_a_schema_says_is_run(text: str) -> None:
    raw = hostile(text)
    datum = datum_of(text)
    if "\ud800" in text:  # a default that cannot be written
        datum[f"{text}2"] = ""
        datum[f"{text}3"] = {}
    schema = schema_of(raw)
    data = plain_encode(raw, datum)
    assert encoder(schema, prefix=PREFIX, warm_up=0).encode(datum) == data
    assert decoder(schema, warm_up=0).decode(data, START) == plain_decode(raw, data)
    reader = schema_of(raw | {"doc": "", "fields": [*raw["fields"], {"name": f"{text}8", "type": "string", "default": text}]})  # fmt: skip
    found = decoder(schema, reader, warm_up=0).decode(data, START)
    assert found[f"{text}8"] == text


def texts(source: Source) -> str:
    return "\n".join(source._functions)  # noqa: SLF001 - what is run


@pytest.mark.parametrize("text", HOSTILE[:6], ids=repr)
def test_no_text_of_a_schema_gets_into_the_functions(text: str) -> None:
    types = Types(schema_of(hostile(text)).parsed)
    writing = EncoderSource(types, strict=False, strict_allow_default=False)
    writing.compiled(b"", lambda _: b"")
    reading = DecoderSource(types, types, return_record_name=True)
    reading.compiled(lambda _data, _start: None)
    for written in (texts(writing.source), texts(reading._source)):  # noqa: SLF001 - likewise
        assert text not in written
        assert GENERATED.fullmatch(written)
        assert "import" not in written


def test_a_default_is_in_the_functions_as_bytes_only() -> None:
    raw = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "string", "default": "b'+os+'\n"}]}  # fmt: skip
    encode = encoder(schema_of(raw), warm_up=0).encode
    assert encode({}) == plain_encode(raw, {})[START:]


LONG = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}


def test_few_messages_make_no_function() -> None:
    codec = encoder(schema_of(LONG))
    first = codec.encode
    for number in range(WARM_UP):
        assert codec.encode({"a": number}) == bytes([2 * number])
        assert codec.encode is first
    assert codec.encode({"a": 5}) == b"\x0a"
    assert codec.encode is not first
    assert first({"a": 5}) == codec({"a": 5}) == b"\x0a"


def test_few_messages_make_no_function_for_reading() -> None:
    codec = decoder(schema_of(LONG))
    first = codec.decode
    for _ in range(WARM_UP):
        assert codec.decode(b"\x0a", 0) == {"a": 5}
        assert codec.decode is first
    assert codec.decode(b"\x0a", 0) == {"a": 5}
    assert codec.decode is not first
    assert first(b"\x0a", 0) == codec(b"\x0a", 0) == {"a": 5}


def test_threads_may_meet_when_the_function_is_made() -> None:
    codec = encoder(schema_of(LONG), warm_up=3)
    found: list[bytes] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.extend(codec.encode({"a": 64}) for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"\x80\x01"] * 1600


def fields(count: int) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": f"f{at}", "type": "int"} for at in range(count)]}  # fmt: skip


def of_twos(depth: int) -> Any:
    """Return a record that has two of a record that has two, and so on."""
    node: Any = {"type": "record", "name": "R0", "fields": [{"name": "x", "type": "int"}]}
    for level in range(1, depth):
        twice = [{"name": "a", "type": node}, {"name": "b", "type": f"R{level - 1}"}]
        node = {"type": "record", "name": f"R{level}", "fields": twice}
    return node


def arrays(depth: int) -> Any:
    node: Any = "int"
    for _ in range(depth):
        node = {"type": "array", "items": node}
    return node


def optional_records(depth: int) -> Any:
    node: Any = "int"
    for level in range(depth):
        node = {"type": "record", "name": f"R{level}", "fields": [{"name": "a", "type": ["null", node]}]}  # fmt: skip
    return node


def compiled(raw: Any) -> tuple[bool, bool]:
    schema = schema_of(raw)
    encode = compiled_encode(schema, b"", lambda _: b"", strict=False, strict_allow_default=False)
    decode = compiled_decode(schema, None, lambda _data, _start: None, return_record_name=False)
    return encode is not None, decode is not None


def test_a_schema_of_any_size_has_functions_or_none() -> None:
    assert compiled(fields(1000)) == (True, True)
    assert compiled(fields(MAX_PARTS + 1)) == (False, False)
    assert compiled(of_twos(60)) == (True, True)
    assert compiled(arrays(5)) == (True, True)
    assert compiled(optional_records(20)) == (True, True)


@pytest.mark.parametrize("raw", [arrays(100), optional_records(150), fields(MAX_PARTS + 1)], ids=["arrays", "records", "fields"])  # fmt: skip
def test_a_schema_without_functions_works_too(raw: Any) -> None:
    schema = schema_of(raw)
    datum: Any = [] if raw.get("type") == "array" else {f"f{at}": at for at in range(MAX_PARTS + 1)}
    datum = {"a": None} if raw.get("name", "").startswith("R1") else datum
    data = encoder(schema, prefix=PREFIX, warm_up=0).encode(datum)
    assert data == plain_encode(raw, datum)
    assert decoder(schema, warm_up=0).decode(data, START) == datum


@pytest.mark.parametrize("known", ["int-date", "int-of-our-own"])
def test_a_conversion_registered_later_is_used(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, _, name = known.partition("-")
    schema = load(json.dumps({"type": kind, "logicalType": name}), {})
    encode, decode = encoder(schema, warm_up=0).encode, decoder(schema, warm_up=0).decode
    assert encode(5) == b"\x0a"
    decode(b"\x0a", 0)
    monkeypatch.setitem(LOGICAL_WRITERS, known, lambda *_: 7)
    monkeypatch.setitem(LOGICAL_READERS, known, lambda *_: "ours")
    assert encode(5) == b"\x0e"
    assert decode(b"\x0a", 0) == "ours"
    assert encoder(schema, warm_up=0).encode(5) == b"\x0e"
    assert decoder(schema, warm_up=0).decode(b"\x0a", 0) == "ours"
