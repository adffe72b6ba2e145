"""In which order a person looks: how near each item lies to the line between keep and drop, and the queues made from that.

All functions are pure; orders are lists of row numbers of the tables they were given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import filters

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Closeness:
    """How far each item is from the other decision, and by which rule; arrays of one entry an item."""

    distance: Numbers
    """0 lies on the line; infinite: nothing is known to be near."""
    rule: NDArray[np.object_]
    """The filter or stage that is meant; empty where distance is infinite."""
    score: Numbers
    threshold: Numbers


def closeness(
    ids: list[str],
    measurements: pd.DataFrame,
    classify: pd.DataFrame,
    dedup: pd.DataFrame,
    settings: Mapping[str, BaseModel],
) -> Closeness:
    """How far each of `ids` is from the other decision.

    A score's distance from its threshold is divided by the spread of that rule's scores in this collection (5th to 95th percentile),
    so that pixels and shares can be compared. What several rules drop is as far from being kept as the farthest of them;
    what is kept is as near to being dropped as the nearest.
    """

    readable = measurements[measurements["error"].isna()].set_index("id")
    ways: list[tuple[str, pd.DataFrame, Any]] = []
    for name, values in settings.items() if len(readable) else ():
        judged = filters.load(name).judge(readable, values)
        ways.append((name, judged, judged["drop"].astype(bool)))
    for name, decided in (("classify", classify), ("dedup", dedup)):
        if len(decided):
            table = decided.set_index("id")
            ways.append((name, table, table["decision"] == "drop"))
    shape = len(ids)
    found = Closeness(np.full(shape, np.inf), np.full(shape, "", dtype=object), np.full(shape, np.nan), np.full(shape, np.nan))
    fallen = np.zeros(shape, dtype=bool)
    for name, table, drop in ways:
        numbers = table[["score", "threshold"]].astype(float).reindex(ids)
        score, threshold = numbers["score"].to_numpy(), numbers["threshold"].to_numpy()
        fails = drop.reindex(ids, fill_value=False).to_numpy(dtype=bool)
        distance = np.abs(score - threshold) / _spread(score, threshold)
        # a drop without a score, such as an unreadable file's, is not near to anything
        distance = np.where(np.isnan(distance), np.inf, distance)
        taken = np.where(fails, ~fallen | (distance > found.distance), ~fallen & (distance < found.distance))
        fallen |= fails
        for mine, theirs in ((found.distance, distance), (found.score, score), (found.threshold, threshold)):
            mine[taken] = theirs[taken]
        found.rule[taken] = name
    return found


def nearest(which: Flags, near: Numbers) -> list[int]:
    """The rows of `which`, nearest to the line first, else in their order."""
    rows = np.flatnonzero(which)
    return [int(row) for row in rows[np.argsort(near[rows], kind="stable")]]


def unsure(near: Numbers, conflict: Flags, said: Flags) -> list[int]:
    """What no person has decided, the doubtful first: sightings that contradict each other, then by nearness to the line."""
    return nearest(~said, np.where(conflict, -1.0, near))


def clusters(keeper: NDArray[np.intp], looseness: Numbers) -> list[list[int]]:
    """The groups of two and more: the keeper, then its members, loosest last; groups with the loosest link first.

    `keeper` holds each row's keeper as a row (itself for a single item); `looseness` how unlike its keeper a row is, NaN: not at all.
    """
    loose = np.nan_to_num(looseness, nan=-1.0)
    members: dict[int, list[int]] = {}
    for row in np.flatnonzero(keeper != np.arange(len(keeper))).tolist():
        members.setdefault(int(keeper[row]), []).append(row)
    groups = [[centre, *sorted(rows, key=lambda row: (loose[row], row))] for centre, rows in members.items()]
    return sorted(groups, key=lambda group: (-loose[group[-1]], group[0]))


def _spread(score: Numbers, threshold: Numbers) -> float:
    known = score[np.isfinite(score)]
    width = float(np.subtract(*np.percentile(known, [95, 5]))) if len(known) else 0.0
    if width > 0:
        return width
    scale = np.abs(threshold[np.isfinite(threshold)])
    return float(scale.max()) if len(scale) and scale.max() > 0 else 1.0
