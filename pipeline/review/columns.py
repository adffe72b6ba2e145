"""The items of a snapshot as JSON data: compact columns for all of them at once, and everything about one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.curate import final
from pipeline.review.queues import Closeness
from pipeline.review.snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd

STAGES = ("", "classify", "filter", "dedup")
"""Stages by the number that the column `drop` has: which one drops the item; 0: it is kept."""

LONGEST = 160
"""Characters of a title or a reason on the page; the details have all of it."""


def make(found: Snapshot, near: Closeness) -> dict[str, list[Any]]:
    """One list per column, in the order of `found.ids`.

    id, title, drop (index into STAGES), rule (index into `rules`), reason (of what is dropped), score and threshold (None: none; of
    what is kept: those of the rule that is `near` to dropping it), width and height (pixels, 0: not known), keeper (the item's own
    row where it stands for itself), kind (index into `kinds`). `rules` and `kinds` are those lists.
    """
    table = final.decide(found.classify, found.filter, found.dedup, {}).set_index("id").reindex(found.ids)
    clusters = found.clusters.set_index("id").reindex(found.ids)
    measured = found.measurements.set_index("id").reindex(found.ids)
    dropped = (table["decision"] == "drop").to_numpy()
    rules, rule = _coded(np.where(dropped, table["rule"], near.rule))
    kinds, kind = _coded(clusters["kind"])
    stage = {name: place for place, name in enumerate(STAGES)}
    return {
        "id": found.ids,
        "title": [str(title or "")[:LONGEST] for title in found.items["title"].fillna("")],
        "drop": [stage[str(name)] if drop else 0 for name, drop in zip(table["stage"], dropped, strict=True)],
        "rule": rule,
        "reason": [str(why or "")[:LONGEST] if drop else "" for why, drop in zip(table["reason"], dropped, strict=True)],
        "score": [number(value) for value in np.where(dropped, table["score"], near.score)],
        "threshold": [number(value) for value in np.where(dropped, table["threshold"], near.threshold)],
        **{name: _whole(measured, name) for name in ("width", "height")},
        "keeper": [found.place.get(str(keeper), row) for row, keeper in enumerate(clusters["keeper"])],
        "kind": kind,
        "rules": rules,
        "kinds": kinds,
    }


def stages(found: Snapshot, id: str) -> list[dict[str, Any]]:
    """What each stage said of one item: stage, decision, rule, score, threshold, reason."""
    said = []
    for name, frame in (("classify", found.classify), ("filter", found.filter), ("dedup", found.dedup)):
        for row in frame[frame["id"] == id].to_dict("records") if len(frame) else ():
            words = {word: str(row[word] or "") for word in ("decision", "rule", "reason")}
            said.append({"stage": name, **words, "score": number(row["score"]), "threshold": number(row["threshold"])})
    return said


def number(value: Any) -> float | None:
    """A float for people and JSON; None for NaN and infinity."""
    return round(float(value), 4) if value is not None and math.isfinite(value) else None


def _coded(values: Any) -> tuple[list[str], list[int]]:
    """The distinct words, the empty one first, and each value as its place among them."""
    words = [str(value) if isinstance(value, str) else "" for value in values]
    known = sorted({"", *words})
    place = {word: number for number, word in enumerate(known)}
    return known, [place[word] for word in words]


def _whole(table: pd.DataFrame, name: str) -> list[int]:
    return [int(value) for value in table[name].fillna(0)] if name in table else [0] * len(table)
