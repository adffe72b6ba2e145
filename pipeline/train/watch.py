"""Who looks on while a run is trained, whatever the caller adds."""

from __future__ import annotations

from pipeline.report import Reporter
from pipeline.train.board import Board
from pipeline.train.callbacks import Callback
from pipeline.train.film import Film


def watchers(report: Reporter) -> list[Callback]:
    """What every run is watched by, in the order in which they are told."""
    return [Board(report), Film()]
