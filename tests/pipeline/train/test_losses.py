from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.train import losses

REAL = np.array([[2.0], [0.0]], np.float32)
FAKE = np.array([[-1.0], [3.0]], np.float32)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_discriminator_loss_is_the_papers_on_probabilities() -> None:
    expected = -(math.log(_sigmoid(2)) + math.log(0.5)) / 2 - (math.log(1 - _sigmoid(-1)) + math.log(1 - _sigmoid(3))) / 2
    assert float(losses.discriminator_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-6)


def test_generator_loss_is_the_non_saturating_one() -> None:
    assert float(losses.generator_loss(FAKE)) == pytest.approx(-(math.log(_sigmoid(-1)) + math.log(_sigmoid(3))) / 2, rel=1e-6)


def test_soft_labels_weigh_both_sides() -> None:
    labels = np.array([[0.9], [1.0]], np.float32)
    expected = -(0.9 * math.log(_sigmoid(2)) + 0.1 * math.log(1 - _sigmoid(2)) + math.log(0.5)) / 2
    assert float(losses.cross_entropy(REAL, labels)) == pytest.approx(expected, rel=1e-6)


def test_large_logits_stay_finite() -> None:
    large = np.array([[1e4], [-1e4]], np.float32)
    assert float(losses.discriminator_loss(large, large)) == pytest.approx(1e4)


def test_hinge_stops_at_the_margin() -> None:
    real, fake = np.array([[2.0], [0.5]], np.float32), np.array([[-3.0], [0.0]], np.float32)
    assert float(losses.hinge_discriminator_loss(real, fake)) == pytest.approx((0 + 0.5) / 2 + (0 + 1) / 2)
    assert float(losses.hinge_generator_loss(fake)) == pytest.approx(1.5)


def test_every_loss_falls_as_its_network_gets_its_way() -> None:
    good, bad = np.full((4, 1), 0.9, np.float32), np.full((4, 1), -0.9, np.float32)
    for loss in losses.LOSSES.values():
        assert float(loss.discriminator(good, bad)) < float(loss.discriminator(bad, good))
        assert float(loss.generator(good)) < float(loss.generator(bad))
