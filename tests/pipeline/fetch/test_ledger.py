from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.fetch.ledger import Ledger


def test_rows_that_come_while_others_are_written_go_together() -> None:
    groups: list[list[int]] = []

    def write(rows: Sequence[int]) -> None:
        time.sleep(0.02)
        groups.append(list(rows))

    async def work() -> None:
        with ThreadPoolExecutor(1) as threads:
            ledger = Ledger(write, threads)
            await asyncio.gather(*(ledger.add(n) for n in range(20)))
            await ledger.add(20)

    asyncio.run(work())
    assert [row for group in groups for row in group] == list(range(21))
    assert len(groups) <= 3


def test_a_row_is_written_when_add_returns_and_a_failure_reaches_all() -> None:
    written: list[int] = []

    def write(rows: Sequence[int]) -> None:
        if 13 in rows:
            raise OSError(28, "No space left on device")
        written.extend(rows)

    async def work() -> None:
        with ThreadPoolExecutor(1) as threads:
            ledger = Ledger(write, threads)
            await ledger.add(1)
            assert written == [1]
            outcomes = await asyncio.gather(ledger.add(12), ledger.add(13), return_exceptions=True)
            assert any(isinstance(one, OSError) for one in outcomes)
            with pytest.raises(OSError, match="No space"):
                await ledger.add(13)
            await ledger.add(2)

    asyncio.run(work())
    assert written[-1] == 2


def test_rows_without_hurry_gather_until_one_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.fetch.ledger.GATHER", 60.0)
    groups: list[list[int]] = []

    async def work() -> None:
        with ThreadPoolExecutor(1) as threads:
            ledger = Ledger[int](lambda rows: groups.append(list(rows)), threads)
            patient = [asyncio.create_task(ledger.add(n, hurry=False)) for n in range(3)]
            await asyncio.sleep(0.01)
            assert groups == []
            await asyncio.wait_for(ledger.add(3), 10)
            await asyncio.gather(*patient)

    asyncio.run(work())
    assert groups == [[0, 1, 2, 3]]


def test_rows_without_hurry_do_not_wait_for_ever() -> None:
    groups: list[list[int]] = []

    async def work() -> None:
        with ThreadPoolExecutor(1) as threads:
            await asyncio.wait_for(Ledger[int](lambda rows: groups.append(list(rows)), threads).add(1, hurry=False), 10)

    asyncio.run(work())
    assert groups == [[1]]
