from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.report import Reporter
from pipeline.train.watch import board


class Log(Reporter):
    def __init__(self) -> None:
        self.said: list[str] = []

    def progress(self, text: str) -> None:
        self.said.append(text)


def _run(tmp_path: Path, rows: int, kid: dict[int, float] | None = None, total: int = 100) -> tuple[board.Board, Log]:
    log = Log()
    shown = board.Board(log)
    recorder: Any = SimpleNamespace(run=tmp_path, step=0, total=total, kimg=0.0, total_kimg=float(total))
    shown.begin(recorder)
    for step in range(1, rows + 1):
        recorder.step, recorder.kimg = step, float(step)
        row = {"step": step, "kimg": float(step), "loss_d": 1.25, "loss_g": 0.5, "accuracy_d": 0.75, "images_per_second": 1234.5}
        if kid and step in kid:
            row |= {"kid": kid[step], "color": 0.125}
        shown.measured(recorder, row)
    return shown, log


def test_nothing_is_shown_before_there_is_something_to_show(tmp_path: Path) -> None:
    assert list(_run(tmp_path, 0)[0].lines()) == []


def test_the_newest_rows_stand_under_their_headings(tmp_path: Path) -> None:
    heading, *rows = _run(tmp_path, 20)[0].lines()
    assert heading.split() == ["kimg", "img/s", "loss", "D", "loss", "G", "D", "right"]
    assert [row.split()[0] for row in rows] == [f"{step}.0" for step in range(15, 21)]
    assert rows[-1].split() == ["20.0", "1,234", "1.250", "0.500", "75%"]
    assert len({len(line) for line in (heading, *rows)}) == 1


def test_kid_shows_its_course_and_its_best(tmp_path: Path) -> None:
    *_, row, trend = _run(tmp_path, 30, {10: 0.08, 20: 0.04, 30: 0.06})[0].lines()
    assert row.split()[-2:] == ["60.0", "0.125"]
    assert trend.strip() == "KID ×1000 60.0 █▁▅ best 40.0 at 20 kimg"


def test_a_log_gets_a_line_for_each_tenth(tmp_path: Path) -> None:
    said = _run(tmp_path, 100)[1].said
    assert len(said) == 10
    assert said[4].startswith("50 of 100 kimg · 1,234 images/s · losses D 1.250, G 0.500 · D right 75%")
    assert "left" in said[4]
    assert "left" not in said[-1]


def test_a_long_wait_gets_a_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100_000, 500))
    monkeypatch.setattr(board.time, "monotonic", lambda: next(clock))
    assert len(_run(tmp_path, 9, total=1000)[1].said) > 2


def test_a_sparkline_goes_from_lowest_to_highest() -> None:
    assert board.sparkline([0, 7, 14]) == "▁▅█"
    assert board.sparkline([3, 3]) == "▁▁"


@pytest.mark.parametrize(("seconds", "words"), [(40, "40 s"), (720, "12 min"), (12_240, "3.4 h")])
def test_a_span_in_words(seconds: float, words: str) -> None:
    assert board.span(seconds) == words
