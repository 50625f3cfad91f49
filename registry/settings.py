"""Everything an operator can decide, each as a variable `ACCORD_*` and as an option of the command.

The order of the fields is the order of `accord serve --help` and of docs/settings.md.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Le
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from compat.level import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "ACCORD_"
DATABASE_FILE = "accord.db"
MAX_INT32 = 2**31 - 1

HIDDEN = "***"


class Section(StrEnum):
    """The headings under which the settings are listed."""

    SERVER = "Server"
    STORAGE = "Storage"
    REGISTRY = "Registry"
    LIMITS = "Limits"
    LOGS = "Logs"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line is written; AUTO is CONSOLE on a terminal and JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _items(value: object) -> object:
    """Split `a, b` as it stands in a variable or an option."""
    if not isinstance(value, str):
        return value
    return tuple(item.strip() for item in value.split(",") if item.strip())


class Settings(BaseSettings):
    """The settings of one node, checked; raises pydantic.ValidationError for a bad value."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    host: Annotated[
        str,
        Section.SERVER,
        Field(min_length=1, description="Address to listen on; 0.0.0.0 for every interface."),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Section.SERVER,
        Ge(0),
        Le(65535),
        Field(description="Port to listen on; 0 takes a free one."),
    ] = 8081
    workers: Annotated[
        int,
        Section.SERVER,
        Ge(1),
        Le(64),
        Field(description="Processes that share the port and the database."),
    ] = 1
    request_threads: Annotated[
        int,
        Section.SERVER,
        Ge(1),
        Le(256),
        Field(description="Threads of one worker that read the database and compare schemas."),
    ] = 16
    keep_alive_seconds: Annotated[
        int,
        Section.SERVER,
        Ge(1),
        Le(3600),
        Field(description="Time after which an idle connection is closed."),
    ] = 65
    request_seconds: Annotated[
        int,
        Section.SERVER,
        Ge(1),
        Le(3600),
        Field(description="Time after which a request is given up, as when its database hangs."),
    ] = 60
    body_seconds: Annotated[
        int,
        Section.SERVER,
        Ge(1),
        Le(3600),
        Field(description="Time that the body of a request may take to come."),
    ] = 60
    # Container runtimes kill ten seconds after they have asked a process to stop.
    shutdown_grace_seconds: Annotated[
        int,
        Section.SERVER,
        Ge(1),
        Le(3600),
        Field(description="Time that requests under way have to finish when the server stops."),
    ] = 8
    cors_origins: Annotated[
        tuple[str, ...],
        Section.SERVER,
        NoDecode,
        BeforeValidator(_items),
        Field(description="Origins whose pages may call the service, by commas; * for any."),
    ] = ()

    data: Annotated[
        Path,
        Section.STORAGE,
        AfterValidator(Path.expanduser),
        Field(description="Directory of the SQLite database."),
    ] = Path("accord-data")
    database_url: Annotated[
        SecretStr | None,
        Section.STORAGE,
        Field(
            description=(
                "Database, as in postgresql://user:password@host/name or sqlite:///file; unset: "
                "SQLite in the data directory."
            )
        ),
    ] = None
    pool_size: Annotated[
        int,
        Section.STORAGE,
        Ge(1),
        Le(1000),
        Field(description="Database connections of one worker."),
    ] = 16

    compatibility_level: Annotated[
        Level,
        Section.REGISTRY,
        BeforeValidator(_upper),
        Field(description="Level of subjects for which none is set."),
    ] = Level.BACKWARD
    validate_fields: Annotated[
        bool,
        Section.REGISTRY,
        Field(description="Refuse schemas with reserved field names unless a config says no."),
    ] = False
    validate_new_schemas: Annotated[
        bool,
        Section.REGISTRY,
        Field(description="Hold new schemas to every rule of their format."),
    ] = True
    mode_mutability: Annotated[
        bool,
        Section.REGISTRY,
        Field(description="Allow the mode to be changed over REST."),
    ] = True
    reject_empty_subject: Annotated[
        bool,
        Section.REGISTRY,
        Field(description="Refuse registrations under the empty subject."),
    ] = False
    reference_versions_strict: Annotated[
        bool,
        Section.REGISTRY,
        Field(description="Refuse a schema that reaches two versions of one reference."),
    ] = False
    kafka_cluster_id: Annotated[
        str,
        Section.REGISTRY,
        Field(min_length=1, description="Kafka cluster named by GET /v1/metadata/id."),
    ] = "accord"
    registry_cluster_id: Annotated[
        str,
        Section.REGISTRY,
        Field(min_length=1, description="Registry cluster named by GET /v1/metadata/id."),
    ] = "schema-registry"

    max_body_bytes: Annotated[
        int,
        Section.LIMITS,
        Ge(1024),
        Le(MAX_INT32),
        Field(description="Largest request body."),
    ] = 10_000_000
    max_schema_bytes: Annotated[
        int,
        Section.LIMITS,
        Ge(1024),
        Le(MAX_INT32),
        Field(description="Largest schema text."),
    ] = 5_000_000
    max_references: Annotated[
        int,
        Section.LIMITS,
        Ge(1),
        Le(100_000),
        Field(description="Most references of one schema, those of its references included."),
    ] = 1000
    schema_page: Annotated[
        int,
        Section.LIMITS,
        Ge(1),
        Le(MAX_INT32),
        Field(description="Most schemas in one answer of a listing of schemas."),
    ] = 1000
    response_cache_bytes: Annotated[
        int,
        Section.LIMITS,
        Ge(0),
        Le(2**40),
        Field(description="Memory of one worker for finished answers by id and GUID."),
    ] = 128_000_000
    parse_cache_entries: Annotated[
        int,
        Section.LIMITS,
        Ge(0),
        Le(1_000_000),
        Field(description="Parsed schemas that one worker keeps."),
    ] = 2000
    parse_cache_bytes: Annotated[
        int,
        Section.LIMITS,
        Ge(0),
        Le(2**40),
        Field(
            description=(
                "Size of the texts of the parsed schemas that one worker keeps; each takes about "
                "seven times its text."
            )
        ),
    ] = 16_000_000

    log_level: Annotated[
        LogLevel,
        Section.LOGS,
        BeforeValidator(_lower),
        Field(description="Least level that is written."),
    ] = LogLevel.INFO
    log_format: Annotated[
        LogFormat,
        Section.LOGS,
        BeforeValidator(_lower),
        Field(description="Form of a line; auto is console on a terminal and json elsewhere."),
    ] = LogFormat.AUTO

    @property
    def store_url(self) -> str:
        """Return the database with its password: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data.absolute() / DATABASE_FILE}"

    @property
    def shown_url(self) -> str:
        """Return the database for logs and messages, without what is secret."""
        return redacted(self.store_url)


def redacted(url: str) -> str:
    """Hide the password of a URL, be it before the host or among the parameters.

    Any text will do, and in doubt too much is hidden: a password may hold what it should not.
    """
    without_userinfo = re.sub(r"(://[^:/?@]*:).*@", rf"\1{HIDDEN}@", url)
    return re.sub(r"(?i)(password[^=&]*=)[^&]*", rf"\1{HIDDEN}", without_userinfo)


def section_of(name: str) -> Section:
    """Return the heading of a setting."""
    return next(m for m in Settings.model_fields[name].metadata if isinstance(m, Section))


def option_of(name: str) -> str:
    """Return the option of a setting: `--log-level` for `log_level`."""
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    """Return the variable of a setting: `ACCORD_LOG_LEVEL` for `log_level`."""
    return f"{PREFIX}{name.upper()}"


def load(given: dict[str, Any] | None = None) -> Settings:
    """Return the settings: the options given, then the environment, then the defaults."""
    return Settings(**(given or {}))


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that look like settings and are none: most likely misspelt."""
    known = {variable_of(name) for name in Settings.model_fields}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
