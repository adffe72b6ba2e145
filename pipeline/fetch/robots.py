"""robots.txt, asked once per origin (RFC 9309)."""

from __future__ import annotations

import math
from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from pipeline.fetch.result import GONE, REDIRECTS, REFUSED, Failed


class Robots:
    """What each site's robots.txt says to us.

    `agent` is the product token that groups are matched with; `read` fetches a robots.txt by URL and raises Failed. A site
    that answers 4xx, or only with redirects, sets no rules. One whose robots.txt cannot be had now (no connection, 429, 5xx,
    broken) forbids everything, and its pages fail with the same class.
    """

    def __init__(self, agent: str, read: Callable[[str], bytes]) -> None:
        self._agent = agent
        self._read = read
        self._rules: dict[str, Protego | Failed] = {}

    def check(self, url: str) -> None:
        """Raise Failed if `url` may not be asked for."""
        if not self._known(url).can_fetch(url, self._agent):
            raise Failed(REFUSED, "robots.txt forbids it")

    def crawl_delay(self, url: str) -> float | None:
        """Seconds that the site wants between requests, if it says; call after `check`."""
        seconds = self._known(url).crawl_delay(self._agent)
        return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else None  # protego 0.3 lets nan through

    def _known(self, url: str) -> Protego:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = self._ask(f"{site}/robots.txt")
        rules = self._rules[site]
        if isinstance(rules, Failed):
            raise Failed(rules.error, f"robots.txt: {rules.detail}; without it nothing is asked here", status=rules.status, again=False)
        return rules

    def _ask(self, url: str) -> Protego | Failed:
        try:
            return Protego.parse(self._read(url).decode("utf-8-sig", "replace"))
        except Failed as failure:
            unavailable = failure.error in (GONE, REDIRECTS) or (failure.error == REFUSED and failure.status is not None)
            return Protego.parse("") if unavailable else failure
