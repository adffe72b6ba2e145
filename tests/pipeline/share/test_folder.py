"""A folder that somebody sends: whole and of a form that is known, or refused by name."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PipelineError, UsageError
from pipeline.shards import checksums
from pipeline.share import folder
from sources import published as source

ID = "i0123456789abcdef"
SHA256 = ID[1:] + "0" * 48


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """`small(items=[…], verdicts=[…])`: a folder of these rows, empty cells where nothing is said."""

    def make(form: str = ".csv", schema: int = 1, **rows: list[dict[str, object]]) -> Path:
        tables = {}
        for name, columns in folder.TABLES.items():
            default: list[dict[str, object]] = [{"id": ID, "sha256": SHA256}] if name == "items" else []
            frame = pd.DataFrame(rows.get(name, default), columns=list(columns), dtype=object)
            tables[name] = frame.where(frame.notna(), None)
        made = tmp_path / "folder"
        folder.write(made, tables, {"schema": schema, "name": "small"}, {"manifest.toml": '[[scrape]]\nsource = "mahq"\n'}, form)
        return made

    return make


def test_a_whole_one_is_read(small: Callable[..., Path]) -> None:
    found = folder.read(small(verdicts=[{"id": ID, "aspect": "keep", "value": "drop"}]))
    assert found.name == "small"
    assert found.tables["verdicts"] == [{"id": ID, "aspect": "keep", "value": "drop"}]
    assert found.tables["items"][0]["width"] is None


def test_what_is_none_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match=r"no published folder \(it has no publish.json\)"):
            folder.read(place)


def test_a_newer_form_is_refused(small: Callable[..., Path]) -> None:
    with pytest.raises(PipelineError, match=r"newer pipeline \(schema 2, this one knows 1\); upgrade"):
        folder.read(small(schema=2))


def test_a_truncated_changed_or_incomplete_one_is_refused_by_file(small: Callable[..., Path]) -> None:
    made = small()
    (made / "NOTES.txt").write_text("mine")  # what others lay beside it does no harm
    folder.read(made)
    whole = (made / "items.csv").read_bytes()
    (made / "items.csv").write_bytes(whole[:-20])
    with pytest.raises(PipelineError, match=r"items\.csv: SHA-256 differs"):
        folder.read(made)
    (made / "items.csv").unlink()
    with pytest.raises(PipelineError, match=r"items\.csv: listed .* but missing"):
        folder.read(made)
    (made / "items.csv").write_bytes(whole)
    (made / "SHA256SUMS").unlink()
    with pytest.raises(PipelineError, match="not whole"):
        folder.read(made)
    for text in ("", "[]", '{"schema": "x"}', '{"schema": 1}'):
        (made / "publish.json").write_text(text)
        checksums.write(made, ["publish.json"])
        with pytest.raises(PipelineError, match=r"publish\.json"):
            folder.read(made)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"items": [{"id": "../../x", "sha256": SHA256}]}, r"items, row 1: '../../x' is no id"),
        ({"items": [{"id": ID, "sha256": "f" * 64}]}, "is not the SHA-256 of"),
        ({"items": [{"id": ID, "sha256": SHA256}] * 2}, "does not stand just once"),
        ({"sightings": [{"id": "i" + "f" * 16}]}, "sightings: i.* does not stand just once"),
        ({"decisions": [{"id": ID, "stage": "filter", "decision": "maybe"}]}, "'maybe' is neither keep nor drop"),
        ({"verdicts": [{"id": ID, "aspect": "keep", "value": "yes"}]}, "keep 'yes' is no verdict"),
        ({"verdicts": [{"id": ID, "aspect": "taste", "value": ""}]}, "taste '' is no verdict"),
        ({"items": [{"id": ID, "sha256": SHA256, "width": "wide"}]}, "could not convert string to float"),
    ],
)
def test_senseless_rows_are_refused(small: Callable[..., Path], rows: dict[str, list[dict[str, object]]], words: str) -> None:
    with pytest.raises(PipelineError, match=words):
        folder.read(small(**rows))


def test_rows_are_counted(small: Callable[..., Path]) -> None:
    made = small()
    meta = json.loads((made / "publish.json").read_text())
    (made / "publish.json").write_text(json.dumps(meta | {"rows": {**meta["rows"], "items": 2}}))
    checksums.write(made, [path.name for path in made.iterdir() if path.name != "SHA256SUMS"])
    with pytest.raises(PipelineError, match=r"items has 1 rows, publish\.json says 2"):
        folder.read(made)


TEXTS = st.text(st.sampled_from("=+-@'; \t\"a,\n\r0\uff1d"), max_size=12) | st.text(max_size=12)


@given(TEXTS)
def test_a_guarded_cell_comes_back_and_never_runs(text: str) -> None:
    text = text.replace("\0", "")
    cell = folder.guarded(text)
    assert source.plain(cell) == text
    first, *parted = cell.replace("\t", ";").split(";")
    for part in [first.lstrip(), *(part.lstrip().removeprefix('"').lstrip() for part in parted)]:
        assert part[:1] not in ("=", "+", "-", "@", "\uff1d") or not part


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_table_comes_back_from_csv(texts: list[str]) -> None:
    texts = [text.replace("\0", "").encode("utf-8", "replace").decode() for text in texts]
    frame = pd.DataFrame({"id": [str(number) for number in range(len(texts))], "title": texts})
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "t.csv").write_bytes(folder.csv(frame))
        assert [row["title"] for row in source.read(Path(place), "t")] == texts
