"""The pace on a fake clock: each test is one coroutine whose sleeping moves the loop's time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pipeline.fetch.limits import Limits
from pipeline.fetch.pace import Pacer
from pipeline.fetch.result import Failed

Run = Callable[[Coroutine[Any, Any, None]], None]


class Host:
    """A pacer without jitter, and when its requests started."""

    def __init__(self, limits: Limits | None = None, held: Callable[[str], float] = lambda host: 0.0) -> None:
        self.notes: list[str] = []
        self.started: list[float] = []
        self.most = self.busy = 0
        self.pacer = Pacer(limits or Limits(), self.notes.append, lambda: 0.0, held)
        self.zero = asyncio.get_running_loop().time()

    @property
    def now(self) -> float:
        return round(asyncio.get_running_loop().time() - self.zero, 3)

    async def ask(self, host: str = "a", takes: float = 0.0) -> None:
        async with self.pacer.turn(host):
            self.busy += 1
            self.most = max(self.most, self.busy)
            self.started.append(self.now)
            await asyncio.sleep(takes)
            self.busy -= 1


def test_requests_to_one_host_start_a_delay_apart(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.slow("a", 2.0)
        await host.ask()
        await asyncio.sleep(0.5)
        await host.ask()
        await asyncio.sleep(3.0)
        await host.ask()
        assert host.started == [0.0, 2.0, 5.0]

    run(work())


def test_many_at_once_stand_in_line(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.slow("a", 2.0)
        await asyncio.gather(*(host.ask(takes=0.5) for _ in range(4)))
        assert host.started == [0.0, 2.0, 4.0, 6.0]
        assert host.most == 1

    run(work())


def test_the_pause_of_the_stricter_block_holds_for_all(run: Run) -> None:
    async def work() -> None:
        host = Host()
        for delay in (1.0, 3.0, 0.0):
            host.pacer.slow("a", delay)
        await asyncio.gather(host.ask(), host.ask())
        assert host.started == [0.0, 3.0]

    run(work())


def test_jitter_only_makes_the_pause_longer(run: Run, time: Any) -> None:
    async def work() -> None:
        host = Host(Limits(jitter=0.25))
        host.pacer = Pacer(Limits(jitter=0.25), host.notes.append, iter([0.0, 0.5, 0.99]).__next__)
        host.pacer.slow("a", 4.0)
        await asyncio.gather(host.ask(), host.ask(), host.ask())
        assert host.started == [0.0, 4.0, 8.5]

    run(work())


def test_hosts_do_not_wait_for_each_other(run: Run) -> None:
    async def work() -> None:
        host = Host()
        for name in ("a", "b", "c"):
            host.pacer.slow(name, 2.0)
        await asyncio.gather(*(host.ask(name) for name in ("a", "b", "c")))
        assert host.started == [0.0, 0.0, 0.0]

    run(work())


def test_without_a_pause_a_few_are_asked_at_once(run: Run) -> None:
    async def work() -> None:
        host = Host(Limits(connections=3))
        await asyncio.gather(*(host.ask(takes=0.5) for _ in range(7)))
        assert host.most == 3
        assert host.now == 1.5

    run(work())


def test_crawl_delay_raises_the_delay_of_its_host_only(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.crawl_delay("a", 20.0)
        host.pacer.slow("a", 1.0)
        host.pacer.crawl_delay("b", 0.5)
        await asyncio.gather(host.ask("a"), host.ask("a"), host.ask("b"), host.ask("b"))
        assert sorted(host.started) == [0.0, 0.0, 0.5, 20.0]
        assert host.notes == ["a: waiting 20 s before each request (Crawl-delay in its robots.txt)"]

    run(work())


def test_crawl_delay_is_capped_and_told(run: Run) -> None:
    async def work() -> None:
        host = Host()
        for _ in range(2):
            host.pacer.crawl_delay("a", 3600.0)
        await asyncio.gather(host.ask(), host.ask())
        assert host.started == [0.0, 60.0]
        assert host.notes[0] == "a: its robots.txt asks for 3600 s between requests; it gets 60 s, the longest kept"
        assert len(host.notes) == 2

    run(work())


def test_a_hold_is_kept_and_its_reason_told(run: Run) -> None:
    async def work() -> None:
        host = Host()
        await host.ask()
        host.pacer.hold("a", 30.0, "HTTP 503 with Retry-After")
        host.pacer.hold("a", 3.0, "a shorter one changes nothing")
        await host.ask()
        assert host.started == [0.0, 30.0]
        assert host.notes == ["a: waiting 30 s (HTTP 503 with Retry-After)"]

    run(work())


def test_a_hold_that_comes_while_others_wait_holds_them_too(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.slow("a", 2.0)
        await host.ask()
        waiting = asyncio.create_task(host.ask())
        await asyncio.sleep(1.0)
        host.pacer.hold("a", 30.0, "asked")
        await waiting
        assert host.started == [0.0, 31.0]

    run(work())


def test_too_long_a_hold_is_a_failure_until_it_is_short_enough(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.hold("a", 4000.0, "asked")
        with pytest.raises(Failed, match="busy"):
            await host.ask()
        await asyncio.sleep(3500.0)
        await host.ask()
        assert host.started == [4000.0]

    run(work())


def test_a_hold_of_an_earlier_scrape_is_kept(run: Run) -> None:
    async def work() -> None:
        host = Host(held=lambda name: {"a": 100.0}.get(name, 0.0))
        await asyncio.gather(host.ask("a"), host.ask("b"))
        assert host.started == [0.0, 100.0]

    run(work())


def test_a_host_that_has_become_slow_rests_as_long_as_it_takes(run: Run) -> None:
    async def work() -> None:
        host = Host(Limits(slow=1.0, connections=4))
        for _ in range(12):
            await host.ask(takes=6.0)
        gaps = [later - earlier for earlier, later in zip(host.started, host.started[1:], strict=False)]
        assert gaps[0] == pytest.approx(7.8)  # 6 s, and 0.3 of that smoothed
        assert gaps[-1] == pytest.approx(12.0, abs=0.2)
        await asyncio.gather(*(host.ask(takes=6.0) for _ in range(3)))
        assert host.most == 1

    run(work())


def test_a_busy_host_is_asked_more_slowly_and_recovers(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.slow("a", 1.0)
        host.pacer.busy("a")
        host.pacer.busy("a")
        for _ in range(5):
            await host.ask()
            host.pacer.answered("a")
        assert host.started == [0.0, 3.0, 5.0, 6.5, 7.75]

    run(work())


def test_a_host_that_never_answers_is_given_up(run: Run) -> None:
    async def work() -> None:
        host = Host(Limits(give_up=3))
        for error in ("timeout", "unreachable", None, "timeout", "timeout", "unreachable"):
            await host.ask()
            host.pacer.heard("a", error)
        with pytest.raises(Failed, match="no answer 3 times in a row"):
            await host.ask()
        await host.ask("b")

    run(work())


def test_who_is_waited_for_and_why(run: Run) -> None:
    async def work() -> None:
        host = Host()
        host.pacer.slow("a", 4.0)
        host.pacer.hold("b", 50.0, "HTTP 429 with Retry-After")
        asked = [asyncio.create_task(host.ask(name)) for name in ("a", "a", "a", "b")]
        await asyncio.sleep(1.0)
        found = [(wait.host, round(wait.seconds), wait.why, wait.queue) for wait in host.pacer.waits(host.zero + host.now)]
        assert found == [("b", 49, "HTTP 429 with Retry-After", 1), ("a", 3, "the pause between requests", 2)]
        await asyncio.gather(*asked)
        assert host.pacer.waits(host.zero + host.now) == []

    run(work())
