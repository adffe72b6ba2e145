"""The filter stage: measurements and thresholds → keep or drop, with every failure named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.curate import filters

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

HINTS = ("blur", "text", "letterbox")
"""Measured columns that the report shows beside the scores; nothing is decided by them."""


def decide(measurements: pd.DataFrame, settings: Mapping[str, BaseModel]) -> pd.DataFrame:
    """Judge every measured item by the filters in `settings`, in that order.

    Returns id, decision (keep, drop), rule, score, threshold, reason, `<name>_score` for each filter and those of `HINTS` that are
    measured, one row per item in id order. Rule, score and threshold are those of the first filter that fails; `reason` names
    every failure. A kept item has an empty rule and no score. An unreadable file fails the rule `readable` and has no scores.
    """
    import numpy as np
    import pandas as pd

    table = measurements.sort_values("id", ignore_index=True)
    bad = table["error"].notna().to_numpy()
    readable = table[~bad]
    rule, reason = np.full(len(table), "", dtype=object), np.full(len(table), "", dtype=object)
    score, threshold = np.full(len(table), np.nan), np.full(len(table), np.nan)
    rule[bad] = "readable"
    reason[bad] = table.loc[bad, "error"].astype(object) + ": " + table.loc[bad, "detail"].astype(object)
    further = {}
    for name, values in settings.items():
        judged = filters.load(name).judge(readable, values)
        scores = judged["score"].astype(float).reindex(table.index).to_numpy()
        further[f"{name}_score"] = scores
        failed = judged[judged["drop"].astype(bool)]
        at = failed.index.to_numpy(dtype=int)
        first = at[rule[at] == ""]
        rule[first] = name
        score[first] = scores[first]
        threshold[first] = judged["threshold"].astype(float).reindex(first).to_numpy()
        reason[at] = np.where(reason[at] == "", "", reason[at] + "; ") + failed["reason"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "id": table["id"],
            "decision": np.where(rule == "", "keep", "drop").astype(object),
            "rule": rule,
            "score": score,
            "threshold": threshold,
            "reason": reason,
            **further,
            **{name: table[name].astype(float) for name in HINTS if name in table},
        }
    )
