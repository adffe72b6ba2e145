"""Lists of each kind, whole and broken."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.urls import rows

NAMES = ["url", "title", "Ä b"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TABLES = st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=6)
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path) -> tuple[list[str], list[dict[str, Any]]]:
    with rows.opened(path) as table:
        return list(table.names), [dict(row) for row in table.rows]


def put(path: Path, body: str | bytes) -> Path:
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


@HERE
@given(table=TABLES, delimiter=st.sampled_from(",;\t"), packed=st.booleans(), bom=st.booleans())
def test_csv_comes_back_as_it_was_written(tmp_path: Path, table: list[tuple[str, ...]], delimiter: str, packed: bool, bom: bool) -> None:
    out = io.StringIO()
    written = csv.writer(out, delimiter=delimiter)
    written.writerow(NAMES)
    written.writerows(table)
    body = b"\xef\xbb\xbf" * bom + out.getvalue().encode()
    path = put(tmp_path / ("list.CSV" + ".gz" * packed), gzip.compress(body) if packed else body)
    assert read(path) == (NAMES, [dict(zip(NAMES, row, strict=True)) for row in table])


@HERE
@given(table=TABLES, ascii=st.booleans(), packed=st.booleans())
def test_json_lines_come_back_as_they_were_written(tmp_path: Path, table: list[tuple[str, ...]], ascii: bool, packed: bool) -> None:
    written = [dict(zip(NAMES, row, strict=True)) for row in table]
    body = "\n\n".join(json.dumps(row, ensure_ascii=ascii) for row in written).encode()
    path = put(tmp_path / ("list.jsonl" + ".gz" * packed), gzip.compress(body) if packed else body)
    assert read(path) == ([], written)


@HERE
@given(table=TABLES)
def test_parquet_comes_back_as_it_was_written(tmp_path: Path, table: list[tuple[str, ...]]) -> None:
    arrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    import pyarrow.parquet as parquet

    columns = {name: arrow.array([row[number] for row in table], arrow.string()) for number, name in enumerate(NAMES)}
    parquet.write_table(arrow.table(columns), tmp_path / "list.parquet", row_group_size=2)
    assert read(tmp_path / "list.parquet") == (NAMES, [dict(zip(NAMES, row, strict=True)) for row in table])


def test_parquet_gives_what_is_text_and_leaves_the_rest_on_the_disk(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    import pyarrow.parquet as parquet

    day = datetime.datetime(2015, 3, 21)
    table = arrow.table(
        {
            "url": ["http://e.test/a.png", None],
            "a.b": [1, 2],
            "score": [0.5, None],
            "safe": [True, False],
            "when": arrow.array([day, None], arrow.timestamp("ns")),
            "tags": [["x", "y"], None],
            "kind": arrow.array(["u", "v"]).dictionary_encode(),
            "large": arrow.array(["l", None], arrow.large_string()),
            "bytes": [b"\x89PNG", b""],
            "image": [{"bytes": b"\x89PNG"}, None],
            "embedding": [[0.1, 0.2], [0.3]],
            "nested": [[["x"]], None],
            "nothing": arrow.nulls(2),
        }
    )
    parquet.write_table(table, tmp_path / "list.pq")
    names, found = read(tmp_path / "list.pq")
    assert names == ["url", "a.b", "score", "safe", "when", "tags", "kind", "large"]
    assert found[0] == {**dict(zip(names, ["http://e.test/a.png", 1, 0.5, True, day, ["x", "y"], "u", "l"], strict=True))}
    assert found[1] == {**dict.fromkeys(names), "a.b": 2, "safe": False, "kind": "v"}


def test_a_list_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    """The rows before the broken one come, however far on it is."""
    path = put(tmp_path / "list.jsonl", '{"url": "a"}\n' * 3 + "{broken\n")
    with rows.opened(path) as table:
        assert [next(table.rows) for _ in range(3)] == [{"url": "a"}] * 3
        with pytest.raises(ValueError, match=r"list\.jsonl, line 4: no valid JSON"):
            next(table.rows)


def test_short_rows_blank_lines_and_trailing_delimiters_are_no_matter(tmp_path: Path) -> None:
    path = put(tmp_path / "list.csv", "\n\nurl, title \na\n\nb,t,,\n")
    assert read(path) == (["url", "title"], [{"url": "a"}, {"url": "b", "title": "t"}])
    assert read(put(tmp_path / "list.tsv", "url\ta,b\nx\ty\n")) == (["url", "a,b"], [{"url": "x", "a,b": "y"}])
    assert read(put(tmp_path / "empty.csv", "\n \n")) == ([], [])
    assert read(put(tmp_path / "marks.csv", "\ufeffurl\n\ufeffx\n")) == (["url"], [{"url": "\ufeffx"}])


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("l.csv", b"url,title\na,b\nx,K\xe4fer\n", r"l\.csv, line 3: not UTF-8 text \(invalid continuation byte\); save it as UTF-8"),
        ("l.csv", "url,title\n".encode("utf-16"), r"line 1: not UTF-8 text"),
        ("l.csv", b'url,title\na,"b\nc,d\n', r"l\.csv, line 3: unexpected end of data; mend the quotes"),
        ("l.csv", b'\nurl,title\na,"b"c\n', r"l\.csv, line 3: .* mend the quotes"),
        ("l.csv", b"url,title\na,b\nc,d,e\n", r"l\.csv, line 3: 3 values in 2 columns; put quotes round a value with ',' in it"),
        ("l.csv", b"\n\nurl,title\nc,d,e\n", r"l\.csv, line 4: 3 values"),
        ("l.csv", b'url,title\n"a\nb",c\nc,d,e\n', r"l\.csv, line 4: 3 values"),
        ("l.jsonl", b'{"url": "a"}\n\n[1]\n', r"l\.jsonl, line 3: a row must be an object"),
        ("l.jsonl", b'{"url": "a"}\n{"url": }\n', r"l\.jsonl, line 2: no valid JSON: Expecting value"),
        ("l.jsonl", b'{"a":' + b"[" * 100_000, r"l\.jsonl, line 1: no valid JSON"),
        ("l.jsonl", b'{"a": 1' + b"0" * 5000 + b"}", r"l\.jsonl, line 1: no valid JSON"),
        ("l.jsonl", b"\xff", r"l\.jsonl, line 1: not UTF-8"),
        ("l.jsonl.gz", b"{}", r"l\.jsonl\.gz: not a whole gzip file"),
        ("l.csv.gz", gzip.compress(b"url\n" + bytes(range(97, 122)) * 9)[:-9], r"l\.csv\.gz: not a whole gzip file"),
        ("l.parquet", b"PAR1 no", r"l\.parquet: cannot be read as Parquet"),
        ("l.xlsx", b"", r"scrape\.path: .*l\.xlsx: its name does not say what kind of list it is; it must end in \.csv or \.tsv"),
        ("l.parquet.gz", b"", "does not say what kind"),
        ("l", b"", "does not say what kind"),
    ],
    ids=range(18),
)
def test_what_cannot_be_read_is_refused_with_file_and_line(tmp_path: Path, name: str, body: bytes, message: str) -> None:
    if name == "l.parquet":
        pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    path = put(tmp_path / name, body)
    with pytest.raises(ValueError, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_a_parquet_file_that_is_damaged_further_on(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    import pyarrow.parquet as parquet

    path = tmp_path / "list.parquet"
    parquet.write_table(arrow.table({"url": [f"http://e.test/{n}" for n in range(3000)]}), path, row_group_size=1000, compression="zstd")
    body = bytearray(path.read_bytes())
    body[len(body) // 2 : len(body) // 2 + 200] = bytes(200)
    path.write_bytes(body)
    with pytest.raises(ValueError, match=r"list\.parquet: cannot be read after row \d+"):
        read(path)


def test_without_pyarrow_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ValueError, match=r"reading Parquet needs pyarrow: pip install 'art-pipeline\[parquet\]'"):
        read(put(tmp_path / "l.parquet", b""))


def test_a_missing_list_and_a_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(FileNotFoundError, match=r"scrape\.path: .* is no file; give a list of pictures \(\.csv, "):
            read(path)


def test_a_line_without_end_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LONGEST", 100)
    with pytest.raises(ValueError, match=r"l\.jsonl, line 2: longer than 100 bytes; is it one row to a line\?"):
        read(put(tmp_path / "l.jsonl", '{"url": "a"}\n[' + '{"url": "a"},' * 50))


@HERE
@given(body=st.binary(max_size=60), name=st.sampled_from(["l.csv", "l.tsv", "l.jsonl", "l.csv.gz", "l.jsonl.gz"]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, body: bytes, name: str) -> None:
    try:
        read(put(tmp_path / name, body))
    except ValueError as error:
        assert name in str(error)
