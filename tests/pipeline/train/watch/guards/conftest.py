"""Runs made up of rows, for guards to judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.train import presets
from pipeline.train.config import RunConfig
from pipeline.train.watch.evidence import Look
from pipeline.train.watch.guards import Case, Moment

HEALTHY = {
    "loss_d": 1.0,
    "loss_g": 1.3,
    "score_real": 0.7,
    "score_fake": 0.35,
    "accuracy_d": 0.77,
    "learning_rate_d": 1e-3,
    "learning_rate_g": 1e-3,
}
LOOK = {"spread": 0.8, "different": 0.7, "moved": 0.4, "nearest": 1.2, "known": 0.6, "learnt": 0.05}


@pytest.fixture
def case() -> Callable[..., Case]:
    """`rows` healthy rows, then one for each item of `then`: changes to columns and to looks."""

    def make(
        *then: dict[str, Any], rows: int = 10, preset: str = "stable", images: int = 500, recoveries: Any = (), **settings: Any
    ) -> Case:
        config = RunConfig(
            presets.load("stable").model_validate(settings), "dots", "0" * 64, images=images, size=64, batch=32, precision="float32"
        )
        moments = []
        for number, changes in enumerate([{}] * rows + list(then), 1):
            columns = HEALTHY | {name: value for name, value in changes.items() if name not in LOOK}
            look = Look(**(LOOK | {name: value for name, value in changes.items() if name in LOOK}))
            moments.append(Moment({"step": number * 32, "kimg": number * 1.024, **columns}, look))
        return Case(config, moments, recoveries)

    return make
