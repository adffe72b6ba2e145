"""The pace kept with each host: one budget for all threads and sources."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from pipeline.fetch.limits import Limits
from pipeline.fetch.result import BUSY, TIMEOUT, UNREACHABLE, Failed

SMOOTHING = 0.3
"""Weight of the newest answer in a host's smoothed latency."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A host that is waited for: seconds left, why, and how many requests stand in line."""

    host: str
    seconds: float
    why: str
    queue: int


@dataclass(slots=True)
class _Host:
    delay: float = 0.0
    why: str = "the pause between requests"
    gap: float = 0.0  # the delay with this turn's jitter
    started: float | None = None  # loop time of the last request's start
    ended: float = 0.0  # and of its end
    latency: float = 0.0  # seconds, smoothed
    extra: float = 0.0  # seconds added to the delay while the host says that it is busy
    held_until: float = 0.0
    held_why: str = ""
    busy: int = 0  # requests under way
    queue: int = 0
    told: bool = False
    silent: int = 0  # addresses in a row that gave no answer
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    freed: asyncio.Event = field(default_factory=asyncio.Event)


class Pacer:
    """Sees that two requests to one host start at least its delay apart, and keeps the pauses a host asked for.

    A host is its name, whatever the port or scheme, which is the stricter reading of "per host". Times are the event loop's own,
    which no change of the clock moves. `chance` gives numbers in [0, 1) for the jitter; `held` the seconds for which an earlier
    scrape was asked to leave a host alone.
    """

    def __init__(
        self,
        limits: Limits,
        note: Callable[[str], None],
        chance: Callable[[], float] = random.random,
        held: Callable[[str], float] = lambda host: 0.0,
    ) -> None:
        self._limits = limits
        self._note = note
        self._chance = chance
        self._held = held
        self._hosts: dict[str, _Host] = {}
        self._workers = asyncio.Semaphore(limits.workers)

    def slow(self, host: str, delay: float) -> None:
        """Raise the host's delay to what a manifest wants."""
        known = self._host(host)
        if delay > known.delay:
            known.delay, known.gap = delay, max(known.gap, delay)

    def crawl_delay(self, host: str, seconds: float) -> None:
        """Raise the host's delay to its robots.txt's Crawl-delay, up to the limit."""
        known = self._host(host)
        delay = min(seconds, self._limits.longest_crawl_delay)
        if delay <= known.delay:
            return
        known.delay, known.gap, known.why = delay, max(known.gap, delay), "Crawl-delay in its robots.txt"
        if seconds > delay:
            self._note(f"{host}: its robots.txt asks for {seconds:.0f} s between requests; it gets {delay:.0f} s, the longest kept")

    def hold(self, host: str, seconds: float, why: str) -> None:
        """Ask nothing of the host for so long from now on."""
        known = self._host(host)
        until = _now() + seconds
        if until > known.held_until:
            known.held_until, known.held_why = until, why

    def busy(self, host: str) -> None:
        """The host says that it has too much to do: what follows comes more slowly, for a while."""
        known = self._host(host)
        known.extra = min(self._limits.longest_rest, max(1.0, 2 * known.extra))

    def heard(self, host: str, error: str | None) -> None:
        """How an address of the host ended, after all its attempts: an error class or None."""
        known = self._host(host)
        known.silent = known.silent + 1 if error in (TIMEOUT, UNREACHABLE) else 0

    @contextlib.asynccontextmanager
    async def turn(self, host: str, still: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """Wait until a request may start; it is under way while the block runs. `still` may raise if it is not wanted any more.

        Raises Failed(busy) if the host asked for too long a pause, Failed(unreachable) if it has been given up.
        """
        known = self._host(host)
        known.queue += 1
        try:
            async with known.turn:
                await self._free(host, known)
                try:
                    still()
                except BaseException:
                    self._workers.release()
                    raise
                known.busy += 1
                started = known.started = _now()
                known.gap = (known.delay + known.extra) * (1 + self._limits.jitter * self._chance())
        finally:
            known.queue -= 1
        try:
            yield
        finally:
            known.busy -= 1
            known.ended = _now()
            known.latency += SMOOTHING * (known.ended - started - known.latency)
            known.freed.set()
            self._workers.release()

    def answered(self, host: str) -> None:
        """An answer came that was neither busy nor an error of the server: the extra pause shrinks."""
        known = self._host(host)
        known.extra = known.extra / 2 if known.extra > 0.2 else 0.0

    def waits(self, now: float) -> list[Wait]:
        """The hosts that are waited for at this time of the loop, the longest wait first. May be called from another thread."""
        found = [(host, *self._due(known), known) for host, known in list(self._hosts.items()) if known.queue]
        waits = [Wait(host, due - now, why, known.queue) for host, due, why, known in found if due > now]
        return sorted(waits, key=lambda wait: -wait.seconds)

    async def _free(self, host: str, known: _Host) -> None:
        """Wait for the host and then for a worker, so that the pause is kept between requests, not between their places in a line."""
        while True:
            await self._wait(host, known)
            await self._workers.acquire()
            if self._due(known)[0] <= _now():
                return
            self._workers.release()  # it has been held meanwhile

    async def _wait(self, host: str, known: _Host) -> None:
        while True:
            if known.silent >= self._limits.give_up:
                raise Failed(UNREACHABLE, f"{host} gave no answer {known.silent} times in a row; it is left alone for now", again=False)
            due, why = self._due(known)
            seconds = due - _now()
            if known.held_until - _now() > self._limits.longest_wait:
                left = known.held_until - _now()
                longest = self._limits.longest_wait
                raise Failed(BUSY, f"{host} asked for a pause, {left:.0f} s of it remain; at most {longest:.0f} s are waited", again=False)
            if seconds > 0:
                self._tell(host, known, seconds, why)
                await asyncio.sleep(seconds)
            elif known.busy >= self._places(known):
                known.freed.clear()
                await known.freed.wait()
            else:
                return

    def _due(self, known: _Host) -> tuple[float, str]:
        """When the next request may start, and why not before."""
        reasons = [(known.held_until, known.held_why)]
        if known.started is not None:
            reasons.append((known.started + max(known.gap, known.delay), known.why))
            if known.latency > self._limits.slow:
                rest = min(known.latency, self._limits.longest_rest)
                reasons.append((known.ended + rest, "it has become slow, and rests as long as it takes"))
        return max(reasons)

    def _places(self, known: _Host) -> int:
        return 1 if known.delay > 0 or known.extra > 0 or known.latency > self._limits.slow else self._limits.connections

    def _tell(self, host: str, known: _Host, seconds: float, why: str) -> None:
        held = why == known.held_why
        if seconds > self._limits.noted_wait and (held or not known.told):
            known.told |= not held
            self._note(f"{host}: waiting {seconds:.0f} s{'' if held else ' before each request'} ({why})")

    def _host(self, host: str) -> _Host:
        if host not in self._hosts:
            self._hosts[host] = _Host(held_until=_now() + self._held(host), held_why="a pause that it asked for in an earlier scrape")
        return self._hosts[host]


def _now() -> float:
    return asyncio.get_running_loop().time()
