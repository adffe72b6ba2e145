"""Published decisions on the items of a dataset that was made again. Pure functions of tables.

What is here is decided as it was published. A picture whose address shows another one now is dropped: it is not part of what was
published. Where the picture that stood for its copies is gone, the largest copy that is here takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.curate.final import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Mapping[str, Any]]

STRANGER = "not_published"
DECIDED = [name for name in COLUMNS if name not in ("id", "stage")]


def overlaid(frame: pd.DataFrame, rows: Mapping[str, Mapping[str, Any]], origins: Mapping[str, str]) -> pd.DataFrame:
    """A stage's own decisions, those on published pictures replaced by what was published; `rows` by published id."""
    made = frame.copy()
    said = [rows.get(origins.get(id, "")) for id in made["id"]]
    for name in (*DECIDED, *(["page"] if "page" in made else [])):
        pairs = zip(said, made[name].tolist(), strict=True)
        made[name] = [_value(name, row[name]) if row and (name != "page" or row[name]) else old for row, old in pairs]
    return made.astype({"score": float, "threshold": float})


def dropped(frame: pd.DataFrame, strangers: Mapping[str, str]) -> pd.DataFrame:
    """The same with items dropped that were not published; `strangers` says of each why it is here."""
    made = frame.copy()
    here = made["id"].isin(list(strangers))
    made.loc[here, ["decision", "rule"]] = ["drop", STRANGER]
    made.loc[here, ["score", "threshold"]] = float("nan")
    made.loc[here, "reason"] = made.loc[here, "id"].map(strangers)
    return made


def copies(ids: Sequence[str], origins: Mapping[str, str], heirs: Mapping[str, str], tables: Mapping[str, Rows]) -> pd.DataFrame:
    """dedup's decisions and the clusters (columns as `dedup.decide` gives them) of the items `ids`."""
    import pandas as pd

    clusters, items = ({row["id"]: row for row in tables[name]} for name in ("clusters", "items"))
    stage = {name: {row["id"]: row for row in tables["decisions"] if row["stage"] == name} for name in ("classify", "filter", "dedup")}
    instead = _substitutes(items, clusters, stage, heirs)
    rows = []
    for id in ids:
        origin = origins.get(id, "")
        if origin not in clusters or origin not in stage["dedup"]:
            rows.append([id, "keep", "", None, None, "", id, "", id])
            continue
        tied, row = clusters[origin], stage["dedup"][origin]
        keeper = instead.get(str(tied["cluster"]), str(tied["keeper"]))
        said = [row["decision"], row["rule"], row["score"], row["threshold"], row["reason"]]
        if origin == keeper and origin != tied["keeper"]:
            said = ["keep", "", None, None, f"stands for {tied['keeper']}, which cannot be had"]
        if heirs[origin] != id:
            said = ["drop", "duplicate", 0.0, row["threshold"], f"the same pixels as {heirs[origin]}"]
        kind = "exact" if heirs[origin] != id else "" if origin == keeper else tied["kind"]
        rows.append([id, *said, tied["cluster"], kind, heirs.get(keeper, keeper)])
    columns = ["id", *DECIDED, "cluster", "kind", "keeper"]
    return pd.DataFrame(rows, columns=columns).astype({"score": float, "threshold": float})


def _substitutes(
    items: Mapping[str, Mapping[str, Any]],
    clusters: Mapping[str, Mapping[str, Any]],
    stage: Mapping[str, Mapping[str, Mapping[str, Any]]],
    heirs: Mapping[str, str],
) -> dict[str, str]:
    """Who stands for a cluster whose keeper was kept and is not here, by cluster: of the copies that nothing else dropped the largest."""
    best: dict[str, tuple[float, str]] = {}
    for id, row in clusters.items():
        keeper = items.get(row["keeper"], {})
        if row["keeper"] in heirs or keeper.get("decision") != "keep" or id not in heirs:
            continue
        if any(stage[name].get(id, {}).get("decision") != "keep" for name in ("classify", "filter")) or items[id]["stage"] != "dedup":
            continue
        area = (items[id]["width"] or 0.0) * (items[id]["height"] or 0.0)
        best[row["cluster"]] = min(best.get(row["cluster"], (1.0, "")), (-area, id))
    return {cluster: id for cluster, (_, id) in best.items()}


def _value(name: str, value: Any) -> Any:
    return float("nan") if name in ("score", "threshold") and value is None else value
