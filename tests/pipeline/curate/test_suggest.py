"""Keywords proposed from labels: planted words are found, and every figure beside them holds when the rules are run anew."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.curate import classify
from pipeline.curate.phrases import heads, phrases
from pipeline.curate.suggest import FURTHER, PROPOSED, Suggestions, suggest
from pipeline.manifest import ClassifySettings


def sighting(id: str, kind: str = "", title: str = "", text: str = "") -> dict[str, Any]:
    fields = {"kind": kind} if kind else {}
    return {"id": id, "page_url": f"http://m/{id}", "image_url": "", "source": "x", "title": title, "fields": fields, "text": text}


def proposed(found: Suggestions) -> list[tuple[str, str, int, int]]:
    return [tuple(row) for row in found.proposed[["keyword", "list", "mends", "breaks"]].itertuples(index=False)]


COLLECTION = [
    *(sighting(f"s{number}", "giant mobile suit", f"Zaku {number}", "It stands by a ship.") for number in range(6)),
    *(sighting(f"c{number}", "assault carrier", f"Base {number}", "It carries a mobile suit.") for number in range(4)),
    *(sighting(f"b{number}", "hover bike", f"Wappa {number}", "It is fast.") for number in range(3)),
    *(sighting(f"d{number}", "mobile doll", f"Virgo {number}", "No pilot.") for number in range(3)),
]
LABELS = {row["id"]: "keep" if row["id"][0] in "sd" else "drop" for row in COLLECTION}


def test_a_missing_word_is_proposed_with_its_counts() -> None:
    found = suggest(pd.DataFrame(COLLECTION), LABELS, ClassifySettings(field="kind", keep=("mobile suit",)))
    assert found.proposed[["keyword", "list", "where", "kept", "dropped", "mends", "breaks", "changes"]].values.tolist() == [
        ["mobile doll", "keep", "kind", 3, 0, 3, 0, 0]
    ]
    assert found.wrong[["id", "label", "decision", "mended by"]].values.tolist() == [
        [f"d{number}", "keep", "drop", "mobile doll"] for number in range(3)
    ]


def test_what_tells_the_sides_apart_is_named_though_it_mends_nothing() -> None:
    rows = [*COLLECTION, *(sighting(f"b{number}", "hover bike", text="mobile suit") for number in range(3, 20))]
    labels = {row["id"]: "keep" if row["id"][0] in "sd" else "drop" for row in rows}
    found = suggest(pd.DataFrame(rows), labels, ClassifySettings(field="kind", keep=("mobile suit",)))
    assert {"bike", "hover bike"} <= set(found.further["keyword"])
    assert found.further["z"].is_monotonic_decreasing
    assert set(found.further["where"]) == {"kind"}  # what the text says of other things is not heard where there is a kind


def test_an_empty_manifest_learns_what_to_keep_as_all_else_is_dropped_then() -> None:
    found = suggest(pd.DataFrame(COLLECTION), LABELS, ClassifySettings(field="kind"))
    assert found.proposed[["keyword", "list", "mends", "breaks"]].values.tolist() == [
        ["mobile suit", "keep", 7, 3],
        ["mobile doll", "keep", 3, 0],
    ]
    assert set(found.wrong["mended by"]) == {"mobile suit"}


def test_what_is_dropped_is_learned_where_all_else_is_wanted() -> None:
    seen = [row for row in COLLECTION if row["id"][0] != "b"] + [sighting(f"x{n}", f"thing of its own {n * 'o'}") for n in range(9)]
    labels = {row["id"]: "drop" if row["id"][0] == "c" else "keep" for row in seen}
    found = suggest(pd.DataFrame(seen), labels, ClassifySettings(field="kind"))
    assert found.proposed[["keyword", "list", "mends", "breaks"]].values.tolist() == [["assault carrier", "drop", 4, 0]]


def test_rules_that_agree_get_no_proposals() -> None:
    found = suggest(pd.DataFrame(COLLECTION), LABELS, ClassifySettings(field="kind", keep=("mobile suit", "mobile doll")))
    assert found.proposed.empty
    assert found.wrong.empty
    assert list(found.proposed.columns) == PROPOSED
    assert list(found.further.columns) == FURTHER


def test_what_would_change_without_a_label_is_counted() -> None:
    few = {id: word for id, word in LABELS.items() if id not in ("d2", "s4", "s5")}
    found = suggest(pd.DataFrame(COLLECTION), few, ClassifySettings(field="kind", keep=("mobile suit",)))
    assert found.proposed[["keyword", "mends", "changes"]].values.tolist() == [["mobile doll", 2, 1]]


def test_titles_and_texts_speak_where_the_field_is_missing() -> None:
    rows = [sighting(f"g{n}", text=f"This goblin number {n} lives in a cave.") for n in range(4)]
    rows += [sighting(f"k{n}", title="Knight errant", text="Rides out.") for n in range(4)]
    labels = {row["id"]: "keep" if row["id"][0] == "g" else "drop" for row in rows}
    found = suggest(pd.DataFrame(rows), labels, ClassifySettings(field="kind", drop=("dragon",)))
    assert [(row[0], row[1], row[2]) for row in found.proposed.values.tolist()] == [("knight errant", "drop", "title")]


def test_what_breaks_as_much_as_it_mends_is_not_proposed() -> None:
    rows = [sighting(f"{side}{n}", "walker") for side in "kd" for n in range(2)] + [sighting(f"d{n}", "ship") for n in range(2, 6)]
    labels = {row["id"]: "keep" if row["id"][0] == "k" else "drop" for row in rows}
    found = suggest(pd.DataFrame(rows), labels, ClassifySettings(field="kind", keep=("mobile suit",)))
    assert found.wrong["id"].tolist() == ["k0", "k1"]
    assert found.proposed.empty


def test_the_name_of_one_thing_is_no_keyword() -> None:
    rows = [*COLLECTION, sighting("x", "zeppelin extraordinaire", "Unique")]
    found = suggest(pd.DataFrame(rows), {**LABELS, "x": "keep"}, ClassifySettings(field="kind", keep=("mobile suit", "mobile doll")))
    assert found.proposed.empty
    assert found.wrong["id"].tolist() == ["x"]


def test_a_word_that_only_describes_is_no_keyword_in_a_field() -> None:
    rows = [sighting(f"m{n}", f"amphibious {kind}") for n, kind in enumerate(["walker", "crawler", "walker", "crawler"])]
    rows += [sighting(f"h{n}", "hover walker") for n in range(4)]
    found = suggest(pd.DataFrame(rows), {row["id"]: "keep" for row in rows}, ClassifySettings(field="kind", keep=("mobile suit",)))
    assert found.proposed["keyword"].tolist() == []  # all are kept, so nothing tells them apart
    labels = {row["id"]: "keep" if row["id"][0] == "m" else "drop" for row in rows}
    found = suggest(pd.DataFrame(rows), labels, ClassifySettings(field="kind", keep=("mobile suit",)))
    assert set(found.proposed["keyword"]) <= {"amphibious walker", "amphibious crawler", "crawler"}


def test_phrases_are_counted_in_the_singular_and_stop_at_marks() -> None:
    assert phrases("Mobile suits, carriers of 12 guns") == {
        ("mobile",): "mobile",
        ("suit",): "suits",
        ("mobile", "suit"): "mobile suits",
        ("carrier",): "carriers",
        ("gun",): "guns",
        ("12", "gun"): "12 guns",
    }


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("prototype mobile suit", {"suit", "mobile suit"}),
        ("carriers for mobile suits", {"carriers"}),
        ("walker / hover tank", {"walker", "tank", "hover tank"}),
        ("RX-78 (mobile suit)", {"rx 78", "suit", "mobile suit"}),
        ("", set()),
        ("of the", set()),
    ],
)
def test_a_labels_phrases_are_those_that_end_it(label: str, shown: set[str]) -> None:
    assert set(heads(label).values()) == shown


WORDS = ["giant", "mobile", "suit", "suits", "carrier", "of", "tank", "zaku", "bike", "the", "armor"]
KIND = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
CASES = st.lists(st.tuples(KIND, KIND, st.sampled_from(["keep", "drop", None])), min_size=1, max_size=25)
LISTS = st.sampled_from([((), ()), (("suit",), ()), (("suit",), ("carrier",)), ((), ("tank", "mobile suit")), (("zaku",), ("bike",))])


@settings(max_examples=50, deadline=None)
@given(CASES, LISTS)
def test_every_figure_holds_when_the_rules_are_run_with_the_proposals(
    cases: list[tuple[str, str, str | None]], lists: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    rows = [sighting(f"i{number:02}", kind, text=text) for number, (kind, text, _) in enumerate(cases)]
    labels = {f"i{number:02}": label for number, (_, _, label) in enumerate(cases) if label}
    if not labels:
        return
    before = ClassifySettings(field="kind", keep=lists[0], drop=lists[1])
    found = suggest(pd.DataFrame(rows), labels, before)
    added = {side: tuple(found.proposed.loc[found.proposed["list"] == side, "keyword"]) for side in ("keep", "drop")}
    after = ClassifySettings(field="kind", keep=lists[0] + added["keep"], drop=lists[1] + added["drop"])
    then, now = (classify.decide(pd.DataFrame(rows), rules).set_index("id")["decision"] for rules in (before, after))
    assert set(found.wrong["id"]) == {id for id, label in labels.items() if then[id] != label}
    right = [sum(decided[id] == label for id, label in labels.items()) for decided in (then, now)]
    assert right[1] - right[0] == (found.proposed["mends"] - found.proposed["breaks"]).sum()
    assert (found.proposed["mends"] > found.proposed["breaks"]).all()
    if len(found.proposed) == 1:
        assert found.proposed["changes"].sum() == sum(then[id] != now[id] for id in then.index if id not in labels)
