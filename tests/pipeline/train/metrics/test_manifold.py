from __future__ import annotations

import numpy as np
import pytest

from pipeline.train.metrics import manifold


def draw(count: int, seed: int, shift: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(count, 5)) + shift).astype(np.float32)


def brute(real: np.ndarray, made: np.ndarray, k: int) -> tuple[float, float]:
    """The paper's definition, in loops."""

    def inside(points: np.ndarray, cloud: np.ndarray) -> float:
        hits = 0
        for point in points:
            for at, center in enumerate(cloud):
                others = sorted(float(np.linalg.norm(center - other)) for place, other in enumerate(cloud) if place != at)
                if float(np.linalg.norm(point - center)) <= others[k - 1]:
                    hits += 1
                    break
        return hits / len(points)

    return inside(made, real), inside(real, made)


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("shift", [0.0, 0.7, 9.0])
def test_precision_and_recall_are_the_papers(k: int, shift: float) -> None:
    real, made = draw(25, 0), draw(31, 1, shift)
    assert manifold.precision_recall(real, made, k) == pytest.approx(brute(real, made, k))


def test_collapse_keeps_precision_and_loses_recall() -> None:
    real = draw(200, 0)
    precision, recall = manifold.precision_recall(real, np.repeat(draw(4, 0), 50, axis=0))
    assert precision == 1
    assert recall < 0.05
    assert manifold.precision_recall(real, real) == (1, 1)
    assert manifold.precision_recall(real, draw(200, 1, 50.0)) == (0, 0)


def test_distances_are_euclidean_and_of_copies_0() -> None:
    one, other = draw(7, 0) + 100, draw(5, 1)
    expected = [[np.linalg.norm(x - y) for y in other] for x in one]
    assert manifold.distances(one, other) == pytest.approx(np.array(expected), rel=1e-5)
    assert manifold.distances(one, one).diagonal().max() < 1e-4


def test_spread_is_the_mean_over_pairs() -> None:
    points = draw(9, 0)
    pairs = [np.linalg.norm(points[i] - points[j]) for i in range(9) for j in range(i)]
    assert manifold.spread(points) == pytest.approx(np.mean(pairs), rel=1e-6)
    assert manifold.spread(np.repeat(points[:1], 5, axis=0)) == pytest.approx(0, abs=1e-3)


def test_planted_copies_are_found() -> None:
    points, among = draw(6, 0), draw(40, 1)
    among[[31, 4]] = points[[2, 5]]
    order, found = manifold.nearest(points, among, count=2)
    assert (order[2, 0], order[5, 0]) == (31, 4)
    assert found[[2, 5], 0].max() < 1e-3 < found[[0, 1, 3, 4], 0].min()
    assert (found[:, 0] <= found[:, 1]).all()
    assert manifold.gaps(among)[31] == pytest.approx(np.linalg.norm(np.delete(among, 31, axis=0) - among[31], axis=1).min())


def test_distances_are_the_same_however_many_are_held_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    points, among = draw(40, 0), draw(30, 1)
    spread, (order, gaps) = manifold.spread(points), manifold.nearest(points, among, 3)
    monkeypatch.setattr(manifold, "BLOCK", 7)
    assert manifold.spread(points) == pytest.approx(spread, rel=1e-9)
    again = manifold.nearest(points, among, 3)
    np.testing.assert_array_equal(again[0], order)
    np.testing.assert_allclose(again[1], gaps, rtol=1e-6)
