"""Rows that come in one by one and are made durable in groups: while one group is being written, the next one gathers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Row = TypeVar("Row")

GATHER = 0.03
"""Seconds in which a group gathers that nobody waits for."""


class Ledger(Generic[Row]):
    """Writes rows with `write` (a blocking call, one at a time) on the executor."""

    def __init__(self, write: Callable[[Sequence[Row]], None], executor: Executor) -> None:
        self._write = write
        self._executor = executor
        self._rows: list[tuple[Row, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    async def add(self, row: Row, *, hurry: bool = True) -> None:
        """Returns when the row is written; raises what writing its group raised. Without `hurry` a larger group may gather first."""
        done = asyncio.get_running_loop().create_future()
        self._rows.append((row, done))
        if hurry:
            self._hurry.set()
        if self._writing is None:
            self._writing = asyncio.create_task(self._run())
        await done

    async def _run(self) -> None:
        try:
            while self._rows:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), GATHER)
                self._hurry.clear()
                group, self._rows = self._rows, []
                try:
                    await asyncio.get_running_loop().run_in_executor(self._executor, self._write, [row for row, _ in group])
                except Exception as error:
                    for _, done in group:
                        if not done.done():
                            done.set_exception(error)
                else:
                    for _, done in group:
                        if not done.done():
                            done.set_result(None)
        finally:
            self._writing = None
