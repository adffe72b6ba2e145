"""Brightness: the curve, of a few families, that brings one picture to the tones of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.curate.align import Floats

GAINS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3)
"""Factors, clipped at white, as brightness controls do; also the other way round."""

GAMMAS = (0.7, 0.77, 0.84, 0.92, 1.09, 1.19, 1.3, 1.43)
"""Exponents of value ÷ 255."""

_LEVELS = np.arange(256, dtype=np.float32)

CURVES: Floats = np.stack(
    [np.minimum(_LEVELS * gain, 255) for gain in GAINS] + [255 * (_LEVELS / 255) ** gamma for gamma in GAMMAS]
).astype(np.float32)
"""Each curve's value for 0–255."""

_STRENGTH = np.array([gain - 1 for gain in GAINS] + [abs(float(np.log(gamma))) for gamma in GAMMAS])

_FAVOUR = 2.0
"""Mean levels by which a curve must do better, for each unit of its strength."""

_FLAT = 16
"""Range among neighbours (0–255) up to which a cell is flat: what is mixed of light and dark does not follow a curve."""


def choose(first: Floats, second: Floats, weight: Floats) -> NDArray[np.intp]:
    """For n pairs of n×s×s×3 RGB the best curve: k applies to the first picture, −k − 1 to the second.

    Judged on every other cell that counts and is neither white nor black in both; `weight` is n×s×s. A cell that mixes light and dark
    may lie anywhere between its own value and the curve's value of that.
    """
    usable = (np.minimum(first, second) < 250) & (np.maximum(first, second) > 6) & (weight > 0.5)[..., None]
    even = np.broadcast_to((flat(first[..., 1]) & flat(second[..., 1]))[..., None], first.shape)
    size = 3 * len(range(0, first.shape[1], 2)) ** 2
    one, two, counts = (side[:, ::2, ::2].reshape(len(first), size) for side in (first, second, usable.astype(np.float32)))
    even = even[:, ::2, ::2].reshape(len(first), size)
    total = np.maximum(counts.sum(axis=1), 12)
    best, least = np.zeros(len(first), dtype=np.intp), np.full(len(first), np.inf)
    for number in range(len(CURVES)):
        for code, side, other in ((number, one, two), (-number - 1, two, one)):
            toned = _apply(number, side)
            away = np.abs(toned - other)
            mixed = np.maximum(np.maximum(np.minimum(side, toned) - other, other - np.maximum(side, toned)), 0)
            cost = (np.minimum(np.where(even, away, mixed), 40) * counts).sum(axis=1) / total + _FAVOUR * _STRENGTH[number]
            better = cost < least - 1e-6
            best[better], least[better] = code, cost[better]
    return best


def flat(cells: Floats) -> NDArray[np.bool_]:
    """Which n×s×s cells differ from none of their four neighbours by more than `_FLAT`."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
    ways = (padded[:, 1:-1, :-2], padded[:, 1:-1, 2:], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    found: NDArray[np.bool_] = np.logical_and.reduce([np.abs(way - cells) <= _FLAT for way in ways])
    return found


def level(curves: NDArray[np.intp], first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Both pictures' values (0–255, n×…) after their curves."""
    one, two = first.copy(), second.copy()
    for code in np.unique(curves):
        rows = curves == code
        if code >= 0:
            one[rows] = _apply(int(code), first[rows])
        else:
            two[rows] = _apply(-int(code) - 1, second[rows])
    return one, two


def effort(curves: NDArray[np.intp]) -> NDArray[np.float64]:
    """How strong the curves are: gain − 1, or the size of the exponent's logarithm."""
    strength: NDArray[np.float64] = _STRENGTH[np.where(curves >= 0, curves, -curves - 1)]
    return strength


def _apply(number: int, cells: Floats) -> Floats:
    if number < len(GAINS):
        brighter: Floats = np.minimum(cells * np.float32(GAINS[number]), 255)
        return brighter
    curved: Floats = CURVES[number][np.clip(cells + np.float32(0.5), 0, 255).astype(np.uint8)]
    return curved
