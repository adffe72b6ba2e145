"""The index of an archive's captures, as its CDX server tells it: the query's address, and what an answer says.

Every query names the field `urlkey`, without which the server's resume keys go astray, and asks for no collapsing over several
URLs: `collapse=digest` drops a row that equals the row above it, and so loses a URL whose picture is that of the URL before it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

ROWS = 5_000
"""Rows in one answer: about a megabyte, so that even very long URLs keep it below what a fetcher takes for a page."""
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "length")
TIMESTAMP = re.compile(r"[0-9]{14}")
ORIGINAL = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.I)


class Row(NamedTuple):
    """One capture with status 200: when (14 digits, UTC), of what, its media type, and whether nothing was captured."""

    timestamp: str
    original: str
    type: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Some rows of the index, in its order; `resume` continues it, empty at the end."""

    rows: list[Row]
    resume: str


def query(archive: str, url: str, *, below: bool, resume: str = "") -> str:
    """The address that asks for the captures of a URL, or of all that begin with it (`below`)."""
    given = {"url": url, "output": "json", "fl": ",".join(FIELDS), "filter": "statuscode:200", "limit": str(ROWS), "showResumeKey": "true"}
    given |= {"matchType": "prefix"} if below else {"collapse": "timestamp:8"}  # one URL: a capture a day is enough to choose from
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    # older servers give a key that is percent-encoded already and to be sent as it is, newer ones a token
    return f"{archive}/cdx/search/cdx?{asked}" + (f"&resumeKey={quote(resume, safe='%+')}" if resume else "")


def read(body: bytes) -> Answer:
    """What an answer says. Rows that are no usable capture are left out. Raises ValueError for what is no answer of an index."""
    if not body.strip():
        return Answer([], "")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError(_excerpt(body)) from None
    if not isinstance(data, list) or not all(isinstance(line, list) for line in data):
        raise ValueError(_excerpt(body))
    resume = ""
    if len(data) > 1 and not data[-2] and len(data[-1]) == 1:
        resume = str(data[-1][0] or "")
        del data[-2:]
    names = [str(name) for name in data.pop(0)] if data and "timestamp" in data[0] else list(FIELDS)
    found = (_row(dict(zip(names, line, strict=True))) for line in data if len(line) == len(names))
    return Answer([row for row in found if row], resume)


def _row(values: dict[str, Any]) -> Row | None:
    timestamp, original = str(values.get("timestamp", "")), str(values.get("original", ""))
    usable = TIMESTAMP.fullmatch(timestamp) and ORIGINAL.fullmatch(original) and str(values.get("statuscode", "200")) == "200"
    return Row(timestamp, original, str(values.get("mimetype", "")).lower(), str(values.get("length")) == "0") if usable else None


def _excerpt(body: bytes) -> str:
    text = " ".join(re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", "replace")).split())
    return f"it says {text[:100]!r}"
