from __future__ import annotations

import numpy as np
import pytest

from pipeline.train.metrics import kid


def draw(count: int, seed: int, shift: float = 0.0, width: int = 24) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(count, width)) + shift).astype(np.float32)


def by_hand(one: np.ndarray, other: np.ndarray) -> float:
    """Equation 4 of Bińkowski et al., term by term."""

    def k(x: np.ndarray, y: np.ndarray) -> float:
        return (float(np.dot(x.astype(float), y.astype(float))) / len(x) + 1) ** 3

    n, m = len(one), len(other)
    first = sum(k(one[i], one[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    second = sum(k(other[i], other[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return first + second - 2 * sum(k(x, y) for x in one for y in other) / (n * m)


def test_it_is_the_papers_estimate() -> None:
    one, other = draw(12, 0), draw(9, 1, 0.3)
    assert kid.Kid(one)(other) == pytest.approx(by_hand(one, other), rel=1e-12)


def test_it_is_unbiased() -> None:
    """The mean over many small draws of one distribution is 0; with the diagonal in, it would be about 0.6."""
    found = [kid.Kid(draw(10, seed))(draw(10, 10_000 + seed)) for seed in range(400)]
    assert abs(np.mean(found)) < 4 * np.std(found) / len(found) ** 0.5
    assert min(found) < 0


def test_a_shift_is_seen_the_more_the_larger_it_is() -> None:
    real = kid.Kid(draw(200, 0))
    found = [real(draw(200, 1, shift)) for shift in (0.0, 0.2, 0.4, 0.8)]
    assert found == sorted(found)
    assert abs(found[0]) < 3 * real.floor < found[1]


def test_the_floor_is_the_size_of_what_halves_differ_by() -> None:
    points = draw(60, 0)
    rng = np.random.default_rng(0)
    squares = []
    for _ in range(kid.SPLITS):
        order = rng.permutation(60)
        squares.append(by_hand(points[order[:30]], points[order[30:]]) ** 2)
    assert kid.Kid(points).floor == pytest.approx(np.mean(squares) ** 0.5, rel=1e-9)
    assert kid.Kid(draw(61, 0)).floor > 0  # an odd one out is left aside


def test_it_is_the_same_however_much_is_held_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = draw(40, 0), draw(33, 1, 0.3)
    whole = kid.Kid(one)(other)
    monkeypatch.setattr(kid, "BLOCK", 7)
    assert kid.Kid(one)(other) == pytest.approx(whole, rel=1e-9)
