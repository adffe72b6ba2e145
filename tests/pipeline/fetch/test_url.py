from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.url import LONGEST, Origin, normal_url, origin

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="ab/.?#%25:@[]\\ éß&=;+~2eEfF", max_size=40).map("http://host/".__add__),
    st.text(alphabet="aA.:[]@%-_é0129\\/", max_size=25).map("https://".__add__),
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Www.Example.ORG", "http://www.example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("http://example.org:/a", "http://example.org/a"),
        ("http://example.org./a", "http://example.org/a"),
        ("http://example.org/a b.htm#top", "http://example.org/a%20b.htm"),
        ("  http://example.org/a\n", "http://example.org/a"),
        ("http://example.org/ZZ\n/x", "http://example.org/ZZ/x"),
        ("http://example.org/é?q=ü", "http://example.org/%C3%A9?q=%C3%BC"),
        ("http://example.org/%e9", "http://example.org/%E9"),
        ("http://example.org/%7Eme/%41", "http://example.org/~me/A"),
        ("http://example.org/50%", "http://example.org/50%25"),
        ("http://example.org/a/./b/../c/..", "http://example.org/a/"),
        ("http://example.org/../../a", "http://example.org/a"),
        ("http://example.org/%2e%2e/a", "http://example.org/a"),
        ("http://example.org/what%3F", "http://example.org/what%3F"),
        ("http://example.org\\img\\a.jpg?x=\\", "http://example.org/img/a.jpg?x=%5C"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_one_spelling(url: str, expected: str) -> None:
    assert normal_url(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rx-78.htm", "http://example.org/mecha/rx-78.htm"),
        ("..\\img\\a b.gif", "http://example.org/img/a%20b.gif"),
        ("//other.org/x", "http://other.org/x"),
        ("\\\\other.org\\x", "http://other.org/x"),
        ("?page=2", "http://example.org/mecha/index.htm?page=2"),
        ("#top", "http://example.org/mecha/index.htm"),
        ("", "http://example.org/mecha/index.htm"),
        ("javascript:go('a\\b')", "javascript:go('a%5Cb')"),
    ],
)
def test_relative_to_a_page(url: str, expected: str) -> None:
    assert normal_url(url, "http://example.org/mecha/index.htm") == expected


@given(HOSTILE)
def test_idempotent_and_ascii_whatever_comes(url: str) -> None:
    once = normal_url(url)
    assert normal_url(once) == once
    assert once.isascii()
    assert "#" not in once
    assert len(once) <= LONGEST


@given(HOSTILE, HOSTILE)
def test_joining_never_raises(url: str, base: str) -> None:
    normal_url(url, normal_url(base))


@given(HOSTILE)
def test_the_key_is_what_goes_over_the_wire(url: str) -> None:
    key = normal_url(url)
    try:
        asked = origin(key)
    except ValueError:
        return
    assert asked.host
    assert requests.Request("GET", key).prepare().url == key


def test_origin() -> None:
    assert origin("https://example.org/a") == Origin("https", "example.org", 443)
    assert origin("http://[::1]:8080/") == Origin("http", "::1", 8080)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "/relative",
        "http:///nohost",
        "http://[bad/",
        "http://a:99999/",
        "http://a:0/",
        "http://a..b/",
        "http://me:secret@example.org/",
        f"http://{'a' * 64}.org/",
        "http://example.org/" + "a" * LONGEST,
    ],
)
def test_what_cannot_be_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        origin(normal_url(url))
