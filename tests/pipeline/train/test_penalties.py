from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.train import penalties


def test_r1_is_half_gamma_times_the_mean_squared_norm() -> None:
    gradients = np.random.default_rng(0).normal(size=(4, 5, 5, 3)).astype(np.float32)
    norms = [np.linalg.norm(picture) ** 2 for picture in gradients]
    assert float(penalties.r1(gradients, 6.0)) == pytest.approx(3 * np.mean(norms), rel=1e-5)


def test_the_automatic_strength_is_stylegans() -> None:
    assert penalties.r1_gamma(256, 64) == pytest.approx(0.2048)
