from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import html
from sources.base import Page
from sources.encoding import decoded

ODD = {
    "utf-8": b"\xe9",
    "shift_jis": b"\xff",
    "gb2312": b"\xff",
    "big5": b"\xff",
    "euc-jp": b"\xff",
    "euc-kr": b"\xff",
    "windows-1252": b"\x81",
}
"""Of some encodings, a byte that is nothing."""


def saying(charset: str) -> str:
    return f"text/html; charset={charset}"


@pytest.mark.parametrize("declared", ["by the server", "by the page", "not at all"])
@pytest.mark.parametrize("charset", ODD)
def test_an_odd_byte_costs_a_letter_and_not_the_page(charset: str, declared: str) -> None:
    """Parsers give a page up at the first byte that does not fit; a page must not be emptied by one."""
    body = b"<p>before " + ODD[charset] + b" after</p><img src=a.png>"
    if declared == "by the page":
        body = f"<meta charset={charset}>".encode() + body
    soup = Page("http://a.test/", body, {"content-type": saying(charset)} if declared == "by the server" else {}).soup
    assert html.text(soup).startswith("before")
    assert html.text(soup).endswith("after")
    assert soup.img is not None


@pytest.mark.parametrize(
    ("body", "content_type", "wanted"),
    [
        ("é".encode(), "", "é"),
        ("é".encode("latin-1"), "", "é"),
        ("é".encode("latin-1"), saying("utf-8"), "\ufffd"),
        ("é".encode(), saying("latin-1"), "Ã©"),
        ("é".encode(), saying('"UTF-8"; x=y'), "é"),
        ("“x”".encode("cp1252"), saying("iso-8859-1"), "“x”"),
        (codecs.BOM_UTF8 + "é".encode(), saying("latin-1"), "é"),
        (codecs.BOM_UTF16_LE + "é".encode("utf-16-le"), "", "é"),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "", "é"),
        ("ガ".encode("shift_jis"), saying("x-sjis"), "ガ"),
        ("ガ".encode("cp932"), saying("windows-31j"), "ガ"),
        ("é".encode(), saying("no-such-charset"), "é"),
        (b"+ADw-script+AD4-", saying("utf-7"), "+ADw-script+AD4-"),
        (b"a\0b", "", "ab"),
        (b"", "", ""),
    ],
)
def test_as_browsers_read_it(body: bytes, content_type: str, wanted: str) -> None:
    assert decoded(body, content_type) == wanted


def test_the_page_says_it() -> None:
    assert decoded('<meta charset="shift_jis">ガ'.encode("shift_jis")).endswith("ガ")
    assert decoded(b'<meta charset="utf-16">' + "é".encode()).endswith("é")  # a page whose tags could be read is not UTF-16


@given(st.binary(max_size=80), st.text(max_size=20))
def test_any_bytes_and_any_word_of_the_server(body: bytes, charset: str) -> None:
    assert "\0" not in decoded(body, saying(charset))
