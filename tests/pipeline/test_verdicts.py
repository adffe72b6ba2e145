"""A person's word: last row wins, overrides move once, contradictions are refused."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path

import pytest
from filelock import FileLock
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


def test_two_processes_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    other = threading.Thread(target=verdicts.append, args=(path, "i1", "keep", "keep"))
    with FileLock(tmp_path / ".review.lock"):
        other.start()
        other.join(0.2)
        assert other.is_alive()
        assert not path.exists()  # else both might write the first row
    other.join()
    assert verdicts.read(path).keep == {"i1": "keep"}


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
    with pytest.raises(PipelineError, match="filter.csv: no columns? "):
        verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1"})


def test_a_review_without_its_columns_is_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text("who,what\n")
    with pytest.raises(PipelineError, match="must name the columns id, aspect"):
        verdicts.append(path, "i1", "keep", "keep")


SHEETS = {
    "Excel, CSV UTF-8": ("utf-8-sig", ",", "\r\n"),
    "Excel, continental": ("utf-8-sig", ";", "\r\n"),
    "Excel, Unicode text": ("utf-16", "\t", "\r\n"),
    "LibreOffice": ("utf-8", ";", "\n"),
}


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(
    "columns", [["id", "decision", "title", "override"], ["override", "my notes", "id"], ["", "id", "title", "override", ""]]
)
def test_overrides_are_taken_from_any_spreadsheet_with_columns_moved_and_rows_gone(tmp_path: Path, form: str, columns: list[str]) -> None:
    encoding, delimiter, ending = SHEETS[form]
    said = {"i3": "keep", "i1": " DROP ", "i2": "", "i5": "clear"}  # i4 was deleted, the rest sorted another way
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    sheet.writerow(columns)
    for id, override in said.items():
        cells = {"id": id, "override": override, "decision": "keep", "title": 'Zürich; "Zaku",\ttwo', "my notes": "two\nlines"}
        sheet.writerow([cells.get(name, "") for name in columns])
    path, review = tmp_path / "reports" / "classify.csv", tmp_path / "review.csv"
    path.parent.mkdir()
    path.write_bytes(out.getvalue().encode(encoding))
    verdicts.append(review, "i5", "keep", "drop")
    assert verdicts.collect(path.parent, review, {"i1", "i2", "i3", "i5"}) == 3
    assert verdicts.read(review).keep == {"i3": "keep", "i1": "drop"}
    after = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=delimiter))
    assert after[0] == columns
    assert [row[columns.index("id")] for row in after[1:]] == list(said)
    assert {row[columns.index("override")] for row in after[1:]} == {""}
    assert all(row[columns.index("my notes")] == "two\nlines" for row in after[1:] if "my notes" in columns)


@pytest.mark.parametrize("word", ["yes", "TRUE", "WAHR", "behalten", "1", "x"])
def test_only_our_own_words_are_overrides(tmp_path: Path, word: str) -> None:
    path = report(tmp_path / "filter.csv", [("i1", ""), ("i2", word)])
    with pytest.raises(PipelineError, match=f"filter.csv row 3: override '{word.lower()}' is not keep, drop or clear"):
        verdicts.collect(path.parent, tmp_path / "review.csv", {"i1", "i2"})


def test_a_report_opened_with_the_wrong_separator_is_refused_by_row(tmp_path: Path) -> None:
    """A comma file in a continental Excel is one column; cells with quotes are quoted anew as it is saved."""
    path = tmp_path / "filter.csv"
    path.write_bytes(b'id,title,override\r\n"i1,""a"",";keep\r\n')
    with pytest.raises(PipelineError, match="filter.csv row 2: its cells hang together"):
        verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1"})


def test_an_edit_that_is_not_read_is_told_by_row(tmp_path: Path) -> None:
    path, told = report(tmp_path / "filter.csv", [("i1", ""), ("i2", "keep"), ("i3", "")]), []
    decided = {"i1": "keep", "i2": "keep", "i3": "drop"}
    assert verdicts.collect(tmp_path, tmp_path / "review.csv", set(decided), decided={path: decided}.__getitem__, tell=told.append) == 1
    assert told == [f"{path} row 2: decision was 'keep', and 'drop' there is not read; write it under override"]


def test_many_lines_are_cut_short() -> None:
    told: list[str] = []
    verdicts.some([f"line {number}" for number in range(1234)], told.append)
    assert told == ["line 0", "line 1", "line 2", "and 1,231 more of the kind"]


def test_an_untouched_report_is_not_read(tmp_path: Path) -> None:
    path = report(tmp_path / "filter.csv", [("i1", "perhaps")])
    assert verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1"}, untouched={path}) == 0


def test_verdicts_on_what_is_not_there_are_told_by_row(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text("id,aspect,value\n\ni8,keep,drop\ni1,same,yes i9\ni7,facing,left\ni7,facing,clear\ni8,keep,keep\ni1,keep,keep\n")
    lines = verdicts.strangers(path, {"i1"})
    assert lines == [
        f"{path} row 4: no item 'i9' in this dataset; the verdict waits for it, or mend the id",
        f"{path} row 7: no item 'i8' in this dataset; the verdict waits for it, or mend the id",
    ]
    assert verdicts.strangers(tmp_path / "none.csv", set()) == []


def test_a_verdict_is_added_to_a_review_that_excel_saved_as_unicode_text(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes("id\taspect\tvalue\tnote\r\ni1\tkeep\tdrop\tZürich\r\n".encode("utf-16"))
    verdicts.append(path, "i2", "keep", "keep", "tab\there")
    verdicts.append(path, "i3", "keep", "keep")
    assert verdicts.read(path).keep == {"i1": "drop", "i2": "keep", "i3": "keep"}
    assert "Zürich" in path.read_text(encoding="utf-8-sig")


def test_a_word_beside_the_columns_is_refused_by_row(tmp_path: Path) -> None:
    path = tmp_path / "filter.csv"
    path.write_text("id,decision,override\ni1,keep,drop\ni2,keep,, Keep\n")
    with pytest.raises(PipelineError, match=r"filter\.csv row 3: 'Keep' stands right of the last column; write it under override"):
        verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1", "i2"})
    assert not (tmp_path / "review.csv").exists()
    path.write_text("id,decision,override\ni1,keep,drop\ni2,keep,,a remark\n")
    assert verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1", "i2"}) == 1


def test_a_decision_column_that_was_removed_is_no_edit_and_a_row_of_nothing_known_is_told(tmp_path: Path) -> None:
    path, told = tmp_path / "filter.csv", []
    path.write_text("id,override\ni1,drop\ni2,\ndrop,\n")
    assert verdicts.collect(tmp_path, tmp_path / "review.csv", {"i1", "i2"}, decided=lambda path: {"i2": "keep"}, tell=told.append) == 1
    assert told == [f"{path} row 4: no item 'drop' in this dataset, and nothing under override; the row is not read"]
