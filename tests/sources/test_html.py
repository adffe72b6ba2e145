from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from sources import html
from sources.base import Page


def soup(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "lxml")


def test_text_has_single_blanks_and_no_scripts() -> None:
    page = soup(
        "<title>T</title><p>one&nbsp;\n two<br>three<script>x()</script><!-- no --><style>p{}</style><p>it\x92s<select><option>4</select>"
    )
    assert html.text(page) == "one two three it’s"


def test_text_of_a_deeply_nested_page() -> None:
    page = soup("<div>")
    inner = page.div
    assert inner is not None
    for _ in range(1500):  # tags that nobody closed
        inner = inner.append(page.new_tag("font"))
    inner.append("deep")
    assert html.text(page) == "deep"


def test_skip_leaves_an_element_out_with_all_it_holds() -> None:
    page = soup("<div id=a>one <b><a href=x>two</a></b></div><div>three <a href=y>four</a></div>")
    skip = frozenset({id(page.find(id="a"))})
    assert html.text(page, skip) == "three four"
    assert list(html.links(page, skip)) == ["y"]


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("b.htm#top", "http://h.test/x/b.htm"),
        ("..\\y\\c d.htm", "http://h.test/y/c%20d.htm"),
        (" \n/E%20f.htm ", "http://h.test/E%20f.htm"),
        ("//other.test:80", "http://other.test/"),
        ("HTTPS://Other.TEST:443/A", "https://other.test/A"),
        ("?p=1&q=é", "http://h.test/x/a.htm?p=1&q=%C3%A9"),
        ("mailto:a@b", None),
        ("javascript:void(0)", None),
        ("http://[oops/", None),
        ("http://h:99999/", None),
        ("data:image/gif;base64,R0", None),
    ],
)
def test_absolute(reference: str, wanted: str | None) -> None:
    assert html.absolute("http://h.test/x/a.htm", reference) == wanted


def test_absolute_keeps_an_address_inside_an_address() -> None:
    base = "http://archive.test/web/2015id_/http://h.test/x/a.htm"
    assert html.absolute(base, "../b.htm") == "http://archive.test/web/2015id_/http://h.test/b.htm"
    assert html.absolute(base, "") == base


@given(st.text(max_size=60))
def test_absolute_takes_anything_and_is_stable(reference: str) -> None:
    found = html.absolute("http://h.test/x/a.htm", reference)
    if found is not None:
        assert html.absolute(found, found) == found
        assert "#" not in found


def test_links_of_every_kind() -> None:
    page = soup(
        '<meta http-equiv="Refresh" content="0; URL=\'moved.htm\'"><a name=x>no</a><A HREF="one.htm">1</A><map><area href="two.htm"></map>'
        "<iframe src=three.htm></iframe><meta name=d content='url=no'>"
    )
    assert list(html.links(page)) == ["moved.htm", "one.htm", "two.htm", "three.htm"]


@pytest.mark.parametrize(
    ("markup", "first"),
    [
        ("<img src=a.jpg>", "a.jpg"),
        ("<img src=a-300x200.jpg srcset='a-300x200.jpg 300w, a.jpg 900w,\n a-600x400.jpg 600w'>", "a.jpg"),
        ("<img src=a.jpg srcset='a2.jpg 2x, a.jpg 1x'>", "a2.jpg"),
        ("<img src='data:image/gif;base64,R0' data-src=lazy.jpg>", "lazy.jpg"),
        ("<img src=blank.gif data-lazy-src=lazy.jpg data-lazy-srcset='lazy.jpg 300w, big.jpg 800w'>", "big.jpg"),
        ("<img src=a-1.jpg data-orig-file=full.jpg srcset='a-1.jpg 1w'>", "full.jpg"),
        ("<img src=a.jpg srcset='c_fill,w_100/x.jpg 100w, c_fill,w_900/x.jpg 900w'>", "c_fill,w_900/x.jpg"),
    ],
)
def test_image_sources_begin_with_the_largest(markup: str, first: str) -> None:
    img = soup(markup).img
    assert img is not None
    assert html.image_sources(img)[0] == first


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        ("text/html; charset=utf-8", b"<p>x", True),
        ("", b"\xef\xbb\xbf \n<html>", True),
        ("application/xhtml+xml", b"<html>", True),
        ("text/html", b"\xff\xd8\xff\xe0JFIF", False),
        ("image/jpeg", b"<html>not found", False),
        ("application/pdf", b"%PDF-1.4", False),
        ("", b"plain words", False),
        ("text/html", b"  ", False),
    ],
)
def test_is_html(kind: str, body: bytes, wanted: bool) -> None:
    assert html.is_html(Page("http://h.test/", body, {"content-type": kind} if kind else {})) is wanted
