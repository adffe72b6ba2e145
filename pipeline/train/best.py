"""The best state of a run so far, kept beside the newest ones: `checkpoints/best.npz` and the generator by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError
from pipeline.report import Reporter
from pipeline.train import checkpoints
from pipeline.train.data import ShardSet
from pipeline.train.presets import TrainSettings

if TYPE_CHECKING:
    import keras

Scores = Mapping[str, float]


class NoRoom(Exception):  # it ends no run
    """Memory does not suffice for scoring a generator beside its training."""


@dataclass(frozen=True)
class Judge:
    """What says how good a generator is, and which of two is better: a thin seam to `pipeline.train.metrics`."""

    evaluate: Callable[[keras.Model], Scores]
    """The scores of a generator."""
    better: Callable[[Scores, Scores], bool]
    """Whether the first scores are better than the second."""


def judge(shards: ShardSet, settings: TrainSettings, report: Reporter) -> Judge | None:
    """What the settings ask for, or None: never, or it cannot be done (no weights of the embedder, too few pictures), which is said."""
    if not settings.evaluate_kimg:
        return None
    from pipeline.train import metrics

    try:
        evaluator = metrics.Evaluator(shards, settings)
        with report.bar("real pictures"):
            _ = evaluator.known  # too few pictures to compare with should be known now, not after the first hours
        return Judge(evaluator, metrics.better)
    except PipelineError as error:
        report.note(f"the last generator will be kept, not the best: {error}")
        return None


class Best:
    """The best checkpoint of a run, as far as its files tell: its scores are written with it, so neither is without the other."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.about = checkpoints.read_about(run / "checkpoints" / checkpoints.BEST)
        """Of that checkpoint: `step`, `kimg`, `scores`, …; None before the first evaluation."""

    def offer(self, state: Mapping[str, keras.Variable], generator: keras.Model, about: Mapping[str, Any], judge: Judge) -> bool:
        """Keep this state if `about["scores"]` are better than those kept; returns whether they are.

        The generator is written first: killed in between, the resumed run comes by here again and finds the old scores.
        """
        if self.about is not None and not judge.better(about["scores"], self.about["scores"]):
            return False
        checkpoints.refuse_broken(state)
        checkpoints.save_generator(generator, self.run / checkpoints.GENERATOR)
        checkpoints.write(self.run / "checkpoints" / checkpoints.BEST, state, about)
        self.about = dict(about)
        return True
