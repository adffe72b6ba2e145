"""The course of a run as numbers: `metrics.csv`, and TensorBoard events where TensorBoard is installed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline import files
from pipeline.train.events import events

COLUMNS = (
    "step",
    "kimg",
    "loss_d",
    "loss_g",
    "score_real",
    "score_fake",
    "accuracy_d",
    "learning_rate_d",
    "learning_rate_g",
    "images_per_second",
)
SCORES = ("kid", "kid_floor", "color", "color_floor", "precision", "recall", "diversity", "nearest", "copies")
"""Further columns, empty in rows at which the run was not evaluated: what `pipeline.train.metrics` says of the generator."""


class Journal:
    """Appends to a run's metrics. Opening it at `step` drops the rows after it, which a resumed run writes again."""

    def __init__(self, run: Path, step: int) -> None:
        self.path = run / "metrics.csv"
        kept = [row for row in read(self.path) if int(row["step"]) <= step]
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS + SCORES, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        files.write(self.path, text.getvalue())
        self.events = events(run / "events")

    def add(self, row: Mapping[str, float]) -> None:
        """One row; every one of `COLUMNS` must be there, any of `SCORES` may. `step` is an int."""
        cells = [str(row["step"]), *(f"{row[name]:.6g}" for name in COLUMNS[1:])]
        cells += [f"{row[name]:.6g}" if name in row else "" for name in SCORES]
        files.append_line(self.path, ",".join(cells))
        if self.events is not None:
            for name in COLUMNS[2:]:
                self.events.scalar(int(row["step"]), name, row[name])
            for name in SCORES:
                if name in row:
                    self.events.scalar(int(row["step"]), f"scores/{name}", row[name])

    def picture(self, step: int, pixels: np.ndarray) -> None:
        """A sample grid, uint8 (height, width, 3), for TensorBoard."""
        if self.events is not None:
            self.events.image(step, "samples", pixels)

    def text(self, step: int, name: str, words: str) -> None:
        """Words for TensorBoard."""
        if self.events is not None:
            self.events.text(step, name, words)

    def close(self) -> None:
        """Flush the events."""
        if self.events is not None:
            self.events.close()


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a `metrics.csv`; a last line that a crash cut short is left out, a missing file is empty.

    Cells of `SCORES` are empty where the run was not evaluated.
    """
    if not path.exists():
        return []
    text = path.read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline="")))
    return [row for row in rows if all(row.get(name) for name in COLUMNS)]
