"""The queue of facing: which side is suggested for each kept picture that nobody has spoken about, the most doubtful first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.curate import facing

if TYPE_CHECKING:
    import pandas as pd


def queue(measurements: pd.DataFrame, place: Mapping[str, int], kept: Collection[str], said: Mapping[str, str]) -> dict[str, Any]:
    """The queue as JSON data; `said` maps ids to left or right, `place` ids to row numbers, `kept` are the ids to be asked about.

    `order` (row numbers), `side` and `confidence` (0.5–1, three digits) go together; what no side is suggested for comes last, with
    an empty side and 0. `missing`: verdicts still needed before anything is suggested. `foretold`: share of the verdicts
    that the others foretell, None with no suggestions.
    """
    wanted = set(kept) | set(said)
    learnt = facing.suggest(measurements[measurements["id"].isin(wanted)].reset_index(drop=True), said)
    rows = [row for row in learnt.table.to_dict("records") if row["id"] in kept and not row["verdict"] and row["id"] in place]
    suggested = {row["id"] for row in rows}
    rest = sorted(place[id] for id in kept if id in place and id not in said and id not in suggested)
    return {
        "order": [*(place[row["id"]] for row in rows), *rest],
        "side": [*(row["suggestion"] for row in rows), *[""] * len(rest)],
        "confidence": [*(round(float(row["confidence"]), 3) for row in rows), *[0.0] * len(rest)],
        "missing": max(0, facing.FEWEST - learnt.verdicts),
        "foretold": round(learnt.accuracy, 3) if learnt.verdicts >= facing.FEWEST else None,
    }
