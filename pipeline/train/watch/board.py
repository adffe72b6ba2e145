"""The course of a run for a person who waits: a table on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.report import Reporter
from pipeline.train.callbacks import Callback

if TYPE_CHECKING:
    from pipeline.train.recorder import Recorder

ROWS = 6
"""Rows that the table shows: the newest."""
LINES = 10
"""Parts of a run with a line in a log each, …"""
SECONDS = 900.0
"""… and this long after a line there is another one in any case."""
BARS = "▁▂▃▄▅▆▇█"
HEADING = f"{'kimg':>9} {'img/s':>8} {'loss D':>8} {'loss G':>8} {'D right':>8}"
SHOWN = {"kid": "KID ×1000", "color": "colour"}
"""Scores in the table, with their headings; KID in thousandths, as it is mostly given."""


class Board(Callback):
    """The newest rows, the course of KID, and what time is left."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._rows: deque[str] = deque(maxlen=ROWS)
        self._scored: list[tuple[float, Mapping[str, float]]] = []
        self._said, self._part, self._left = time.monotonic(), 0, ""
        self._began, self._first = time.monotonic(), 0

    def begin(self, recorder: Recorder) -> None:
        """Start the clock; a resumed run has its scores on record."""
        from pipeline.train import journal

        self._rows.clear()
        self._began, self._first = time.monotonic(), recorder.step
        self._part = int(LINES * recorder.step / recorder.total)
        rows = journal.read(recorder.run / "metrics.csv")
        self._scored = [(float(row["kimg"]), {"kid": float(row["kid"])}) for row in rows if row.get("kid")]

    def measured(self, recorder: Recorder, row: Mapping[str, float]) -> None:
        """Add the row; a line to the log when a part of the run is over, or much time."""
        scores = {name: row[name] for name in SHOWN if name in row}
        if scores:
            self._scored.append((row["kimg"], scores))
        self._rows.append(_cells(row, scores))
        seconds, steps = time.monotonic() - self._began, recorder.step - self._first
        self._left = span(seconds / steps * (recorder.total - recorder.step)) if steps else ""
        part = int(LINES * recorder.step / recorder.total)
        if part > self._part or time.monotonic() - self._said > SECONDS:
            self._part, self._said = part, time.monotonic()
            self._report.progress(self._line(recorder, row))

    def lines(self) -> Sequence[str]:
        """The table, and the course of KID below it."""
        rows = list(self._rows)
        if not rows:
            return ()
        named = "".join(f" {name:>10}" for name in SHOWN.values()) if self._scored else ""
        return [HEADING + named, *rows, *([f"  {self._trend()}"] if self._scored else [])]

    def _line(self, recorder: Recorder, row: Mapping[str, float]) -> str:
        parts = [
            f"{recorder.kimg:,.4g} of {recorder.total_kimg:,.4g} kimg",
            f"{row['images_per_second']:,.0f} images/s",
            f"losses D {row['loss_d']:.3f}, G {row['loss_g']:.3f}",
            f"D right {row['accuracy_d']:.0%}",
            self._trend() if self._scored else "",
            f"about {self._left} left" if recorder.step < recorder.total and self._left else "",
        ]
        return " · ".join(part for part in parts if part)

    def _trend(self) -> str:
        kids = [(kimg, 1000 * scores["kid"]) for kimg, scores in self._scored if "kid" in scores]
        if not kids:
            return ""
        best_kimg, best = min(kids, key=lambda pair: pair[1])
        marks = sparkline([kid for _, kid in kids[-20:]])
        return f"KID ×1000 {kids[-1][1]:.1f} {marks} best {best:.1f} at {best_kimg:.4g} kimg"


def sparkline(values: Sequence[float]) -> str:
    """A mark for each value, between the lowest and the highest."""
    low, high = min(values), max(values)
    return "".join(BARS[round((value - low) / ((high - low) or 1) * (len(BARS) - 1))] for value in values)


def span(seconds: float) -> str:
    """A length of time in words: 40 s, 12 min, 3.4 h."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _cells(row: Mapping[str, float], scores: Mapping[str, float]) -> str:
    cells = f"{row['kimg']:>9,.1f} {row['images_per_second']:>8,.0f} {row['loss_d']:>8.3f} {row['loss_g']:>8.3f} {row['accuracy_d']:>8.0%}"
    if scores:
        cells += "".join(f" {_score(name, scores):>10}" for name in SHOWN)
    return cells


def _score(name: str, scores: Mapping[str, float]) -> str:
    if name not in scores:
        return ""
    return f"{1000 * scores[name]:.1f}" if name == "kid" else f"{scores[name]:.3f}"
