"""What a site asks of every visitor: its robots.txt (RFC 9309) and its TDM reservations, each asked once per origin."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from pipeline.fetch.optout import RobotsUsage, Signal, TdmRep
from pipeline.fetch.result import BUSY, GONE, REDIRECTS, REFUSED, Failed

Read = Callable[[str, str], Awaitable[bytes]]
"""URL and kind (robots, tdmrep) → body. Raises Failed."""

FRESH = 86_400.0
"""Seconds for which an origin's rules are used without asking again (RFC 9309, 2.4)."""

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
        return _seconds(self.robots.crawl_delay(self.agent))

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

    def __init__(self, agent: str, crawl_delay: Callable[[str, float], None] = lambda host, seconds: None) -> None:
        self._agent = agent
        self._crawl_delay = crawl_delay
        self._sites: dict[str, tuple[float, asyncio.Task[Site | Failed]]] = {}
        self._robots: dict[str, Protego] = {}

    def forbids(self, url: str) -> bool:
        """Whether a robots.txt that has been read forbids a URL, before the other rules of its origin are known."""
        parts = urlsplit(url)
        robots = self._robots.get(f"{parts.scheme}://{parts.netloc}")
        return robots is not None and not robots.can_fetch(url, self._agent)

    async def of(self, url: str, read: Read) -> Site:
        """The rules of the URL's origin; `read` is used the first time. Raises Failed."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        now = asyncio.get_running_loop().time()
        if origin not in self._sites or self._sites[origin][0] + FRESH < now:
            self._sites[origin] = now, asyncio.create_task(self._ask(origin, read))
        site = await asyncio.shield(self._sites[origin][1])
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
        robots = Protego.parse(_addressed(text, self._agent))
        self._crawl_delay(urlsplit(origin).hostname or "", _seconds(robots.crawl_delay(self._agent)))  # before the next request
        self._robots[origin] = robots
        reserved = b""
        if robots.can_fetch(origin + TDMREP, self._agent):
            try:
                reserved = await read(origin + TDMREP, "tdmrep")
            except Failed as failure:
                if failure.error == BUSY and failure.status is None:  # it was not even asked for: the host wants a long pause
                    return failure
                reserved = b""
        return Site(self._agent, robots, RobotsUsage.parse(text, self._agent), TdmRep.parse(reserved))


def _seconds(said: float | None) -> float:
    return said if said is not None and math.isfinite(said) and said >= 0 else 0.0  # protego lets nan through


_NAMED = re.compile(r"^([ \t\ufeff]*user-agent[ \t]*:)([^\r\n#]*)", re.IGNORECASE | re.MULTILINE)


def _addressed(text: str, agent: str) -> str:
    """The rules with every name but ours and `*` made one that is surely another's: protego takes a name that ours begins with for ours."""

    def name(found: re.Match[str]) -> str:
        token = re.split(r"[/\s]", found[2].strip(), maxsplit=1)[0].lower()
        return f"{found[1]} {token if token in ('*', agent) else 'another-robot'}"

    return _NAMED.sub(name, text)
