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
LOG_DIRECTORY = "log"
MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
MAX_PORT = 65535

HIDDEN = "***"
ADDRESS = re.compile(r"(?P<host>[^\s:\[\],]+|\[[0-9a-fA-F:.]+\]):(?P<port>[0-9]{1,5})")


class Section(StrEnum):
    """The headings under which the settings are listed."""

    SERVER = "Server"
    EVENT_LOG = "Event log"
    STORAGE = "Storage"
    REGISTRY = "Registry"
    LIMITS = "Limits"
    LOGS = "Logs"


class Part(StrEnum):
    """One of the two services that `accord serve` starts together."""

    REGISTRY = "registry"
    LOG = "log"


class LogDurability(StrEnum):
    """When what was produced is synced to the disk; COMMIT is before it is acknowledged."""

    NONE = "none"
    INTERVAL = "interval"
    COMMIT = "commit"


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


def _host_and_port(text: str | None) -> str | None:
    if text is not None:
        address_of(text)
    return text


def address_of(text: str) -> tuple[str, int]:
    """Read `host:port` or `[address]:port`; raises ValueError."""
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"]) <= MAX_PORT:
        raise ValueError("an address is HOST:PORT, as in broker.example.com:9092")
    return found["host"].strip("[]"), int(found["port"])


def _users(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None:
        _users_of(secret.get_secret_value())
    return secret


def _users_of(text: str) -> dict[str, str]:
    """Read `name:password, name:password`; a password may hold anything but a comma."""
    pairs = [item.strip().partition(":") for item in text.split(",") if item.strip()]
    if not all(name and password for name, _, password in pairs):
        raise ValueError("users are name:password, with commas between them")
    return {name: password for name, _, password in pairs}


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
        Le(MAX_PORT),
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

    only: Annotated[
        Part | None,
        Section.EVENT_LOG,
        BeforeValidator(_lower),
        Field(description="Start the registry or the event log alone; unset: both."),
    ] = None
    kafka_host: Annotated[
        str,
        Section.EVENT_LOG,
        Field(
            min_length=1,
            description="Address on which Kafka clients are heard; 0.0.0.0 for every interface.",
        ),
    ] = "localhost"
    kafka_port: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(0),
        Le(MAX_PORT),
        Field(description="Port on which Kafka clients are heard; 0 takes a free one."),
    ] = 9092
    advertised_listener: Annotated[
        str | None,
        Section.EVENT_LOG,
        AfterValidator(_host_and_port),
        Field(
            description=(
                "HOST:PORT that clients are told to connect to; unset: the address they are heard "
                "on, or when that is every interface, the one that they have reached."
            )
        ),
    ] = None
    kafka_max_connections: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1),
        Le(1_000_000),
        Field(description="Most connections of Kafka clients at a time."),
    ] = 10_000
    kafka_max_request_bytes: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1024),
        Le(MAX_INT32),
        Field(description="Largest request of a Kafka client."),
    ] = 104_857_600
    kafka_tls_certificate: Annotated[
        Path | None,
        Section.EVENT_LOG,
        Field(description="Certificate chain in PEM; with it, Kafka clients must use TLS."),
    ] = None
    kafka_tls_key: Annotated[
        Path | None,
        Section.EVENT_LOG,
        Field(description="Private key of the certificate in PEM; unset: in the same file."),
    ] = None
    kafka_tls_client_ca: Annotated[
        Path | None,
        Section.EVENT_LOG,
        Field(description="Authorities in PEM; with it, Kafka clients must show a certificate."),
    ] = None
    kafka_sasl_users: Annotated[
        SecretStr | None,
        Section.EVENT_LOG,
        AfterValidator(_users),
        Field(
            description=(
                "Users as name:password, by commas; with them, clients must log in by SASL, with "
                "PLAIN or SCRAM."
            )
        ),
    ] = None
    log_durability: Annotated[
        LogDurability,
        Section.EVENT_LOG,
        BeforeValidator(_lower),
        Field(
            description=(
                "When records are synced to the disk: commit is before they are acknowledged, "
                "interval is now and then, none leaves it to the system."
            )
        ),
    ] = LogDurability.COMMIT
    log_flush_interval_ms: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1),
        Le(3_600_000),
        Field(description="Milliseconds between two syncs with the durability interval."),
    ] = 200
    auto_create_topics: Annotated[
        bool,
        Section.EVENT_LOG,
        Field(description="Create a topic when a producer first names it."),
    ] = True
    default_partitions: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1),
        Le(10_000),
        Field(description="Partitions of a topic for which nobody said how many."),
    ] = 1
    max_message_bytes: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1024),
        Le(MAX_INT32),
        Field(description="Largest batch of records, unless its topic says otherwise."),
    ] = 1_048_588
    log_retention_ms: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(-1),
        Le(MAX_INT64),
        Field(description="Milliseconds that records are kept, unless their topic says; -1: ever."),
    ] = 604_800_000
    log_retention_bytes: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(-1),
        Le(MAX_INT64),
        Field(description="Bytes of a partition that are kept, unless its topic says; -1: all."),
    ] = -1
    log_segment_bytes: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1024),
        Le(MAX_INT32),
        Field(description="Size of a file of records, unless its topic says otherwise."),
    ] = 1_073_741_824
    offsets_retention_ms: Annotated[
        int,
        Section.EVENT_LOG,
        Ge(1),
        Le(MAX_INT64),
        Field(description="Milliseconds that the offsets of a group without members are kept."),
    ] = 604_800_000
    publish_schemas: Annotated[
        bool,
        Section.EVENT_LOG,
        Field(description="Publish the registry's changes as the topic _schemas."),
    ] = True

    data: Annotated[
        Path,
        Section.STORAGE,
        AfterValidator(Path.expanduser),
        Field(description="Directory of the SQLite database and of the event log."),
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
        Field(
            min_length=1, description="Kafka cluster, as the log and GET /v1/metadata/id name it."
        ),
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
    def log_directory(self) -> Path:
        return self.data.absolute() / LOG_DIRECTORY

    @property
    def sasl_users(self) -> dict[str, str]:
        """Return the passwords of Kafka's clients by user, empty when none has to log in."""
        given = self.kafka_sasl_users
        return {} if given is None else _users_of(given.get_secret_value())

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
