"""Work over many images goes to an Executor: processes here."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from pipeline.errors import PipelineError

MOST = 61
"""More processes than this Windows cannot wait for."""

Job = TypeVar("Job")


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
        # Not waited for: a second Ctrl-C would interrupt the waiting and leave the pool locked up for ever.
        running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        raise
    pool.shutdown()


def each(work: Callable[[Job], object], jobs: Sequence[Job], count: int) -> Iterator[Job]:
    """Run `work` on every job in at most `count` processes; yield each job when it is done, in whatever order.

    `work` and the jobs must be picklable. The first error ends it, and the jobs under way with it.
    Raises PipelineError when a process was killed.
    """
    try:
        with processes(min(count, len(jobs))) as executor:
            futures = {executor.submit(work, job): job for job in jobs}
            for future in as_completed(futures):
                future.result()
                yield futures[future]
    except BrokenProcessPool as error:
        raise PipelineError("a worker process was killed, perhaps for want of memory; run again with fewer --workers") from error


def _settle() -> None:
    """Ctrl-C reaches every process of the terminal: the parent alone decides what it means. And a worker dies with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
