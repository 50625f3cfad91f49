"""Every case, by family of routes."""

from __future__ import annotations

from contract.cases import lookup, subjects, versions

CASES = (
    *lookup.CASES,
    *subjects.CASES,
    *versions.CASES,
)
