from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.metas import LONGEST, MOST, metas

SIGN = "<meta name=robots content=noai>"


def found(page: str | bytes) -> list[dict[str, str]]:
    return list(metas(page.encode() if isinstance(page, str) else page))


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="robots" content="noai">',
        "<meta name='robots' content='noai'/>",
        "<META NAME=robots CONTENT=noai>",
        '<meta content="noai" name="robots" />',
        '<meta\n\tname = "robots"\r\n content\n=\n"noai"\f>',
        '<meta/name="robots"/content="noai">',
        '<meta name="robots" content="no&#97;i">',
        '<meta name="&#114;obots" content="noai">',
        '<meta data-x=">" name="robots" content="noai">',
        '<meta name="robots"content="noai">',
        '<meta name="robots" content="noai" name="viewport" content="">',
        '<meta property=a\'b name="robots" content="noai">',
        "<meta name=robots content=noai\n>",
    ],
)
def test_one_tag_in_many_spellings(tag: str) -> None:
    ((attributes),) = found(f"<!doctype html><html><head><title>x</title>{tag}</head>")
    assert {name: attributes[name] for name in ("name", "content")} == {"name": "robots", "content": "noai"}


HIDDEN = [
    f"<!-- {SIGN} -->",
    f"<!--{SIGN}--!>",
    f"<!--[if IE]>{SIGN}<![endif]-->",
    f"<!-- > -> -- {SIGN} -->",
    f"<script>document.write('{SIGN}')</script>",
    f"<SCRIPT type=x>if (a < b) '{SIGN}' </script >",
    f"<style>/* {SIGN} */</style>",
    f"<title>{SIGN}</title>",
    f"<textarea rows=2>{SIGN}</textarea>",
    f"<iframe>{SIGN}</iframe>",
    f'<p title="{SIGN}">',
    f"<p title='{SIGN}'>",
    "<metadata name=robots content=noai>",
    "</meta name=robots content=noai>",
    "<? meta name=robots content=noai ?>",
    "< meta name=robots content=noai>",
    "&lt;meta name=robots content=noai&gt;",
    f"<script><a></scripty>{SIGN}</script>",
]
PLAIN = [
    "",
    "text 3 < 4 & so",
    "<p>",
    "</p>",
    "<!-->",
    "<!--->",
    "<!---->",
    "<br/>",
    "<a href=x?a<b>",
    '<p a="\'">',
    "</ >",
    "<>",
    "<!>",
    "<a b=c'd>",
]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_no_tag_does_not_count(hidden: str) -> None:
    assert found(hidden) == []
    assert found(SIGN + hidden + SIGN) == [{"name": "robots", "content": "noai"}] * 2


@pytest.mark.parametrize("plain", PLAIN)
def test_what_is_harmless_hides_nothing(plain: str) -> None:
    assert found(SIGN + plain + SIGN) == [{"name": "robots", "content": "noai"}] * 2


@given(st.lists(st.sampled_from([*HIDDEN, *PLAIN, SIGN]), max_size=12))
def test_any_mixture_shows_the_true_tags(pieces: list[str]) -> None:
    assert len(found("".join(pieces))) == pieces.count(SIGN)


@pytest.mark.parametrize("opened", ["<!--", "<script>", "<title>", "<p title='", "<plaintext>", "<a", "<!"])
def test_what_never_ends_hides_the_rest(opened: str) -> None:
    ends = {"<p title='": "'", "<a": " ", "<!": ""}
    assert found(SIGN + opened + " x" + ends.get(opened, "")) == [{"name": "robots", "content": "noai"}]
    if opened not in ends:
        assert len(found(SIGN + opened + SIGN)) == 1


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "shift_jis", "gb18030", "big5", "cp1251"]
)
def test_any_encoding(encoding: str) -> None:
    text = "日本" if encoding in ("shift_jis", "gb18030", "big5") else "é" if encoding != "cp1251" else "я"
    assert len(found(f"<!doctype html><p>{text}</p>{SIGN}".encode(encoding))) == 1


def test_a_long_value_and_a_long_page_are_cut() -> None:
    ((attributes),) = found(f'<meta name=robots content="{"x" * 10_000}">')
    assert len(attributes["content"]) == LONGEST
    assert len(found(SIGN * (MOST + 5))) == MOST


@given(st.binary(max_size=200))
def test_any_bytes_are_read(body: bytes) -> None:
    found(b"<meta x>" + body)


ALPHABET = st.sampled_from([b"<", b">", b"/", b"!", b"-", b"=", b'"', b"'", b" ", b"meta", b"script", b"title", b"a", b"&", b"\0", b"\xff"])


@given(st.lists(ALPHABET, max_size=60))
def test_any_tokens_are_read(tokens: list[bytes]) -> None:
    found(b"<meta x>" + b"".join(tokens))


UNITS = [
    b"<",
    b"<a>",
    b'<a b="',
    b"<a b='\"",
    b"<!--",
    b"<!-->",
    b"<!-- -",
    b"<!>",
    b"<?",
    b"</",
    b"<script>",
    b"<script></script>",
    b"<title></titl",
]
UNITS += [
    b"<meta ",
    b'<meta x="',
    b"<meta x='y' ",
    b"<p =",
    b"<p ='",
    b"a=",
    b"&#",
    b"<meta content='&amp",
    b"<textarea",
    b"</script",
    b"\0<",
]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_pages_take_linear_time(unit: bytes) -> None:
    body = b"<meta x>" + unit * (400_000 // len(unit))
    begun = time.perf_counter()
    list(metas(body))
    assert time.perf_counter() - begun < 2  # a second look at every byte from every byte would take minutes


@pytest.mark.skipif("ART_PAGES" not in os.environ, reason="ART_PAGES names no folder of real pages")
def test_real_pages_read_as_a_parser_reads_them() -> None:
    for path in sorted(Path(os.environ["ART_PAGES"]).glob("*.html")):
        body = path.read_bytes()
        soup = BeautifulSoup(body, "html.parser")
        assert [tag.get("content") or "" for tag in soup.find_all("meta", attrs={"name": "robots"})] == [
            tag["content"] for tag in metas(body) if tag.get("name", "").lower() == "robots"
        ], path.name
