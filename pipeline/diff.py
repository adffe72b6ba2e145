"""What changed between two states of a dataset: settings, verdicts, items, and decisions by stage and rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline import stages
from pipeline.curate import final
from pipeline.states import PLACES, State

if TYPE_CHECKING:
    import pandas as pd

WHY = ["stage", "rule", "reason"]
COLUMNS = [
    *("what", "subject", "before", "after", "stage_before", "rule_before", "reason_before", "stage_after", "rule_after", "reason_after"),
    *PLACES,
]
"""`what`: setting, verdict, added, removed, decision (another one) or reason (dropped before and after, for another stage or rule).
`subject`: a manifest's key, a verdict's aspect and item, or an item's id."""


@dataclass(frozen=True)
class Difference:
    """`rows`: one for every difference, columns COLUMNS. `totals`: items, kept, dropped and verdicts, before and after.

    `notes` are for a person.
    """

    rows: pd.DataFrame
    totals: dict[str, tuple[int, int]]
    notes: list[str]

    def groups(self) -> pd.DataFrame:
        """The items' differences counted: what, before, after, stage, rule (those of now or else of before), items, such as (a title)."""
        import pandas as pd

        of_items = self.rows[~self.rows["what"].isin(["setting", "verdict"])]
        now = of_items["stage_after"] != ""
        by = of_items.assign(
            stage=of_items["stage_after"].where(now, of_items["stage_before"]),
            rule=of_items["rule_after"].where(now, of_items["rule_before"]),
        )
        keys = ["what", "before", "after", "stage", "rule"]
        rows = [[*key, len(group), group["title"].iloc[0] or group["subject"].iloc[0]] for key, group in by.groupby(keys, sort=True)]
        return pd.DataFrame(rows, columns=[*keys, "items", "such as"])


def compare(before: State, after: State) -> Difference:
    """All differences, in the order settings, verdicts, items by id. The same states give the same rows."""
    import pandas as pd

    notes = [
        f"{state.name}: nothing but a catalog; its verdicts and settings are not known, and decisions are compared without verdicts"
        for state in (before, after)
        if state.settings is None
    ]
    finals = [_final(state, state.keep if state.keep is not None and not notes else {}) for state in (before, after)]
    found = [*_settings(before, after), *_verdicts(before, after), *_items(*finals)]
    rows = [[row.get(name, "") for name in COLUMNS] for row in found]
    totals = {"items": (len(finals[0]), len(finals[1]))}
    for word, name in (("keep", "kept"), ("drop", "dropped"), ("", "undecided")):
        counts = tuple(int((table["decision"] == word).sum()) for table in finals)
        if word or any(counts):
            totals[name] = counts[0], counts[1]
    if before.said is not None and after.said is not None:
        totals["verdicts"] = len(before.said), len(after.said)
    return Difference(pd.DataFrame(rows, columns=COLUMNS, dtype=object), totals, notes)


def _final(state: State, keep: Mapping[str, str]) -> pd.DataFrame:
    """Every item with its final decision and why; decision "" where no stage has seen it."""
    frames = [state.decisions[name] for name in stages.DECIDERS]
    decided = final.decide(frames[0], frames[1], frames[2], keep).set_index("id")
    table = state.items.join(decided[["decision", *WHY]])
    names = ["decision", *WHY, *PLACES]
    table[names] = table[names].fillna("")
    return table


def _settings(before: State, after: State) -> Iterator[dict[str, Any]]:
    if before.settings is None or after.settings is None:
        then, now = _thresholds(before), _thresholds(after)
    else:
        then, now = dict(before.settings), dict(after.settings)
    for key in sorted(then.keys() | now.keys()):
        values = [json.dumps(side[key], ensure_ascii=False) if key in side else "" for side in (then, now)]
        if values[0] != values[1]:
            yield {
                "what": "setting",
                "subject": key,
                "before": values[0],
                "after": values[1],
                "reason_after": _words(then.get(key), now.get(key)),
            }


def _words(then: Any, now: Any) -> str:
    """Of two lists, what was added and taken out."""
    if not isinstance(then, list) or not isinstance(now, list):
        return ""
    added, gone = ([json.dumps(word, ensure_ascii=False) for word in one if word not in other] for one, other in ((now, then), (then, now)))
    return "; ".join(f"{sign} {', '.join(words)}" for sign, words in (("added", added), ("taken out", gone)) if words)


def _thresholds(state: State) -> dict[str, Any]:
    """Where the settings are not known: the thresholds that decisions name, where a rule has just one."""
    found = {}
    for stage, frame in state.decisions.items():
        for rule, thresholds in frame.dropna(subset=["threshold"]).groupby("rule")["threshold"]:
            if rule and thresholds.nunique() == 1:
                found[f"threshold of {stage}: {rule!s}"] = float(thresholds.iloc[0])
    return found


def _verdicts(before: State, after: State) -> Iterator[dict[str, Any]]:
    then, now = before.said, after.said
    if then is None or now is None:
        return
    for aspect, subject in sorted(then.keys() | now.keys()):
        values = then.get((aspect, subject), ""), now.get((aspect, subject), "")
        if values[0] != values[1]:
            place = next((state.items.loc[subject] for state in (after, before) if subject in state.items.index), None)
            where = {} if place is None else {name: place[name] for name in PLACES}
            yield {"what": "verdict", "subject": f"{aspect} {subject}", "before": values[0], "after": values[1], **where}


def _items(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[dict[str, Any]]:
    same = before.index.intersection(after.index)
    then, now = before.loc[same, ["decision", *WHY]], after.loc[same, ["decision", *WHY]]
    moved = same[(then[["decision", "stage", "rule"]] != now[["decision", "stage", "rule"]]).any(axis=1)]
    gone = before.index.difference(after.index)
    shown = before.loc[gone, "pixels"].dropna()
    twins = dict(zip(map(str, shown), map(str, shown.index), strict=True))
    for id in sorted([*after.index.difference(before.index), *gone, *moved]):
        old, new = (table.loc[id] if id in table.index else None for table in (before, after))
        row: dict[str, Any] = {"subject": id}
        for side, one in (("before", old), ("after", new)):
            if one is not None:
                row |= {side: one["decision"], **{f"{name}_{side}": one[name] for name in WHY}, **{name: one[name] for name in PLACES}}
        row["what"] = "added" if old is None else "removed" if new is None else "decision" if row["before"] != row["after"] else "reason"
        if new is not None and old is None and str(new["pixels"]) in twins:
            row["reason_before"] = f"shows what {twins[str(new['pixels'])]} did, which is gone"
        yield row
