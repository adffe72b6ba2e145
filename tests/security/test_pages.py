"""Pages that are meant to choke the reader: too many tags, too deep, too many links, encodings nobody uses, endless sites."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

SAFE = ("", "too_large", "not_a_page")
"""A page is read within the limits on memory and time, or it is not read."""


def page(attack: Any, serve: Any, body: bytes, kind: str = "text/html", **options: Any) -> Any:
    """Scrape a page."""
    attack.on("/page", serve.says(body, kind))
    return attack.run("/page", commands=["scrape"], **options)


TAGS = {
    "bold": b"<b>",
    "links": b"<a href=x>",
    "pictures": b"<img src=/honest.png>",
    "closing": b"</b>",
    "comments": b"<!---->",
    "declarations": b"<!x>",
    "angle-brackets": b"<",
    "entities": b"&amp;",
    "null-entities": b"&#0;",
    "tables": b"<table><tr><td>",
    "options": b"<option>",
    "attributes": b"<p a b c d e f>",
    "breaks": b"<br>",
    "spaces": b" ",
    "line-breaks": b"\n",
}


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_nine_megabytes_of_one_tag(attack: Any, serve: Any, bombs: Any, tag: bytes) -> None:
    outcome = page(attack, serve, b"<p>" + bombs.tags(tag, 9))
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 20


def test_a_page_just_below_the_cap_on_tags(attack: Any, serve: Any) -> None:
    """The worst page that is read."""
    most = attack.default_limits.page_tags - 10
    outcome = page(attack, serve, b"<p>" + b"<a b=c>x" * most)
    assert outcome.error("/page") == ""


def test_two_hundred_thousand_nested_tags(attack: Any, serve: Any) -> None:
    assert page(attack, serve, b"<div>" * 200_000).error("/page") in SAFE


def test_nested_below_the_cap(attack: Any, serve: Any) -> None:
    assert page(attack, serve, b"<div>" * 40_000 + b"<img src=/honest.png>").error("/page") == ""


@pytest.mark.parametrize(
    "tag", [b"<b>", b"<font>", b"<a>", b"<table>", b"<nobr>", b"<form>", b"<p><b>", b"<select><option>", b"<svg><g>"], ids=bytes.decode
)
def test_mis_nested_tags(attack: Any, serve: Any, tag: bytes) -> None:
    """Repairing these costs a tree builder the square of their number, or more."""
    outcome = page(attack, serve, (tag * 3 + b"</p></div>x") * 3_000)
    assert outcome.error("/page") == ""
    assert outcome.commands[0].cpu < 20


def test_a_tag_with_a_hundred_thousand_attributes(attack: Any, serve: Any) -> None:
    outcome = page(attack, serve, b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">")
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 20


@pytest.mark.parametrize("between", [b"/", b"\n", b"\x0c", b"=", b"='x'"], ids=["slash", "line-break", "form-feed", "equals", "value"])
def test_a_tag_with_attributes_parted_by_something_else(attack: Any, serve: Any, between: bytes) -> None:
    """Each attribute may be compared with all before it."""
    outcome = page(attack, serve, b"<p " + b"".join(b"a%d" % number + between for number in range(60_000)) + b">")
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 20


def test_four_hundred_thousand_attributes_over_many_tags(attack: Any, serve: Any) -> None:
    tag = b"<p " + b" ".join(b"a%d=1" % n for n in range(100)) + b">"
    outcome = page(attack, serve, tag * 4_000)
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 20


def test_an_attribute_of_nine_megabytes(attack: Any, serve: Any) -> None:
    outcome = page(attack, serve, b'<img src="' + b"x" * 9_000_000 + b'">')
    assert outcome.error("/page") in SAFE


@pytest.mark.parametrize(
    "value",
    [b"a" * 400_000 + b" b", b"a, " * 100_000, b"a 1w," * 100_000, b"," * 400_000, b" " * 400_000 + b"x", b"a 1" + b"0" * 400_000 + b"w"],
    ids=["long-name", "short-names", "many", "commas", "spaces", "digits"],
)
def test_a_hostile_srcset(attack: Any, serve: Any, value: bytes) -> None:
    outcome = page(attack, serve, b'<img srcset="' + value + b'">')
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 10


def test_a_page_with_a_million_links(attack: Any, serve: Any) -> None:
    body = b"".join(b"<a href=%x>" % number for number in range(700_000))
    outcome = page(attack, serve, body)
    assert outcome.error("/page") in SAFE
    assert len(attack.server.visits) < 100


def test_an_endless_calendar(attack: Any, serve: Any) -> None:
    """Each page links to the next day, for ever."""
    attack.on("/day", lambda visit: serve.says(b'<a href="/day?%d">tomorrow</a>' % (int(visit.path.partition("?")[2] or 0) + 1))(visit))
    outcome = attack.run("/day", settings="max_pages = 40", commands=["scrape"])
    assert attack.server.asked("/honest") == 1
    assert 20 < sum(path.startswith("/day") for path, _ in attack.server.visits) <= 40
    assert "max_pages" in outcome.commands[0].err


def test_a_calendar_that_doubles(attack: Any, serve: Any) -> None:
    """Each page links to a thousand others: the queue must not eat the memory before the cap on pages is reached."""

    def year(visit: Any) -> None:
        here = visit.path.partition("?")[2] or "0"
        serve.says(b"".join(f'<a href="/year?{here}-{day}">{day}</a>'.encode() for day in range(1000)))(visit)

    attack.on("/year", year)
    outcome = attack.run("/year", settings="max_pages = 12", commands=["scrape"])
    assert sum(path.startswith("/year") for path, _ in attack.server.visits) <= 12
    assert outcome.commands[0].cpu < 20


SLOW_TO_SEARCH = {
    "metas": b"<meta " * 80_000 + b"x" * 9_000_000,
    "metas-of-attributes": b"<meta x='" * 50_000,
    "scripts": b"<script " * 90_000,
    "comments": b"<!--" * 90_000,
    "quotes": b"<p x='" * 90_000,
    "equals": b"<p " + b"= " * 2_000_000,
    "slashes": b"</" * 90_000,
    "xml": b"<?xml " + b"encoding " * 500_000,
}


@pytest.mark.parametrize("name", SLOW_TO_SEARCH)
def test_a_page_that_is_slow_to_search(attack: Any, serve: Any, name: str) -> None:
    """What looks for an encoding or an opt-out before the page is parsed must not look at each byte twice."""
    outcome = page(attack, serve, SLOW_TO_SEARCH[name])
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 10


def test_a_megabyte_of_words_for_each_of_many_pictures(attack: Any, serve: Any, bombs: Any) -> None:
    """One page, one picture, three hundred addresses of it: its words must not be kept three hundred times at full length."""
    attack.on("/picture.png", serve.says(bombs.drawing(), "image/png"))
    pictures = b"".join(b"<img src=/picture.png?%d>" % number for number in range(300))
    attack.on("/page", serve.says(b"<title>" + b"title " * 200_000 + b"</title>" + b"text " * 200_000 + pictures))
    outcome = attack.run("/page")
    assert len(outcome.table("sightings")) > 300
    assert (outcome.dataset / "catalog.sqlite").stat().st_size < 10_000_000


def test_a_page_of_endless_pictures(attack: Any, serve: Any, bombs: Any) -> None:
    """Ten thousand addresses of one picture."""
    attack.on("/picture.png", serve.says(bombs.drawing(), "image/png"))
    outcome = page(attack, serve, b"".join(b"<img src=/picture.png?%d>" % number for number in range(300)))
    assert len(outcome.table("items")) == 2
    assert outcome.commands[0].cpu < 30


CHARSETS = {
    "ebcdic": ("cp037", ("<b>" * 1_000_000).encode("cp037")),
    "utf-7": ("utf-7", b"+ADw-b+AD4-" * 800_000),
    "utf-16-undeclared": ("", "<b>".encode("utf-16-le") * 1_500_000),
    "utf-16-with-mark": ("", b"\xff\xfe" + "<b>".encode("utf-16-le") * 1_500_000),
    "utf-32": ("utf-32", ("<b>" * 700_000).encode("utf-32")),
    "punycode": ("punycode", b"<p>" + b"a-" * 3_000_000),
    "idna": ("idna", b"<p>" + b"xn--a." * 1_500_000),
    "unicode-escape": ("unicode_escape", rb"\x3cb\x3e" * 1_000_000),
    "raw-unicode-escape": ("raw_unicode_escape", rb"\u003cb\u003e" * 700_000),
    "zlib": ("zlib_codec", __import__("zlib").compress(b"<b>" * 30_000_000)),
    "bz2": ("bz2_codec", __import__("bz2").compress(b"<b>" * 30_000_000)),
    "hex": ("hex_codec", b"3c623e" * 1_000_000),
    "base64": ("base64_codec", b"PGI+" * 2_000_000),
    "rot13": ("rot_13", b"<o>" * 1_000_000),
    "iso-2022": ("iso2022_jp_ext", b"\x1b$B" * 3_000_000),
    "iso-2022-escapes": ("iso-2022-kr", b"\x1b$)C\x0e\x0f" * 1_000_000),
    "hz": ("hz", b"~{~}" * 2_000_000),
    "nonsense": ("\x1b[31mnonsense", b"<p>hello"),
    "path": ("../../../etc/passwd", b"<p>hello"),
    "a-kilobyte": ("x" * 1000, b"<p>hello"),
    "undefined": ("undefined", b"<p>hello"),
    "undecodable": ("utf-8", b"<p>" + bytes(range(128, 256)) * 30_000),
    "undeclared-and-undecodable": ("", b"<p>" + b"\x81\x8d\x8f\x90\x9d\xff" * 600_000),
    "half-and-half": ("", b"<p>" + b"plain text " * 200_000 + b"\x81\x8d\xff\xfe" * 500_000),
}


@pytest.mark.parametrize("name", CHARSETS)
def test_an_encoding_that_hides_or_hurts(attack: Any, serve: Any, name: str) -> None:
    charset, body = CHARSETS[name]
    outcome = page(attack, serve, body, f"text/html; charset={charset}" if charset else "text/html")
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 20


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "cp037", "zlib_codec", "unicode_escape"])
def test_an_encoding_that_the_page_declares(attack: Any, serve: Any, charset: str) -> None:
    outcome = page(attack, serve, f'<meta charset="{charset}">'.encode() + b"a-" * 2_000_000)
    assert outcome.error("/page") in SAFE
    assert outcome.commands[0].cpu < 20


BODIES = {
    "empty": b"",
    "null-bytes": b"<p>\0\0\0<img src=/honest.png\0>",
    "control-characters": b"<p>" + bytes(range(1, 32)) * 100 + b"<img src=/honest.png>",
    "billion-laughs": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><a>&m;</a>",
    "external-entity": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external-entity-by-http": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a>x</a>',
    "include": b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
    "stylesheet": b'<?xml-stylesheet href="file:///etc/passwd"?><p>x',
    "frameset": b"<frameset><frame src=javascript:alert(1)><frame src=file:///etc/passwd></frameset>",
    "base-of-another-scheme": b"<base href=javascript:x><a href=y>z</a><img src=w>",
    "base-of-another-host": b"<base href=//169.254.169.254/><a href=y>z</a><img src=w>",
    "refresh-to-a-file": b'<meta http-equiv=refresh content="0;url=file:///etc/passwd">',
    "refresh-to-itself": b'<meta http-equiv=refresh content="0;url=/refresh-to-itself">',
    "picture-is-the-page": b"<img src=/picture-is-the-page><img src=''><img src=#><img src=?>",
    "unclosed-everything": b"<html><head><title>x<script><style><!--<p>",
    "script-without-end": b"<script>" + b"x" * 100_000,
    "comment-without-end": b"<!--" + b"-" * 1_000_000,
    "surrogates": b"<title>\xed\xa0\x80</title><img src=/honest.png alt='&#xd800;&#55357;\xed\xbf\xbf'>",
    "characters-beyond": b"<title>&#x110000;&#x7fffffff;&#99999999999999999999;&#-1;</title><img src=/honest.png>",
    "data-picture": b"<img src=data:image/png;base64," + b"A" * 1_000_000 + b">",
    "unknown-scheme": b"<img src=blob:x><img src=about:blank><img src=chrome://x><img src=\\\\host\\share\\x.png>",
}


@pytest.fixture(scope="module")
def bodies(attack_together: Any, serve: Any) -> Any:
    for name, body in BODIES.items():
        attack_together.on(f"/{name}", serve.says(body))
    return attack_together.run(*(f"/{name}" for name in BODIES))


@pytest.mark.parametrize("name", BODIES)
def test_a_strange_page(bodies: Any, name: str) -> None:
    assert bodies.error(f"/{name}", "page") in ("", "not_a_page")


def test_a_strange_page_leads_nowhere_else(bodies: Any) -> None:
    assert {host for host, _ in bodies.connections} == {"127.0.0.1"}
    assert len({port for _, port in bodies.connections}) == 1
    assert not any("root:" in row["text"] + row["title"] for row in bodies.table("sightings"))


def test_titles_no_database_can_hold(attack: Any, serve: Any, bombs: Any) -> None:
    """A lone surrogate: JSON can write one, UTF-8 cannot."""
    attack.on(
        "/api",
        serve.says(
            b'[{"image_url": "http://127.0.0.1:%d/a.png", "title": "\\ud800", "fields": {"a": "\\udfff"},'
            b' "text": "\\udead", "license": "\\ud83d", "credit": "\\ud800"}]' % attack.server.port,
            "application/json",
        ),
    )
    attack.on("/a.png", serve.says(bombs.drawing((90, 90)), "image/png"))
    outcome = attack.run("/api")
    assert outcome.error("/a.png") == ""
    assert len(outcome.table("items")) == 2


def test_an_address_no_database_can_hold(attack: Any, serve: Any) -> None:
    attack.on(
        "/api",
        serve.says(
            b'[{"image_url": "http://127.0.0.1:%d/\\ud800.png", "fallbacks": ["\\udfff"]}]' % attack.server.port, "application/json"
        ),
    )
    attack.run("/api")


def test_endless_pages_one_after_another(attack: Any, serve: Any) -> None:
    """Many pages of nearly the largest size: memory must be given back between them."""
    numbers = itertools.count()
    body = b"<p>" + b"x" * 4_000_000
    attack.on("/big", lambda visit: serve.says(body + b"%d" % next(numbers))(visit))
    outcome = attack.run(*(f"/big?{number}" for number in range(12)), commands=["scrape"])
    assert outcome.error("/big?11") == ""
