"""What guards judge by, and what they answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.train.config import RunConfig
from pipeline.train.recovery import Recovery
from pipeline.train.watch.evidence import Look

ROWS = 3
"""Rows (once in a thousand images) in a row that a thing must be seen in: one odd row is noise."""
STEPS = 50
"""Steps before which nothing is said of how a run goes: the averages of batch normalisation are not yet settled, …"""
KIMG = 2.0
"""… nor before so many thousand images."""


@dataclass(frozen=True)
class Moment:
    """A row of `metrics.csv`, with the look at the generator's pictures that was taken then (None: none was)."""

    row: Mapping[str, float]
    look: Look | None = None

    @property
    def kimg(self) -> float:
        """Thousand images shown by then."""
        return self.row["kimg"]


@dataclass(frozen=True)
class Case:
    """A run as guards see it: its moments in order, the newest last, and the times that its numbers broke."""

    config: RunConfig
    moments: Sequence[Moment] = ()
    recoveries: Sequence[Recovery] = ()
    originals: int | None = None
    """Pictures to train on without augmented copies, as far as they were counted (`evidence.MOST`); None: they were not."""

    def last(self, rows: int = ROWS) -> Sequence[Moment]:
        """The newest moments; empty while there are fewer than `rows` that count (`STEPS`, `KIMG`)."""
        counted = [moment for moment in self.moments[-rows:] if moment.row["step"] >= STEPS and moment.kimg >= KIMG]
        return counted if len(counted) == rows else []

    def looks(self, rows: int = ROWS) -> Sequence[Look]:
        """The looks of the newest moments, if each of them has one."""
        found = [moment.look for moment in self.last(rows) if moment.look is not None]
        return found if len(found) == rows else []


@dataclass(frozen=True)
class Finding:
    """A warning: `kind` names it, `seen` is the evidence with its numbers, `advice` what to try. One line each."""

    kind: str
    seen: str
    advice: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.seen}. Try: {self.advice}"
