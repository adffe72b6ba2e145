"""Whatever bytes a site calls a page: the soup, and all that reads it, ends soon and raises nothing."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sources import html
from sources.base import Page
from sources.html import Line
from sources.labels import Labels, field_name
from sources.soup import parsed

SECONDS = 2.0
"""Processor time that 30 KB may take; what looks at each byte once for every other takes far more."""

LENGTH = 30_000

LABELS = Labels(["Model number", "Unit type", "Armor materials", "Pilot(s)", "Height", "Type"])

PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<br>", "<td>", "<tr>", "<table>", "</table>", "<dl><dt>", "<dd>", "<pre>", "\n", " ", "\t", "\xa0"),
    *(
        "Unit type",
        "Model number:",
        "Armour",
        "armor",
        ":",
        " - ",
        "mobile suit",
        "\uff1a",
        "(s)",
        "Pilot",
        "é",
        "\x92",
        "\u200b",
        "\ud7ff",
    ),
    *("<a href=x>", "<a href='//y/z'>", "<a href=javascript:x>", "</a>", "<base href='http://x/y/'>", "<base href=':'>", "<area href=#>"),
    *(
        "<img src=a.png>",
        "<img srcset='a 1x, b 2x'>",
        "<img data-src=c srcset=' , ,'>",
        "<img>",
        "<input type=radio value=a>",
        "<input type=RADIO>",
    ),
    *(
        "<meta http-equiv=refresh content='0;url=q'>",
        "<meta charset=utf-16>",
        "<meta http-equiv=refresh>",
        "<frame src=f>",
        "<iframe src=i>",
    ),
    *(
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<style>",
        "<svg>",
        "<title>",
        "</title>",
        "<![CDATA[",
        "]]>",
        "<?xml version='1'?>",
        "<!DOCTYPE x>",
    ),
    *("&amp;", "&#0;", "&#xd800;", "&#99999999;", "&nosuch;", "\0", "\x01", "\ufeff", "\ufffe", "<", ">", '"', "'", "=", "/"),
]

CHARSETS = st.sampled_from(
    [
        *(
            "utf-8",
            "UTF8",
            "latin-1",
            "windows-1252",
            "utf-16",
            "utf-16le",
            "utf-7",
            "shift_jis",
            "gb2312",
            "big5",
            "euc-kr",
            "iso-2022-jp",
        ),
        *(
            "punycode",
            "idna",
            "unicode_escape",
            "zlib",
            "hex",
            "rot13",
            "undefined",
            "cp037",
            "nosuch",
            "",
            '"',
            "utf-8\x00",
            "../x",
            "x" * 300,
        ),
    ]
)


@contextmanager
def quick() -> Iterator[None]:
    """Fails if the block takes long, or says something to the terminal."""
    began = time.process_time()
    with warnings.catch_warnings(record=True) as said:
        # The program silences these for good; pytest undoes that for each test. tests/security looks at the terminal itself.
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        yield
    assert not said, said[0].message
    assert time.process_time() - began < SECONDS


def read_all(page: Page) -> None:
    """Everything that sources do with a page."""
    html.is_html(page)
    soup = page.soup
    assert isinstance(soup, BeautifulSoup)
    lines = html.lines(soup)
    assert html.text(soup) == " ".join(line.text for line in lines if line.text)
    for pair in LABELS.pairs(lines):
        assert pair.name
        assert pair.value
    base = html.base_url(soup, page.url)
    for reference in html.links(soup):
        html.absolute(base, reference)
    for img in soup.find_all("img"):
        html.image_sources(img)
    html.radios(soup)
    skip = frozenset(id(tag) for tag in soup.find_all(["p", "td"]))
    html.lines(soup, skip)
    list(html.links(soup, skip))


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.none() | CHARSETS)
@example(["<p>", "&#xd800;"], "utf-16")
def test_any_markup(pieces: list[str], charset: str | None) -> None:
    body = "".join(pieces).encode("utf-8", "surrogatepass")
    headers = {} if charset is None else {"content-type": f"text/html; charset={charset}"}
    with quick():
        read_all(Page("http://a.test/b/c", body, headers))


@given(st.binary(max_size=400), st.none() | CHARSETS, st.sampled_from(["text/html", "application/json", "", "TEXT/HTML;;charset=", "\x00"]))
@example(b"\xff\xfe<\x00", None, "text/html")
@example(b"\xed\xa0\x80", "utf-8", "text/html")
def test_any_bytes(body: bytes, charset: str | None, kind: str) -> None:
    headers = {"content-type": kind if charset is None else f"{kind}; charset={charset}"}
    with quick():
        read_all(Page("http://a.test/b/c", body, headers))


@given(st.sampled_from(PIECES), st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.sampled_from(PIECES))
def test_one_thing_again_and_again(before: str, unit: list[str], after: str) -> None:
    """30 KB of one short piece: what looks at each byte twice shows."""
    pumped = "".join(unit)
    body = (before + pumped * (LENGTH // len(pumped)) + after).encode("utf-8", "surrogatepass")
    assume(body.count(b"<") < 5_000)  # a fetcher lets no more through, in proportion
    with quick():
        read_all(Page("http://a.test/b/c", body))


@given(st.text("ab ,1wx.\t/:?#%\\é\ud800", min_size=1, max_size=6), st.text("ab ,1wx.\t", max_size=6))
@example("a", " b")
@example("a 1w,", "")
def test_a_long_attribute(unit: str, after: str) -> None:
    value = unit * (2 * LENGTH // len(unit)) + after
    tag = parsed("<img>").img
    assert tag is not None
    for name in ("srcset", "data-srcset", "src", "data-lazy-src"):
        tag[name] = value
    with quick():
        html.image_sources(tag)
        html.absolute("http://a.test/", value)
        html.is_picture(value)
        html.squeeze(value)
        field_name(value)


@given(st.text(max_size=60))
@example("a 1x, b 2x")
@example("a,b 1w,c")
def test_a_srcset_gives_addresses_without_blanks(value: str) -> None:
    tag = parsed("<img>").img
    assert tag is not None
    tag["srcset"] = value
    for url in html.image_sources(tag):
        assert url
        assert not any(letter.isspace() for letter in url)
        assert url in value


URLS = st.text(max_size=60) | st.text("http:/ab.c?#%[]@\\\t\n é\ud800٣", max_size=40)


@given(URLS, URLS)
@example("http://a.test/", "http://[")
@example("http://a.test/", "http://a:99999/")
@example("http://a.test/", "//\ud800/")
@example("http://a.test/\ud800", "\udfff")
@example("http://a//b", "//c//d")
@example("", "http://a.test/\ue000")
def test_an_absolute_address(base: str, reference: str) -> None:
    with quick():
        found = html.absolute(base, reference)
    if found is None:
        return
    assert found.startswith(("http://", "https://"))
    assert urlsplit(found).hostname
    assert found.encode("utf-8", "strict")
    assert html.absolute("http://elsewhere.test/", found) == found


RUNS = st.lists(st.tuples(st.text("Unit type:-\uff1a a\nmodel number armoury(s)1.", max_size=30), st.booleans()), max_size=6)


@given(st.lists(st.builds(lambda runs, block: Line(tuple(runs), block), RUNS, st.integers(0, 3)), max_size=12))
def test_labels_of_any_lines(lines: list[Line]) -> None:
    with quick():
        found = LABELS.pairs(lines)
    assert all(pair.name == field_name(pair.name.replace("_", " ")) for pair in found)
    assert all(pair.value == html.squeeze(pair.value) for pair in found)


@pytest.mark.parametrize(
    "unit", ["Unit type ", "Unit type:", "model ", "model-", "armor\n", "Model number : ", "a:", "- ", "(s)", " ", "Type - Type: "]
)
@pytest.mark.parametrize("strong", [False, True])
def test_labels_of_a_long_line(unit: str, strong: bool) -> None:
    with quick():
        LABELS.pairs([Line(((unit * (LENGTH // len(unit)), strong), ("x", False)), 0)])


@pytest.mark.parametrize("count", [20_000])
def test_labels_of_many_runs(count: int) -> None:
    with quick():
        LABELS.pairs([Line(tuple((f"Unit type{':' * (number % 2)} ", number % 3 == 0) for number in range(count)), 0)])
