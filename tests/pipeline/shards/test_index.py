from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.shards import index

KNOWN = index.Index("f1", "f2", (index.Span.of("i1", (b"ab", b"c")), index.Span.of("i2", (b"",)), index.Span.of("", (b"end",))))


def test_it_comes_back(tmp_path: Path) -> None:
    index.write(tmp_path, "train/00000", KNOWN)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")] == ["records/train-00000.json"]
    assert index.read(tmp_path, "train/00000") == KNOWN
    assert (KNOWN.records, KNOWN.bytes) == (2, 3)
    empty = index.Index("f1", "f2", (index.Span.of("", (b"",)),))
    index.write(tmp_path, "a", empty)
    assert index.read(tmp_path, "a") == empty


def test_a_line_for_every_record(tmp_path: Path) -> None:
    index.write(tmp_path, "a", KNOWN)
    lines = (tmp_path / "records" / "a.json").read_text().splitlines()
    # The check value of CRC-32C over "abc", as other implementations give it.
    assert json.loads(lines[1].rstrip(",")) == ["i1", "364b3fb7", 2, 1]
    assert len(lines) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"settings": "", "contents": "", "spans": []}',
        '{"settings": "", "contents": "", "spans": [["i1", "00000000", 1]]}',  # nothing says what follows
        '{"settings": "", "contents": "", "spans": [["", "00000000", 1], ["", "00000000", 0]]}',
        '{"settings": "", "contents": "", "spans": [["../i1", "00000000", 1], ["", "00000000", 0]]}',
        '{"settings": "", "contents": "", "spans": [["i1", "x", 1], ["", "00000000", 0]]}',
        '{"settings": "", "contents": "", "spans": [["i1", "00000000", -1], ["", "00000000", 0]]}',
        '{"settings": "", "contents": "", "spans": [["i1", "00000000", 1.5], ["", "00000000", 0]]}',
        '{"settings": "", "contents": "", "spans": [["i1", "00000000"], ["", "00000000", 0]]}',
    ],
)
def test_anything_else_is_damaged(text: str, tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "a.json").write_text(text)
    with pytest.raises(PipelineError, match=r"a\.json: damaged .*write the folder again with `pipeline shard`"):
        index.read(tmp_path, "a")


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"records.a\.json: cannot be read"):
        index.read(tmp_path, "a")
