"""A web, the fetchers that are sent into it, and what they are told to do. Pure data: nothing here knows the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AGENT = "art-pipeline"
TDMREP = "/.well-known/tdmrep.json"

TIMEOUT, UNREACHABLE, CERTIFICATE, BROKEN = "timeout", "unreachable", "certificate", "broken"
"""How an exchange may end without a whole answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says. `trouble`: "" or one of the ways to end without an answer; `latency` in seconds, on top of the host's.

    `asks` is a Retry-After in seconds, sent as a number or, with `dated`, as the date so far from the client's now.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    trouble: str = ""
    latency: float = 0.0
    asks: float | None = None
    dated: bool = False


@dataclass(slots=True)
class Host:
    """How a host behaves, whatever it is asked: `latencies` are (from request number, seconds), `spells` (from, to, answers in turn)."""

    latencies: list[tuple[int, float]]
    spells: list[tuple[int, int, tuple[Answer, ...]]] = field(default_factory=list)
    slack: float = 0.0
    """A random share that is added to a latency."""


@dataclass(slots=True)
class World:
    """Every URL's answers, one per request, the last one for ever; what is not listed is 404. `origins` are scheme and authority."""

    hosts: dict[str, Host]
    origins: list[str]
    scripts: dict[str, list[Answer]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a source does: page, images, announce, wait (for its pictures), sleep (seconds), or jump (the wall clock)."""

    do: str
    urls: tuple[tuple[str, ...], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """A fetcher and its plan. `agent` is its user agent, which tells it from the others; the rest is as in a `Manner` of the fetcher."""

    agent: str
    delay: float
    revisit_days: float
    overrides: frozenset[str]
    offline: bool
    plan: tuple[Step, ...]
    pardoned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world and the scrapes of it; `gaps` are the seconds before each scrape, `limits` those that differ from the defaults."""

    seed: int
    world: World
    scrapes: tuple[tuple[Source, ...], ...]
    gaps: tuple[float, ...]
    limits: Mapping[str, float]
