from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.manifest import AugmentSettings
from pipeline.shards import checksums, encode, formats, index, protobuf, reader, tfrecord
from pipeline.shards.augment import Variant
from pipeline.shards.example import Example, Picture
from pipeline.shards.verify import verify

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., Any]
TRAIN, VALIDATION = "my_robots-train.tfrecord-00000-of-00001", "my_robots-validation.tfrecord-00000-of-00001"


@pytest.fixture
def folder(make: Make, put: Put, shard: Settings, tmp_path: Path) -> Path:
    put(make(6), tmp_path / "set", shard(validation=0.3), AugmentSettings(mirror=True))
    return tmp_path / "set"


def spans(folder: Path, file: str) -> list[tuple[int, int]]:
    """Where each record lies in the file: first byte, one past the last."""
    found, at = [], 0
    for span in index.read(folder, file).spans[:-1]:
        found.append((at, at + sum(span.sizes)))
        at = found[-1][1]
    return found


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def sign(folder: Path) -> None:
    """Make checksums right again, so that only what is under test is wrong."""
    checksums.write(folder, checksums.present_in(folder) - {checksums.SUMS})


def add(folder: Path, split: str, example: Example, image: Image.Image | None = None, size: int = 32) -> None:
    """Append a record, with everything put right that speaks of it."""
    append(
        folder, split, protobuf.encode(example.record(encode.encoded(image or Image.new("RGB", (32, 32)), "png"), size)), example.picture.id
    )


def append(folder: Path, split: str, data: bytes, key: str) -> None:
    piece, name = tfrecord.frame(data), TRAIN if split == "train" else VALIDATION
    with (folder / name).open("ab") as file:
        file.write(piece)
    known = index.read(folder, name)
    index.write(folder, name, replace(known, spans=(*known.spans[:-1], index.Span.of(key, (piece,)), known.spans[-1])))
    about = json.loads((folder / "dataset_info.json").read_text())
    entry = next(entry for entry in about["splits"] if entry["name"] == split)
    entry["shardLengths"] = [str(int(entry["shardLengths"][0]) + 1)]
    entry["numBytes"] = str(int(entry["numBytes"]) + len(data))
    (folder / "dataset_info.json").write_text(json.dumps(about))
    about = json.loads((folder / "shards.json").read_text())
    entry = next(entry for entry in about["splits"] if entry["name"] == split)
    entry["lengths"][0] += 1
    entry["bytes"] += len(piece)
    (folder / "shards.json").write_text(json.dumps(about))
    sign(folder)


def stranger(**named: Any) -> Picture:
    return replace(Picture("i9", "c9", Path("none"), "", "", "", "", "", "", "", "#ffffff"), **named)


def test_a_sound_folder_has_no_problems(folder: Path) -> None:
    assert verify(folder) == []
    add(folder, "train", Example(stranger(), Variant()))
    assert verify(folder) == []


def test_a_flipped_byte_names_shard_and_record(folder: Path) -> None:
    places = spans(folder, TRAIN)
    flip(folder / TRAIN, places[2][1] - 8)
    key = index.read(folder, TRAIN).spans[2].key
    assert verify(folder) == [
        f"{TRAIN}: SHA-256 differs from the one in SHA256SUMS",
        f"{TRAIN}: record 3 of {len(places)} ({key}): its bytes are damaged (checksum differs)",
    ]


FORMATS = sorted(formats.ALL)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_byte_flipped_anywhere_in_a_shard_names_shard_and_record(
    kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path
) -> None:
    put(make(6), tmp_path / "set", shard(format=kind, shards=2, validation=0.3), AugmentSettings(mirror=True))
    folder, chance = tmp_path / "set", random.Random(kind)
    assert verify(folder) == []
    (split, *_) = reader.info(folder).splits
    for file in split.files:
        *records, end = index.read(folder, file).spans
        # Every file that a record has bytes in, at its ends and at random places between; in an index of a zip, too.
        for number, span in enumerate([*records, end]):
            for part, size in enumerate(span.sizes):
                path, start = place(folder, file, [*records, end], number, part)
                for at in {0, size - 1, *(chance.randrange(size) for _ in range(2))} if size else ():
                    flip(path, start + at)
                    sums, found = verify(folder)
                    assert sums == f"{path.relative_to(folder).as_posix()}: SHA-256 differs from the one in SHA256SUMS"
                    where = f"record {number + 1} of {len(records)} ({span.key})" if span.key else "what follows its records"
                    assert found == f"{file}: {where}: its bytes are damaged (checksum differs)"
                    flip(path, start + at)
    assert verify(folder) == []


def place(folder: Path, file: str, spans: Sequence[index.Span], number: int, part: int) -> tuple[Path, int]:
    """The file that holds a part of a record, and the first of its bytes there."""
    if (folder / file).is_dir():
        lines = folder / file / "metadata.jsonl"
        return (folder / file / f"{spans[number].key}.png", 0) if part else (lines, sum(span.sizes[0] for span in spans[:number]))
    return folder / file, sum(sum(span.sizes) for span in spans[:number])


@pytest.mark.parametrize("kind", FORMATS)
def test_every_single_byte_is_guarded(kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(4), tmp_path / "set", shard(format=kind))
    folder = tmp_path / "set"
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 3)):
            flip(path, at)
            assert verify(folder), f"{path.name} byte {at}"
            path.write_bytes(whole)
    assert verify(folder) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_a_shard_that_is_cut_short_or_goes_on(kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(4), tmp_path / "set", shard(format=kind, validation=0))
    folder = tmp_path / "set"
    (file,) = reader.info(folder).splits[0].files
    path = folder / file / "metadata.jsonl" if kind == "imagefolder" else folder / file
    count, whole = index.read(folder, file).records, path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    sign(folder)
    assert any(problem.startswith(f"{file}: record {count} of {count}") and "bytes are missing" in problem for problem in verify(folder))
    path.write_bytes(whole + b"more")
    sign(folder)
    assert verify(folder) == [f"{file}: what follows its records: its bytes are damaged (checksum differs)"]


def test_a_damaged_index_is_found(folder: Path) -> None:
    (folder / index.name(TRAIN)).write_text("{}")
    assert any(f"{TRAIN}.json: damaged (KeyError('spans')); write the folder again" in problem for problem in verify(folder))
    (folder / index.name(TRAIN)).unlink()
    assert any(f"{TRAIN}.json: cannot be read" in problem for problem in verify(folder))


def test_a_lost_picture_of_an_imagefolder_is_named(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(3), tmp_path / "set", shard(format="imagefolder", validation=0))
    lost = index.read(tmp_path / "set", "train/00000").spans[1].key
    (tmp_path / "set" / "train" / "00000" / f"{lost}.png").unlink()
    assert verify(tmp_path / "set") == [
        f"train/00000/{lost}.png: listed in SHA256SUMS but missing",
        f"train/00000: record 2 of 3 ({lost}): bytes are missing",
    ]


def test_a_lost_shard_and_a_lost_list(folder: Path) -> None:
    (folder / VALIDATION).unlink()
    found = verify(folder)
    assert f"{VALIDATION}: listed in SHA256SUMS but missing" in found
    (folder / "SHA256SUMS").unlink()
    assert verify(folder)[0].startswith(f"{folder / 'SHA256SUMS'}: cannot be read")


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    assert any("shards.json: cannot be read" in problem for problem in verify(tmp_path))
    assert verify(tmp_path / "none")


def test_counts_must_agree(folder: Path) -> None:
    about = json.loads((folder / "dataset_info.json").read_text())
    about["splits"][0]["shardLengths"] = ["5"]
    (folder / "dataset_info.json").write_text(json.dumps(about))
    sign(folder)
    (problem,) = verify(folder)
    assert problem.startswith("dataset_info.json: it says Split(name='train', lengths=(5,)")
    put_right = json.loads((folder / "shards.json").read_text())
    put_right["splits"][0]["lengths"] = [5]
    (folder / "shards.json").write_text(json.dumps(put_right))
    sign(folder)
    assert any("records where shards.json says 5" in problem for problem in verify(folder))


def test_a_cluster_in_two_splits_is_found(folder: Path) -> None:
    first = next(tfrecord.records(folder / VALIDATION)).data
    cluster = protobuf.decode(first or b"")["cluster"]
    assert isinstance(cluster, bytes)
    add(folder, "train", Example(stranger(cluster=cluster.decode()), Variant()))
    count = len(spans(folder, TRAIN))
    found = verify(folder)
    assert found
    assert all(f"its cluster {cluster.decode()} is also in train ({TRAIN}: record {count} of {count} (i9))" in problem for problem in found)
    assert found[0].startswith(f"{VALIDATION}: record 1 of ")


def test_a_copy_in_validation_is_found(folder: Path) -> None:
    add(folder, "validation", Example(stranger(), Variant(mirror=True)))
    count = len(spans(folder, VALIDATION))
    assert verify(folder) == [f"{VALIDATION}: record {count} of {count} (i9): an augmented copy (mirror) in validation"]


def test_a_turned_picture_in_validation_is_an_original(folder: Path) -> None:
    add(folder, "validation", Example(stranger(), Variant(turned=True)))
    assert verify(folder) == []


def test_the_same_example_twice_is_found(folder: Path) -> None:
    add(folder, "train", Example(stranger(), Variant()))
    add(folder, "train", Example(stranger(), Variant()))
    count = len(spans(folder, TRAIN))
    assert verify(folder) == [f"{TRAIN}: record {count} of {count} (i9): the same example as {TRAIN}: record {count - 1} of {count} (i9)"]


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
        append(folder, "train", data, "i9")
    text = "\n".join(verify(folder))
    assert "not a record of this kind" in text
    assert "fields missing or unknown: augmentation, cluster" in text
    assert "its image does not decode: not_an_image" in text
