"""What the operator decides about the service, as the service needs it."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Options:
    """Server-wide defaults; a config of a narrower scope wins where it may."""

    compatibility_level: str = "BACKWARD"
    validate_fields: bool = False
    validate_new_schemas: bool = True
    mode_mutability: bool = True
    reject_empty_subject: bool = False
    reference_versions_strict: bool = False
    max_references: int = 1000
    max_schema_bytes: int = 5_000_000
    schema_page: int = 1000
    kafka_cluster_id: str = "accord"
    registry_cluster_id: str = "schema-registry"
    parse_cache_entries: int = 2000
    parse_cache_bytes: int = 16_000_000

    @classmethod
    def of(cls, settings: object) -> Options:
        """Return what the service takes of settings that have the same names."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})
