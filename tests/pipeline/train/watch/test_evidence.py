from __future__ import annotations

import numpy as np
import pytest

from pipeline.train.watch import evidence
from pipeline.train.watch.evidence import Reals


def _drawings(count: int, seed: int = 0) -> np.ndarray:
    """Coarse pictures that differ, uint8 (count, 32, 32, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 16, 16, 3), dtype=np.uint8)
    return coarse.repeat(2, 1).repeat(2, 2)


def test_a_thumbnail_holds_means_of_squares() -> None:
    picture = np.zeros((1, 64, 64, 3), np.uint8)
    picture[0, :4, 4:6] = 255
    found = evidence.thumbnails(picture).reshape(16, 16, 3)
    assert found[0, 1].tolist() == [0.5] * 3
    assert found.sum() == pytest.approx(1.5)


def test_distances_are_roots_of_mean_squares() -> None:
    one, other = np.zeros((1, 4), np.float32), np.array([[0, 0, 0, 1], [1, 1, 1, 1]], np.float32)
    assert evidence.distances(one, other) == pytest.approx(np.array([[0.5, 1.0]]))
    assert evidence.nearest(other, one) == pytest.approx([0.5, 1.0])


def test_pictures_like_the_real_ones_look_like_them() -> None:
    look, _ = evidence.look(_drawings(64, 2), Reals.of(_drawings(200), _drawings(40, 1)))
    assert look.spread == pytest.approx(1, abs=0.05)
    assert look.different == 1
    assert look.nearest == pytest.approx(1, abs=0.05)
    assert look.moved is None
    assert look.known is None


@pytest.mark.parametrize("held_out", [None, _drawings(40, 1)])
def test_copies_lie_at_no_distance(held_out: np.ndarray | None) -> None:
    look, _ = evidence.look(_drawings(200)[:64], Reals.of(_drawings(200), held_out))
    assert look.nearest == pytest.approx(0, abs=0.01)


def test_one_picture_for_all_latents_has_no_spread() -> None:
    look, _ = evidence.look(_drawings(1, 5).repeat(64, 0), Reals.of(_drawings(50)))
    assert look.spread == pytest.approx(0, abs=0.002)
    assert look.different == 1 / 64


def test_a_few_pictures_again_and_again_are_counted() -> None:
    look, _ = evidence.look(np.tile(_drawings(4, 5), (16, 1, 1, 1)), Reals.of(_drawings(50)))
    assert look.different == 4 / 64
    assert look.spread > 0.7, "the mean distance alone would not show it"


def test_movement_is_against_the_look_before() -> None:
    reals = Reals.of(_drawings(50))
    _, before = evidence.look(_drawings(64, 5), reals)
    assert evidence.look(_drawings(64, 5), reals, before)[0].moved == 0
    assert evidence.look(_drawings(64, 6), reals, before)[0].moved == pytest.approx(1, abs=0.05)


def test_change_is_of_the_whole_network_and_relative() -> None:
    lot = np.random.default_rng(0)
    network = [lot.normal(0, 1, (300, 200)), lot.normal(0, 1, 7)]
    before = evidence.weights(network)
    assert len(before) <= evidence.VALUES + 7
    assert evidence.change(before, before) == 0
    assert evidence.change(evidence.weights([1.01 * values for values in network]), before) == pytest.approx(0.01)


def test_share_above_is_the_area_under_the_curve() -> None:
    assert evidence.share_above(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == 0.875
    assert evidence.share_above(np.ones(3), np.ones(2)) == 0.5
