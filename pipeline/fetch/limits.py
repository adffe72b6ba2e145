"""How much, how long, how often: the numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    page_bytes: int = 10_000_000
    page_tags: int = 100_000
    """Angle brackets on a page: each tag costs its parser about a kilobyte of memory."""
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
    jitter: float = 0.25
    """A pause between requests is made longer by a random share of itself, up to this one: no site likes a metronome."""
    slow: float = 1.0
    """A host whose answers take longer than this (smoothed) rests as long as they take, and has one request at a time."""
    longest_rest: float = 60.0
    connections: int = 8
    """Requests at once to a host with no pause between them, as many as Scrapy's default; with a pause there is one at a time."""
    give_up: int = 5
    """So many addresses of a host in a row without an answer, and it is asked nothing more in this scrape."""
    noted_wait: float = 5.0
    """Waits longer than this are told."""
    workers: int = 32
    """Requests at once over all hosts."""


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
