"""Avro without a client: schemas, and encoders and decoders made for them."""

from __future__ import annotations

try:
    import fastavro  # noqa: F401 - is it there?
except ImportError as error:
    raise ImportError("Avro needs `accord-serde[avro]` (fastavro)") from error

from accord_serde._avro.decoder import Decoder, decoder
from accord_serde._avro.encoder import Encoder, encoder
from accord_serde._avro.schema import AvroSchema, load

__all__ = ["AvroSchema", "Decoder", "Encoder", "decoder", "encoder", "load"]
