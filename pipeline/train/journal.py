"""The course of a run as numbers: `metrics.csv`, and TensorBoard events where TensorBoard is installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.train import rows
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
    """Appends to a run's metrics. Opening it at `step` drops the rows after it, which a resumed run writes again.

    Raises PipelineError when the file is another program's by its heading.
    """

    def __init__(self, run: Path, step: int) -> None:
        self.path = run / "metrics.csv"
        kept = [row for row in _whole(rows.kept(self.path, COLUMNS)) if int(row["step"]) <= step]
        rows.write(self.path, COLUMNS + SCORES, kept)
        self._table = rows.Appender(self.path)
        self.events = events(run / "events")

    def add(self, row: Mapping[str, float]) -> None:
        """One row; every one of `COLUMNS` must be there, any of `SCORES` may. `step` is an int."""
        cells = [str(row["step"]), *(f"{row[name]:.6g}" for name in COLUMNS[1:])]
        cells += [f"{row[name]:.6g}" if name in row else "" for name in SCORES]
        self._table.add(",".join(cells))
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
    return _whole(rows.read(path))


def _whole(found: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in found if all(row.get(name) for name in COLUMNS)]
