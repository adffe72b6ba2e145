"""The fetcher: what is asked, how often, and what is made of the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeline import __version__
from pipeline.errors import UsageError
from pipeline.fetch import reading, result
from pipeline.fetch.address import Gate, Lookup, lookup
from pipeline.fetch.limits import Limits, Pacer
from pipeline.fetch.reading import Reply
from pipeline.fetch.result import Failed, Fetched, Kind
from pipeline.fetch.robots import Robots
from pipeline.fetch.store import Remembered, Store
from pipeline.fetch.transport import Transport
from pipeline.fetch.url import normal_url, origin

DAY = 86_400.0
NAME = "art-pipeline"

_ACCEPT = {
    "page": {"Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5", "Accept-Encoding": "gzip, deflate"},
    "image": {"Accept": "image/png,image/jpeg,image/*;q=0.9,*/*;q=0.5", "Accept-Encoding": "identity"},
    "robots": {"Accept": "text/plain,*/*;q=0.5", "Accept-Encoding": "gzip, deflate"},
}


class Fetcher:
    """Fetches pages and pictures politely, and remembers every outcome in `store`.

    `delay` is in seconds between the starts of two requests to one host. Nothing raises for what a site does: each outcome is a
    `Fetched`. `start_urls` are what the person asked for; only they open the way to a private address (see `address.Gate`).

    What is asked again: within the life of one Fetcher, nothing, unless its file has been lost. A new Fetcher (a new scrape) asks
    once more for every failure, of any class: a permission may have been granted, a dead link mended, and a limit raised. It
    asks for a page older than `revisit_days`, with `If-None-Match` and `If-Modified-Since`, so that an unchanged page costs the
    site little. A picture that was had is never asked for again.
    """

    def __init__(
        self,
        store: Store,
        *,
        user_agent: str,
        delay: float,
        revisit_days: float,
        start_urls: Sequence[str],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        note: Callable[[str], None] = lambda text: None,
        lookup: Lookup = lookup,
    ) -> None:
        self._store = store
        self._agent = user_agent
        self._revisit = revisit_days * DAY
        self._clock = clock
        self._limits = limits
        self._note = note
        self._pacer = Pacer(delay, limits, clock, sleep, note)
        self._transport = Transport(Gate(_named(start_urls), lookup), limits)
        self._robots = Robots(user_agent.partition("/")[0], self._robots_text)
        self._settled: set[tuple[Kind, str]] = set()

    def page(self, url: str) -> Fetched:
        """Fetch text of some kind: HTML, XML, JSON. The body is kept in the store's pages."""
        return self._fetch(url, "page")

    def image(self, url: str) -> Fetched:
        """Fetch a picture. One whose header can be read is kept, even if it is truncated further on; others are `not_an_image`."""
        return self._fetch(url, "image")

    def close(self) -> None:
        """Drop the open connections."""
        self._transport.close()

    def _fetch(self, url: str, kind: Kind) -> Fetched:
        key = normal_url(url)
        remembered = self._store.recall(key, kind)
        if remembered and ((kind, key) in self._settled or self._holds(remembered, kind)):
            return remembered.fetched
        old = remembered.fetched if remembered and remembered.fetched.error is None else None
        try:
            at, reply = self._walk(key, kind, old)
            fetched = reading.outcome(kind, key, at, reply, old)
        except Failed as failure:
            if old and failure.error in result.TRANSIENT:
                self._note(f"{key}: {failure.detail}; what was fetched before is used once more")
                self._settled.add((kind, key))
                return replace(old, fresh=True)
            fetched = Fetched(key, failure.url or key, failure.status, failure.error, failure.detail)
        self._store.put(kind, fetched)
        self._settled.add((kind, key))
        return fetched

    def _holds(self, remembered: Remembered, kind: Kind) -> bool:
        return remembered.fetched.error is None and (kind == "image" or remembered.age < self._revisit)

    def _robots_text(self, url: str) -> bytes:
        return self._walk(url, "robots")[1].body

    def _walk(self, url: str, kind: str, old: Fetched | None = None) -> tuple[str, Reply]:
        """Follow redirects, hop by hop, to (the last URL, its reply). `old` is what to compare with there."""
        seen: list[str] = []
        try:
            while True:
                seen.append(url)
                reply = self._hop(url, kind, old if old and old.final_url == url else None)
                if reply.status not in reading.REDIRECTS:
                    return url, reply
                url = normal_url(reading.target(reply), url)
                if url in seen:
                    raise Failed(result.REDIRECTS, "the redirects go in a circle", status=reply.status)
                if len(seen) > self._limits.hops:
                    raise Failed(result.REDIRECTS, f"more than {self._limits.hops} redirects", status=reply.status)
        except Failed as failure:
            failure.url = url
            raise

    def _hop(self, url: str, kind: str, old: Fetched | None) -> Reply:
        """One URL, with as many attempts as the limits allow."""
        try:
            host = origin(url).host
        except ValueError as error:
            raise Failed(result.REFUSED, str(error)) from error
        if kind != "robots":
            self._robots.check(url)
            self._pacer.slow(host, self._robots.crawl_delay(url) or 0.0)
        conditions = _conditions(old) if old else {}
        headers = {"User-Agent": self._agent, **_ACCEPT[kind], **conditions}
        for attempt in range(1, self._limits.attempts + 1):
            self._pacer.wait(host)
            try:
                return self._attempt(url, kind, headers, conditional=bool(conditions))
            except Failed as failure:
                self._pause(host, failure, attempt)
                if not failure.again or attempt == self._limits.attempts:
                    raise
        raise AssertionError("limits.attempts is at least 1")

    def _attempt(self, url: str, kind: str, headers: Mapping[str, str], *, conditional: bool) -> Reply:
        with self._transport.get(url, headers) as answer:
            status = answer.status
            if status in reading.REDIRECTS or (status == 304 and conditional):
                return Reply(status, answer.headers)
            if not 200 <= status < 300 or status == 206:
                raise reading.failure(status, answer.headers, self._clock())
            if kind == "robots":
                return Reply(status, answer.headers, answer.read(self._limits.robots_bytes, cut=True))
            if kind == "page":
                reading.expect_text(answer.headers)
            cap = self._limits.page_bytes if kind == "page" else self._limits.image_bytes
            return Reply(status, answer.headers, answer.read(cap))

    def _pause(self, host: str, failure: Failed, attempt: int) -> None:
        """Leave the host alone after a failure: as long as it asks, and before another attempt longer each time."""
        if failure.wait is not None and failure.wait > self._limits.longest_wait:
            failure.error, failure.again = result.BUSY, False
            failure.detail += f"; it asks for a pause of {failure.wait:.0f} s, at most {self._limits.longest_wait:.0f} s are waited"
        another = failure.again and attempt < self._limits.attempts
        backoff = self._limits.backoff * 2 ** (attempt - 1) if another else 0.0
        if failure.wait is not None and failure.wait >= backoff:
            self._pacer.hold(host, failure.wait, f"HTTP {failure.status} with Retry-After")
        elif another:
            self._pacer.hold(host, backoff, f"{failure.detail}, attempt {attempt} of {self._limits.attempts}")


def user_agent(contact: str) -> str:
    """Who we are: the program's name, version and purpose, and how to reach the person who runs it, if they say.

    Raises UsageError for a contact that a header cannot carry.
    """
    if not (contact.isascii() and contact.isprintable()) or set(contact) & set("()"):
        raise UsageError(f"scrape.contact: {contact!r} must be one line of plain ASCII without brackets, such as a mail or web address")
    contact = contact.strip()
    return f"{NAME}/{__version__} (collects pictures for an art dataset{f'; +{contact}' if contact else ''})"


def _named(start_urls: Sequence[str]) -> set[tuple[str, int]]:
    named = set()
    for url in start_urls:
        try:
            named.add(origin(normal_url(url))[1:])
        except ValueError as error:
            raise UsageError(f"start URL {url!r}: {error}; give a full address such as https://example.org/") from error
    return named


def _conditions(old: Fetched) -> dict[str, str]:
    asked = {"If-None-Match": old.headers.get("etag"), "If-Modified-Since": old.headers.get("last-modified")}
    return {name: value for name, value in asked.items() if value}
