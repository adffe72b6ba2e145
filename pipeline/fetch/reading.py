"""What an answer means: its status, its type, its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
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
_WIKI_BUSY = frozenset({"maxlag", "ratelimited", "readonly"})
"""Errors that MediaWiki's api.php sends with status 200 and that pass by themselves."""
LONG_TAG = 10_000
"""Bytes above which a tag's words are counted."""
TAG_WORDS = 20_000
"""Each attribute is compared with all before it."""
_PAGE_TYPES = frozenset({"application/json", "application/xml", "application/xhtml+xml", "application/javascript"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `kind`: page, image, robots or tdmrep.

    `accept` looks at the headers before the body comes, and may raise Failed. `keep` makes an outcome of a reply that is no
    redirect; it may block, and is called where blocking does no harm.
    """

    url: str
    kind: str
    headers: Mapping[str, str]
    conditional: bool = False
    accept: Callable[[Mapping[str, str]], None] = lambda headers: None
    keep: Callable[[str, Reply], Fetched] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not a failure: a body, a redirect, or "not modified" (304, no body).

    The body is in `body`, or a large picture's in a temporary `file`; a picture comes with its SHA-256 and size in bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    file: Path | None = None
    sha256: str = ""
    size: int = 0
    outcome: Fetched | None = None


def has_body(ask: Ask, status: int, headers: Mapping[str, str], now: float) -> bool:
    """Whether an answer with these headers has a body to be read; `now` in seconds since 1970. Raises Failed for one not wanted."""
    if status in REDIRECTS:
        return False
    if status == 304 and ask.conditional:
        ask.accept(headers)
        return False
    if not 200 <= status < 300 or status == 206:
        raise failure(status, headers, now)
    if headers.get("mediawiki-api-error", "").lower() in _WIKI_BUSY:
        wait = retry_after(headers.get("retry-after"), now)
        raise Failed(result.BUSY, f"the wiki says {headers['mediawiki-api-error']}", status=status, wait=wait)
    ask.accept(headers)
    if ask.kind == "page":
        expect_text(headers)
    return True


def failure(status: int, headers: Mapping[str, str], now: float) -> Failed:
    """The failure that a status other than success, redirect or an expected 304 stands for; `now` in seconds since 1970."""
    if status < 300 or status == 304:
        error = result.BROKEN  # part of a body, or "not modified", though neither was asked for
    elif status < 400:
        error = result.REDIRECTS
    else:
        error = _CLASSES.get(status) or (result.SERVER_ERROR if 500 <= status < 600 else result.REFUSED)
    return Failed(error, f"HTTP {status}", status=status, wait=retry_after(headers.get("retry-after"), now))


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


def outcome(kind: Kind, url: str, at: str, reply: Reply, old: Fetched | None, page_tags: int) -> Fetched:
    """What the reply had at `at` makes of `url`; `old` is what a 304 confirms, `page_tags` the most a page may have."""
    if reply.status == 304:
        assert old is not None  # only accepted on a conditional request
        return replace(old, headers={**old.headers, **kept(reply.headers)}, fresh=True)
    content: bytes | Path = reply.file or reply.body
    try:
        extension = _picture(content) if kind == "image" else _text(reply.body, page_tags)
    except Failed as failed:
        return Fetched(url, at, reply.status, failed.error, failed.detail)
    sha256, size = (reply.sha256, reply.size) if reply.sha256 else (images.digest(reply.body), len(reply.body))
    return Fetched(url, at, reply.status, None, "", kept(reply.headers), sha256, extension, size, content=content)


def _picture(content: bytes | Path) -> str:
    try:
        return images.EXTENSIONS[images.read_header(content).format]
    except images.BadImage as error:
        known = error.kind if error.kind in (result.NOT_AN_IMAGE, result.TOO_LARGE) else result.NOT_AN_IMAGE
        raise Failed(known, error.detail) from error


def _text(body: bytes, page_tags: int) -> str:
    utf16 = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in body[:1024] and not utf16:
        raise Failed(result.NOT_A_PAGE, "the body is not text")
    if (tags := body.count(b"<")) > page_tags:
        raise Failed(result.TOO_LARGE, f"a page of {tags:,} tags, the limit is {page_tags:,}")
    if any(len(tag) > LONG_TAG and len(tag.partition(b">")[0].split()) > TAG_WORDS for tag in body.split(b"<")):
        raise Failed(result.TOO_LARGE, f"a tag of more than {TAG_WORDS:,} words")
    return PAGE_EXTENSION
