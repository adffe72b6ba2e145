from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.share import apply


def row(id: str, decision: str = "keep", rule: str = "", **more: Any) -> dict[str, Any]:
    return {"id": id, "decision": decision, "rule": rule, "score": None, "threshold": None, "reason": "", "page": "", **more}


def world(**dropped: str) -> dict[str, list[dict[str, Any]]]:
    """A cluster of a (the keeper), b, c and d, smaller each; `dropped` says by which stage a copy is."""
    ids = ["ia", "ib", "ic", "id"]
    items = []
    for size, id in enumerate(reversed(ids), 1):
        stage = "" if id == "ia" else dropped.get(id, "dedup")
        items.append({"id": id, "decision": "drop" if stage else "keep", "stage": stage, "width": 10.0 * size, "height": 10.0})
    decisions = []
    for id in ids:
        for stage in ("classify", "filter", "dedup"):
            gone = dropped.get(id) == stage or (stage == "dedup" and id != "ia")
            decisions.append(row(id, "drop" if gone else "keep", "duplicate" if gone else "") | {"stage": stage})
    clusters = [{"id": id, "cluster": "ia", "kind": "" if id == "ia" else "resized", "keeper": "ia"} for id in ids]
    return {"items": items, "decisions": decisions, "clusters": clusters}


def decided(ids: list[str], origins: dict[str, str], heirs: dict[str, str], **dropped: str) -> pd.DataFrame:
    return apply.copies(ids, origins, heirs, world(**dropped)).set_index("id")


def here(*ids: str) -> tuple[list[str], dict[str, str], dict[str, str]]:
    same = {id: id for id in ids}
    return list(ids), same, same


def test_what_is_here_is_decided_as_published() -> None:
    found = decided(*here("ia", "ib", "ic"))
    assert found["decision"].tolist() == ["keep", "drop", "drop"]
    assert set(found["keeper"]) == {"ia"}
    assert found["kind"].tolist() == ["", "resized", "resized"]


def test_the_largest_copy_that_nothing_else_dropped_stands_for_a_lost_keeper() -> None:
    found = decided(*here("ib", "ic", "id"), ib="filter")
    assert found["decision"].to_dict() == {"ib": "drop", "ic": "keep", "id": "drop"}
    assert found.loc["ic", "reason"] == "stands for ia, which cannot be had"
    assert set(found["keeper"]) == {"ic"}
    assert set(found["cluster"]) == {"ia"}


def test_no_copy_stands_for_a_keeper_that_was_dropped() -> None:
    tables = world()
    tables["items"][-1]["decision"] = "drop"  # ia, by a person
    ids, origins, heirs = here("ib", "ic")
    assert set(apply.copies(ids, origins, heirs, tables)["decision"]) == {"drop"}


def test_other_bytes_take_the_place_of_what_they_show_and_a_second_copy_is_one() -> None:
    found = decided(["i1", "i2"], {"i1": "ia", "i2": "ia"}, {"ia": "i1"})
    assert found["decision"].tolist() == ["keep", "drop"]
    assert found["keeper"].tolist() == ["i1", "i1"]
    assert found["kind"].tolist() == ["", "exact"]
    assert found.loc["i2", "reason"] == "the same pixels as i1"


def test_a_stranger_stands_for_itself() -> None:
    found = decided(["ix"], {}, {})
    assert found.loc["ix", ["decision", "cluster", "keeper"]].tolist() == ["keep", "ix", "ix"]


def test_overlaid_and_dropped() -> None:
    frame = pd.DataFrame([row("ia", page="http://here/"), row("i1"), row("ix")]).assign(blur=[1.0, 2.0, 3.0])
    said = {"ia": row("ia", "drop", "size", score=3.0, threshold=4.0, reason="small"), "ib": row("ib", page="http://b/")}
    found = apply.dropped(apply.overlaid(frame, said, {"ia": "ia", "i1": "ib"}), {"ix": "it shows another"}).set_index("id")
    assert found.loc["ia", ["decision", "rule", "score", "threshold", "reason", "page"]].tolist() == [
        *("drop", "size", 3.0, 4.0, "small", "http://here/")
    ]
    assert found.loc["i1", ["decision", "page"]].tolist() == ["keep", "http://b/"]
    assert found.loc["ix", ["decision", "rule", "reason"]].tolist() == ["drop", "not_published", "it shows another"]
    assert found["blur"].tolist() == [1.0, 2.0, 3.0]
    assert frame["decision"].tolist() == ["keep"] * 3  # what was given is left alone
