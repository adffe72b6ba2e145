"""Faults to plant in the program, one at a time: each is a rudeness that the judge must see. They patch and put back."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from politeness_trial.memory import Memory
from protego import Protego

from pipeline.fetch import optout, reading, rules
from pipeline.fetch.client import Fetcher
from pipeline.fetch.limits import Limits
from pipeline.fetch.network import Errand, Network
from pipeline.fetch.optout import RobotsUsage, TdmRep
from pipeline.fetch.pace import Pacer
from pipeline.fetch.result import Failed
from pipeline.fetch.store import Store

Plant = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Fault:
    """What is planted, and the rules of which one at least must be found broken."""

    plant: Plant
    rules: frozenset[str]


def _limits(**changed: Any) -> Plant:
    """Other limits than the ones the judge knows."""
    began = Network.__init__

    def init(self: Network, *args: Any, limits: Limits | None = None, **settings: Any) -> None:
        began(self, *args, limits=replace(limits or Limits(), **changed), **settings)

    return lambda: patch.object(Network, "__init__", init)


def _half_the_delay() -> AbstractContextManager[Any]:
    slow = Pacer.slow
    return patch.object(Pacer, "slow", lambda self, host, delay: slow(self, host, delay / 2))


def _late_to_slow_down() -> AbstractContextManager[Any]:
    """The delay of a second fetcher counts only once it has been served."""
    slow, turn = Pacer.slow, Pacer.turn

    @contextlib.asynccontextmanager
    async def late(self: Pacer, host: str, *rest: Any) -> Any:
        async with turn(self, host, *rest):
            yield
        for delay in _told.get((id(self), host), ()):
            slow(self, host, delay)

    _told: dict[tuple[int, str], list[float]] = {}
    stack = ExitStack()
    stack.enter_context(patch.object(Pacer, "slow", lambda self, host, delay: _told.setdefault((id(self), host), []).append(delay)))
    stack.enter_context(patch.object(Pacer, "turn", late))
    return stack


def _robots_of_the_first_hop_only() -> AbstractContextManager[Any]:
    walk, allows = Network.walk, rules.Site.allows
    first: ContextVar[str] = ContextVar("first")

    async def walks(self: Network, url: str, *rest: Any) -> Any:
        first.set(url)
        return await walk(self, url, *rest)

    stack = ExitStack()
    stack.enter_context(patch.object(Network, "walk", walks))
    stack.enter_context(patch.object(rules.Site, "allows", lambda self, url: url != first.get() or allows(self, url)))
    return stack


def _a_budget_for_each_fetcher() -> AbstractContextManager[Any]:
    walk, host = Network.walk, Pacer._host
    agent: ContextVar[str] = ContextVar("agent")

    async def walks(self: Network, url: str, errand: Errand) -> Any:
        agent.set(errand.agent)
        return await walk(self, url, errand)

    stack = ExitStack()
    stack.enter_context(patch.object(Network, "walk", walks))
    stack.enter_context(patch.object(Pacer, "_host", lambda self, name: host(self, f"{name} {agent.get()}")))
    return stack


def _a_budget_for_each_port() -> AbstractContextManager[Any]:
    """Per origin instead of per host."""
    hop, host = Network._hop, Pacer._host
    where: ContextVar[str] = ContextVar("where")

    async def hops(self: Network, url: str, *rest: Any) -> Any:
        where.set("/".join(url.split("/")[:3]))
        return await hop(self, url, *rest)

    stack = ExitStack()
    stack.enter_context(patch.object(Network, "_hop", hops))
    stack.enter_context(patch.object(Pacer, "_host", lambda self, name: host(self, f"{name} {where.get()}")))
    return stack


def _those_in_line_do_not_hear() -> AbstractContextManager[Any]:
    """When a request may start is found out once, before it waits."""

    async def wait(self: Pacer, host: str, known: Any) -> None:
        if known.silent >= self._limits.give_up:
            raise Failed("unreachable", "given up", again=False)
        now = asyncio.get_running_loop().time()
        if known.held_until - now > self._limits.longest_wait:
            raise Failed("busy", "held", again=False)
        await asyncio.sleep(max(0.0, self._due(known)[0] - now))
        while known.busy >= self._places(known):
            known.freed.clear()
            await known.freed.wait()

    async def free(self: Pacer, host: str, known: Any) -> None:
        await wait(self, host, known)
        await self._workers.acquire()

    return patch.object(Pacer, "_free", free)


def _failing_robots_allow_all() -> AbstractContextManager[Any]:
    ask = rules.Rules._ask

    async def asks(self: rules.Rules, *args: Any) -> Any:
        site = await ask(self, *args)
        empty = rules.Site(self._agent, Protego.parse(""), RobotsUsage(()), TdmRep(()))
        return empty if isinstance(site, Failed) else site

    return patch.object(rules.Rules, "_ask", asks)


def _no_backoff() -> AbstractContextManager[Any]:
    pause = Network._pause

    def pauses(self: Network, host: str, failure: Failed, attempt: int, attempts: int) -> None:
        again = failure.again
        failure.again = False
        pause(self, host, failure, attempt, attempts)
        failure.again = again and failure.detail.find("asks for a pause") < 0

    return patch.object(Network, "_pause", pauses)


def _every_refusal_is_tried_again() -> AbstractContextManager[Any]:
    failure = reading.failure

    def passing(*args: Any) -> Failed:
        failed = failure(*args)
        failed.again = True
        return failed

    return patch.object(reading, "failure", passing)


def _nothing_is_remembered() -> AbstractContextManager[Any]:
    stack = ExitStack()
    for store in (Memory, Store):
        stack.enter_context(patch.object(store, "recall", lambda self, url, kind: None))
    return stack


@contextlib.contextmanager
def _hold_lost_at_the_end() -> Iterator[None]:
    began = Network.__init__

    def init(self: Network, *args: Any, **settings: Any) -> None:
        began(self, *args, **{**settings, "held": lambda host: 0.0})

    with patch.object(Network, "__init__", init):
        yield


def _jitter_both_ways() -> AbstractContextManager[Any]:
    """A pause that varies around the delay instead of above it."""
    began = Pacer.__init__

    def init(self: Pacer, limits: Limits, note: Any, chance: Callable[[], float], *rest: Any) -> None:
        began(self, limits, note, lambda: 2 * chance() - 1, *rest)

    def due(self: Pacer, known: Any) -> tuple[float, str]:
        delay, known.delay = known.delay, 0.0
        try:
            return whole(self, known)
        finally:
            known.delay = delay

    whole = Pacer._due
    stack = ExitStack()
    stack.enter_context(patch.object(Pacer, "__init__", init))
    stack.enter_context(patch.object(Pacer, "_due", due))
    return stack


def _offline_asks() -> AbstractContextManager[Any]:
    began = Fetcher.__init__

    def init(self: Fetcher, network: Any, store: Any, manner: Any, *rest: Any) -> None:
        began(self, network, store, replace(manner, offline=False), *rest)

    return patch.object(Fetcher, "__init__", init)


def _tdmrep_not_asked_for() -> AbstractContextManager[Any]:
    can_fetch = Protego.can_fetch
    return patch.object(Protego, "can_fetch", lambda self, url, agent: not url.endswith(rules.TDMREP) and can_fetch(self, url, agent))


def _fault(plant: Plant, *names: str) -> Fault:
    return Fault(plant, frozenset(names))


FAULTS: dict[str, Fault] = {
    "delay halved": _fault(_half_the_delay, "delay"),
    "a second fetcher's delay counts late": _fault(_late_to_slow_down, "delay"),
    "jitter around the delay": _fault(_jitter_both_ways, "delay"),
    "Crawl-delay ignored": _fault(lambda: patch.object(Pacer, "crawl_delay", lambda self, host, seconds: None), "delay"),
    "a budget for each fetcher": _fault(_a_budget_for_each_fetcher, "delay", "at once"),
    "a budget for each port": _fault(_a_budget_for_each_port, "delay", "at once"),
    "no limit on connections": _fault(lambda: patch.object(Pacer, "_places", lambda self, known: 1 << 30), "at once"),
    "Retry-After ignored": _fault(lambda: patch.object(reading, "retry_after", lambda value, now: None), "retry-after"),
    "pauses not heard by those in line": _fault(_those_in_line_do_not_hear, "retry-after", "slow host"),
    "long pauses forgotten with the scrape": _fault(_hold_lost_at_the_end, "long pause"),
    "slow hosts get no rest": _fault(_limits(slow=math.inf), "slow host"),
    "robots of redirect targets not checked": _fault(_robots_of_the_first_hop_only, "robots forbids"),
    "a failing robots.txt allows all": _fault(_failing_robots_allow_all, "robots missing"),
    "attempts without end": _fault(_limits(attempts=99), "attempts"),
    "no backoff": _fault(_no_backoff, "backoff"),
    "refusals tried again": _fault(_every_refusal_is_tried_again, "asked twice"),
    "nothing remembered": _fault(_nothing_is_remembered, "asked twice"),
    "silent hosts not given up": _fault(_limits(give_up=1 << 30), "given up"),
    "opt-outs in headers not read": _fault(lambda: patch.object(optout, "in_headers", lambda headers, agent: []), "opt-out stored"),
    "opt-outs on pages not read": _fault(lambda: patch.object(optout, "in_page", lambda body, agent: []), "opt-out stored"),
    "tdmrep.json not asked for": _fault(_tdmrep_not_asked_for, "tdmrep first"),
    "offline sources ask": _fault(_offline_asks, "offline"),
    "reservations not read": _fault(lambda: patch.object(rules.Site, "signals", lambda self, url: []), "reserved"),
}
