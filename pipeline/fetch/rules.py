"""What a site asks of every visitor: its robots.txt (RFC 9309) and its TDM reservations, each asked once per origin."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from pipeline.fetch.optout import RobotsUsage, Signal, TdmRep
from pipeline.fetch.result import GONE, REDIRECTS, REFUSED, Failed

Read = Callable[[str, str], Awaitable[bytes]]
"""URL and kind (robots, tdmrep) → body. Raises Failed."""

TDMREP = "/.well-known/tdmrep.json"


@dataclass(frozen=True, slots=True)
class Site:
    """The rules of one origin."""

    agent: str
    robots: Protego
    usage: RobotsUsage
    reserved: TdmRep

    def allows(self, url: str) -> bool:
        """Whether robots.txt lets us ask for `url`."""
        return bool(self.robots.can_fetch(url, self.agent))

    @property
    def crawl_delay(self) -> float:
        """Seconds that robots.txt wants between requests; 0 if it does not say."""
        seconds = self.robots.crawl_delay(self.agent)
        return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else 0.0  # protego lets nan through

    def signals(self, url: str) -> list[Signal]:
        """The opt-outs that cover `url` before it is asked for."""
        parts = urlsplit(url)
        return [*self.usage.signals(parts.path + (f"?{parts.query}" if parts.query else "")), *self.reserved.signals(parts.path)]


class Rules:
    """What each origin's rules are.

    `agent` is the product token that groups are matched with. A site that answers 4xx, or only with redirects, sets no rules. One
    whose robots.txt cannot be had now (no connection, 429, 5xx, broken) forbids everything, and its pages fail with the same
    class. A missing or senseless tdmrep.json reserves nothing.
    """

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._sites: dict[str, asyncio.Task[Site | Failed]] = {}

    async def of(self, url: str, read: Read) -> Site:
        """The rules of the URL's origin; `read` is used the first time. Raises Failed."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._sites:
            self._sites[origin] = asyncio.create_task(self._ask(origin, read))
        site = await asyncio.shield(self._sites[origin])
        if isinstance(site, Failed):
            raise Failed(site.error, f"robots.txt: {site.detail}; without it nothing is asked here", status=site.status, again=False)
        return site

    async def _ask(self, origin: str, read: Read) -> Site | Failed:
        try:
            text = (await read(f"{origin}/robots.txt", "robots")).decode("utf-8-sig", "replace")
        except Failed as failure:
            if failure.error not in (GONE, REDIRECTS) and not (failure.error == REFUSED and failure.status is not None):
                return failure
            text = ""
        robots = Protego.parse(text)
        reserved = b""
        if robots.can_fetch(origin + TDMREP, self._agent):
            try:
                reserved = await read(origin + TDMREP, "tdmrep")
            except Failed:
                reserved = b""
        return Site(self._agent, robots, RobotsUsage.parse(text, self._agent), TdmRep.parse(reserved))
