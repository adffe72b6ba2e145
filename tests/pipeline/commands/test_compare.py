"""`pipeline diff` as a person types it, and the notes about edits by hand that commands print."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def root(pipeline: Callable[..., Any], recipe: Path, tmp_path: Path) -> Path:
    assert pipeline("run", recipe, "--until", "review", "--quiet").code == 0
    return tmp_path / "datasets" / "shapes"


def test_a_changed_threshold_and_a_verdict(pipeline: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "friday")
    same = pipeline("diff", "friday", "shapes")
    assert (same.code, same.err) == (0, "")
    assert "no difference" in same.out
    report = root / "reports" / "summary.csv"
    lines = report.read_text(encoding="utf-8-sig").splitlines()
    chosen = next(number for number, line in enumerate(lines) if ",keep," in line and ",size," not in line)
    lines[chosen] += "drop"
    report.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    assert pipeline("filter", "shapes", "--set", "filter.size.min_side=70", "--quiet").code == 0
    assert pipeline("dedup", "shapes", "--quiet").code == 0
    done = pipeline("diff", "friday", "shapes", "--csv", "d.csv")
    assert (done.code, done.err) == (0, "")
    assert "filter.size.min_side" in done.out
    rows = list(csv.DictReader((tmp_path / "d.csv").read_text(encoding="utf-8-sig").splitlines()))
    told = json.loads(pipeline("diff", "friday", "shapes", "--json").out)
    assert [row["subject"] for row in told["differences"]] == [row["subject"] for row in rows]
    assert rows[0]["what"] == "setting"
    assert (rows[1]["what"], rows[1]["subject"], rows[1]["after"]) == ("verdict", f"keep {lines[chosen].split(',')[0]}", "drop")
    dropped = [row for row in rows if row["what"] == "decision" and row["rule_after"] == "size"]
    assert dropped
    assert all(row["before"] == "keep" and row["after"] == "drop" and row["title"] for row in dropped)
    kept = told["totals"]["kept"]
    assert kept["before"] - kept["after"] == sum(row["what"] == "decision" for row in rows)
    assert sum(group["items"] for group in told["groups"]) == sum(row["what"] not in ("setting", "verdict") for row in rows)


def test_the_columns_of_reports_are_stable(root: Path) -> None:
    first, last = "id,decision,rule,score,threshold,reason", "image,page_url,image_url,title,override"
    heads = {path.stem: path.read_text(encoding="utf-8-sig").splitlines()[0] for path in (root / "reports").glob("*.csv")}
    assert heads["summary"] == f"{first},stage,{last}"
    assert heads["classify"] == f"{first},against,conflict,for,{last}"
    assert heads["failures"] == "url,kind,status,error,detail"
    assert all(head.startswith(first) and head.endswith(last) for name, head in heads.items() if name != "failures")


def test_a_copy_of_the_catalog(pipeline: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "catalog.sqlite", tmp_path / "friday.sqlite")
    done = pipeline("diff", "friday.sqlite", root)
    assert done.code == 0
    assert "no difference" in done.out
    assert "friday.sqlite: nothing but a catalog" in done.err


@pytest.mark.parametrize("arguments", [("nowhere", "shapes"), ("shapes", "gone.sqlite")])
def test_wrong_paths_are_one_line(pipeline: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "datasets" / "shapes").mkdir(parents=True)
    done = pipeline("diff", *arguments)
    assert done.code == 2
    (line,) = done.err.strip().splitlines()
    assert line.startswith("pipeline: ")


def test_what_cannot_be_taken_up_is_told_by_row_and_once(pipeline: Callable[..., Any], root: Path) -> None:
    report = root / "reports" / "classify.csv"
    report.write_text(report.read_text(encoding="utf-8-sig").replace(",keep,", ",drop,", 1), encoding="utf-8-sig")
    (root / "review.csv").write_text("id,aspect,value\ni9,keep,keep\n")
    first, second = pipeline("filter", "shapes"), pipeline("filter", "shapes")
    assert f"{report.relative_to(root.parent.parent)} row 2: decision was 'keep', and 'drop' there is not read" in first.err
    assert "classify.csv" not in second.err
    assert all("review.csv row 2: no item 'i9'" in done.err for done in (first, second))
    assert first.code == second.code == 0
