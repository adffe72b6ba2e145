"""CSV files in every form that spreadsheets save: read alike, written back in the form they had, numbered as on the screen."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import tables
from pipeline.errors import PipelineError

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=5)
FORMS = {
    "as written": ("utf-8", codecs.BOM_UTF8, ",", "\n"),
    "plain": ("utf-8", b"", ",", "\n"),
    "Excel, CSV UTF-8": ("utf-8", codecs.BOM_UTF8, ",", "\r\n"),
    "Excel, CSV UTF-8, continental": ("utf-8", codecs.BOM_UTF8, ";", "\r\n"),
    "Excel, Unicode text": ("utf-16-le", codecs.BOM_UTF16_LE, "\t", "\r\n"),
    "UTF-16, the other way round": ("utf-16-be", codecs.BOM_UTF16_BE, "\t", "\n"),
    "LibreOffice": ("utf-8", b"", ";", "\n"),
}


def saved(path: Path, form: str, rows: list[list[str]]) -> Path:
    encoding, mark, delimiter, ending = FORMS[form]
    special = re.compile(f'[{delimiter}"\r\n]')
    lines = [delimiter.join(f'"{cell.replace(chr(34), 2 * chr(34))}"' if special.search(cell) else cell for cell in row) for row in rows]
    path.write_bytes(mark + "".join(line + ending for line in lines).encode(encoding))
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(rows=ROWS, form=st.sampled_from(sorted(FORMS)))
def test_any_cells_are_read_from_any_form(tmp_path: Path, rows: list[list[str]], form: str) -> None:
    path = saved(tmp_path / "a.csv", form, [["id", "title", "override"], *rows])
    table = tables.read(path)
    assert table.columns == ["id", "title", "override"]
    assert table.rows == rows
    shown = [(n, list(row.values())) for n, row in table.records()]
    assert shown == [(n, row) for n, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(rows=ROWS, form=st.sampled_from(sorted(FORMS)))
def test_written_back_it_has_the_form_it_had(tmp_path: Path, rows: list[list[str]], form: str) -> None:
    path = saved(tmp_path / "a.csv", form, [["id", "title", "override"], *rows])
    before = path.read_bytes()
    table = tables.read(path)
    table.write()
    assert tables.read(path).rows == rows
    if ending_shows(rows):
        assert path.read_bytes() == before
    table.blank("override")
    table.write()
    assert tables.read(path).rows == [[*row[:2], ""] for row in rows]


def ending_shows(rows: list[list[str]]) -> bool:
    """Whether no cell has line breaks of its own, from which the file's could not be told."""
    return not any("\r" in cell or "\n" in cell for row in rows for cell in row)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'id,title\r\n\r\n"i1","two\r\nlines"\r\n,\r\ni2\r\ni3,x,more\r\n')
    assert list(tables.read(path).records()) == [
        (3, {"id": "i1", "title": "two\r\nlines"}),
        (5, {"id": "i2", "title": ""}),
        (6, {"id": "i3", "title": "x"}),
    ]


def test_old_macs_line_endings(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id;override\ri1;keep\ri2;drop\r")
    assert [row for _, row in tables.read(path).records()] == [{"id": "i1", "override": "keep"}, {"id": "i2", "override": "drop"}]


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_an_empty_file_has_no_columns(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    table = tables.read(path)
    assert table.columns == []
    with pytest.raises(PipelineError, match="a.csv: no columns id and override in its first row; do this"):
        table.require(["id", "override"], "do this")


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("id,title\ni1,é".encode("latin-1"), "not UTF-8 .byte 12"),
        (codecs.BOM_UTF16_LE + b"a", "not UTF-8 .byte 2"),
        (b"id\n" + b"x" * 200_000, "row 2: not readable as CSV"),
    ],
)
def test_what_is_not_csv_is_refused_by_name(tmp_path: Path, data: bytes, complaint: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(PipelineError, match=f"a.csv.*{complaint}"):
        tables.read(path)


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,override,override\ni1,keep,drop\n")
    with pytest.raises(PipelineError, match="row 1: the column override stands there twice"):
        tables.read(path).require(["id", "override"], "")


def test_a_first_line_that_tells_the_separator_is_heeded_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"sep=;\r\nid;title, long\r\ni1;x\r\n")
    table = tables.read(path)
    assert (table.columns, table.rows, table.delimiter) == (["id", "title, long"], [["i1", "x"]], ";")
    table.write()
    assert path.read_bytes() == b"sep=;\r\nid;title, long\r\ni1;x\r\n"


def test_what_stands_right_of_the_header_is_told_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,override\ni1,\ni2,keep, ,drop\n")
    assert list(tables.read(path).outside()) == [(3, "drop")]


def test_only_the_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,title\n")
    with pytest.raises(PipelineError, match=r"a\.csv: no column override in its first row; undo it"):
        tables.read(path).require(["id", "override"], "undo it")
