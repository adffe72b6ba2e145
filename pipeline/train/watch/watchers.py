"""Who looks on while a run is trained, whatever the caller adds."""

from __future__ import annotations

from pipeline.report import Reporter
from pipeline.train.callbacks import Callback
from pipeline.train.data import ShardSet
from pipeline.train.film import Film
from pipeline.train.watch.board import Board
from pipeline.train.watch.guardian import Guardian
from pipeline.train.watch.page import Page


def watchers(report: Reporter, shards: ShardSet | None = None) -> list[Callback]:
    """What every run is watched by, in the order in which they are told. `shards`: what generated pictures are held against."""
    return [Board(report), Guardian(report, shards), Film(report), Page()]  # the page tells of what the others wrote
