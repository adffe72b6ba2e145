"""What the server wrote down, and what was told to the fetchers: all that a judge gets to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Entry:
    """One request as the server saw it. Times are seconds on a clock that nobody sets; `wall_end` is the client's calendar at `end`.

    `began` and `ended` number all events in their order, which tells apart what happened at one instant; an entry without
    `ended` was cut off by the client. `trouble`: no whole answer came (see world.py).
    """

    scrape: int
    url: str
    kind: str
    agent: str
    start: float
    began: int
    conditional: bool
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    trouble: str = ""
    end: float = 0.0
    wall_end: float = 0.0
    ended: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """What a fetcher was told: `pardoned` are the paths that it may ask for in spite of robots.txt."""

    delay: float
    overrides: frozenset[str]
    offline: bool
    pardoned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a source was given for a URL: `digest` of the body, or "" for a failure, decided at event `number`."""

    scrape: int
    agent: str
    kind: str
    url: str
    digest: str
    number: int


@dataclass(slots=True)
class Log:
    """`asked` are the scrape, kind and URL of everything that sources asked for; `stored` the SHA-256 of every body kept on the disk.

    `clock` are the settings of the calendar: at which event, and how far it stood before the clock that nobody sets.
    """

    limits: Mapping[str, float]
    askers: dict[tuple[int, str], Asker] = field(default_factory=dict)
    asked: set[tuple[int, str, str]] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)
    clock: list[tuple[int, float]] = field(default_factory=list)

    def latest_base(self, number: int) -> float:
        """How far the calendar has been ahead at most, up to an event."""
        return max(base for event, base in self.clock if event <= number)
