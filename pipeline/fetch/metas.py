"""The `<meta>` tags of a page, found as a browser's tokenizer would find them, in one pass and without building a tree.

Pages are hostile and large: a soup of ten megabytes takes a minute and gigabytes. What stands in a comment, a script, a style
sheet or another tag's attribute is no tag.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator

LONGEST = 4096
"""Bytes of an attribute's value that are read."""

MOST = 1000
"""Tags that are read of one page; a real one has a few dozen."""

# The states of the WHATWG's tokenizer. Quantifiers are possessive or their groups atomic: nothing is tried twice. A tag or comment
# that never ends matches nowhere, and the page ends there, as in a browser; so no stretch is looked at again.
_ATTRIBUTE = rb"""[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_INSIDE = rb"(?:[\s/=]++|" + _ATTRIBUTE + rb")*+>"
_RAW = (b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes", b"plaintext")
_NOTABLE = rb"(?:meta|" + b"|".join(_RAW) + rb")(?=[\s/>])"
_BORING = re.compile(
    rb"(?:[^<]++|<(?![a-z/!?])"
    rb"|<(?:/|(?!" + _NOTABLE + rb"))[a-z][^\s/>]*+" + _INSIDE + rb"|<!--(?>-?>|[\s\S]*?--!?>)"
    rb"|<(?:!(?!--)|\?|/(?![a-z]))[^>]*+>)*+",  # what a browser takes for a comment too
    re.I,
)
_TAG = re.compile(rb"<(" + _NOTABLE + rb")(" + _INSIDE + rb")", re.I)
_VALUE = re.compile(rb"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+))?+)?+""")
_ENDS = {name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.I) for name in _RAW if name != b"plaintext"}
_ANY = re.compile(rb"<meta[\s/]", re.I)


def metas(body: bytes) -> Iterator[dict[str, str]]:
    """Yield the attributes of each of the first `MOST` tags: names in lower case, character references resolved. Never raises."""
    body = _ascii_based(body)
    if not _ANY.search(body):
        return
    at = read = 0
    while read < MOST:
        boring = _BORING.match(body, at)
        tag = _TAG.match(body, boring.end() if boring else at)
        if tag is None:  # the end, or something that never ends
            return
        at = tag.end()
        name = tag[1].lower()
        if name == b"meta":
            read += 1
            yield _attributes(tag[2])
            continue
        end = _ENDS[name].search(body, at) if name in _ENDS else None
        if end is None:
            return
        at = end.start()


def _attributes(inside: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _VALUE.findall(inside):
        found.setdefault(_text(name).lower(), html.unescape(_text(next((value for value in values if value), b""))))
    return found


def _text(value: bytes) -> str:
    return value[:LONGEST].decode("utf-8", "replace")


def _ascii_based(body: bytes) -> bytes:
    """The page in an encoding that has ASCII's letters where ASCII has them; of those in use all but UTF-16 and UTF-32 do."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if body.startswith(mark):
            return body.decode(encoding, "replace").encode("utf-8", "replace")
    return body
