"""Work over many images, cut into partitions: one interface, and processes of this machine behind it; `cluster.py` has a Dask cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import PipelineError

MOST = 61
"""More processes than this Windows cannot wait for."""

AHEAD = 2
"""Partitions handed out for each worker: one that it works on, and one that waits."""

IMPATIENCE = 5
"""Interrupts that the ending of processes bears."""

PATIENCE = 5.0
"""Seconds that it is waited for."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def default_count() -> int:
    """One worker for each core this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def processes(count: int) -> Iterator[Executor]:
    """An executor of `count` fresh processes; after an error (or Ctrl-C) they are ended, whatever they are at.

    Processes are spawned, not forked: a fork copies locks that other threads (a progress bar's, TensorFlow's) may hold.
    """
    pool = ProcessPoolExecutor(min(count, MOST), mp_context=multiprocessing.get_context("spawn"), initializer=_settle)
    try:
        yield pool
    except BaseException:
        for _ in range(IMPATIENCE):  # a second Ctrl-C may come in here as well
            with contextlib.suppress(KeyboardInterrupt):
                _end(pool)
                break
        raise
    pool.shutdown()


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes, whatever they are at, and the pool with them.

    Ctrl-C is not heard meanwhile: where it interrupts the pool's own housekeeping, here or when Python exits, that waits for ever.
    """
    hears = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if hears else None
    try:
        running = list((pool._processes or {}).values())
        keeper: Any = pool._executor_manager_thread
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        if keeper is not None:
            keeper.join(PATIENCE)
    finally:
        if hears:
            signal.signal(signal.SIGINT, before)


class Lost(PipelineError):
    """A partition that was given up: every worker that took it died."""


class Workers(ABC):
    """Runs a function on many partitions. What it needs travels as its argument; what it finds returns as its result."""

    @abstractmethod
    def outcomes(
        self, work: Callable[[Part], Result], parts: Iterable[Part], name: Callable[[Part], str], *, apart: bool = False
    ) -> Iterator[tuple[Part, Result | Lost]]:
        """Run `work` on each of `parts`, several at a time; yield each with its result, in order.

        `work` and the parts must be picklable. No more parts are drawn, and no more results kept, than a few for each worker. A part
        whose worker died is tried again; when that does not help, its outcome is Lost, which says so with its `name`. `apart`: parts are
        suspected of killing their workers, and are tried one at a time and once. The first error in `work` itself is raised here, and
        ends the rest.
        """

    @abstractmethod
    def check(self, folder: Path) -> None:
        """Raises PipelineError, in one line, if a worker cannot do its part for the files in `folder`."""

    def each(
        self, work: Callable[[Part], Result], parts: Iterable[Part], name: Callable[[Part], str] = str
    ) -> Iterator[tuple[Part, Result]]:
        """The same where a part that is given up is an error: raises Lost."""
        for part, outcome in self.outcomes(work, parts, name):
            if isinstance(outcome, Lost):
                raise outcome
            yield part, outcome


class Processes(Workers):
    """`count` processes of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count

    def outcomes(
        self, work: Callable[[Part], Result], parts: Iterable[Part], name: Callable[[Part], str], *, apart: bool = False
    ) -> Iterator[tuple[Part, Result | Lost]]:
        """See `Workers.outcomes`."""
        left = iter(parts)
        while not apart:
            under: deque[tuple[Part, Future[Result]]] = deque()
            try:
                with processes(self.count) as pool:
                    for part in left:
                        under.append((part, Future()))  # known before a broken pool refuses it
                        under[-1] = part, pool.submit(work, part)
                        if len(under) >= AHEAD * self.count:
                            yield under[0][0], under[0][1].result()
                            under.popleft()
                    while under:
                        yield under[0][0], under[0][1].result()
                        under.popleft()
                return
            except BrokenProcessPool:
                # Any of these may have taken its process down, and the pool with it. Alone it is known which.
                yield from _one_by_one(work, [part for part, _ in under], name)
        yield from _one_by_one(work, list(left), name)

    def check(self, folder: Path) -> None:
        """See `Workers.check`: what this process sees, its own see too."""


def _one_by_one(work: Callable[[Part], Result], parts: list[Part], name: Callable[[Part], str]) -> Iterator[tuple[Part, Result | Lost]]:
    """One part at a time, in a process that is made anew when a part takes it down."""
    left = deque(parts)
    while left:
        try:
            with processes(1) as pool:
                while left:
                    yield left[0], pool.submit(work, left[0]).result()
                    left.popleft()
        except BrokenProcessPool:
            part = left.popleft()
            yield part, Lost(f"{name(part)}: its worker process was killed, also when alone; is there too little memory?")


@contextlib.contextmanager
def opened(count: int, scheduler: str = "") -> Iterator[Workers]:
    """The workers to use: those of the Dask cluster at the address `scheduler`, or else `count` processes of this machine.

    Raises UsageError without the extra `cluster`, PipelineError when nobody answers.
    """
    if not scheduler:
        yield Processes(count)
        return
    from pipeline import cluster

    with cluster.connected(scheduler) as workers:
        yield workers


def _settle() -> None:
    """Ctrl-C reaches every process of the terminal: the parent alone decides what it means. And a worker dies with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
