"""How much, how long, how often: the numbers, and the pace kept with each host."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from pipeline.fetch.result import BUSY, Failed


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    page_bytes: int = 10_000_000
    image_bytes: int = 64_000_000
    robots_bytes: int = 500_000
    connect: float = 10.0
    """To open a connection."""
    read: float = 30.0
    """Between two pieces of an answer."""
    total: float = 300.0
    """For one whole answer, however steadily it drips."""
    attempts: int = 4
    backoff: float = 1.0
    """Pause after the first failed attempt; doubles with each further one."""
    hops: int = 8
    """Redirects that are followed."""
    longest_wait: float = 600.0
    """The longest Retry-After that is waited for; a longer one is a failure, and the host is left alone until then."""
    longest_crawl_delay: float = 60.0
    noted_wait: float = 5.0
    """Waits longer than this are told."""


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, ≥ 0; None if there is none or it says nothing (RFC 9110, 10.2.3).

    `value` is a number of seconds or an HTTP date; `now` is in seconds since 1970.
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, when.timestamp() - now)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(slots=True)
class _Host:
    delay: float
    why: str = "the pause between requests"
    asked_at: float | None = None
    held_at: float = 0.0
    held_for: float = 0.0
    held_why: str = ""
    told: bool = False


class Pacer:
    """Sees that two requests to one host start at least its delay apart, and keeps the pauses a host asked for.

    A host is its name, whatever the port or scheme, which is the stricter reading of "per host".
    """

    def __init__(
        self, delay: float, limits: Limits, clock: Callable[[], float], sleep: Callable[[float], None], note: Callable[[str], None]
    ) -> None:
        self._delay = delay
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._note = note
        self._hosts: dict[str, _Host] = {}

    def slow(self, host: str, crawl_delay: float) -> None:
        """Raise the host's delay to its robots.txt's Crawl-delay, up to the limit."""
        known = self._host(host)
        delay = min(crawl_delay, self._limits.longest_crawl_delay)
        if delay <= known.delay:
            return
        known.delay, known.why = delay, "Crawl-delay in its robots.txt"
        if crawl_delay > delay:
            self._note(f"{host}: its robots.txt asks for {crawl_delay:.0f} s between requests; it gets {delay:.0f} s, the longest kept")

    def hold(self, host: str, seconds: float, why: str) -> None:
        """Ask nothing of the host for so long from now on."""
        known = self._host(host)
        known.held_at, known.held_for, known.held_why = self._clock(), seconds, why

    def wait(self, host: str) -> None:
        """Sleep until a request may start, and count it as started. Raises Failed(busy) if the host asked for too long a pause."""
        known = self._host(host)
        now = self._clock()
        # the outer min: a clock set back must not turn a pause of seconds into hours
        held = min(known.held_for, known.held_at + known.held_for - now)
        paced = 0.0 if known.asked_at is None else min(known.delay, known.asked_at + known.delay - now)
        if held > self._limits.longest_wait:
            raise Failed(BUSY, f"{host} asked for a pause, {held:.0f} s of it remain; at most {self._limits.longest_wait:.0f} s are waited")
        seconds = max(held, paced)
        if seconds > self._limits.noted_wait and (held >= paced or not known.told):
            known.told |= paced > held
            often = "" if held >= paced else " before each request"
            self._note(f"{host}: waiting {seconds:.0f} s{often} ({known.held_why if held >= paced else known.why})")
        if seconds > 0:
            self._sleep(seconds)
        known.asked_at = self._clock()

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(self._delay))
