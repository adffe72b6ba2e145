from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.manifest import AugmentSettings
from pipeline.shards import checksums, encode, protobuf, tfrecord
from pipeline.shards.augment import Variant
from pipeline.shards.example import Example, Picture
from pipeline.shards.verify import verify

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., Any]
TRAIN, VALIDATION = "my_robots-train.tfrecord-00000-of-00001", "my_robots-validation.tfrecord-00000-of-00001"


@pytest.fixture
def folder(make: Make, put: Put, shard: Settings, tmp_path: Path) -> Path:
    put(make(6), tmp_path / "set", shard(validation=0.3), AugmentSettings(mirror=True))
    return tmp_path / "set"


def spans(path: Path) -> list[tuple[int, int]]:
    """Where each record's data lies in the file: first byte, one past the last."""
    found, at = [], 0
    for record in tfrecord.records(path):
        assert record.data is not None
        found.append((at + 12, at + 12 + len(record.data)))
        at += 16 + len(record.data)
    return found


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def sign(folder: Path) -> None:
    """Make checksums right again, so that only what is under test is wrong."""
    checksums.write(folder, [path.name for path in folder.iterdir() if path.name != checksums.SUMS])


def add(folder: Path, split: str, example: Example, image: Image.Image | None = None, size: int = 32) -> None:
    """Append a well-framed record, with count and bytes put right."""
    data = protobuf.encode(example.record(encode.encoded(image or Image.new("RGB", (32, 32)), "png"), size))
    with (folder / (TRAIN if split == "train" else VALIDATION)).open("ab") as file:
        file.write(tfrecord.frame(data))
    about = json.loads((folder / "dataset_info.json").read_text())
    entry = next(entry for entry in about["splits"] if entry["name"] == split)
    entry["shardLengths"] = [str(int(entry["shardLengths"][0]) + 1)]
    entry["numBytes"] = str(int(entry["numBytes"]) + len(data))
    (folder / "dataset_info.json").write_text(json.dumps(about))
    sign(folder)


def stranger(**named: Any) -> Picture:
    return replace(Picture("i9", "c9", Path("none"), "", "", "", "", "", "", "", "#ffffff"), **named)


def test_a_sound_folder_has_no_problems(folder: Path) -> None:
    assert verify(folder) == []
    add(folder, "train", Example(stranger(), Variant()))
    assert verify(folder) == []


def test_a_flipped_byte_names_shard_and_record(folder: Path) -> None:
    path = folder / TRAIN
    places = spans(path)
    flip(path, places[2][1] - 3)
    assert verify(folder) == [
        f"{TRAIN}: SHA-256 differs from the one in SHA256SUMS",
        f"{TRAIN}: record 3 of {len(places)}: its data is damaged (checksum differs)",
    ]


def test_every_single_byte_is_guarded(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 8)):
            flip(path, at)
            assert verify(folder), f"{path.name} byte {at}"
            path.write_bytes(whole)
    assert verify(folder) == []


def test_a_damaged_length_ends_the_shard(folder: Path) -> None:
    path = folder / TRAIN
    count = len(spans(path))
    flip(path, spans(path)[1][0] - 12)
    sign(folder)
    assert verify(folder) == [
        f"{TRAIN}: record 2 of {count}: its length is damaged (checksum differs), so nothing after it can be read",
        f"{TRAIN}: 2 records where dataset_info.json says {count}",
    ]


def test_a_lost_shard_and_a_lost_list(folder: Path) -> None:
    (folder / VALIDATION).unlink()
    found = verify(folder)
    assert f"{VALIDATION}: listed in SHA256SUMS but missing" in found
    (folder / "SHA256SUMS").unlink()
    assert verify(folder)[0].startswith(f"{folder / 'SHA256SUMS'}: cannot be read")


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    assert any("dataset_info.json: cannot be read" in problem for problem in verify(tmp_path))
    assert verify(tmp_path / "none")


def test_counts_must_agree(folder: Path) -> None:
    about = json.loads((folder / "dataset_info.json").read_text())
    about["splits"][0]["shardLengths"] = ["5"]
    (folder / "dataset_info.json").write_text(json.dumps(about))
    sign(folder)
    assert any("records where dataset_info.json says 5" in problem for problem in verify(folder))


def test_a_cluster_in_two_splits_is_found(folder: Path) -> None:
    first = next(tfrecord.records(folder / VALIDATION)).data
    cluster = protobuf.decode(first or b"")["cluster"]
    assert isinstance(cluster, bytes)
    add(folder, "train", Example(stranger(cluster=cluster.decode()), Variant()))
    count = len(spans(folder / TRAIN))
    found = verify(folder)
    assert found
    assert all(f"its cluster {cluster.decode()} is also in train ({TRAIN}: record {count} of {count})" in problem for problem in found)
    assert found[0].startswith(f"{VALIDATION}: record 1 of ")


def test_a_copy_in_validation_is_found(folder: Path) -> None:
    add(folder, "validation", Example(stranger(), Variant(mirror=True)))
    count = len(spans(folder / VALIDATION))
    assert verify(folder) == [f"{VALIDATION}: record {count} of {count} (i9): an augmented copy (mirror) in validation"]


def test_a_turned_picture_in_validation_is_an_original(folder: Path) -> None:
    add(folder, "validation", Example(stranger(), Variant(turned=True)))
    assert verify(folder) == []


def test_the_same_example_twice_is_found(folder: Path) -> None:
    add(folder, "train", Example(stranger(), Variant()))
    add(folder, "train", Example(stranger(), Variant()))
    count = len(spans(folder / TRAIN))
    assert verify(folder) == [f"{TRAIN}: record {count} of {count} (i9): the same example as {TRAIN}: record {count - 1} of {count}"]


@pytest.mark.parametrize(
    ("image", "size", "problem"),
    [
        (Image.new("RGB", (31, 32)), 32, "its image is RGB, 31×32; it should be RGB, 32×32"),
        (Image.new("RGBA", (32, 32)), 32, "its image is RGBA, 32×32"),
        (Image.new("RGB", (32, 32)), 33, "it says 33×33 of an image that is 32×32"),
    ],
)
def test_an_image_of_another_form_is_found(folder: Path, image: Image.Image, size: int, problem: str) -> None:
    add(folder, "train", Example(stranger(), Variant()), image, size)
    assert any(problem in found for found in verify(folder))


def test_foreign_records_are_found(folder: Path) -> None:
    for data in (
        b"nonsense",
        protobuf.encode({"image": b""}),
        protobuf.encode(Example(stranger(), Variant()).record(b"not a picture", 32)),
    ):
        with (folder / TRAIN).open("ab") as file:
            file.write(tfrecord.frame(data))
    text = "\n".join(verify(folder))
    assert "not a record of this kind" in text
    assert "fields missing or unknown: augmentation, cluster" in text
    assert "its image does not decode: not_an_image" in text
