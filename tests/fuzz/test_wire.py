"""What comes over the wire before it is a page or a picture: codings, header values, robots.txt, opt-outs."""

from __future__ import annotations

import gzip
import json
import math
import time
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from protego import Protego

from pipeline.fetch import optout, reading
from pipeline.fetch.coding import Decoder
from pipeline.fetch.limits import retry_after
from pipeline.fetch.reading import Reply
from pipeline.fetch.result import BROKEN, NOT_A_PAGE, REDIRECTS, TOO_LARGE, Failed
from pipeline.fetch.rules import Site

CAP = 5_000
NAMES = st.sampled_from(
    ["gzip", "x-gzip", "deflate", "identity", "", "br", "GZIP", "gzip, gzip", "deflate, gzip", "gzip,,", "\x00", "gzip " * 50]
)


def decoded(data: bytes, name: str, sizes: list[int]) -> bytes:
    """Through a decoder, in pieces of these sizes."""
    decoder = Decoder(name, CAP)
    out, at = b"", 0
    for size in [*sizes, len(data)]:
        for piece in decoder.feed(data[at : at + size]):
            out += piece
            assert len(out) <= CAP
        at += size
    decoder.end()
    return out


@given(st.binary(max_size=300), NAMES, st.lists(st.integers(0, 50), max_size=6))
@example(b"", "gzip", [])
@example(b"\x1f", "gzip", [])
@example(b"\x78", "deflate", [1])
@example(b"\0", "deflate", [])
def test_any_bytes_in_any_coding(data: bytes, name: str, sizes: list[int]) -> None:
    try:
        decoded(data, name, sizes)
    except Failed as failure:
        assert failure.error in (BROKEN, TOO_LARGE)


@given(st.binary(max_size=2_000), st.lists(st.integers(0, 200), max_size=8), st.data())
def test_damaged_gzip(body: bytes, sizes: list[int], data: st.DataObject) -> None:
    packed = bytearray(gzip.compress(body) + (gzip.compress(body) if data.draw(st.booleans()) else b""))
    for at in data.draw(st.lists(st.integers(0, len(packed) - 1), max_size=4)):
        packed[at] = data.draw(st.integers(0, 255))
    try:
        decoded(bytes(packed), "gzip", sizes)
    except Failed as failure:
        assert failure.error in (BROKEN, TOO_LARGE)


@given(st.binary(max_size=CAP), st.lists(st.integers(0, 200), max_size=8), st.sampled_from(["gzip", "deflate", "raw"]))
def test_however_it_is_cut_the_body_comes_out(body: bytes, sizes: list[int], coding: str) -> None:
    raw = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body), "raw": raw.compress(body) + raw.flush()}[coding]
    if coding == "raw" and packed[0] & 0x0F == 8:
        return  # looks like the wrapped form; nobody can tell
    assert decoded(packed, "gzip" if coding == "gzip" else "deflate", sizes) == body


@pytest.mark.parametrize("times", [2, 100])
def test_no_coding_makes_more_than_the_cap(times: int) -> None:
    with pytest.raises(Failed) as caught:
        decoded(gzip.compress(bytes(CAP * times)), "gzip", [])
    assert caught.value.error == TOO_LARGE


@given(
    st.text(max_size=60) | st.from_regex(r"[0-9.eE+:, A-Za-z-]{0,40}", fullmatch=True) | st.datetimes().map(str) | st.none(),
    st.floats(0, 1e12),
)
@example("9" * 5000, 0.0)
@example("1e400", 0.0)
@example("Fri, 31 Dec 9999 23:59:59 GMT", 0.0)
@example("Fri, 31 Dec 9999 23:59:59 -2359", 0.0)
@example("Mon, 01 Jan 0001 00:00:00 +2359", 0.0)
@example("\u0663", 0.0)
@example("31 Dec 1969 99999999999:00", 0.0)
def test_a_pause_asked_for(value: str | None, now: float) -> None:
    seconds = retry_after(value, now)
    assert seconds is None or seconds >= 0
    assert seconds is None or not math.isnan(seconds)


@given(st.text(max_size=40) | st.characters(codec="latin-1").map(lambda letter: f"text/{letter}"))
def test_any_content_type(kind: str) -> None:
    try:
        reading.expect_text({"content-type": kind})
    except Failed as failure:
        assert failure.error == NOT_A_PAGE
        assert failure.detail.isprintable()


@given(st.text(max_size=60))
def test_any_redirect_target(location: str) -> None:
    try:
        assert reading.target(Reply(302, {"location": location})).isascii()
    except Failed as failure:
        assert failure.error == REDIRECTS


LINES = ["User-agent: *", "User-agent: art-pipeline", "Disallow: /", "Disallow: /a*b$", "Allow: /a", "Crawl-delay: 1", "Crawl-delay: nan"]
LINES += [
    "Crawl-delay: 1e999",
    "Request-rate: 1/0",
    "Sitemap: x",
    "Content-Usage: train-ai=n",
    "Content-Signal: ai-train=no",
    "#",
    ":",
    "\ufeff",
]
WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)  # what was bytes holds no halves of characters
ROBOTS = st.lists(st.sampled_from(LINES) | WORD, max_size=12).map("\n".join) | st.binary(max_size=300).map(
    lambda data: data.decode("utf-8-sig", "replace")
)
PATHS = st.text("/ab%?*$", max_size=30)


@given(ROBOTS, PATHS)
@example("User-agent: *\nCrawl-delay: \u0663", "/")
@example("User-agent: *\nRequest-rate: 9/0", "/")
@example("User-agent: *\nVisit-time: 9999-9999", "/")
def test_any_robots_txt(text: str, path: str) -> None:
    site = Site("art-pipeline", Protego.parse(text), optout.RobotsUsage.parse(text, "art-pipeline"), optout.TdmRep.parse(b""))
    site.allows(f"http://a.test{path}")
    assert 0 <= site.crawl_delay < math.inf
    for signal in site.signals(f"http://a.test{path}"):
        assert signal.value.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["location", "tdm-reservation", "tdm-policy", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON | st.binary(max_size=100), PATHS)
@example([{"location": "\ud800", "tdm-reservation": 1, "tdm-policy": "\ud800"}], "/")
def test_any_tdmrep(document: object, path: str) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    for signal in optout.TdmRep.parse(body).signals(path):
        signal.value.encode()
        assert signal.value.isprintable()


WORDS = [
    "noai",
    "noimageai",
    "noindex",
    "none",
    "all",
    "art-pipeline:",
    "otherbot:",
    "unavailable_after:",
    ",",
    ";",
    "train-ai=n",
    "ai=y",
    "(",
    ")",
    "1",
    "0",
]


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=10).map(" ".join))
def test_any_opt_out(text: str) -> None:
    headers = dict.fromkeys(("x-robots-tag", "content-usage", "content-signal", "tdm-reservation"), text)
    page = "".join(
        f'<meta name="{name}" http-equiv="{name}" content="{text}">'
        for name in ("robots", "art-pipeline", "x-robots-tag", "tdm-reservation")
    )
    for signal in [*optout.in_headers(headers, "art-pipeline"), *optout.in_page(page.encode("utf-8", "replace"), "art-pipeline")]:
        assert signal.name
        assert signal.value.isprintable()
        signal.value.encode()


UNITS = [
    b"<meta ",
    b"<meta x='",
    b"<",
    b"<!--",
    b"<script>",
    b"<p x=",
    b'<p x="',
    b"</",
    b"<meta name=robots content=noai>",
    b"<title>",
    b"<a b>",
    b"\xff",
    b"= ",
]


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from([b"", b">", b"'", b"-->"]))
def test_opt_outs_of_one_thing_again_and_again(first: bytes, second: bytes, after: bytes) -> None:
    unit = first + second
    began = time.process_time()
    optout.in_page(unit * (100_000 // len(unit)) + after, "art-pipeline")
    assert time.process_time() - began < 2
