"""The filter stage: measurements and thresholds → keep or drop, with every failure named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.curate import filters

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel


def decide(measurements: pd.DataFrame, settings: Mapping[str, BaseModel]) -> pd.DataFrame:
    """Judge every measured item by the filters in `settings`, in that order.

    Returns id, decision (keep, drop), rule, score, threshold, reason and `<name>_score` for each filter, one row per item in id
    order. Rule, score and threshold are those of the first filter that fails; `reason` names every failure. A kept item has
    an empty rule and no score. An unreadable file fails the rule `readable` and has no scores.
    """
    import pandas as pd

    table = measurements.sort_values("id").set_index("id")
    readable = table[table["error"].isna()]
    outcomes = {id: _Outcome() for id in table.index}
    for id, kind, detail in table.loc[table["error"].notna(), ["error", "detail"]].itertuples():
        outcomes[id].fail("readable", math.nan, math.nan, f"{kind}: {detail}")
    scores = {}
    for name, values in settings.items():
        judged = filters.load(name).judge(readable, values)
        scores[f"{name}_score"] = judged["score"].astype(float).reindex(table.index).to_list()
        for id, score, threshold, reason in judged.loc[judged["drop"].astype(bool), ["score", "threshold", "reason"]].itertuples():
            outcomes[id].fail(name, score, threshold, reason)
    rows = list(outcomes.values())
    return pd.DataFrame(
        {
            "id": list(outcomes),
            "decision": ["drop" if row.rule else "keep" for row in rows],
            "rule": [row.rule for row in rows],
            "score": pd.Series([row.score for row in rows], dtype=float),
            "threshold": pd.Series([row.threshold for row in rows], dtype=float),
            "reason": ["; ".join(row.reasons) for row in rows],
            **scores,
        }
    )


class _Outcome:
    """What the filters say of one item; the first to fail it gives rule, score and threshold."""

    def __init__(self) -> None:
        self.rule = ""
        self.score = self.threshold = math.nan
        self.reasons: list[str] = []

    def fail(self, rule: str, score: float, threshold: float, reason: str) -> None:
        if not self.rule:
            self.rule, self.score, self.threshold = rule, float(score), float(threshold)
        self.reasons.append(reason)
