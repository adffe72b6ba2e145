"""Which way each picture faces: learnt from a person's verdicts, with a confidence. Pure functions of tables.

The score is an odd function of the picture, f(mirrored x) = −f(x): kernel ridge regression with k(x, y) − k(x, mirrored y), a
Gaussian kernel on gradients and colours. That is the same as using every verdict twice, the second time mirrored and with the
opposite answer; so verdicts of one side alone are enough, and what a collection mostly faces is no evidence. Regularisation is
chosen by leave-one-out error, which for ridge regression has a closed form (Rasmussen & Williams 2006, section 5.4.2); the
confidence is a logistic curve through the leave-one-out scores (Platt 1999), again odd: it has no offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.measure import facing

FEWEST = 10
"""Verdicts that must be there before anything is suggested."""

MOST = 3000
"""Verdicts that are learnt from; of more, so many spread evenly. Time grows with their third power."""

COLUMNS = ["id", "suggestion", "confidence", "verdict"]

_WEIGHTS = (1.0, 1.0, 0.5)
"""Of fine gradients, coarse gradients and colours, each first brought to the same mean square."""

_NARROW = 2.0
"""The kernel is exp(−this · squared distance / median squared distance)."""

_RIDGES = 10.0 ** np.arange(-3, 2.5, 0.5)
_SAMPLE = 500
"""Pictures that stand for the collection where its scale is measured."""

_STEEPEST = 50.0
"""Most that the chance to be right may rise with the score, whose natural size is 1."""

_CHUNK = 4096

Rows = NDArray[np.float32]
Scores = NDArray[np.float64]


class Learnt(NamedTuple):
    """`table`: COLUMNS, most doubtful first. `accuracy`: share of the verdicts that the others foretell; NaN with none learnt."""

    table: pd.DataFrame
    accuracy: float
    verdicts: int


def suggest(table: pd.DataFrame, said: Mapping[str, str]) -> Learnt:
    """Suggest left or right for every measured picture without a verdict.

    `table` holds `id` and the measurement `facing`; `said` maps ids to left or right. Rows: `suggestion` (left, right), `confidence`
    (0.5–1: the chance that it is right), `verdict`. With a verdict, the suggestion is what the other verdicts say. Pictures without a
    measurement are left out; with fewer than FEWEST verdicts on measured pictures the table is empty.
    """
    table = table[table["facing"].notna()] if "facing" in table else table.iloc[:0]
    ids = [str(id) for id in table["id"]]
    labelled = [place for place, id in enumerate(ids) if id in said]
    if len(labelled) < FEWEST:
        return Learnt(pd.DataFrame(columns=COLUMNS), float("nan"), len(labelled))
    if len(labelled) > MOST:
        labelled = [labelled[place * len(labelled) // MOST] for place in range(MOST)]
    rows, mirrored = _features(list(table["facing"]))
    answers = np.array([1.0 if said[ids[place]] == "right" else -1.0 for place in labelled])
    model = _learn(rows[labelled], mirrored[labelled], answers, _scale(rows))
    scores = np.concatenate([model.scores(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK)])
    scores[labelled] = model.left_out
    found = pd.DataFrame(
        {
            "id": ids,
            "suggestion": np.where(scores > 0, "right", "left"),
            "confidence": 1 / (1 + np.exp(-np.abs(scores) * model.slope)),
            "verdict": [said.get(id, "") for id in ids],
        }
    )
    doubtful = found.sort_values(["confidence", "id"], kind="stable").reset_index(drop=True)
    return Learnt(doubtful, float((model.left_out * answers > 0).mean()), len(labelled))


def sides(table: pd.DataFrame, said: Mapping[str, str], least: float | None) -> dict[str, str]:
    """The side that each id counts as facing: the verdicts; with `least`, suggestions of at least that confidence for the rest."""
    if least is None:
        return dict(said)
    found = suggest(table, said).table
    sure = found[(found["confidence"] >= least) & (found["verdict"] == "")]
    return {**dict(zip(sure["id"], sure["suggestion"], strict=True)), **said}


@dataclass(frozen=True)
class _Model:
    rows: Rows
    mirrored: Rows
    scale: float
    weights: Scores
    left_out: Scores
    """For each verdict, the score that the others give it."""
    slope: float

    def scores(self, rows: Rows) -> Scores:
        found: Scores = _odd(rows, self.rows, self.mirrored, self.scale) @ self.weights
        return found


def _features(blobs: list[bytes]) -> tuple[Rows, Rows]:
    """The pictures' numbers as rows to be compared, and those of their mirror images."""
    parts = facing.parts(blobs)
    sizes = [weight / np.sqrt((part**2).mean() * part[0].size + 1e-12) for part, weight in zip(parts, _WEIGHTS, strict=True)]

    def joined(parts: list[Rows]) -> Rows:
        return np.concatenate([part.reshape(len(part), -1) * np.float32(size) for part, size in zip(parts, sizes, strict=True)], axis=1)

    return joined(parts), joined(facing.mirrored(parts))


def _scale(rows: Rows) -> float:
    """Half the median squared distance between pictures of the collection."""
    some = rows[[place * len(rows) // min(len(rows), _SAMPLE) for place in range(min(len(rows), _SAMPLE))]]
    distances = _squared(some, some)[np.triu_indices(len(some), 1)]
    return max(float(np.median(distances)) if len(distances) else 0.0, 1e-4) / _NARROW


def _odd(rows: Rows, others: Rows, mirrored: Rows, scale: float) -> Scores:
    kernel: Scores = np.exp(-_squared(rows, others) / scale) - np.exp(-_squared(rows, mirrored) / scale)
    return kernel


def _squared(rows: Rows, others: Rows) -> Scores:
    """Squared distances, n×m."""
    one, two = rows.astype(np.float64), others.astype(np.float64)
    found: Scores = np.maximum((one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1) - 2 * one @ two.T, 0)
    return found


def _learn(rows: Rows, mirrored: Rows, answers: Scores, scale: float) -> _Model:
    kernel = _odd(rows, rows, mirrored, scale)
    values, vectors = np.linalg.eigh((kernel + kernel.T) / 2)
    values, turned = np.maximum(values, 0), vectors.T @ answers
    best: tuple[float, Scores, Scores] | None = None
    for ridge in _RIDGES * max(float(values.mean()), 1e-6):
        weights = vectors @ (turned / (values + ridge))
        left_out = answers - weights / ((vectors**2) / (values + ridge)).sum(axis=1)
        error = float(np.log1p(np.exp(-2 * answers * left_out)).mean())
        if best is None or error < best[0]:
            best = error, weights, left_out
    assert best is not None
    return _Model(rows, mirrored, scale, best[1], best[2], _slope(best[2] * answers))


def _slope(margins: Scores) -> float:
    """Of the logistic curve of the chance to be right over the score; `margins` are positive where the score was right.

    Newton's method on the likelihood of Platt's smoothed targets, (n + 1) / (n + 2) for right and the rest for wrong: so even
    verdicts that all agree never make it certain.
    """
    count = len(margins)
    target = (count + 1) / (count + 2)
    slope = 1.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-slope * margins))
        step = float(((target - chance) * margins).sum() / max(float((chance * (1 - chance) * margins**2).sum()), 1e-12))
        slope = min(max(slope + step, slope / 4, 1e-3), slope * 4, _STEEPEST)
        if abs(step) < 1e-6 * slope:
            break
    return slope
