from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import images
from pipeline.shards import reader
from pipeline.shards.example import FIELDS

Filled = Callable[..., tuple[Path, dict[str, list[reader.Row]]]]


def test_our_reader_gives_back_every_field(filled: Filled) -> None:
    folder, wanted = filled("imagefolder")
    assert {split: list(reader.read(folder, split)) for split in wanted} == wanted


def test_a_line_for_every_file(filled: Filled) -> None:
    folder, wanted = filled("imagefolder")
    for split, rows in wanted.items():
        found = {}
        for lines in sorted((folder / split).glob("*/metadata.jsonl")):
            for line in lines.read_text(encoding="utf-8").splitlines():
                fields = json.loads(line)
                path = lines.parent / fields.pop("file_name")
                found[path] = {**fields, "image": path.read_bytes()}
        assert set(found) == set((folder / split).glob("*/*.png"))
        assert list(found.values()) == rows


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_datasets_reads_every_field_of_every_picture(
    encoding: str, filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    pytest.importorskip("datasets.load", reason="reads the folders")  # a folder `datasets` would pass for the library
    import datasets as library

    library.disable_progress_bars()
    folder, wanted = filled("imagefolder", encoding=encoding)
    sets = library.load_dataset("imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache"))
    assert set(sets) == set(wanted)
    for split, rows in wanted.items():
        assert set(sets[split].column_names) == set(FIELDS)
        assert sets[split].num_rows == len(rows)
        by = {(row["id"], row["augmentation"]): row for row in rows}
        for found in sets[split]:
            row = by.pop((found["id"], found["augmentation"]))
            assert {**found, "image": b""} == {**row, "image": b""}
            assert found["image"].convert("RGB").tobytes() == images.open_image(row["image"]).tobytes()
        assert not by
