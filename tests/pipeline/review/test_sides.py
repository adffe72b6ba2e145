"""The queue of facing: doubtful first, what has no suggestion last, and never what a person has spoken about."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.curate import facing
from pipeline.measure.facing import LENGTH
from pipeline.review import sides


@pytest.fixture
def measured() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    blobs = [draw.integers(0, 255, LENGTH, dtype=np.uint8).tobytes() for _ in range(40)]
    return pd.DataFrame({"id": [f"i{number:02}" for number in range(40)], "facing": [*blobs[:38], None, None]})


PLACE = {f"i{number:02}": 100 + number for number in range(40)}


def test_before_enough_verdicts_the_order_is_that_of_the_rows(measured: pd.DataFrame) -> None:
    found = sides.queue(measured, PLACE, {"i05", "i03", "i04"}, {"i04": "left"})
    assert found == {"order": [103, 105], "side": ["", ""], "confidence": [0.0, 0.0], "missing": facing.FEWEST - 1, "foretold": None}


def test_the_doubtful_come_first_and_the_unmeasured_last(measured: pd.DataFrame) -> None:
    said = {f"i{number:02}": ("left", "right")[number % 2] for number in range(12)}
    kept = set(PLACE) - {"i20", "i00"}
    found = sides.queue(measured, PLACE, kept, said)
    assert sorted(found["order"]) == [place for id, place in sorted(PLACE.items()) if id in kept and id not in said]
    assert found["order"][-2:] == [138, 139]
    assert found["side"][-2:] == ["", ""]
    assert set(found["side"][:-2]) <= {"left", "right"}
    assert found["confidence"][:-2] == sorted(found["confidence"][:-2])
    assert min(found["confidence"][:-2]) >= 0.5
    assert found["missing"] == 0
    assert 0 <= found["foretold"] <= 1
    truth = facing.suggest(measured[measured["id"] != "i20"], said).table.set_index("id")
    names = {place: id for id, place in PLACE.items()}
    assert found["side"][0] == truth.loc[names[found["order"][0]], "suggestion"]
