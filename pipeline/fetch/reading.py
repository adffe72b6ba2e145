"""What an answer means: its status, its type, its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from pipeline import images
from pipeline.fetch import result
from pipeline.fetch.limits import retry_after
from pipeline.fetch.result import Failed, Fetched, Kind
from pipeline.fetch.store import PAGE_EXTENSION, kept
from pipeline.fetch.url import LONGEST

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_CLASSES = {
    401: result.REFUSED,
    402: result.REFUSED,
    403: result.REFUSED,
    404: result.GONE,
    408: result.TIMEOUT,
    410: result.GONE,
    429: result.BUSY,
    451: result.REFUSED,
    503: result.BUSY,
}
_PAGE_TYPES = frozenset({"application/json", "application/xml", "application/xhtml+xml", "application/javascript"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not a failure: a body, a redirect, or "not modified" (304, no body)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def failure(status: int, headers: Mapping[str, str], now: float) -> Failed:
    """The failure that a status other than success, redirect or an expected 304 stands for; `now` in seconds since 1970."""
    if status < 300 or status == 304:
        error = result.BROKEN  # part of a body, or "not modified", though neither was asked for
    elif status < 400:
        error = result.REDIRECTS
    else:
        error = _CLASSES.get(status) or (result.SERVER_ERROR if 500 <= status < 600 else result.REFUSED)
    wait = retry_after(headers.get("retry-after"), now) if error in result.TRANSIENT else None
    return Failed(error, f"HTTP {status}", status=status, wait=wait)


def target(reply: Reply) -> str:
    """Where a redirect points, as written. Headers arrive as Latin-1; what is not ASCII there is meant as bytes."""
    value = reply.headers.get("location", "").strip()
    if not value:
        raise Failed(result.REDIRECTS, f"HTTP {reply.status} without a target", status=reply.status)
    return "".join(c if c.isascii() else quote(c.encode("latin-1", "replace")) for c in value[: LONGEST + 1])


def expect_text(headers: Mapping[str, str]) -> None:
    """Raise Failed(not_a_page) for an answer that calls itself something else, before its body comes."""
    name = headers.get("content-type", "").partition(";")[0].strip().lower()
    if name and not name.startswith("text/") and not name.endswith(("+xml", "+json")) and name not in _PAGE_TYPES:
        raise Failed(result.NOT_A_PAGE, f"content-type {name[:100]}")


def outcome(kind: Kind, url: str, at: str, reply: Reply, old: Fetched | None) -> Fetched:
    """What the reply had at `at` makes of `url`; `old` is what a 304 confirms."""
    if reply.status == 304:
        assert old is not None  # only accepted on a conditional request
        return replace(old, headers={**old.headers, **kept(reply.headers)}, fresh=True)
    try:
        extension = _picture(reply.body) if kind == "image" else _text(reply.body)
    except Failed as failed:
        return Fetched(url, at, reply.status, failed.error, failed.detail)
    sha256, size = images.digest(reply.body), len(reply.body)
    return Fetched(url, at, reply.status, None, "", kept(reply.headers), sha256, extension, size, content=reply.body)


def _picture(body: bytes) -> str:
    try:
        return images.EXTENSIONS[images.read_header(body).format]
    except images.BadImage as error:
        known = error.kind if error.kind in (result.NOT_AN_IMAGE, result.TOO_LARGE) else result.NOT_AN_IMAGE
        raise Failed(known, error.detail) from error


def _text(body: bytes) -> str:
    utf16 = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in body[:1024] and not utf16:
        raise Failed(result.NOT_A_PAGE, "the body is not text")
    return PAGE_EXTENSION
