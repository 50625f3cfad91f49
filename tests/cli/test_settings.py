from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from compat.level import Level
from registry.settings import (
    HIDDEN,
    LogDurability,
    LogFormat,
    LogLevel,
    Part,
    Settings,
    address_of,
    load,
    option_of,
    redacted,
    section_of,
    unknown_variables,
    variable_of,
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)


def test_a_variable_sets_what_no_option_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_PORT", "9001")
    monkeypatch.setenv("ACCORD_WORKERS", "3")
    settings = load({"port": "9002"})
    assert (settings.port, settings.workers) == (9002, 3)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_PORT", "")
    assert load().port == Settings.model_fields["port"].default


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("compatibility_level", "full_transitive", Level.FULL_TRANSITIVE),
        ("log_level", "WARNING", LogLevel.WARNING),
        ("log_format", "Json", LogFormat.JSON),
        ("mode_mutability", "false", False),
        ("validate_fields", "yes", True),
        (
            "cors_origins",
            "https://a.example, https://b.example",
            ("https://a.example", "https://b.example"),
        ),
        ("cors_origins", " , ", ()),
        ("data", "/var/lib/accord", Path("/var/lib/accord")),
        ("only", "Log", Part.LOG),
        ("log_durability", "INTERVAL", LogDurability.INTERVAL),
        ("advertised_listener", "[::1]:9092", "[::1]:9092"),
        ("kafka_tls_key", "/etc/key.pem", Path("/etc/key.pem")),
    ],
)
def test_a_text_is_read_as_its_kind(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(variable_of(name), text)
    assert getattr(load(), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),
        ("port", "-1"),
        ("port", "http"),
        ("workers", "0"),
        ("compatibility_level", "SIDEWAYS"),
        ("log_format", "xml"),
        ("shutdown_grace_seconds", "0"),
        ("max_body_bytes", "12"),
        ("host", ""),
        ("mode_mutability", "perhaps"),
        ("only", "both"),
        ("advertised_listener", "broker"),
        ("advertised_listener", "broker:0"),
        ("advertised_listener", "broker:65536"),
        ("advertised_listener", "a:1,b:2"),
        ("advertised_listener", "::1:9092"),
        ("log_retention_ms", "-2"),
        ("default_partitions", "0"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        load({name: text})
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]


def test_every_setting_has_a_heading_and_a_description() -> None:
    for name, field in Settings.model_fields.items():
        assert section_of(name)
        assert field.description is not None
        assert field.description.endswith(".")


def test_options_and_variables_are_spelt_from_the_name() -> None:
    assert option_of("max_body_bytes") == "--max-body-bytes"
    assert variable_of("max_body_bytes") == "ACCORD_MAX_BODY_BYTES"


def test_the_database_is_a_file_in_the_data_directory_unless_a_url_is_given(
    tmp_path: Path,
) -> None:
    assert load({"data": tmp_path}).store_url == f"sqlite:///{tmp_path}/accord.db"
    url = "postgresql://db.example/accord"
    assert load({"data": tmp_path, "database_url": url}).store_url == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:pass@h:5432/db", f"postgresql://u:{HIDDEN}@h:5432/db"),
        ("postgresql://u:p@ss@h/db", f"postgresql://u:{HIDDEN}@h/db"),
        ("postgresql://u:p/a?s[s@h/db", f"postgresql://u:{HIDDEN}@h/db"),
        ("postgresql://u@h:5432/db", "postgresql://u@h:5432/db"),
        ("postgresql://h/db?password=pass", f"postgresql://h/db?password={HIDDEN}"),
        (
            "postgresql://h/db?sslpassword=pass&sslmode=require",
            f"postgresql://h/db?sslpassword={HIDDEN}&sslmode=require",
        ),
        ("postgresql:///db?host=/run/pg", "postgresql:///db?host=/run/pg"),
        ("no url", "no url"),
        ("sqlite:////var/lib/accord.db", "sqlite:////var/lib/accord.db"),
    ],
)
def test_a_shown_url_has_no_password(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_a_password_shows_nowhere_in_the_settings() -> None:
    settings = load({"database_url": "postgresql://u:s3cr3t@h/db"})
    assert "s3cr3t" in settings.store_url
    assert "s3cr3t" not in f"{settings!r}{settings}{settings.shown_url}{settings.model_dump()}"


def test_a_refused_value_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        load({"database_url": ["s3cr3t"]})
    assert "s3cr3t" not in str(refused.value)


def test_misspelt_variables_are_found() -> None:
    environ = {"ACCORD_PROT": "1", "ACCORD_PORT": "2", "HOME": "/", "ACCORD_": ""}
    assert unknown_variables(environ) == ["ACCORD_", "ACCORD_PROT"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("broker.example.com:9092", ("broker.example.com", 9092)),
        ("10.0.0.1:1", ("10.0.0.1", 1)),
        ("[fe80::1]:65535", ("fe80::1", 65535)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


def test_users_are_names_with_passwords() -> None:
    settings = load({"kafka_sasl_users": " anna:with:colon , bob:b ,"})
    assert settings.sasl_users == {"anna": "with:colon", "bob": "b"}
    assert "colon" not in repr(settings)
    assert load().sasl_users == {}
