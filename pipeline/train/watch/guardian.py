"""Looks at a run once in a thousand images, lets the guards judge, and tells what they find once until it goes away."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline import files
from pipeline.report import Reporter
from pipeline.train import journal, recovery, samples
from pipeline.train.callbacks import Callback
from pipeline.train.data import ShardSet
from pipeline.train.watch import evidence, guards, peek
from pipeline.train.watch.evidence import Look, Reals
from pipeline.train.watch.guards import Case, Finding, Moment

if TYPE_CHECKING:
    from pipeline.train.recorder import Recorder

Row = Mapping[str, float]

EVIDENCE, WARNINGS = "evidence.csv", "warnings.csv"
LOOK_COLUMNS = ("step", "kimg", *(field.name for field in fields(Look)))
WARNING_COLUMNS = ("step", "kimg", "event", "kind", "seen", "advice")
HELD_OUT = 256
"""Held-out pictures that are looked at, at most, and as many training ones beside them."""
LEAST = 0.25
"""Thousand images that a row must be the mean of: the one after an evaluation may be of a single step, which says nothing."""
CHUNK = 16
"""Pictures that the discriminator is shown at a time: minibatch standard deviation must see equally many of either."""


class Guardian(Callback):
    """Keeps `evidence.csv` (its looks) and `warnings.csv` (what it told, and when that was over) in the run."""

    def __init__(self, report: Reporter, shards: ShardSet | None) -> None:
        self._report, self._shards = report, shards
        self.active: dict[str, Finding] = {}
        """Warnings in force, by kind."""
        self._moments: list[Moment] = []
        self._before: np.ndarray | None = None
        self._reals: Reals | None = None
        self._shown: tuple[np.ndarray, np.ndarray] | None = None

    def begin(self, recorder: Recorder) -> None:
        """Go on where the run's files stand at its step, and judge what can be judged before the first step."""
        run, step = recorder.run, recorder.step
        looks = {row["step"]: _look(row) for row in _kept(run / EVIDENCE, LOOK_COLUMNS, step)}
        rows = steady([_numbers(row) for row in journal.read(run / "metrics.csv")])
        self._moments = [Moment(row, looks.get(f"{row['step']:.0f}")) for row in rows]
        self.active = {}
        for row in _kept(run / WARNINGS, WARNING_COLUMNS, step):
            self.active.pop(row["kind"], None)
            if row["event"] == "seen":
                self.active[row["kind"]] = Finding(row["kind"], row["seen"], row["advice"])
        self._before = None
        if self._shards is not None and self._reals is None:
            self._gather(self._shards)
        self._judge(recorder)

    def measured(self, recorder: Recorder, row: Mapping[str, float]) -> None:
        """Look, remember, judge."""
        if len(steady([*(moment.row for moment in self._moments[-1:]), row])) <= min(len(self._moments), 1):
            return
        look = self._look(recorder)
        if look is not None:
            cells = {"step": int(row["step"]), "kimg": row["kimg"], **asdict(look)}
            files.append_line(recorder.run / EVIDENCE, ",".join(_cell(cells[name]) for name in LOOK_COLUMNS))
        self._moments.append(Moment(dict(row), look))
        self._judge(recorder)

    def lines(self) -> Sequence[str]:
        """The warnings in force."""
        return [f"! {finding.kind}: {finding.seen}" for finding in list(self.active.values())]

    def _gather(self, shards: ShardSet) -> None:
        trained = peek.pictures(shards.folder, shards.name, "train", shards.size, evidence.MOST)
        held_out = peek.held_out(shards.folder, shards.name, shards.size, HELD_OUT)
        if len(trained) >= 2:
            self._reals = Reals.of(trained, held_out)
        count = min(len(trained), len(held_out)) // CHUNK * CHUNK
        if count:
            self._shown = _as_input(trained[:: len(trained) // count][:count]), _as_input(held_out[:count])

    def _look(self, recorder: Recorder) -> Look | None:
        if self._reals is None:
            return None
        pictures = samples.draw(recorder.gan.sampler, recorder.noise)
        logits = None
        if self._shown is not None:
            trained, held_out = (_logits(recorder.gan.discriminator, shown) for shown in self._shown)
            logits = trained, held_out
        look, self._before = evidence.look(pictures, self._reals, self._before, logits)
        return look

    def _judge(self, recorder: Recorder) -> None:
        found = {finding.kind: finding for finding in guards.findings(Case(recorder.config, self._moments, recovery.read(recorder.run)))}
        for kind, finding in found.items():
            if kind not in self.active:
                self._report.note(f"{recorder.run.name}, {recorder.kimg:.4g} kimg: {finding}")
                self._write(recorder, "seen", finding)
        for kind, finding in self.active.items():
            if kind not in found:
                self._write(recorder, "over", finding)
        self.active = found

    def _write(self, recorder: Recorder, event: str, finding: Finding) -> None:
        row = (recorder.step, f"{recorder.kimg:.6g}", event, finding.kind, finding.seen, finding.advice)
        files.append_line(recorder.run / WARNINGS, _line(row))
        recorder.journal.text(recorder.step, "warnings", f"{event}: {finding}")


def warnings(run: Path) -> list[dict[str, str]]:
    """The rows of a run's `warnings.csv` (`WARNING_COLUMNS`; `event` is "seen" or "over"), oldest first."""
    return _rows(run / WARNINGS, WARNING_COLUMNS)


def looks(run: Path) -> list[tuple[float, Look]]:
    """Those of a run with their kimg, oldest first."""
    return [(float(row["kimg"]), _look(row)) for row in _rows(run / EVIDENCE, LOOK_COLUMNS)]


def steady(rows: Sequence[Row]) -> list[Row]:
    """Rows without those that are means of too few images (`LEAST`), unless they hold scores."""
    kept: list[Row] = []
    before = -math.inf
    for row in rows:
        if row["kimg"] - before >= LEAST or "kid" in row:
            kept.append(row)
        before = row["kimg"]
    return kept


def _kept(path: Path, columns: Sequence[str], step: int) -> list[dict[str, str]]:
    """The rows up to a step, which the file holds from now on: a resumed run writes the others again."""
    rows = [row for row in _rows(path, columns) if int(row["step"]) <= step]
    files.write(path, "".join(_line(row) + "\n" for row in [columns, *([row[name] for name in columns] for row in rows)]))
    return rows


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    if not path.exists():
        return []
    text = path.read_bytes().decode()
    rows = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline=""))
    return [row for row in rows if all(row.get(name) is not None for name in columns)]


def _line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.6g}"


def _look(row: Mapping[str, str]) -> Look:
    return Look(**{field.name: float(row[field.name]) if row[field.name] else None for field in fields(Look)})  # type: ignore[arg-type]


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    return {name: float(cell) for name, cell in row.items() if cell}


def _as_input(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / 127.5 - 1


def _logits(discriminator: Callable[..., Any], pictures: np.ndarray) -> np.ndarray:
    from keras import ops

    parts = [pictures[start : start + CHUNK] for start in range(0, len(pictures), CHUNK)]
    logits = np.concatenate([ops.convert_to_numpy(discriminator(part, training=False)) for part in parts])
    return np.nan_to_num(logits.astype(np.float64).ravel(), nan=-math.inf, posinf=1e300, neginf=-1e300)
