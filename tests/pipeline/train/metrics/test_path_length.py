from __future__ import annotations

import numpy as np
import pytest

from pipeline.train import latent
from pipeline.train.metrics.path_length import STEP, path_length


def means(pictures: np.ndarray) -> np.ndarray:
    """Stands for the embedder: mean colours, -1 to 1."""
    return pictures.mean(axis=(1, 2)) / 127.5 - 1


def test_a_constant_generator_has_no_path() -> None:
    def constant(noise: np.ndarray, training: bool) -> np.ndarray:
        return np.full((len(noise), 4, 4, 3), 0.3, np.float32)

    assert path_length(constant, means, "normal", 8, 0, paths=40) == 0


def test_it_is_the_mean_square_of_steps() -> None:
    def plain(noise: np.ndarray, training: bool) -> np.ndarray:
        return np.tile(noise[:, None, None, :3], (1, 4, 4, 1)) / 4

    ends = latent.latents("normal", 40, 3, 5)
    places = np.random.default_rng(5).uniform(0, 1 - STEP, 20)
    steps = [
        np.square(latent.slerp(one, two, place + STEP) - latent.slerp(one, two, place)).sum() / 16 / STEP**2
        for one, two, place in zip(ends[::2], ends[1::2], places, strict=True)
    ]
    assert path_length(plain, means, "normal", 3, 5, paths=20) == pytest.approx(np.mean(steps), rel=1e-2)
    assert path_length(plain, means, "normal", 3, 5, paths=200) == path_length(plain, means, "normal", 3, 5, paths=200)


def test_single_jumps_do_not_count() -> None:
    calls = 0

    def jumping(noise: np.ndarray, training: bool) -> np.ndarray:
        nonlocal calls
        made = np.zeros((len(noise), 4, 4, 3), np.float32)
        made[0] = 0.9 if calls == 0 else 0  # one path of all
        calls += 1
        return made

    assert path_length(jumping, means, "normal", 8, 0, paths=100) == 0
