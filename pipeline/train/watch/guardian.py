"""Looks at a run once in a thousand images, lets the guards judge, and tells what they find once until it goes away."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.report import Reporter
from pipeline.train import journal, recovery, rows, samples
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
        self._weights: np.ndarray | None = None
        self._reals: Reals | None = None
        self._originals: int | None = None
        self._tables: dict[str, rows.Appender] = {}
        self._shown: tuple[np.ndarray, np.ndarray] | None = None

    def begin(self, recorder: Recorder) -> None:
        """Go on where the run's files stand at its step, and judge what can be judged before the first step."""
        run, step = recorder.run, recorder.step
        looks = {row["step"]: _look(row) for row in _kept(run / EVIDENCE, LOOK_COLUMNS, step)}
        past = steady([_numbers(row) for row in journal.read(run / "metrics.csv")])
        self._moments = [Moment(row, looks.get(f"{row['step']:.0f}")) for row in past]
        self.active = {}
        for row in _kept(run / WARNINGS, WARNING_COLUMNS, step):
            self.active.pop(row["kind"], None)
            if row["event"] == "seen":
                self.active[row["kind"]] = Finding(row["kind"], row["seen"], row["advice"])
        self._tables = {name: rows.Appender(run / name) for name in (EVIDENCE, WARNINGS)}
        self._before = self._weights = None
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
            self._tables[EVIDENCE].add(",".join(_cell(cells[name]) for name in LOOK_COLUMNS))
        self._moments.append(Moment(dict(row), look))
        self._judge(recorder)

    def lines(self) -> Sequence[str]:
        """The warnings in force."""
        return [f"! {finding.kind}: {finding.seen}" for finding in list(self.active.values())]

    def _gather(self, shards: ShardSet) -> None:
        trained = peek.pictures(shards.folder, shards.name, "train", shards.size, evidence.MOST)
        self._originals = len(trained)
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
        weights = evidence.weights(recorder.gan.generator.trainable_variables)
        if self._weights is not None:
            look = replace(look, learnt=evidence.change(weights, self._weights))
        self._weights = weights
        return look

    def _judge(self, recorder: Recorder) -> None:
        case = Case(recorder.config, self._moments, recovery.read(recorder.run), self._originals)
        found = {finding.kind: finding for finding in guards.findings(case)}
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
        self._tables[WARNINGS].add(rows.line(row))
        recorder.journal.text(recorder.step, "warnings", f"{event}: {finding}")


def warnings(run: Path) -> list[dict[str, str]]:
    """The rows of a run's `warnings.csv` (`WARNING_COLUMNS`; `event` is "seen" or "over"), oldest first."""
    return _whole(rows.read(run / WARNINGS), WARNING_COLUMNS)


def looks(run: Path) -> list[tuple[float, Look]]:
    """Those of a run with their kimg, oldest first."""
    return [(float(row["kimg"]), _look(row)) for row in _whole(rows.read(run / EVIDENCE), LOOK_COLUMNS)]


def steady(course: Sequence[Row]) -> list[Row]:
    """Rows without those that are means of too few images (`LEAST`), unless they hold scores."""
    kept: list[Row] = []
    before = -math.inf
    for row in course:
        if row["kimg"] - before >= LEAST or "kid" in row:
            kept.append(row)
        before = row["kimg"]
    return kept


def _kept(path: Path, columns: Sequence[str], step: int) -> list[dict[str, str]]:
    """The rows up to a step, which the file holds from now on: a resumed run writes the others again."""
    found = [row for row in _whole(rows.kept(path, columns), columns) if int(row["step"]) <= step]
    rows.write(path, columns, found)
    return found


def _whole(found: Sequence[dict[str, str]], columns: Sequence[str]) -> list[dict[str, str]]:
    return [row for row in found if all(row.get(name, "") is not None for name in columns)]  # older tables lack newer columns


def _cell(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.6g}"


def _look(row: Mapping[str, str]) -> Look:
    return Look(**{field.name: float(row[field.name]) if row.get(field.name) else None for field in fields(Look)})  # type: ignore[arg-type]


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    return {name: float(cell) for name, cell in row.items() if cell}


def _as_input(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / 127.5 - 1


def _logits(discriminator: Callable[..., Any], pictures: np.ndarray) -> np.ndarray:
    from keras import ops

    parts = [pictures[start : start + CHUNK] for start in range(0, len(pictures), CHUNK)]
    logits = np.concatenate([ops.convert_to_numpy(discriminator(part, training=False)) for part in parts])
    return np.nan_to_num(logits.astype(np.float64).ravel(), nan=-math.inf, posinf=1e300, neginf=-1e300)
