"""Where Kafka and the schema registry are, from the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    kafka: str
    registry: str


def from_command_line() -> Addresses:
    options = parser().parse_args()
    return Addresses(options.bootstrap_servers, options.registry)


def parser() -> argparse.ArgumentParser:
    """Read the two addresses, for a program that adds options of its own."""
    made = argparse.ArgumentParser()
    made.add_argument("--bootstrap-servers", default="localhost:9092")
    made.add_argument("--registry", default="http://localhost:8081")
    return made
