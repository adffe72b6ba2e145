from __future__ import annotations

import pytest

from pipeline.fetch.address import Gate, is_public, lookup
from pipeline.fetch.result import Failed


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_pass_and_others_are_left_out() -> None:
    gate = Gate([], lambda host, port: ["10.0.0.1", "8.8.8.8", "::1"])
    assert gate("example.org", 80) == ["8.8.8.8"]


def test_a_private_address_needs_to_be_named_host_and_port() -> None:
    gate = Gate([("nas", 8080)], lambda host, port: ["192.168.1.5"])
    assert gate("nas", 8080) == ["192.168.1.5"]
    for host, port in [("nas", 80), ("other", 8080), ("192.168.1.5", 8080)]:
        with pytest.raises(Failed, match=r"192\.168\.1\.5, which is not public") as caught:
            gate(host, port)
        assert caught.value.error == "refused"
        assert not caught.value.again


@pytest.mark.parametrize("spelling", ["127.0.0.1", "2130706433", "0x7f.1", "127.1"])
def test_other_spellings_of_loopback_are_seen_through(spelling: str) -> None:
    with pytest.raises(Failed) as caught:
        Gate([])(spelling, 80)
    assert caught.value.error in ("refused", "unreachable")  # some resolvers do not know the short forms


def test_a_name_that_is_not_there() -> None:
    def missing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Failed) as caught:
        Gate([("gone.example", 80)], missing)("gone.example", 80)
    assert caught.value.error == "unreachable"


def test_the_system_resolver_is_asked() -> None:
    assert lookup("127.0.0.1", 80) == ["127.0.0.1"]
