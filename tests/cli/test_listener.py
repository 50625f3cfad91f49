from __future__ import annotations

import socket

import pytest

from registry.process.failure import StartFailure
from registry.process.listener import bind, listen, url_of


def test_port_0_takes_a_free_port() -> None:
    with bind("127.0.0.1", 0) as bound:
        assert url_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}"
        assert bound.getsockname()[1] > 0


def test_a_taken_port_is_told_with_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartFailure, match=f"127.0.0.1:{port}: address already in use"):
            bind("127.0.0.1", port)


def test_a_port_taken_between_binding_and_listening_is_told() -> None:
    with bind("127.0.0.1", 0) as first, bind("127.0.0.1", first.getsockname()[1]) as second:
        listen(first)
        with pytest.raises(StartFailure, match="address already in use"):
            listen(second)


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(StartFailure, match=r"cannot listen on no\.such\.host\.invalid:0"):
        bind("no.such.host.invalid", 0)


def test_an_address_of_version_6_is_written_in_brackets() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with bind("::1", 0) as bound:
        assert url_of(bound) == f"http://[::1]:{bound.getsockname()[1]}"
