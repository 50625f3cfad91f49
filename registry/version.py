"""Which Accord this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("accord")
except PackageNotFoundError:  # run from a source tree that was never installed
    VERSION = "0"
COMMIT = ""
