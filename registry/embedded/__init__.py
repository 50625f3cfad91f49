"""The real services in the same process, for tests and tools.

Each is imported when it is first named: a test of the log need not wait for the registry.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.embedded.log import EmbeddedLog
    from registry.embedded.registry import EmbeddedRegistry

__all__ = ["EmbeddedLog", "EmbeddedRegistry"]

MODULES = {
    "EmbeddedLog": "registry.embedded.log",
    "EmbeddedRegistry": "registry.embedded.registry",
}


def __getattr__(name: str) -> object:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(MODULES[name]), name)
