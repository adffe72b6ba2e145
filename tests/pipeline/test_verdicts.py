"""A person's word: last row wins, overrides move once, contradictions are refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import verdicts
from pipeline.errors import PipelineError


def report(path: Path, rows: list[tuple[str, str]], delimiter: str = ",") -> Path:
    path.parent.mkdir(exist_ok=True)
    lines = [delimiter.join(("id", "decision", "override")), *(delimiter.join((id, "drop", override)) for id, override in rows)]
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    return path


def test_the_last_row_wins_and_clear_withdraws(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    for value in ("keep", "drop"):
        verdicts.append(path, "i1", "keep", value, 'a "note", with commas')
    verdicts.append(path, "i2", "keep", "keep")
    verdicts.append(path, "i2", "keep", "clear")
    verdicts.append(path, "i3", "facing", "left")
    verdicts.append(path, "i5", "same", "no i4")
    said = verdicts.read(path)
    assert said.keep == {"i1": "drop"}
    assert said.facing == {"i3": "left"}
    assert said.same == {("i4", "i5"): "no"}


def test_no_file_means_no_verdicts(tmp_path: Path) -> None:
    assert verdicts.read(tmp_path / "none.csv") == verdicts.Verdicts()


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("i1,colour,red", "unknown aspect"),
        ("i1,keep,maybe", "cannot be"),
        (",keep,keep", "id missing"),
        ("i1,same,yes", "needs the other id"),
        ("i1,same,no i1", "other id"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, complaint: str) -> None:
    path = tmp_path / "review.csv"
    path.write_text(f"id,aspect,value,note,when\ni0,keep,keep,,\n{row},,\n")
    with pytest.raises(PipelineError, match=f"row 3.*{complaint}"):
        verdicts.read(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_overrides_move_to_the_review_once(tmp_path: Path, delimiter: str) -> None:
    first = report(tmp_path / "reports" / "filter.csv", [("i1", " Keep "), ("i2", "")], delimiter)
    report(tmp_path / "reports" / "dedup.csv", [("i1", "keep"), ("i3", "drop")])
    review = tmp_path / "review.csv"
    assert verdicts.collect(first.parent, review, {"i1", "i2", "i3"}) == 2
    assert verdicts.read(review).keep == {"i1": "keep", "i3": "drop"}
    rows = list(csv.DictReader(first.read_text(encoding="utf-8-sig").splitlines(), delimiter=delimiter))
    assert [row["override"] for row in rows] == ["", ""]
    verdicts.append(review, "i1", "keep", "clear")
    assert verdicts.collect(first.parent, review, {"i1", "i2", "i3"}) == 0
    assert verdicts.read(review).keep == {"i3": "drop"}


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [([("i1", "drop")], "make them agree"), ([("i9", "keep")], "no item 'i9'"), ([("i1", "perhaps")], "not keep, drop or clear")],
)
def test_a_bad_override_is_refused_and_nothing_moves(tmp_path: Path, rows: list[tuple[str, str]], complaint: str) -> None:
    report(tmp_path / "reports" / "classify.csv", [("i1", "keep")])
    bad = report(tmp_path / "reports" / "filter.csv", rows)
    with pytest.raises(PipelineError, match=rf"{bad.name} row 2.*{complaint}"):
        verdicts.collect(bad.parent, tmp_path / "review.csv", {"i1"})
    assert not (tmp_path / "review.csv").exists()


def test_a_report_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = report(tmp_path / "reports" / "filter.csv", [])
    path.write_bytes("id,override\ni1,kéep\n".encode("latin-1"))
    with pytest.raises(PipelineError, match="not UTF-8"):
        verdicts.collect(path.parent, tmp_path / "review.csv", {"i1"})


def test_a_verdict_holds_for_the_same_pixels_in_other_bytes() -> None:
    said = verdicts.Verdicts(keep={"i1": "drop", "i3": "keep"}).spread({"i1": ["i1", "i2", "i3"]})
    assert said.keep == {"i1": "drop", "i2": "drop", "i3": "keep"}


@given(st.text(max_size=40))
def test_any_note_survives_the_file(tmp_path_factory: pytest.TempPathFactory, note: str) -> None:
    path = tmp_path_factory.mktemp("v") / "review.csv"
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in note):
        return
    verdicts.append(path, "i1", "keep", "drop", note)
    verdicts.append(path, "i2", "keep", "keep")
    assert verdicts.read(path).keep == {"i1": "drop", "i2": "keep"}


def test_a_verdict_is_added_in_the_form_a_spreadsheet_left(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(b"\xef\xbb\xbfaspect;id;value;note;when\r\nkeep;i1;drop;;\r\n")
    verdicts.append(path, "i2", "keep", "keep", "a; b")
    assert verdicts.read(path).keep == {"i1": "drop", "i2": "keep"}
    path.write_bytes(b"")
    verdicts.append(path, "i3", "keep", "keep")
    assert verdicts.read(path).keep == {"i3": "keep"}


def test_clearing_a_twin_clears_the_verdict_it_shares(tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    verdicts.append(review, "i1", "keep", "drop")
    path = report(tmp_path / "reports" / "filter.csv", [("i2", "clear")])
    assert verdicts.collect(path.parent, review, {"i1", "i2"}, {"i1": ["i1", "i2"], "i2": ["i1", "i2"]}) == 1
    assert verdicts.read(review).keep == {}


def test_overrides_on_facing_stand_beside_those_on_keep(tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    facing = report(tmp_path / "reports" / "facing.csv", [("i1", "left"), ("i2", "Right"), ("i3", "drop")])
    report(tmp_path / "reports" / "filter.csv", [("i1", "keep")])
    assert verdicts.collect(facing.parent, review, {"i1", "i2", "i3"}) == 4
    said = verdicts.read(review)
    assert (said.facing, said.keep) == ({"i1": "left", "i2": "right"}, {"i1": "keep", "i3": "drop"})
    report(facing, [("i1", "clear")])
    assert verdicts.collect(facing.parent, review, {"i1", "i2", "i3"}) == 1
    said = verdicts.read(review)
    assert (said.facing, said.keep) == ({"i2": "right"}, {"i1": "keep", "i3": "drop"})
    report(facing, [("i1", "left")])
    report(tmp_path / "reports" / "filter.csv", [("i1", "right")])
    with pytest.raises(PipelineError, match="make them agree"):
        verdicts.collect(facing.parent, review, {"i1", "i2", "i3"})


@pytest.mark.parametrize("head", ["id,decision,Overrule", "sep=,", "i1,drop,keep"])
def test_a_report_without_its_columns_is_refused(tmp_path: Path, head: str) -> None:
    path = tmp_path / "filter.csv"
    path.write_text(f"{head}\ni1,drop,keep\n")
    with pytest.raises(PipelineError, match="filter.csv: no columns id and override"):
        verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1"})


def test_a_review_without_its_columns_is_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text("who,what\n")
    with pytest.raises(PipelineError, match="must name the columns id, aspect"):
        verdicts.append(path, "i1", "keep", "keep")
