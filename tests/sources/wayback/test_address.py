"""One URL, one key; captures and what they are captures of."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.wayback.address import as_asked, folders, key, unwrapped, within


@pytest.mark.parametrize(
    "url",
    [
        "http://www.mahq.net/mecha/gundam/a.htm",
        "https://mahq.net/mecha/gundam/a.htm",
        "http://www.mahq.net:80/mecha/gundam/a.htm",
        "https://www.mahq.net:443/mecha/gundam/a.htm",
        "http://WWW2.MAHQ.net./Mecha/GUNDAM/A.HTM",
        "http://mahq.net//mecha/./x/../gundam/a.htm/",
        "http://mahq.net/mecha/gundam/%61.htm#top",
        "http://mahq.net/mecha/gundam/%2561.htm",
        "http://someone@mahq.net/mecha/gundam/a.htm?",
        "http://mahq.net/mecha/gundam/a.htm?PHPSESSID=0123456789abcdef0123456789ABCDEF",
    ],
)
def test_spellings_of_one_address_have_one_key(url: str) -> None:
    assert key(url) == "net,mahq)/mecha/gundam/a.htm"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://example.org", "org,example)/"),
        ("http://example.org/?b=2&A=1&a=0", "org,example)/?a=0&a=1&b=2"),
        ("http://example.org/x?sid=0123456789abcdef0123456789abcdef&a=1", "org,example)/x?&a=1"),
        ("http://example.org/a%20b/%C3%A9.jpg", "org,example)/a%20b/%c3%a9.jpg"),
        ("http://example.org/a b/é.jpg", "org,example)/a%20b/%c3%a9.jpg"),
        ("http://example.org:8080/", "org,example:8080)/"),
        ("http://127.0.0.1:8080/a", "127.0.0.1:8080)/a"),
        ("http://bücher.example/", "example,xn--bcher-kva)/"),
        ("http://wwwhat.example/", "example,wwwhat)/"),
        ("ftp://example.org/", ""),
        ("mailto:a@example.org", ""),
        ("http:///x", ""),
        ("http://[::1", ""),
        ("http://example.org:99999/", ""),
        ("", ""),
    ],
)
def test_keys(url: str, wanted: str) -> None:
    assert key(url) == wanted


@given(st.text(st.characters(exclude_categories=(), exclude_characters="?"), max_size=60))  # a key shows %3F as ?, as the archive's do
@example("\ud800")  # half a letter, where a host is looked for
def test_any_path_has_a_key_that_is_its_own_key(path: str) -> None:
    once = key(f"http://example.org/{quote(path, errors='surrogatepass')}")
    assert once.startswith("org,example)/")
    assert once == key("https://www.example.org" + once.partition(")")[2])
    key(path)
    key("http://" + path)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://e.test/a/b/c.htm?x=/y/", ["http://e.test/a/b", "http://e.test/a", "http://e.test/"]),
        ("http://e.test/a/", ["http://e.test/a", "http://e.test/"]),
        ("http://e.test/a", ["http://e.test/"]),
        ("http://e.test", ["http://e.test/"]),
        ("http://e.test:81//a//b", ["http://e.test:81/a", "http://e.test:81/"]),
    ],
)
def test_the_folders_of_a_url(url: str, wanted: list[str]) -> None:
    assert folders(url) == wanted
    assert all(within(key(url), key(folder)) for folder in wanted)


def test_what_is_within_a_folder() -> None:
    folder = key("http://e.test/a/wing")
    assert within(key("http://e.test/a/wing/x.htm"), folder)
    assert within(key("http://e.test/a/wing/"), folder)
    assert not within(key("http://e.test/a/wing-2/x.htm"), folder)
    assert within(key("http://e.test/wing?x=1"), key("http://e.test/"))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://e.test/a.htm", ("", "http://e.test/a.htm")),
        ("https://web.archive.org/web/20100501000000id_/http://e.test/a?b=c", ("20100501000000", "http://e.test/a?b=c")),
        ("https://web.archive.org/web/20100501000000/HTTP://e.test:80/", ("20100501000000", "http://e.test:80/")),
        ("http://127.0.0.1:81/copy/web/2010im_/https://e.test/a.png", ("2010", "https://e.test/a.png")),
        # a page whose links were rewritten, joined to its own address by a function that eats slashes
        ("http://www.e.test/web/20100501000000/http:/e.test/b.htm", ("20100501000000", "http://e.test/b.htm")),
        ("https://web.archive.org/web/2010/https://web.archive.org/web/2009id_/http://e.test/", ("2009", "http://e.test/")),
        ("https://web.archive.org/web/*/http://e.test/", ("", "https://web.archive.org/web/*/http://e.test/")),
        ("http://e.test/web/2010/report.htm", ("", "http://e.test/web/2010/report.htm")),
    ],
)
def test_captures_are_unwrapped(url: str, wanted: tuple[str, str]) -> None:
    assert unwrapped(url) == wanted


@pytest.mark.parametrize(
    ("original", "asked", "wanted"),
    [
        ("http://mahq.net:80/A.htm", "https://www.mahq.net/a.htm", "https://www.mahq.net/A.htm"),
        ("http://mahq.net/a/", "https://www.mahq.net/a", "https://www.mahq.net/a/"),
        ("http://mahq.net", "https://www.mahq.net/", "https://www.mahq.net/"),
        ("http://mahq.net:80/new/?x=1", "https://www.mahq.net/old", "https://www.mahq.net/new/?x=1"),
        ("http://other.test:80/new/", "https://www.mahq.net/old", "http://other.test/new/"),
    ],
)
def test_the_url_that_a_source_gets(original: str, asked: str, wanted: str) -> None:
    assert as_asked(original, asked) == wanted
