"""Addresses as pages write them."""

from __future__ import annotations

import contextlib
import time
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.fetch.address import is_public
from pipeline.fetch.patterns import Pattern, spelling
from pipeline.fetch.url import LONGEST, normal_url, origin

ANY = st.text(max_size=80) | st.text("http:/ab.c?#%[]@\\\t\r\n\0 é\ud800٣１①。xn--", max_size=50)
ADDRESS = st.builds(
    "{}://{}{}{}".format, st.sampled_from(["http", "https", "HTTP", "ftp", "javascript"]), ANY, st.sampled_from(["", ":80", ":x"]), ANY
)


@given(ANY | ADDRESS, st.just("") | ANY | ADDRESS)
@example("http://[::1%25lo]/", "")
@example("http://xn--\ud800/", "")
@example("//[", "http://a.test/")
@example("http://a.test/%", "")
@example("http://１２７.１/", "")
@example("http://a.test:٣/", "")
@example("http:\\\\a.test\\b", "")
@example("\ud800", "\udfff")
@example("HTTP://0", "A://[")
def test_a_normal_url_is_its_own_normal_url(url: str, base: str) -> None:
    found = normal_url(url, base)
    assert normal_url(found) == found
    assert found.isascii()
    assert found.isprintable()
    assert len(found) <= LONGEST
    assert " " not in found


@given(ANY | ADDRESS)
def test_an_origin_or_a_value_error(url: str) -> None:
    key = normal_url(url)
    try:
        scheme, host, port = origin(key)
    except ValueError as error:
        assert str(error).isprintable()
        return
    assert scheme in ("http", "https")
    assert 0 < port < 65536
    assert host
    assert host.isascii()
    assert host == host.lower()
    assert "@" not in urlsplit(key).netloc


@given(st.text(max_size=200))
def test_origin_raises_nothing_else(url: str) -> None:
    """Whatever it is given, not only normal addresses."""
    with contextlib.suppress(ValueError):
        origin(url)


@pytest.mark.parametrize("unit", ["a", "%", "%41", "/..", "/.", "\\", "é", "@", ":", "[", "xn--", ".", "//", "\t", "%2e%2e/", "?", "#"])
def test_a_megabyte_of_one_thing(unit: str) -> None:
    began = time.process_time()
    for before in ("", "http://", "http://a.test/", "http://a.test/?", "//"):
        normal_url(before + unit * (200_000 // len(unit)), "http://b.test/c/")
    assert time.process_time() - began < 5


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_an_address_within_another_is_judged(address: IPv4Address | IPv6Address) -> None:
    """What is not public stays so in every IPv6 clothing."""
    inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if is_public(str(inner)):
        return
    clothed = [
        *(IPv6Address((prefix << 32) | int(inner)) for prefix in (0, 0xFFFF, 0xFFFF << 16, 0x64FF9B << 64, 0x64FF9B0001 << 48)),
        IPv6Address((0x2002 << 112) | (int(inner) << 80)),
    ]
    assert not any(is_public(str(one)) for one in clothed), clothed


PATTERN = st.text("/ab*$%2aé.", max_size=20)


@given(PATTERN, st.text("/ab*$%é?", max_size=20))
def test_a_pattern_matches_as_a_plain_reading_of_it_would(text: str, path: str) -> None:
    pattern, spelt = Pattern.parse(text), spelling(path)

    def matches(pieces: tuple[str, ...], rest: str) -> bool:
        if not rest.startswith(pieces[0]):
            return False
        rest = rest[len(pieces[0]) :]
        if len(pieces) == 1:
            return not pattern.anchored or not rest
        return any(matches(pieces[1:], rest[at:]) for at in range(len(rest) + 1))

    assert pattern.matches(spelt) == matches(pattern.pieces, spelt)
