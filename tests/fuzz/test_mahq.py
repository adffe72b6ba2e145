"""The mahq source on pages that were changed at random, and on pages of one thing again and again."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sources.base import Page, WebsiteSettings
from sources.mahq import Mahq

START = "http://a.test/mecha/gundam/index.htm"

# hand-built
INDEX = b"""<html><body><td class="shadow-horizontal"><a href="ms/index.htm">series</a></td></body></html>"""
SERIES = b"""<html><title>MAHQ | Series</title><body><p class="mahqbody">
<a href="rx-78.htm">RX-78</a><a href="RX-78.HTM#a">again</a></p></body></html>"""
UNIT = b"""<html><head><title>RX-78 - MAHQ</title></head><body><nav class="menu"><a href="../index.htm">back</a></nav>
<span class="mahqtitle"><strong><u>RX-78-2 Gundam</u></strong></span><img src="spacer.gif"><img src="rx-78.jpg" width=200 height=300>
<form><input type=radio name=p value="rx-78.jpg" checked>front
<input type=radio name=p value="rx-78-rear.jpg" id=r><label for=r>rear</label></form>
<form class="poll"><input type=radio value=Yes>Yes<input type=radio value=No>No</form>
<p><b>General and Technical Data</b></p><p><b>Model number:</b> RX-78-2<br><b>Code name:</b> Gundam<br>
<b>Unit type:</b> prototype close combat<br>mobile suit<br><b>Armor materials:</b> Luna titanium</p>
<script>document.p.src='rx-78.jpg?1'</script><footer>Original content &copy;2000 to by Accidental Pilot, Inc.</footer></body></html>"""
NEW = b"""<html><body><main class="entry-content"><h1 class="entry-title">RX-78-2</h1><ul><li><strong>Model number:</strong> RX-78-2</li>
<li><strong>Unit type</strong>: mobile suit</li></ul><a href="/wp-content/uploads/a.jpg"><img src="/wp-content/uploads/a-300x300.jpg"
srcset="/wp-content/uploads/a-300x300.jpg 300w, /wp-content/uploads/a.jpg 900w"></a></main></body></html>"""
FRONT = b"""<html><body><main class="entry-content"><a href="/unit/">RX-78-2</a></main></body></html>"""
SITE = {
    "http://a.test/gundammain/": FRONT,
    START: INDEX,
    "http://a.test/mecha/gundam/ms/index.htm": SERIES,
    "http://a.test/mecha/gundam/ms/rx-78.htm": UNIT,
    "http://a.test/unit/": NEW,
}

BITS = [
    *(
        b"<nav>",
        b"</nav>",
        b"<form>",
        b"<td class=menu>",
        b"<div class=sidebar>",
        b"<article>",
        b"<main>",
        b"<table><tr><td>",
        b"</table>",
        b"<p>",
    ),
    *(
        b"<b>Unit type:</b> x",
        b"Model number",
        b"<img src=b.png>",
        b"<img>",
        b"<a href=y.htm>",
        b"<a href=//b.test/>",
        b"<base href=http://b.test/>",
    ),
    *(
        b"<input type=radio value=c>",
        b"<option value=d.png>",
        b"<label for=r>",
        b"<h1>",
        b"<title>",
        b"<!--",
        b"<script>",
        b"<br>",
        b"\xff\xfe",
        b"\0",
    ),
    *(
        b"<a onclick=\"x('y.png?",
        b"&#x110000;",
        b'"',
        b"'",
        b"<",
        b">",
        b"%",
        b"http://[",
        b"\xed\xa0\x80",
        b"<input type=radio id=r value=e.png>",
    ),
]


def walk(pages: dict[str, bytes], start: str = START) -> tuple[int, list[str]]:
    """How many pages were asked for, and the addresses of the pictures."""
    asked: list[str] = []

    def get(url: str) -> Page | None:
        asked.append(url)
        assert len(asked) < 200, "the walk does not end"
        return Page(url, pages[url], {"content-type": "text/html"}) if url in pages else None

    seen = list(Mahq().visit(get, WebsiteSettings(source="mahq", start=start)))
    for one in seen:
        if not one.image_url:  # a unit without a picture
            continue
        assert urlsplit(one.image_url).netloc == "a.test"
        assert one.page_url in asked or one.page_url.partition("?")[0] in asked
        for words in (one.title, one.text, *one.fields.values()):
            words.encode()
    return len(asked), [one.image_url for one in seen if one.image_url]


def test_the_seeds_are_read() -> None:
    """Else there would be nothing to change."""
    _, pictures = walk(SITE)
    assert [url.rpartition("/")[2] for url in pictures] == ["a.jpg", "rx-78.jpg", "rx-78-rear.jpg"]


@given(st.sampled_from(sorted(SITE)), st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 60), st.sampled_from(BITS)), max_size=8))
def test_pages_changed_at_random(url: str, changes: list[tuple[int, int, bytes]]) -> None:
    body = SITE[url]
    for at, cut, bit in changes:
        body = body[: at % (len(body) + 1)] + bit + body[at % (len(body) + 1) + cut :]
    walk({**SITE, url: body})


@given(st.binary(max_size=300))
@example(b"\x1f\x8b")
def test_pages_of_any_bytes(body: bytes) -> None:
    walk(dict.fromkeys(SITE, body))


@given(st.text(max_size=40) | st.text("http:/a.test?#[]@\\%\ud800", max_size=30))
@example("http://[")
@example("http://a.test:99999/")
def test_any_start(start: str) -> None:
    """A start that is no address is a ValueError in words; any other is walked."""
    try:
        walk({}, start)
    except ValueError as error:
        assert "scrape.start" in str(error)
        assert not isinstance(error, UnicodeError)


UNITS = [
    *(
        b"<nav><a href=x>",
        b"<div class=sidebar>",
        b"<div class=menu><b>Type:</b> x",
        b"<article>",
        b"<main>",
        b"<form><input type=radio value=a>",
    ),
    *(
        b"<form></form><input type=radio id=r value=a.png>",
        b"<label for=q>",
        b"<option value=a.png>",
        b"<img src=a.png>",
        b"<a href=b.htm>",
    ),
    *(
        b"<table><tr><td>Model number<td>Unit type",
        b"<p>Model number: x",
        b"<b>Unit type:</b>",
        b"<td class=shadow-horizontal>",
        b"<h1>",
        b"<br>",
    ),
    *(
        b"<a href=c.htm><img src=a.png>",
        b"<tr>",
        b"<dd>",
        b"<input type=radio value=a.png id=r><label for=r>x</label>",
        b"<div id=poll class=vote>",
    ),
]


@pytest.mark.parametrize("unit", UNITS, ids=bytes.decode)
def test_one_thing_again_and_again(unit: bytes) -> None:
    """Twice as much may take about twice as long: a page of 100,000 tags is still read."""
    seconds = []
    for tags in (1_000, 4_000):
        body = UNIT[: UNIT.index(b"<span")] + unit * (tags // max(1, unit.count(b"<"))) + UNIT[UNIT.index(b"<span") :]
        began = time.process_time()
        walk({START: body})
        seconds.append(time.process_time() - began)
    assert seconds[1] < 10 * max(seconds[0], 0.1), seconds


@settings(max_examples=6)
@given(st.sampled_from(["'a.png?", "'.png.png", "'a", 'x("', "'b.jpg'", "(src='"]), st.sampled_from(["", "'", "x"]))
def test_a_long_script(unit: str, after: str) -> None:
    script = "f(" + unit * (60_000 // len(unit)) + after
    began = time.process_time()
    walk({START: UNIT.replace(b"<form>", b'<button onclick="' + script.replace('"', "&quot;").encode() + b'"><form>')})
    assert time.process_time() - began < 2
