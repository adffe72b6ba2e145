"""evaluate on a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.train.metrics import evaluate

Command = Callable  # type: ignore[type-arg]


def test_scores_are_printed_with_what_they_are_of(drawable: Path, pipeline: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def measured(run: Path, **options: object) -> evaluate.Evaluation:
        asked.update(options, run=run)
        about = {"samples": 9, "checkpoint": "best", "real": 8, "real_split": "train", "embedder": "some-net", "resize": "to 224"}
        return evaluate.Evaluation(run, {"kid": 0.2, "color": 0.1}, {"kid": 0.001}, about, (run / "index.html",))

    monkeypatch.setattr(evaluate, "evaluate", measured)
    outcome = pipeline("evaluate", str(drawable), "--count", "20", "--checkpoint", "last", "--inception", "w.pth")
    assert outcome.code == 0, outcome.err
    assert (asked["count"], asked["checkpoint"], asked["inception"], asked["run"]) == (20, "last", Path("w.pth"), drawable)
    assert "9 samples of the best generator, 8 real pictures (train), some-net, to 224" in outcome.out
    assert "kid ×1000" in outcome.out
    assert "200.0" in outcome.out
    data = json.loads(pipeline("evaluate", str(drawable), "--json").out)
    assert (data["kid"], data["color"]) == (0.2, 0.1)
    assert data["about"]["real_split"] == "train"


def test_a_run_that_is_not_there_is_a_wrong_usage(pipeline: Command) -> None:
    assert pipeline("evaluate", "nowhere").code == 2
