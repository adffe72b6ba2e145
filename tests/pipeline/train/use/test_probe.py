from __future__ import annotations

import numpy as np
import pytest

from pipeline.train.use import probe


def _world(count: int, noise: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Latents, two true directions that are not orthogonal, and what is measured along them."""
    rng = np.random.default_rng(0)
    true = rng.standard_normal((2, 12))
    true[1] += 0.7 * true[0]
    latents = rng.standard_normal((count, 12))
    return latents, true, latents @ true.T * [3, 0.01] + [100, -5] + noise * rng.standard_normal((count, 2)) * [3, 0.01]


def test_a_probe_finds_what_was_planted_whatever_its_scale() -> None:
    latents, true, measured = _world(500, noise=0.3)
    learnt = probe.learn(latents, measured)
    for at in range(2):
        found = probe.direction(learnt, at, [])
        assert found @ true[at] / np.linalg.norm(true[at]) > 0.99
    assert (learnt.fits > 0.98).all()


def test_the_fit_is_of_pictures_that_were_left_out() -> None:
    rng = np.random.default_rng(1)
    learnt = probe.learn(rng.standard_normal((60, 50)), rng.standard_normal((60, 3)))
    assert (learnt.fits < 0.35).all()  # nothing is there to learn, though 50 numbers explain 60 pictures almost wholly
    latents, _, measured = _world(60, noise=1.0)
    fits = probe.learn(latents, measured).fits
    true, _, alike = _world(4000, noise=1.0)
    learnt = probe.learn(latents, measured)
    for at in range(2):
        foretold = true @ learnt.weights[at]
        assert fits[at] == pytest.approx(np.corrcoef(foretold, alike[:, at])[0, 1], abs=0.08)


def test_what_is_held_does_not_move() -> None:
    latents, true, measured = _world(500, noise=0.1)
    learnt = probe.learn(latents, measured)
    free, held = probe.direction(learnt, 0, []), probe.direction(learnt, 0, [1])
    assert abs(free @ true[1]) > 0.5
    assert abs(held @ true[1]) < 0.1
    assert held @ true[0] > 0.3
    assert np.linalg.norm(held) == pytest.approx(1)
    with pytest.raises(ValueError, match="no direction"):
        probe.direction(learnt, 0, [0])


def test_what_never_changes_has_no_weights() -> None:
    latents, _, measured = _world(50, noise=0.1)
    measured[:, 1] = 4
    learnt = probe.learn(latents, measured)
    assert not learnt.weights[1].any()
    assert learnt.fits[1] == 0
    with pytest.raises(ValueError, match="no direction"):
        probe.direction(learnt, 1, [])
