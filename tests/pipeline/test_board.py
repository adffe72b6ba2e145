from __future__ import annotations

from collections import Counter

from pipeline import board
from pipeline.fetch.pace import Wait
from pipeline.tally import Tally


def test_a_block_in_the_middle_of_its_work() -> None:
    block = Tally("mahq", pages=100, pictures=200, queued=30, announced=40, failures=Counter(gone=3, timeout=1))
    assert board.lines([block], [], 600.0) == ["mahq: 100 pages (+40) · 200 pictures (+30) · 0.3/s · 4 failed · about 5 min left"]


def test_nothing_is_foretold_from_nothing() -> None:
    assert board.lines([Tally("mahq")], [], 0.1) == ["mahq: 0 pages · 0 pictures"]
    assert board.left(Tally("a", pages=2, pictures=1, announced=50), 10.0) == ""


def test_spans() -> None:
    def left(queued: int) -> str:
        return board.left(Tally("a", pages=5, pictures=5, queued=queued), 10.0)

    assert [left(n) for n in (7, 70, 400, 9000)] == ["about 7 s left", "about 1 min 10 s left", "about 6 min left", "about 2 h 30 min left"]


def test_hosts_that_are_waited_for() -> None:
    waits = [Wait(f"h{n}", 50.0 - n, "Crawl-delay in its robots.txt", 1 + n) for n in range(6)]
    shown = board.lines([], waits, 1.0)
    assert shown[0] == "  waiting for h0: 50 s (Crawl-delay in its robots.txt)"
    assert shown[1] == "  waiting for h1: 49 s (Crawl-delay in its robots.txt, 2 in line)"
    assert shown[4:] == ["  and for 2 other hosts"]
