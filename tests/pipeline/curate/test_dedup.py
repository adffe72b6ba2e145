from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.curate import dedup
from pipeline.manifest import DedupSettings
from pipeline.measure import registry
from pipeline.measure.base import Decoded

SETTINGS = DedupSettings()


def robot(colour: tuple[int, int, int] = (190, 40, 50), size: int = 300) -> Image.Image:
    picture = Image.new("RGB", (300, 300), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((80, 170, 200, 280), fill=colour, outline=(30, 20, 20), width=3)
    draw.rounded_rectangle((100, 30, 200, 150), 25, fill=colour, outline=(30, 20, 20), width=3)
    draw.ellipse((115, 60, 140, 85), fill=(250, 220, 60))
    draw.line((205, 190, 260, 260), fill=(60, 60, 60), width=18)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def jpeg(picture: Image.Image, quality: int = 60) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def measured(id: str, picture: Image.Image, format: str = "PNG") -> dict[str, Any]:
    row: dict[str, Any] = {"id": id, "version": 1, "error": None, "detail": ""}
    for measurement in registry.MEASUREMENTS:
        row.update(measurement.compute(Decoded(picture, format, "RGB")))
    return row


def broken(id: str) -> dict[str, Any]:
    return {"id": id, "version": 1, "error": "truncated", "detail": "", **dict.fromkeys(registry.COLUMNS)}


PLAIN = robot()
ROWS = {
    "i1": measured("i1", robot(size=150), "JPEG"),
    "i2": measured("i2", PLAIN),
    "i3": measured("i3", PLAIN, "JPEG"),
    "i4": measured("i4", jpeg(PLAIN), "JPEG"),
    "i5": measured("i5", ImageOps.mirror(PLAIN), "JPEG"),
    "i6": measured("i6", ImageOps.expand(robot(size=200), 30, (255, 255, 255)), "JPEG"),
    "i7": measured("i7", robot((40, 70, 190))),
    "i8": broken("i8"),
    "i9": measured("i9", jpeg(robot((40, 160, 60), 200), 90), "JPEG"),
}
FAMILY = ["i1", "i2", "i3", "i4", "i5", "i6"]


def decide(
    ids: list[str] | None = None,
    dropped: tuple[str, ...] = (),
    verdicts: dict[str, str] | None = None,
    same: dict[tuple[str, str], str] | None = None,
    settings: DedupSettings = SETTINGS,
) -> pd.DataFrame:
    table = pd.DataFrame([ROWS[id] for id in ids or ROWS])
    verdicts = verdicts or {}
    survivors = pd.DataFrame(
        {"id": table["id"], "survives": [id not in dropped for id in table["id"]], "verdict": [verdicts.get(id, "") for id in table["id"]]}
    )
    return dedup.decide(table, survivors, same or {}, settings).set_index("id")


def test_one_cluster_of_copies_and_each_other_picture_alone() -> None:
    frame = decide()
    assert frame["keeper"].to_dict() == dict.fromkeys(FAMILY, "i2") | {id: id for id in ("i7", "i8", "i9")}
    assert frame["cluster"].to_dict() == dict.fromkeys(FAMILY, "i1") | {id: id for id in ("i7", "i8", "i9")}
    assert frame["kind"].to_dict() == {
        "i1": "resized", "i2": "", "i3": "exact", "i4": "re-encoded", "i5": "mirrored", "i6": "padded", "i7": "", "i8": "", "i9": "",
    }  # fmt: skip
    assert frame.index[frame["decision"] == "keep"].tolist() == ["i2", "i7", "i8", "i9"]
    assert set(frame.loc[frame["decision"] == "drop", "rule"]) == {"duplicate"}
    assert frame.loc["i3", "reason"].startswith("the same pixels in other bytes; keeper i2")


def test_the_score_is_the_distance_that_was_allowed() -> None:
    frame = decide()
    tied = frame[frame["kind"] != ""]
    assert (tied["score"] <= tied["threshold"]).all()
    assert set(tied["threshold"]) == {10}
    assert frame.loc["i3", "score"] == 0
    assert frame.loc[frame["kind"] == "", ["score", "threshold"]].isna().all().all()


def test_columns_and_order_do_not_depend_on_the_input_order() -> None:
    table = pd.DataFrame(list(ROWS.values()))
    survivors = pd.DataFrame({"id": list(ROWS), "survives": True, "verdict": ""})
    straight = dedup.decide(table, survivors, {}, SETTINGS)
    assert list(straight.columns) == ["id", "decision", "rule", "score", "threshold", "reason", "cluster", "kind", "keeper"]
    for seed in range(4):
        mixed = dedup.decide(table.sample(frac=1, random_state=seed), survivors.sample(frac=1, random_state=seed), {}, SETTINGS)
        pd.testing.assert_frame_equal(mixed, straight)


@pytest.mark.parametrize(
    ("dropped", "keeper"),
    [
        ((), "i2"),  # lossless before lossy
        (("i2",), "i3"),  # equally sharp as i5, smaller id
        (("i2", "i3"), "i5"),
        (("i2", "i3", "i5"), "i4"),  # a strong compression took some sharpness
        (("i2", "i3", "i4", "i5"), "i6"),  # 260 pixels before 150
        (("i2", "i3", "i4", "i5", "i6"), "i1"),
        (tuple(FAMILY), "i2"),  # nobody survives: the best of all, and nothing is held against it
    ],
)
def test_the_keeper_is_elected_among_the_survivors(dropped: tuple[str, ...], keeper: str) -> None:
    family = decide(dropped=dropped).loc[FAMILY]
    assert set(family["keeper"]) == {keeper}
    assert family.index[family["decision"] == "keep"].tolist() == [keeper]
    assert set(family["cluster"]) == {"i1"}


def test_kept_by_a_person_comes_before_every_other_criterion() -> None:
    frame = decide(dropped=("i1",), verdicts={"i1": "keep"})
    assert set(frame.loc[FAMILY, "keeper"]) == {"i1"}
    assert frame.loc["i2", "kind"] == "resized"


def test_two_that_a_person_keeps_both_stay() -> None:
    frame = decide(verdicts={"i1": "keep", "i4": "keep"})
    assert frame.index[frame["decision"] == "keep"].tolist() == ["i1", "i4", "i7", "i8", "i9"]
    assert frame.loc["i4", ["rule", "keeper", "cluster", "kind"]].tolist() == ["", "i4", "i1", ""]
    assert frame.loc["i1", ["rule", "keeper", "cluster", "kind"]].tolist() == ["verdict", "i4", "i1", "resized"]


def test_dropped_by_a_person_is_never_elected() -> None:
    assert set(decide(verdicts={"i2": "drop"}).loc[FAMILY, "keeper"]) == {"i3"}


def test_a_person_says_the_same() -> None:
    frame = decide(same={("i7", "i9"): "yes", ("i2", "i7"): "yes"})
    assert set(frame.loc[[*FAMILY, "i7", "i9"], "keeper"]) == {"i2"}
    assert frame.loc["i7", ["kind", "decision"]].tolist() == ["verdict", "drop"]
    assert frame.loc["i9", ["kind", "decision"]].tolist() == ["verdict", "drop"]
    assert frame.loc[["i7", "i9"], ["score", "threshold"]].isna().all().all()
    assert set(decide(same={("i7", "i8"): "yes"}).loc[["i7", "i8"], "keeper"]) == {"i7"}


def test_a_person_says_not_the_same() -> None:
    frame = decide(same={("i2", "i4"): "no"})
    assert set(frame.loc[["i1", "i2", "i3", "i5", "i6"], "keeper"]) == {"i2"}
    assert frame.loc["i4", ["keeper", "decision", "cluster"]].tolist() == ["i4", "keep", "i4"]


def test_a_person_may_part_equal_pixels() -> None:
    frame = decide(["i2", "i3", "i4"], same={("i2", "i3"): "no"})
    assert frame["decision"].tolist() == ["keep", "keep", "drop"]
    assert frame.loc["i4", "keeper"] == "i2"


def test_no_wins_over_yes() -> None:
    frame = decide(["i2", "i7", "i9"], same={("i2", "i7"): "yes", ("i7", "i9"): "yes", ("i2", "i9"): "no"})
    assert frame.loc["i2", "keeper"] != frame.loc["i9", "keeper"]


def test_verdicts_on_unknown_items_are_passed_over() -> None:
    assert decide(["i7"], same={("i0", "i7"): "yes", ("i7", "iz"): "no"})["decision"].tolist() == ["keep"]


def test_mirrored_copies_stay_where_the_manifest_says_so() -> None:
    frame = decide(settings=DedupSettings.model_validate({"mirror": False}))
    assert frame.loc["i5", ["decision", "cluster", "kind"]].tolist() == ["keep", "i5", ""]


def test_an_item_the_survivors_lack_counts_as_one() -> None:
    table = pd.DataFrame([ROWS["i2"], ROWS["i3"]])
    nobody = pd.DataFrame({"id": [], "survives": [], "verdict": []})
    assert dedup.decide(table, nobody, {}, SETTINGS)["decision"].tolist() == ["keep", "drop"]


def test_nothing_and_only_unreadable_pictures() -> None:
    nobody = pd.DataFrame({"id": [], "survives": [], "verdict": []})
    assert dedup.decide(pd.DataFrame([ROWS["i2"]]).iloc[:0], nobody, {}, SETTINGS).empty
    frame = dedup.decide(pd.DataFrame([broken("i1"), broken("i2")]), nobody, {}, SETTINGS)
    assert frame["keeper"].tolist() == ["i1", "i2"]
    assert frame["decision"].tolist() == ["keep", "keep"]


def test_kinds_that_the_manifest_leaves_out_are_no_duplicates() -> None:
    frame = decide(settings=DedupSettings(kinds=("re-encoded", "resized")))
    assert frame.loc["i6", ["decision", "kind"]].tolist() == ["keep", ""]
    assert frame.loc["i5", ["decision", "kind"]].tolist() == ["keep", ""]
    assert frame.loc["i3", "kind"] == "exact"


def test_what_is_alike_in_a_way_that_makes_no_duplicate_is_named() -> None:
    frame = decide(["i2", "i5", "i7"], settings=DedupSettings(kinds=("re-encoded",)))
    assert frame["decision"].tolist() == ["keep", "keep", "keep"]
    assert frame.loc["i5", "reason"] == "related: a mirrored copy (i2)"
    assert frame.loc["i7", "reason"] == "related: the same drawing in other colours (i2)"
    assert frame.loc["i2", "reason"] == "related: a mirrored copy (i5); the same drawing in other colours (i7)"


def test_a_recolour_is_a_duplicate_where_the_manifest_says_so() -> None:
    frame = decide(["i2", "i4", "i7"], settings=DedupSettings(kinds=("re-encoded", "recolour")))
    assert frame["keeper"].tolist() == ["i2", "i2", "i2"]
    assert frame["kind"].tolist() == ["", "re-encoded", "recolour"]
