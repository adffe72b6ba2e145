from __future__ import annotations

import numpy as np
import pytest

from pipeline.curate import align


def blobs(side: int = 32) -> align.Floats:
    x, y = align.grid(side)
    spots = [(-0.5, -0.4, 0.08), (0.3, 0.1, 0.15), (-0.1, 0.6, 0.1), (0.6, -0.6, 0.05)]
    return sum(200 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / c) for a, b, c in spots).astype(np.float32)[None]  # type: ignore[union-attr]


def moved(angle: float, scale: float, shift: tuple[float, float]) -> align.Floats:
    turn, size = np.radians(angle), scale
    return np.array(
        [[[size * np.cos(turn), -size * np.sin(turn), shift[0]], [size * np.sin(turn), size * np.cos(turn), shift[1]]]], dtype=np.float32
    )


@pytest.mark.parametrize("angle", [0, 4, -5])
@pytest.mark.parametrize("scale", [0.9, 1, 1.1])
@pytest.mark.parametrize("gain", [1, 0.8])
def test_the_map_is_found(angle: float, scale: float, gain: float) -> None:
    first = blobs()
    truth = moved(angle, scale, (0.05, -0.08))
    # the first picture, laid out so that `truth` leads from it to the second
    second = align.warp(first, align.inverse(truth))[0] * np.float32(gain)
    ones = np.ones_like(first)
    found = align.refine(align.Pair(first, second, ones, ones), moved(0, 1, (0, 0)), 12, 60)
    assert np.abs(found - truth).max() < 0.02


def test_maps_compose_and_invert() -> None:
    one, two = moved(5, 1.1, (0.1, 0)), moved(-3, 0.9, (0, 0.2))
    assert np.allclose(align.compose(one, align.inverse(one)), moved(0, 1, (0, 0)), atol=1e-5)
    cells = blobs()
    assert np.abs(align.warp(cells, moved(0, 1, (0, 0)))[0] - cells).max() < 0.01
    point = np.array([0.3, -0.2, 1], dtype=np.float32)
    inner = np.append(two[0] @ point, 1)
    assert np.allclose(align.compose(one, two)[0] @ point, one[0] @ inner, atol=1e-5)


def test_outside_is_told() -> None:
    _, inside = align.warp(blobs(), moved(0, 1, (1, 0)))
    assert inside[0].mean() == pytest.approx(0.5, abs=0.03)


def test_a_picture_without_edges_stays_where_it_is() -> None:
    plain = np.full((1, 16, 16), 90, dtype=np.float32)
    ones = np.ones_like(plain)
    found = align.refine(align.Pair(plain, plain, ones, ones), moved(0, 1, (0, 0)), 5, 60)
    assert np.abs(found - moved(0, 1, (0, 0))).max() < 0.01
