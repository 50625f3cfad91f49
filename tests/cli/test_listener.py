from __future__ import annotations

import socket

import pytest

from registry.process.failure import StartFailure
from registry.process.listener import (
    address_of,
    bind,
    bind_both,
    listen,
    url_of,
)


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


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])  # noqa: S104 - for a moment
def test_a_host_with_two_addresses_is_bound_at_both(host: str) -> None:
    bound = bind_both(host, 0)
    ports = {one.getsockname()[1] for one in bound}
    assert len(bound) == (2 if socket.has_dualstack_ipv6() else 1)
    assert len(ports) == 1
    for one in bound:
        listen(one)
        one.close()


def test_a_port_that_is_taken_at_one_of_them_is_told() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartFailure, match=f"localhost:{port}: address already in use"):
            bind_both("localhost", port)


def test_a_plain_address_is_bound_once() -> None:
    (bound,) = bind_both("127.0.0.1", 0)
    assert address_of(bound).startswith("127.0.0.1:")
    bound.close()
