"""Differences of two states: each planted change shows once and as what it is; equal states have none."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.diff import COLUMNS, compare
from pipeline.states import State

DECISION = ["id", "decision", "rule", "score", "threshold", "reason"]


def state(
    items: dict[str, tuple[str, str]],
    name: str = "a",
    keep: dict[str, str] | None = None,
    config: dict[str, Any] | None = None,
    pixels: dict[str, str] | None = None,
    threshold: float = 6.0,
    alone: bool = False,
) -> State:
    """`items` maps an id to the stage and rule that drop it; ("", "") keeps it."""
    index = pd.Index(list(items), name="id")
    frame = pd.DataFrame({"title": [id.upper() for id in items], "page_url": "http://m/p", "image_url": "http://m/i"}, index=index)
    frame["pixels"] = [(pixels or {}).get(id) for id in items]
    decisions = {
        stage: pd.DataFrame(
            [[id, *(("drop", rule) if dropped == stage else ("keep", "")), 1.0, threshold, rule] for id, (dropped, rule) in items.items()],
            columns=DECISION,
        )
        for stage in ("classify", "filter", "dedup")
    }
    said = {("keep", id): word for id, word in (keep or {}).items()}
    return State(name, frame, decisions, None if alone else keep or {}, None if alone else said, None if alone else config or {})


def rows(before: State, after: State) -> list[tuple[str, ...]]:
    names = ["what", "subject", "before", "after", "stage_before", "rule_before", "stage_after", "rule_after"]
    return [tuple(row) for row in compare(before, after).rows[names].itertuples(index=False)]


KEPT, SMALL, GREY, COPY = ("", ""), ("filter", "size"), ("filter", "grayscale"), ("dedup", "near")


def test_every_kind_of_difference() -> None:
    before = state({"i1": KEPT, "i2": SMALL, "i3": SMALL, "i4": KEPT, "i5": KEPT, "i6": KEPT}, keep={"i6": "drop"})
    after = state({"i1": KEPT, "i2": KEPT, "i3": COPY, "i4": GREY, "i6": KEPT, "i7": SMALL}, keep={"i1": "drop"})
    assert rows(before, after) == [
        ("verdict", "keep i1", "", "drop", "", "", "", ""),
        ("verdict", "keep i6", "drop", "", "", "", "", ""),
        ("decision", "i1", "keep", "drop", "", "", "verdict", "verdict"),
        ("decision", "i2", "drop", "keep", "filter", "size", "", ""),
        ("reason", "i3", "drop", "drop", "filter", "size", "dedup", "near"),
        ("decision", "i4", "keep", "drop", "", "", "filter", "grayscale"),
        ("removed", "i5", "keep", "", "", "", "", ""),
        ("decision", "i6", "drop", "keep", "verdict", "verdict", "", ""),
        ("added", "i7", "", "drop", "", "", "filter", "size"),
    ]
    found = compare(before, after)
    assert list(found.rows.columns) == COLUMNS
    assert found.totals == {"items": (6, 6), "kept": (3, 2), "dropped": (3, 4), "verdicts": (1, 1)}
    assert found.groups().values.tolist() == [
        ["added", "", "drop", "filter", "size", 1, "I7"],
        ["decision", "drop", "keep", "filter", "size", 1, "I2"],
        ["decision", "drop", "keep", "verdict", "verdict", 1, "I6"],
        ["decision", "keep", "drop", "filter", "grayscale", 1, "I4"],
        ["decision", "keep", "drop", "verdict", "verdict", 1, "I1"],
        ["reason", "drop", "drop", "dedup", "near", 1, "I3"],
        ["removed", "keep", "", "", "", 1, "I5"],
    ]


def test_a_state_does_not_differ_from_itself() -> None:
    one = state({"i1": KEPT, "i2": SMALL}, keep={"i2": "keep"}, config={"shard.size": 64}, pixels={"i1": "p"})
    found = compare(one, one)
    assert found.rows.empty
    assert found.groups().empty


def test_settings_say_which_words_came_and_went() -> None:
    before = state({}, config={"filter.size": "on", "filter.size.min_side": 64, "classify.keep": ["suit", "doll"], "shard.size": 64})
    after = state({}, config={"filter.photo": "on", "classify.keep": ["suit", "horse"], "shard.size": 64})
    found = compare(before, after)
    assert found.rows[["subject", "before", "after", "reason_after"]].values.tolist() == [
        ["classify.keep", '["suit", "doll"]', '["suit", "horse"]', 'added "horse"; taken out "doll"'],
        ["filter.photo", "", '"on"', ""],
        ["filter.size", '"on"', "", ""],
        ["filter.size.min_side", "64", "", ""],
    ]
    assert found.groups().empty


def test_a_picture_that_the_site_saved_anew_is_told() -> None:
    before, after = state({"i1": KEPT}, pixels={"i1": "pp"}), state({"i2": KEPT, "i3": KEPT}, pixels={"i2": "pp"})
    found = compare(before, after).rows.set_index("subject")
    assert found["what"].to_dict() == {"i1": "removed", "i2": "added", "i3": "added"}
    assert found.loc["i2", "reason_before"] == "shows what i1 did, which is gone"
    assert found.loc["i3", "reason_before"] == ""


def test_a_catalog_alone_is_compared_without_verdicts_and_by_the_thresholds_in_it() -> None:
    before = state({"i1": SMALL, "i2": KEPT}, "old.sqlite", threshold=6, alone=True)
    after = state({"i1": SMALL, "i2": KEPT}, keep={"i2": "drop"}, threshold=9)
    found = compare(before, after)
    assert [(row.what, row.subject, row.before, row.after) for row in found.rows.itertuples()] == [
        ("setting", "threshold of filter: size", "6.0", "9.0")
    ]
    assert found.notes == [
        "old.sqlite: nothing but a catalog; its verdicts and settings are not known, and decisions are compared without verdicts"
    ]
    assert "verdicts" not in found.totals


ITEMS = st.dictionaries(st.sampled_from([f"i{n}" for n in range(8)]), st.sampled_from([KEPT, SMALL, GREY, COPY]), max_size=8)
KEEP = st.dictionaries(st.sampled_from([f"i{n}" for n in range(8)]), st.sampled_from(["keep", "drop"]), max_size=3)


@settings(max_examples=15, deadline=None)
@given(ITEMS, KEEP, ITEMS, KEEP)
def test_against_plain_comparing(then: dict[str, Any], said: dict[str, str], now: dict[str, Any], says: dict[str, str]) -> None:
    def final(items: dict[str, tuple[str, str]], keep: dict[str, str]) -> dict[str, tuple[str, ...]]:
        return {id: (keep[id], "verdict", "verdict") if id in keep else ("drop" if why[0] else "keep", *why) for id, why in items.items()}

    before, after = final(then, said), final(now, says)
    found = compare(state(then, keep=said), state(now, keep=says))
    table, both = found.rows.set_index("subject"), before.keys() & after.keys()
    expected = {
        "added": after.keys() - before.keys(),
        "removed": before.keys() - after.keys(),
        "decision": {id for id in both if before[id][0] != after[id][0]},
        "reason": {id for id in both if before[id][0] == after[id][0] and before[id] != after[id]},
        "verdict": {f"keep {id}" for id in said.keys() | says.keys() if said.get(id) != says.get(id)},
    }
    assert {what: set(table.index[table["what"] == what]) for what in expected} == expected
    assert found.groups()["items"].sum() == len(table) - (table["what"] == "verdict").sum()
