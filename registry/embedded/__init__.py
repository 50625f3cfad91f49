"""The real service in the same process, for tests and tools; no socket unless one is asked for."""

from __future__ import annotations

from registry.embedded.registry import EmbeddedRegistry

__all__ = ["EmbeddedRegistry"]
