"""The text of a page's bytes, decoded as browsers do."""

from __future__ import annotations

import codecs
import re

from bs4.dammit import EncodingDetector

DECLARED_WITHIN = 4096
"""Bytes of a page in which it may declare its encoding; browsers look at 1,024."""

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
"""Byte order marks, and what they say of what follows."""

ENCODINGS = {
    *("utf-8", "utf-16-le", "utf-16-be", "big5hkscs", "euc_jp", "iso2022_jp", "gb18030", "koi8-r", "koi8-u"),
    *("mac-roman", "mac-cyrillic", "cp866", "cp874", "cp932", "cp949"),
    *(f"cp125{number}" for number in range(9)),
    *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
}
"""Python's names of the encodings in the WHATWG's Encoding Standard."""

BROADER = {
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("iso8859-11", "tis-620"), "cp874"),
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "utf-16": "utf-16-le",
    "utf-8-sig": "utf-8",
}
"""What that standard reads in place of these: the same with more characters."""

ALIASES = {"windows-31j": "cp932", "windows-949": "cp949", "windows-874": "cp874", "dos-874": "cp874", "cn-big5": "big5", "csgb2312": "gbk"}
"""Labels of that standard which Python does not know, without their `x-`."""


def decoded(body: bytes, content_type: str = "") -> str:
    """The text of an HTML page, without NULs; never raises.

    Its encoding: a byte order mark, else the charset of the HTTP header `content_type`, else the page's own word, else UTF-8, else
    Windows-1252. Only what browsers read, and as they do: other encodings hide tags from whoever looks at the bytes, or take for
    ever. A byte that does not fit costs one letter; given the bytes, a parser would give up the page at the first.
    """
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return _text(body[len(mark) :], encoding)
    _, _, charset = content_type.lower().partition("charset=")
    if said := codec_of(charset.split(";")[0].strip("\"' ")):
        return _text(body, said)
    declared = EncodingDetector.find_declared_encoding(body[:DECLARED_WITHIN], is_html=True, search_entire_document=True)
    if said := codec_of(declared or ""):
        return _text(body, "utf-8" if said.startswith("utf-16") else said)  # it could be read so far
    try:
        return body.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return _text(body, "cp1252")


def codec_of(label: str) -> str:
    """The codec for an encoding's name, as browsers understand it; empty for one they do not read."""
    label = label.lower().removeprefix("x-")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.:+-]{0,40}", label):
        return ""
    try:
        name = codecs.lookup(ALIASES.get(label, label)).name
    except LookupError:
        return ""
    return BROADER.get(name, name if name in ENCODINGS else "")


def _text(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace").replace("\0", "")
