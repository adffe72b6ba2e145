"""From what a person copies out of a browser to the wiki's api.php."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sources.base import Page
from sources.mediawiki.address import Start, find

HEAD = '<!DOCTYPE html><html><head><link rel="EditURI" type="application/rsd+xml" href="{}"></head><body>A page</body></html>'


def nobody(url: str) -> Page | None:
    raise AssertionError(f"{url} was asked for")


@pytest.mark.parametrize(
    ("start", "api", "title"),
    [
        ("https://commons.wikimedia.org/w/api.php", "https://commons.wikimedia.org/w/api.php", ""),
        ("https://wiki.example.org/deep/api.php?action=query", "https://wiki.example.org/deep/api.php", ""),
        ("https://gundam.fandom.com/wiki/RX-78-2", "https://gundam.fandom.com/api.php", "RX-78-2"),
        ("https://gundam.fandom.com/wiki/RX-78-2_Gundam?so=search#Armaments", "https://gundam.fandom.com/api.php", "RX-78-2 Gundam"),
        ("https://gundam.fandom.com/de/wiki/Kategorie:Mobile_Suits", "https://gundam.fandom.com/de/api.php", "Kategorie:Mobile Suits"),
        ("https://gundam.fandom.com/pt-br/wiki/X", "https://gundam.fandom.com/pt-br/api.php", "X"),
        ("https://gundam.fandom.com/de/", "https://gundam.fandom.com/de/api.php", ""),
        ("https://gundam.fandom.com", "https://gundam.fandom.com/api.php", ""),
        ("http://gundam.wikia.com/wiki/X", "http://gundam.wikia.com/api.php", "X"),
        ("https://commons.wikimedia.org/wiki/Category:A_%26_B", "https://commons.wikimedia.org/w/api.php", "Category:A & B"),
        ("https://de.m.wikipedia.org/wiki/%C3%84", "https://de.wikipedia.org/w/api.php", "Ä"),
        ("https://commons.wikimedia.org/w/index.php?title=File:A.png&uselang=de", "https://commons.wikimedia.org/w/api.php", "File:A.png"),
        ("https://www.mediawiki.org/", "https://www.mediawiki.org/w/api.php", ""),
    ],
)
def test_known_hosts_need_no_question(start: str, api: str, title: str) -> None:
    assert find(nobody, start) == Start(api, title)


@pytest.mark.parametrize("host", ["wikipedia.org.example.com", "notfandom.com", "fandom.com.evil.org"])
def test_hosts_that_only_look_like_known_ones(host: str) -> None:
    assert find(lambda url: None, f"https://{host}/wiki/X") is None


@pytest.mark.parametrize(
    ("written", "api"),
    [
        ("https://wiki.example.org/w/api.php?action=rsd", "https://wiki.example.org/w/api.php"),
        ("//wiki.example.org/api.php?action=rsd", "https://wiki.example.org/api.php"),
        ("/mw/api.php", "https://wiki.example.org/mw/api.php"),
    ],
)
def test_another_wikis_page_says_where_its_api_is(written: str, api: str) -> None:
    page = Page("https://wiki.example.org/wiki/A_b", HEAD.format(written).encode(), {"content-type": "text/html"})
    assert find({page.url: page}.get, page.url) == Start(api, "A b")


@pytest.mark.parametrize("start", ["", "wiki", "ftp://wiki.example.org/", "https://", "javascript:alert(1)"])
def test_what_is_no_address(start: str) -> None:
    with pytest.raises(ValueError, match="give the address of the wiki's api.php, such as https://") as caught:
        find(nobody, start)
    assert str(caught.value).startswith("scrape.start: ")


@pytest.mark.parametrize(
    "body", [b"<html><body>A blog</body></html>", b"", b"\x89PNG", HEAD.format("/feed.xml").encode(), HEAD.format("mailto:a@b").encode()]
)
def test_a_page_of_no_wiki(body: bytes) -> None:
    with pytest.raises(ValueError, match="does not look like a page of a MediaWiki wiki; give the address"):
        find(lambda url: Page(url, body), "https://example.org/wiki/X")


@pytest.mark.skipif("ART_PAGES" not in os.environ, reason="ART_PAGES names no folder of real pages")
@pytest.mark.parametrize(
    ("name", "api"),
    [
        ("fandom-infobox.html", "https://harrypotter.fandom.com/api.php"),
        ("bulbapedia-team-rocket.html", "https://bulbapedia.bulbagarden.net/w/api.php"),
    ],
)
def test_real_pages_say_where_their_api_is(name: str, api: str) -> None:
    body = (Path(os.environ["ART_PAGES"]) / name).read_bytes()
    found = find(lambda url: Page(url, body, {"content-type": "text/html; charset=utf-8"}), "https://wiki.example.org/wiki/X")
    assert found == Start(api, "X")
