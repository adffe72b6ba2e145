from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.manifest import ShardSettings
from pipeline.shards import index, reader
from pipeline.shards.example import Picture
from pipeline.shards.formats.stylegan import StyleGAN

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., ShardSettings]
Filled = Callable[..., tuple[Path, dict[str, list[reader.Row]]]]


class ZipDataset:
    """What StyleGAN's ImageFolderDataset does with a zip (training/dataset.py of NVlabs/stylegan3), as a PyTorch map-style dataset."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        names = sorted(name for name in self.zip.namelist() if Path(name).suffix.lower() in Image.registered_extensions())
        labels = json.loads(self.zip.read("dataset.json"))["labels"]
        self.names, self.labels = names, [dict(labels)[name] for name in names] if labels is not None else None

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, number: int) -> tuple[bytes, int | None]:
        data = self.zip.read(self.names[number])
        image = Image.open(io.BytesIO(data))
        assert (image.mode, image.size) == ("RGB", (32, 32))
        return data, self.labels[number] if self.labels else None


def test_our_reader_gives_back_every_field(filled: Filled) -> None:
    folder, wanted = filled("stylegan")
    assert {split: list(reader.read(folder, split)) for split in wanted} == wanted


def test_the_trainers_way_of_reading_gives_pictures_and_classes(filled: Filled) -> None:
    folder, wanted = filled("stylegan")
    for split, rows in wanted.items():
        dataset = ZipDataset(folder / f"{split}.zip")
        assert [dataset[number] for number in range(len(dataset))] == [(row["image"], int(row["label"] == "zeta")) for row in rows]
        dataset.zip.close()


def test_every_field_stands_beside_its_picture(filled: Filled) -> None:
    folder, wanted = filled("stylegan")
    with zipfile.ZipFile(folder / "train.zip") as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("dataset.json"))["classes"] == ["gundam", "zeta"]
        for number, row in enumerate(wanted["train"]):
            fields = json.loads(archive.read(f"00000/img{number:08d}.json"))
            assert {**fields, "image": archive.read(f"00000/img{number:08d}.png")} == row
        for entry in archive.infolist():
            assert (entry.compress_type, entry.date_time, entry.create_system) == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), 3)
            assert entry.file_size == entry.compress_size


def test_one_class_is_none(
    make: Callable[..., list[Picture]], put: Callable[..., Any], shard: Callable[..., ShardSettings], tmp_path: Path
) -> None:
    put([replace(picture, label="") for picture in make(4)], tmp_path / "set", shard(format="stylegan", validation=0))
    with zipfile.ZipFile(tmp_path / "set" / "train.zip") as archive:
        assert json.loads(archive.read("dataset.json")) == {"labels": None, "classes": None}


def test_more_than_a_thousand_pictures(tmp_path: Path) -> None:
    from pipeline.shards.formats.base import Record
    from pipeline.shards.reader import FIELDS

    def record(number: int) -> Record:
        texts = dict.fromkeys(FIELDS, b"")
        return Record(f"i{number}", {**texts, "image": b"%d" % number, "label": b"b" if number % 2 else b"a", "width": 32, "height": 32})

    count = 1100
    spans = StyleGAN("png").write(tmp_path / "train.zip", map(record, range(count)), ["a", "b"])
    with zipfile.ZipFile(tmp_path / "train.zip") as archive:
        assert len(archive.namelist()) == 2 * count + 1
        assert archive.read("00001/img00001099.png") == b"1099"
    pieces = list(StyleGAN("png").read(tmp_path / "train.zip", spans))
    for number in (0, 1000, count - 1):
        assert StyleGAN("png").fields(pieces[number]) == record(number).fields
    assert index.checksum(pieces[-1]) == spans[-1].crc


def test_entries_of_another_form() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.png", b"x")
        archive.writestr("b.json", b"{}")
        end = archive.start_dir
    with pytest.raises(ValueError, match=r"not a picture and its \.json, but a\.png and b\.json"):
        StyleGAN("png").fields([out.getvalue()[:end]])
    with pytest.raises(ValueError, match="1 entries of a zip where 2 belong"):
        StyleGAN("png").fields([out.getvalue()[: end // 2]])
    with pytest.raises(ValueError, match="no stored entry"):
        StyleGAN("png").fields([bytes(100)])
