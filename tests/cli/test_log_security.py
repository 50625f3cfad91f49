"""The settings for TLS and SASL, as clients and the commands meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from certificates import Authority
from service import eventually

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from service import Service

    Serve = Callable[..., Service]
    Accord = Callable[..., subprocess.CompletedProcess[str]]

USERS = "anna:s3cr:t, bob:other"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    return Authority(tmp_path_factory.mktemp("authority"))


def address_of(service: Service) -> str:
    """Wait for a log that runs alone; return its address."""
    line = eventually(service.out.read_text)
    address: str = line.split()[4]
    return address


def listed(accord: Accord, address: str, **properties: str) -> subprocess.CompletedProcess[str]:
    """List the topics with properties whose names have `_` for `.`."""
    given = [f"-X{name.replace('_', '.')}={value}" for name, value in properties.items()]
    return accord("topics", "list", "-b", address, *given)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_who_knows_a_password_is_let_in(start: Serve, accord: Accord, mechanism: str) -> None:
    address = address_of(start(ACCORD_ONLY="log", ACCORD_KAFKA_SASL_USERS=USERS))
    by_sasl = {"security_protocol": "sasl_plaintext", "sasl_mechanism": mechanism}
    known = listed(accord, address, **by_sasl, sasl_username="anna", sasl_password="s3cr:t")
    assert known.returncode == 0, known.stderr
    wrong = listed(accord, address, **by_sasl, sasl_username="bob", sasl_password="s3cr:t")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith(f"accord: cannot reach {address}: ")
    assert "uthentication failed" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    assert listed(accord, address).returncode == 1


def test_passwords_are_not_told(start: Serve) -> None:
    service = start(ACCORD_ONLY="log", ACCORD_KAFKA_SASL_USERS=USERS, ACCORD_LOG_LEVEL="debug")
    address_of(service)
    assert service.stop() == 0
    assert "s3cr" not in service.err.read_text() + service.out.read_text()


@pytest.mark.parametrize("users", ["anna", "anna:", ":secret", "anna:secret,bob"])
def test_users_that_are_none_are_told_without_what_is_secret(accord: Accord, users: str) -> None:
    ended = accord("serve", ACCORD_KAFKA_SASL_USERS=users)
    assert ended.returncode == 2
    assert ended.stderr == (
        "accord: --kafka-sasl-users (ACCORD_KAFKA_SASL_USERS): "
        "users are name:password, with commas between them\n"
    )


def test_certificates_tell_who_is_there(start: Serve, accord: Accord, authority: Authority) -> None:
    server, client = authority.sign("server"), authority.sign("client")
    address = address_of(
        start(
            ACCORD_ONLY="log",
            ACCORD_KAFKA_TLS_CERTIFICATE=str(server.certificate),
            ACCORD_KAFKA_TLS_KEY=str(server.key),
            ACCORD_KAFKA_TLS_CLIENT_CA=str(authority.certificate),
        )
    )
    by_tls = {"security_protocol": "ssl", "ssl_ca_location": str(authority.certificate)}
    own = {"ssl_certificate_location": str(client.certificate), "ssl_key_location": str(client.key)}
    assert listed(accord, address, **by_tls, **own).returncode == 0
    nameless = listed(accord, address, **by_tls)
    assert nameless.returncode == 1
    assert len(nameless.stderr.splitlines()) == 1
    assert listed(accord, address).returncode == 1


def test_a_key_that_is_anothers_is_told(
    accord: Accord, authority: Authority, tmp_path: Path
) -> None:
    ended = accord(
        "serve",
        *("--data", tmp_path),
        ACCORD_ONLY="log",
        ACCORD_KAFKA_TLS_CERTIFICATE=str(authority.sign("one").certificate),
        ACCORD_KAFKA_TLS_KEY=str(authority.sign("other").key),
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("accord: cannot use the certificate for TLS: ")
    assert len(ended.stderr.splitlines()) == 1
