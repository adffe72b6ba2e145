"""A clock that only waiting moves, and an event loop that lives by it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")


class Time:
    """`elapsed` seconds that only waiting moves, and the calendar beside it, which also jumps."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.base = 1_800_000_000.25

    def __call__(self) -> float:
        return self.base + self.elapsed


class _Jump(selectors.DefaultSelector):
    """Where nothing is to be done before a timer, the clock goes there at once."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.time.elapsed += max(timeout, 1e-9 * (1 + self.time.elapsed))  # a smaller step might be lost in rounding
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop on that clock, which does the work of executors itself: one thread, one order of events."""

    def __init__(self, time: Time) -> None:
        super().__init__(_Jump(time))
        self._fake = time

    def time(self) -> float:
        return self._fake.elapsed

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done
