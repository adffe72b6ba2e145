"""The fetcher: what is asked, how often, and what is made of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pipeline import __version__
from pipeline.errors import UsageError
from pipeline.fetch import optout, reading, result
from pipeline.fetch.ledger import Ledger
from pipeline.fetch.network import NAME, Errand, Network
from pipeline.fetch.reading import Reply
from pipeline.fetch.result import Failed, Fetched, Kind, OptOut
from pipeline.fetch.rules import Site
from pipeline.fetch.store import Remembered, Store
from pipeline.fetch.url import normal_url

DAY = 86_400.0
ROBOTS = "robots"
"""The signal of a robots.txt that was overridden for a path."""
AHEAD = 8
"""Pages under way before they are asked for, where a host needs no pause: enough to hide an answer's way."""
AHEAD_BYTES = 16_000_000
AHEAD_PAGES = 64
"""Pages that came before they were asked for wait in memory, up to this size and number."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a block of the manifest wants its fetching done.

    `delay` is in seconds between the starts of two requests to one host; a page older than `revisit_days` is asked for again;
    `overrides` are the opt-outs that are not obeyed, `pardoned` the paths that are asked for in spite of robots.txt; `offline` asks
    nobody and knows only what is remembered.
    """

    user_agent: str
    delay: float
    revisit_days: float
    overrides: frozenset[str] = frozenset()
    offline: bool = False
    pardoned: frozenset[str] = frozenset()


class Fetcher:
    """Fetches pages and pictures politely over a shared `network`, and remembers every outcome in `store`.

    Nothing raises for what a site does: each outcome is a `Fetched`.

    What is asked again: within the life of one Fetcher, nothing, unless its file has been lost. A new Fetcher (a new scrape) asks
    once more for every failure that may pass by itself, and for what our own rules refused. It asks for a page older than
    `revisit_days`, with `If-None-Match` and `If-Modified-Since`, so that an unchanged page costs the site little, and as seldom
    for what was gone or refused. A picture that was had is never asked for again.
    """

    def __init__(self, network: Network, store: Store, manner: Manner, ledger: Ledger[tuple[Kind, Fetched]] | None = None) -> None:
        self._network = network
        self._store = store
        self._manner = manner
        self._ledger = ledger or Ledger(store.put_rows, network.workers)
        self._settled: set[tuple[Kind, str]] = set()
        self._asking: dict[tuple[Kind, str], asyncio.Task[Fetched]] = {}
        self._announced: dict[str, None] = {}  # not yet asked for, nor begun; in order
        self._begun: dict[str, asyncio.Task[Fetched]] = {}  # not yet asked for
        self._waiting = 0  # bytes of those that have come
        self._room = 0  # pages that may still be asked for

    def page(self, url: str) -> Fetched:
        """Fetch text of some kind: HTML, XML, JSON. The body is kept in the store's pages."""
        return self._network.start(self._page(normal_url(url))).result()

    def image(self, url: str) -> Fetched:
        """Fetch a picture. One whose header can be read is kept, even if it is truncated further on; others are `not_an_image`."""
        return self.images([url]).result()[-1]

    def images(self, urls: Sequence[str]) -> Future[list[Fetched]]:
        """Begin to fetch a picture that may be had under any of the URLs; gives the outcomes of those that were tried.

        The next is tried only after a failure, and never to get round an opt-out.
        """
        return self._network.start(self._images(list(urls)))

    def announce(self, urls: Iterable[str], *, ahead: int) -> None:
        """Say which pages will be asked for, in about this order. Up to `ahead` pages are fetched before they are asked for.

        Where a host is given pauses that would win nothing, and a page might be fetched that is passed over in the end.
        """
        keys = [normal_url(url) for url in urls]
        self._network.start(self._announce(keys, ahead if self._manner.delay == 0 else 0)).result()

    @property
    def announced(self) -> int:
        """How many announced pages have not been asked for."""
        return len(self._announced) + len(self._begun)

    async def _page(self, key: str) -> Fetched:
        self._announced.pop(key, None)
        self._room -= 1
        task = self._begun.pop(key, None)
        if task is None:
            return await self._once(key, "page")
        fetched = await task
        self._waiting -= fetched.size or 0
        self._begin()
        return fetched

    async def _announce(self, keys: list[str], ahead: int) -> None:
        self._announced.update(dict.fromkeys(key for key in keys if key not in self._begun))
        self._room = ahead
        self._begin()

    def _begin(self) -> None:
        running = sum(not task.done() for task in self._begun.values())
        most = min(AHEAD_PAGES, self._room)
        while self._announced and running < AHEAD and self._waiting < AHEAD_BYTES and len(self._begun) < most:
            key = next(iter(self._announced))
            del self._announced[key]
            self._begun[key] = asyncio.create_task(self._fetched_ahead(key))
            self._begun[key].add_done_callback(_seen)
            running += 1

    async def _fetched_ahead(self, key: str) -> Fetched:
        fetched = await self._once(key, "page")
        self._waiting += fetched.size or 0
        asyncio.get_running_loop().call_soon(self._begin)
        return fetched

    async def _images(self, urls: list[str]) -> list[Fetched]:
        tried: list[Fetched] = []
        for url in urls:
            tried.append(await self._once(normal_url(url), "image"))
            if tried[-1].error in (None, result.OPTED_OUT, result.FORGOTTEN):
                break
        return tried

    async def _once(self, key: str, kind: Kind) -> Fetched:
        """One fetch, however many ask for it at once."""
        place = (kind, key)
        if place not in self._asking:
            self._asking[place] = asyncio.create_task(self._fetch(key, kind))
            self._asking[place].add_done_callback(lambda task: self._done(place, task))
        return await asyncio.shield(self._asking[place])

    def _done(self, place: tuple[Kind, str], task: asyncio.Task[Fetched]) -> None:
        self._asking.pop(place, None)
        _seen(task)

    async def _fetch(self, key: str, kind: Kind) -> Fetched:
        async with self._network.alone(kind, key):
            return await self._fetch_alone(key, kind)

    async def _fetch_alone(self, key: str, kind: Kind) -> Fetched:
        remembered = self._recalled(key, kind)
        if remembered and (self._is_settled(remembered.fetched, kind) or self._manner.offline or self._holds(remembered, kind)):
            return self._obeyed(remembered.fetched)
        if self._manner.offline:
            return Fetched(key, key, None, result.NOT_STORED, "it was never fetched, and this scrape asks nobody", fresh=False)
        old = remembered.fetched if remembered and remembered.fetched.error is None else None
        try:
            fetched = await self._asked(key, kind, old)
        except Failed as failure:
            if old and failure.error in result.TRANSIENT:
                self._network.note(f"{key}: {failure.detail}; what was fetched before is used once more")
                self._settle(kind, key)
                return self._obeyed(replace(old, fresh=True))
            fetched = Fetched(key, failure.url or key, failure.status, failure.error, failure.detail, opt_outs=failure.opt_outs)
        await self._ledger.add((kind, fetched), hurry=kind == "page")
        self._settle(kind, key)
        return fetched

    def _recalled(self, key: str, kind: Kind) -> Remembered | None:
        """What is remembered; the opt-outs of what an older version fetched without looking for them are looked for now."""
        found = self._store.recall(key, kind)
        if found is None or found.judged or found.fetched.error is not None:
            return found
        signals = optout.in_headers(found.fetched.headers, NAME) + (optout.in_page(found.fetched.body, NAME) if kind == "page" else [])
        met = tuple(OptOut(one.name, one.value, one.where, one.name in self._manner.overrides) for one in signals)
        return replace(found, fetched=replace(found.fetched, opt_outs=met))

    async def _asked(self, key: str, kind: Kind, old: Fetched | None) -> Fetched:
        met: list[OptOut] = []

        def accept(url: str, site: Site, headers: Mapping[str, str]) -> None:
            if headers:
                signals = self._heard(kind, url, optout.in_headers(headers, NAME))
            else:
                signals = [*site.signals(url), *self._network.closed.get((kind, url), ())]
            met.extend(self._judged(signals))

        def pardoned(url: str) -> bool:
            path = urlsplit(url).path
            if path in self._manner.pardoned:
                met.append(OptOut(ROBOTS, path, "robots.txt", True))
            return path in self._manner.pardoned

        def keep(at: str, reply: Reply) -> Fetched:
            return self._kept(kind, key, at, reply, old, met)

        manner, conditions = self._manner, _conditions(old) if old else {}
        at = old.final_url if old else ""
        errand = Errand(kind, manner.user_agent, manner.delay, conditions, at, accept, keep, pardoned)
        reply = await self._network.walk(key, errand)
        assert reply.outcome is not None
        return reply.outcome

    def _kept(self, kind: Kind, key: str, at: str, reply: Reply, old: Fetched | None, met: list[OptOut]) -> Fetched:
        """Make an outcome of the reply had at `at`, and put its body where it stays. (A blocking call.)"""
        try:
            fetched = reading.outcome(kind, key, at, reply, old, self._network.limits.page_tags)
            if kind == "page" and fetched.error is None and reply.body:
                met = [*met, *self._judged(self._heard(kind, at, optout.in_page(fetched.body, NAME)))]
            if reply.status == 304 and old:  # the body of old, with what it came with
                said = (optout.Signal(one.signal, one.value, one.where) for one in old.opt_outs if one.signal != ROBOTS)
                met = [*self._judged(said), *met]
            if met or fetched.opt_outs:
                fetched = replace(fetched, opt_outs=tuple(dict.fromkeys(met)))
            return self._store.keep(kind, fetched) if fetched.error is None else fetched
        finally:
            if reply.file:
                reply.file.unlink(missing_ok=True)  # it has been renamed if it was worth keeping

    def _heard(self, kind: Kind, url: str, signals: list[optout.Signal]) -> list[optout.Signal]:
        """The signals, remembered for this scrape: another way may lead to the same URL."""
        if signals:
            self._network.closed[kind, url] = signals
        return signals

    def _judged(self, signals: Iterable[optout.Signal]) -> list[OptOut]:
        """The signals, all of them overridden; raises Failed(opted_out) if one is not."""
        found = tuple(OptOut(one.name, one.value, one.where, one.name in self._manner.overrides) for one in signals)
        obeyed = [one for one in found if not one.overridden]
        if obeyed:
            raise Failed(result.OPTED_OUT, f"{obeyed[0].where}: {obeyed[0].value}", opt_outs=found)
        return list(found)

    def _obeyed(self, fetched: Fetched) -> Fetched:
        """What is remembered, unless it was had under an override that is no longer given."""
        obeyed = [one for one in fetched.opt_outs if not self._overridden(one)]
        if fetched.error or not obeyed:
            return fetched
        detail = f"{obeyed[0].where}: {obeyed[0].value} (fetched before it was looked for, or under an override that is no longer given)"
        return Fetched(fetched.url, fetched.final_url, fetched.status, result.OPTED_OUT, detail, opt_outs=fetched.opt_outs, fresh=False)

    def _overridden(self, met: OptOut) -> bool:
        return met.value in self._manner.pardoned if met.signal == ROBOTS else met.signal in self._manner.overrides

    def _settle(self, kind: Kind, key: str) -> None:
        self._settled.add((kind, key))
        self._network.settled.add((kind, key))

    def _is_settled(self, fetched: Fetched, kind: Kind) -> bool:
        """Whether this scrape has asked, for whatever fetcher; but what our rules closed to another may be open to one with overrides."""
        place = (kind, fetched.url)
        if fetched.error == result.OPTED_OUT:
            closed = not all(self._overridden(one) for one in fetched.opt_outs)
        else:
            closed = fetched.error != result.REFUSED or fetched.status is not None or not self._manner.pardoned
        return place in self._settled or (place in self._network.settled and closed)

    def _holds(self, remembered: Remembered, kind: Kind) -> bool:
        """Whether an answer of an earlier scrape is good for this one."""
        fetched, young = remembered.fetched, remembered.age < self._manner.revisit_days * DAY
        if fetched.error is None:
            return kind == "image" or young
        if fetched.error == result.FORGOTTEN:
            return True
        if fetched.error in result.TRANSIENT or (fetched.error == result.REFUSED and fetched.status is None):
            return False
        if fetched.error == result.OPTED_OUT:
            return young and not all(self._overridden(one) for one in fetched.opt_outs)
        return young


def user_agent(contact: str) -> str:
    """Who we are: the program's name, version and purpose, and how to reach the person who runs it, if they say.

    Raises UsageError for a contact that a header cannot carry.
    """
    if not (contact.isascii() and contact.isprintable()) or set(contact) & set("()"):
        raise UsageError(f"scrape.contact: {contact!r} must be one line of plain ASCII without brackets, such as a mail or web address")
    contact = contact.strip()
    return f"{NAME}/{__version__} (collects pictures for an art dataset{f'; +{contact}' if contact else ''})"


def _seen(task: asyncio.Task[Fetched]) -> None:
    """Its exception counts as seen, even if nobody waits for it any more."""
    if not task.cancelled():
        task.exception()


def _conditions(old: Fetched) -> dict[str, str]:
    asked = {"If-None-Match": old.headers.get("etag"), "If-Modified-Since": old.headers.get("last-modified")}
    return {name: value for name, value in asked.items() if value}
