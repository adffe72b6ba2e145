"""Reports a spreadsheet can open without running anything."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review import reports


def saved(frame: pd.DataFrame, path: Path) -> list[dict[str, str]]:
    reports.save(frame, path)
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_formulas_become_text(tmp_path: Path, cell: str) -> None:
    (row,) = saved(pd.DataFrame({"title": [cell]}), tmp_path / "a.csv")
    assert row["title"].startswith("'")


def test_numbers_stay_numbers_and_missing_stays_empty(tmp_path: Path) -> None:
    rows = saved(pd.DataFrame({"score": [-1.5, None], "reason": ["", None]}), tmp_path / "a.csv")
    assert [row["score"] for row in rows] == ["-1.5", ""]
    assert [row["reason"] for row in rows] == ["", ""]


@given(st.text(max_size=30))
def test_any_title_is_one_harmless_cell(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    path = tmp_path_factory.mktemp("r") / "a.csv"
    (row,) = saved(pd.DataFrame({"title": [title], "id": ["i1"]}), path)
    assert row["id"] == "i1"
    assert row["title"][:1] not in tuple("=+-@\t\r\n")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
