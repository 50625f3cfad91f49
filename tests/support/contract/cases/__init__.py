"""Every case, by family of routes."""

from __future__ import annotations

from contract.cases import subjects, versions

CASES = (
    *subjects.CASES,
    *versions.CASES,
)
