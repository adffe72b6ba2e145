"""The final word on every item: a person's, else the first stage's that drops it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["id", "decision", "stage", "rule", "score", "threshold", "reason"]


def decide(classify: pd.DataFrame, filter: pd.DataFrame, dedup: pd.DataFrame, keep: Mapping[str, str]) -> pd.DataFrame:
    """Combine the decisions of the stages (frames as `Catalog.decisions` gives them; empty: the stage has not run).

    `keep` maps ids to keep or drop, as a person said; it wins, with stage `verdict`, for the ids that a stage has seen. Else the
    first of classify, filter, dedup that drops an item gives stage, rule, score, threshold and reason; else the item is kept
    and they are empty. Returns one row per id that any stage names, in id order.
    """
    import pandas as pd

    frames = {"classify": classify, "filter": filter, "dedup": dedup}
    stages = [frame.reindex(columns=COLUMNS).assign(stage=name) for name, frame in frames.items()]
    ids = sorted({str(id) for frame in stages for id in frame["id"]})
    rows = {id: [id, "keep", "", "", None, None, ""] for id in ids}
    for frame in reversed(stages):
        dropped = frame[frame["decision"] == "drop"]
        rows.update({row[0]: list(row) for row in dropped.astype(object).itertuples(index=False, name=None)})
    for id, word in keep.items():
        if id in rows:
            _, decision, stage, *_, reason = rows[id]
            against = f", against {stage}: {reason}" if word == "keep" and decision == "drop" else ""
            rows[id] = [id, word, "verdict", "verdict", None, None, f"a person said {word}{against}"]
    result = pd.DataFrame([rows[id] for id in ids], columns=COLUMNS)
    return result.astype({"score": float, "threshold": float})


def survivors(classify: pd.DataFrame, filter: pd.DataFrame, keep: Mapping[str, str]) -> pd.DataFrame:
    """What dedup needs to know of the stages before it: id, survives (bool), verdict (keep, drop or empty), in id order."""
    import pandas as pd

    found = decide(classify, filter, classify.iloc[:0], keep)
    verdicts = [keep.get(id, "") for id in found["id"]]
    return pd.DataFrame({"id": found["id"], "survives": found["decision"] == "keep", "verdict": verdicts})
