"""The blocking registry client."""

# ruff: noqa: FBT001, FBT002 - the signatures are those of Confluent's client, flags and all

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from accord_serde import _schema_calls, _server_calls
from accord_serde._bundle_file import save
from accord_serde._bundle_plan import Plan
from accord_serde._connection import Connection
from accord_serde._settings import read_settings

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    import httpx

    from accord_serde._associations import (
        Association,
        AssociationCreateOrUpdateRequest,
        AssociationResponse,
    )
    from accord_serde._schema_calls import VersionNumber
    from accord_serde._schemas import RegisteredSchema, Schema, SchemaVersion
    from accord_serde._server_config import ServerConfig


class SchemaRegistryClient:
    """Talks to a schema registry; may be shared by threads and survives a fork.

    `conf` takes the keys of Confluent's client; the README lists them. `transport` replaces the
    network, as in httpx. Every call raises SchemaRegistryError for an answer that is an error,
    httpx.TransportError where no node answers, and OAuthTokenError where no token is to be had.
    What is known already is answered all the same while no node answers.
    """

    def __init__(
        self, conf: dict[str, Any], *, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Read the settings, and the bundle if any. Raises ValueError, TypeError, OSError."""
        self._conf = conf
        self._connection = Connection(read_settings(conf), transport)

    @staticmethod
    def new_client(conf: dict[str, Any]) -> SchemaRegistryClient:
        return SchemaRegistryClient(conf)

    def __repr__(self) -> str:
        nodes = ", ".join(node.base for node in self._connection.settings.endpoints)
        return f"<{type(self).__name__} {nodes}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client is of no use afterwards."""
        self._connection.close()

    def config(self) -> dict[str, Any]:
        """Return the `conf` this client was made with, secrets included."""
        return self._conf

    def clear_latest_caches(self) -> None:
        self._connection.memories.clear_latest()

    def watch_latest(self) -> Callable[[], bool]:
        """Return a function that tells, for a second at most, that latest versions are as known.

        It says no as soon as this client drops one: after a change it made itself, or when asked.
        """
        return self._connection.memories.watch_latest()

    def clear_caches(self) -> None:
        self._connection.memories.clear()

    def write_bundle(
        self,
        path: str | os.PathLike[str],
        subjects: Iterable[str] = (),
        topics: Iterable[str] = (),
        all_versions: bool = True,
    ) -> None:
        """Write what this client knows to a file, for `accord.bundle` of clients to come.

        Of the `subjects` and of those of the `topics`, all versions or the latest are asked for,
        with what they refer to. The file appears whole or not at all. Raises OSError, and
        ValueError for a bundle that is too large or a topic without a subject.
        """
        plan = Plan(all_versions=all_versions)
        self._connection.gather(plan.run(subjects, topics))
        answers = self._connection.memories.answers() | plan.answers
        save(path, answers)

    def register_schema(
        self, subject_name: str, schema: Schema, normalize_schemas: bool = False
    ) -> int:
        """Register a schema under a subject and return its id."""
        found = self.register_schema_full_response(subject_name, schema, normalize_schemas)
        assert found.schema_id is not None
        return found.schema_id

    def register_schema_full_response(
        self, subject_name: str, schema: Schema, normalize_schemas: bool = False
    ) -> RegisteredSchema:
        """Register a schema under a subject and return all the registry tells about it.

        `version` and `guid` are None where the registry leaves them out (before Confluent 8.0).
        """
        return self._connection.ask(
            _schema_calls.register(subject_name, schema, normalize=normalize_schemas)
        )

    def lookup_schema(
        self,
        subject_name: str,
        schema: Schema,
        normalize_schemas: bool = False,
        fmt: str | None = None,
        deleted: bool = False,
    ) -> RegisteredSchema:
        """Find a schema under a subject."""
        return self._connection.ask(
            _schema_calls.lookup(
                subject_name, schema, normalize=normalize_schemas, fmt=fmt, deleted=deleted
            )
        )

    def get_schema(
        self,
        schema_id: int,
        subject_name: str | None = None,
        fmt: str | None = None,
        reference_format: str | None = None,
    ) -> Schema:
        """Return the schema of an id."""
        return self._connection.ask(
            _schema_calls.by_id(
                schema_id, subject=subject_name, fmt=fmt, reference_format=reference_format
            )
        )

    def get_schema_string(
        self, schema_id: int, subject_name: str | None = None, fmt: str | None = None
    ) -> str:
        """Return the text of the schema of an id."""
        text = self.get_schema(schema_id, subject_name, fmt).schema_str
        assert text is not None
        return text

    def get_schema_by_guid(self, guid: str, fmt: str | None = None) -> Schema:
        """Return the schema of a GUID."""
        return self._connection.ask(_schema_calls.by_guid(guid, fmt=fmt))

    def get_schema_types(self) -> list[str]:
        """Return the schema types the registry supports."""
        return self._connection.ask(_schema_calls.types())

    def get_subjects_by_schema_id(
        self,
        schema_id: int,
        subject_name: str | None = None,
        deleted: bool = False,
        offset: int = 0,
        limit: int = -1,
    ) -> list[str]:
        """Return the subjects that have the schema of an id; a negative limit is none."""
        return self._connection.ask(
            _schema_calls.subjects_of_id(
                schema_id, subject=subject_name, deleted=deleted, offset=offset, limit=limit
            )
        )

    def get_schema_versions(
        self,
        schema_id: int,
        subject_name: str | None = None,
        deleted: bool = False,
        offset: int = 0,
        limit: int = -1,
    ) -> list[SchemaVersion]:
        """Return the subjects and versions that have the schema of an id."""
        return self._connection.ask(
            _schema_calls.versions_of_id(
                schema_id, subject=subject_name, deleted=deleted, offset=offset, limit=limit
            )
        )

    def get_subjects(
        self,
        subject_prefix: str | None = None,
        deleted: bool = False,
        deleted_only: bool = False,
        offset: int = 0,
        limit: int = -1,
    ) -> list[str]:
        """Return the names of the subjects; `deleted_only` wins over `deleted`."""
        return self._connection.ask(
            _schema_calls.subjects(
                prefix=subject_prefix,
                deleted=deleted,
                deleted_only=deleted_only,
                offset=offset,
                limit=limit,
            )
        )

    def delete_subject(self, subject_name: str, permanent: bool = False) -> list[int]:
        """Delete a subject and return its versions; `permanent` comes after a soft delete."""
        return self._connection.ask(_schema_calls.delete_subject(subject_name, permanent=permanent))

    def get_latest_version(self, subject_name: str, fmt: str | None = None) -> RegisteredSchema:
        """Return the latest version of a subject."""
        return self._connection.ask(_schema_calls.latest(subject_name, fmt=fmt))

    def get_latest_with_metadata(
        self,
        subject_name: str,
        metadata: dict[str, str],
        deleted: bool = False,
        fmt: str | None = None,
    ) -> RegisteredSchema:
        """Return the latest version of a subject that has all of these properties."""
        return self._connection.ask(
            _schema_calls.latest_with_metadata(subject_name, metadata, deleted=deleted, fmt=fmt)
        )

    def get_version(
        self,
        subject_name: str,
        version: VersionNumber = "latest",
        deleted: bool = False,
        fmt: str | None = None,
    ) -> RegisteredSchema:
        """Return one version of a subject."""
        return self._connection.ask(
            _schema_calls.version(subject_name, version, deleted=deleted, fmt=fmt)
        )

    def get_referenced_by(
        self, subject_name: str, version: VersionNumber = "latest", offset: int = 0, limit: int = -1
    ) -> list[int]:
        """Return the ids of the schemas that refer to one version of a subject."""
        return self._connection.ask(
            _schema_calls.referenced_by(subject_name, version, offset=offset, limit=limit)
        )

    def get_versions(
        self,
        subject_name: str,
        deleted: bool = False,
        deleted_only: bool = False,
        offset: int = 0,
        limit: int = -1,
    ) -> list[int]:
        """Return the versions of a subject; `deleted_only` wins over `deleted`."""
        return self._connection.ask(
            _schema_calls.versions(
                subject_name,
                deleted=deleted,
                deleted_only=deleted_only,
                offset=offset,
                limit=limit,
            )
        )

    def delete_version(self, subject_name: str, version: int, permanent: bool = False) -> int:
        """Delete one version of a subject and return it."""
        return self._connection.ask(
            _schema_calls.delete_version(subject_name, version, permanent=permanent)
        )

    def test_compatibility(
        self,
        subject_name: str,
        schema: Schema,
        version: int | str = "latest",
        normalize: bool = False,
        verbose: bool = False,
    ) -> bool:
        """Tell whether a schema is compatible with one version of a subject."""
        return self._connection.ask(
            _schema_calls.compatible(
                subject_name, version, schema, normalize=normalize, verbose=verbose
            )
        )

    def test_compatibility_all_versions(
        self, subject_name: str, schema: Schema, normalize: bool = False, verbose: bool = False
    ) -> bool:
        """Tell whether a schema could be registered under a subject, as its level has it."""
        return self._connection.ask(
            _schema_calls.compatible(
                subject_name, None, schema, normalize=normalize, verbose=verbose
            )
        )

    def set_compatibility(
        self, subject_name: str | None = None, level: str | None = None
    ) -> dict[str, Any]:
        """Set the level of a subject, or the global one, and return the registry's JSON."""
        if level is None:
            raise ValueError("level must be set")
        return self._connection.ask(_server_calls.set_compatibility(subject_name, level))

    def get_compatibility(self, subject_name: str | None = None) -> str:
        """Return the level of a subject, or the global one."""
        return self._connection.ask(_server_calls.compatibility(subject_name))

    def delete_compatibility(self, subject_name: str | None = None) -> str:
        """Delete the settings of a subject, or the global ones, and return the level they had."""
        return self._connection.ask(_server_calls.delete_compatibility(subject_name))

    def set_config(
        self, subject_name: str | None = None, config: ServerConfig | None = None
    ) -> dict[str, Any]:
        """Change the settings of a subject, or the global ones; return the registry's JSON."""
        if config is None:
            raise ValueError("config must be set")
        return self._connection.ask(_server_calls.set_config(subject_name, config))

    def get_config(self, subject_name: str | None = None) -> ServerConfig:
        """Return the settings of a subject, or the global ones."""
        return self._connection.ask(_server_calls.config(subject_name))

    def delete_config(self, subject_name: str | None = None) -> ServerConfig:
        """Delete the settings of a subject, or the global ones, and return them."""
        return self._connection.ask(_server_calls.delete_config(subject_name))

    def get_mode(self, subject_name: str) -> str:
        """Return the mode of a subject."""
        return self._connection.ask(_server_calls.mode(subject_name))

    def update_mode(self, subject_name: str, mode: str, force: bool = False) -> str:
        """Set the mode of a subject and return it."""
        return self._connection.ask(_server_calls.update_mode(subject_name, mode, force=force))

    def delete_mode(self, subject_name: str) -> str:
        """Delete the mode of a subject and return it."""
        return self._connection.ask(_server_calls.delete_mode(subject_name))

    def get_global_mode(self) -> str:
        """Return the global mode."""
        return self._connection.ask(_server_calls.mode(None))

    def update_global_mode(self, mode: str, force: bool = False) -> str:
        """Set the global mode and return it."""
        return self._connection.ask(_server_calls.update_mode(None, mode, force=force))

    def delete_global_mode(self) -> str:
        """Delete the global mode and return it."""
        return self._connection.ask(_server_calls.delete_mode(None))

    def get_contexts(self, offset: int = 0, limit: int = -1) -> list[str]:
        """Return the contexts, the default one (".") first."""
        return self._connection.ask(_server_calls.contexts(offset=offset, limit=limit))

    def delete_context(self, context: str) -> None:
        """Delete an empty context."""
        self._connection.ask(_server_calls.delete_context(context))

    def get_associations_by_resource_name(
        self,
        resource_name: str,
        resource_namespace: str,
        resource_type: str | None = None,
        association_types: list[str] | None = None,
        offset: int = 0,
        limit: int = -1,
    ) -> list[Association]:
        """Return the associations of a resource; "-" stands for any namespace."""
        return self._connection.ask(
            _server_calls.associations_by_resource_name(
                resource_name,
                resource_namespace,
                resource_type=resource_type,
                association_types=association_types,
                offset=offset,
                limit=limit,
            )
        )

    def get_associations_by_subject(
        self,
        subject_name: str,
        resource_type: str | None = None,
        association_types: list[str] | None = None,
    ) -> list[Association]:
        """Return the associations of a subject."""
        return self._connection.ask(
            _server_calls.associations_by_subject(
                subject_name, resource_type=resource_type, association_types=association_types
            )
        )

    def create_association(self, request: AssociationCreateOrUpdateRequest) -> AssociationResponse:
        """Tie subjects to a resource."""
        return self._connection.ask(_server_calls.create_association(request))

    def update_association(
        self, resource_id: str, request: AssociationCreateOrUpdateRequest
    ) -> AssociationResponse:
        """Change the associations of a resource, or create them."""
        return self._connection.ask(_server_calls.update_association(resource_id, request))

    def delete_associations(
        self,
        resource_id: str,
        resource_type: str | None = None,
        association_types: list[str] | None = None,
        cascade_lifecycle: bool = False,
    ) -> None:
        """Delete the associations of a resource, all types if none is named."""
        self._connection.ask(
            _server_calls.delete_associations(
                resource_id,
                resource_type=resource_type,
                association_types=association_types,
                cascade_lifecycle=cascade_lifecycle,
            )
        )

    def get_cluster_ids(self) -> dict[str, str]:
        """Return the ids of the clusters the registry belongs to, by kind of cluster."""
        return self._connection.ask(_server_calls.cluster_ids())

    def get_server_version(self) -> dict[str, str]:
        """Return the registry's `version` and `commitId`."""
        return self._connection.ask(_server_calls.server_version())
