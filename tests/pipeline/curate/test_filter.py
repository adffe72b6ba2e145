from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

from pipeline.curate import filters
from pipeline.curate.filter import HINTS, decide

GOOD: dict[str, Any] = {
    "error": None,
    "detail": "",
    "width": 300,
    "height": 300,
    "border_colour": "#ffffff",
    "border_uniformity": 0.9,
    "border_transparent": 0.0,
    "border_flat": 0.9,
    "subject_flat": 0.9,
    "chroma": 150.0,
    "tint": 20.0,
    "colour_spread": 150.0,
    "flat_share": 0.9,
    "grain": 0.1,
    "sharpness": 900.0,
    "tone_peaks": 0.6,
    "tone_range": 0.5,
    "gradient": 2.0,
    "gradient_coarse": 2.5,
    "saturation_sd": 0.3,
    "saturated": 0.2,
    "smooth": 0.6,
    "mscn_kurtosis": 1.5,
    "mscn_diagonal": 0.4,
    "contrast_variation": 1.2,
    "tone_sd": 45.0,
    "colours": 300,
    "blur": 0.3,
    "text": 0.0,
    "letterbox": 0.0,
}
COLUMNS = ["id", "decision", "rule", "score", "threshold", "reason"]


def table(**rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{"id": id, **GOOD, **changes} for id, changes in rows.items()], columns=["id", *GOOD])


def broken() -> dict[str, Any]:
    return {**dict.fromkeys(GOOD), "error": "truncated", "detail": "image file is truncated"}


def every(*names: str) -> dict[str, BaseModel]:
    return {name: filters.load(name).Settings() for name in names or filters.NAMES}


def test_a_good_picture_is_kept_with_its_scores() -> None:
    row = decide(table(i1={}), every()).iloc[0]
    assert (row["decision"], row["rule"], row["reason"]) == ("keep", "", "")
    assert np.isnan(row["score"])
    assert np.isnan(row["threshold"])
    assert (row["size_score"], row["background_score"], row["grayscale_score"]) == (300, 0.9, 150)
    assert 0 <= row["photo_score"] < 0.05
    assert (row["blur"], row["text"], row["letterbox"]) == (0.3, 0, 0)  # hints, for the report


def test_the_first_failure_in_the_manifests_order_is_the_rule() -> None:
    small_and_gray = table(i1={"width": 30, "tint": 0.0, "colour_spread": 0.0}, i2={})
    forward = decide(small_and_gray, every("size", "grayscale")).iloc[0]
    assert (forward["rule"], forward["score"], forward["threshold"]) == ("size", 30, 75)
    assert forward["reason"].split("; ")[1] == "strongest colour has chroma 0 of 180, 11.5 needed"
    backward = decide(small_and_gray, every("grayscale", "size")).iloc[0]
    assert (backward["rule"], backward["score"], backward["threshold"]) == ("grayscale", 0, 11.5)
    assert backward["reason"].split("; ") == forward["reason"].split("; ")[::-1]


def test_an_unreadable_file_is_dropped_by_name() -> None:
    frame = decide(table(i2={}, i1=broken()), every())
    row = frame.iloc[0]
    assert (row["id"], row["decision"], row["rule"], row["reason"]) == ("i1", "drop", "readable", "truncated: image file is truncated")
    assert np.isnan(row["size_score"])
    assert frame.iloc[1]["decision"] == "keep"


def test_rows_come_in_id_order_whatever_order_they_had() -> None:
    rows = table(**{f"i{n}": {"colour_spread": 10.0 * n, "width": 40 + 10 * n, "height": 100} for n in range(6)}, i9=broken())
    shuffled = rows.sample(frac=1, random_state=3)
    expected, found = decide(rows, every()), decide(shuffled, every())
    pd.testing.assert_frame_equal(found, expected)
    assert found["id"].is_monotonic_increasing
    assert found["decision"].tolist() == ["drop"] * 3 + ["keep"] * 3 + ["drop"]


def test_without_filters_everything_readable_is_kept() -> None:
    frame = decide(table(i1={"width": 1}, i2=broken()), {})
    assert frame["decision"].tolist() == ["keep", "drop"]
    assert list(frame.columns) == [*COLUMNS, *HINTS]


def test_an_empty_table() -> None:
    frame = decide(table(), every())
    assert frame.empty
    assert list(frame.columns) == [*COLUMNS, *(f"{name}_score" for name in filters.NAMES), *HINTS]


def test_only_unreadable_files() -> None:
    assert decide(table(i1=broken()), every())["rule"].tolist() == ["readable"]


def test_the_input_is_left_as_it_was() -> None:
    rows = table(i1={"width": 3})
    before = rows.copy()
    decide(rows, every())
    pd.testing.assert_frame_equal(rows, before)
