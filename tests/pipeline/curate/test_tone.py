from __future__ import annotations

import numpy as np
import pytest

from pipeline.curate import tone


def patches(seed: int = 0) -> np.ndarray:
    colours = np.random.default_rng(seed).integers(10, 240, (1, 4, 4, 3))
    return colours.repeat(8, axis=1).repeat(8, axis=2).astype(np.float32)


@pytest.mark.parametrize("number", range(len(tone.CURVES)))
@pytest.mark.parametrize("second", [False, True])
def test_the_curve_is_found(number: int, second: bool) -> None:
    plain = patches()
    curved = tone.CURVES[number][plain.astype(int)]
    one, two = (curved, plain) if second else (plain, curved)
    chosen = tone.choose(one, two, np.ones((1, 32, 32), dtype=np.float32))
    levelled = tone.level(chosen, one, two)
    assert np.abs(levelled[0] - levelled[1]).mean() < 4
    assert abs(tone.effort(chosen)[0] - tone.effort(np.array([number]))[0]) < 0.12


def test_other_colours_are_no_other_brightness() -> None:
    one, two = patches(), patches(1)
    levelled = tone.level(tone.choose(one, two, np.ones((1, 32, 32), dtype=np.float32)), one, two)
    assert np.abs(levelled[0] - levelled[1]).mean() > 30


def test_none() -> None:
    nothing = np.zeros((0, 32, 32, 3), dtype=np.float32)
    assert tone.choose(nothing, nothing, nothing[..., 0]).tolist() == []
