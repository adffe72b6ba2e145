from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.shards import encode, geometry, tfrecord
from pipeline.shards.augment import ORIGINAL, Variant
from pipeline.shards.example import Example, Picture
from pipeline.shards.plan import Shard

Make = Callable[[int], list[Picture]]


def job(examples: list[Example], folder: Path, file: str = "x.tfrecord") -> encode.Job:
    target = encode.Target("tfrecord", folder, file, "", "")
    return encode.Job(Shard("train", 0, 1, tuple(examples)), (target,), 32, "background", "png", folder / "scratch")


def test_records_stand_in_the_order_of_the_plan_and_each_picture_is_read_once(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = make(2)
    mirror = Variant(mirror=True)
    mixed = [Example(one, mirror), Example(two, ORIGINAL), Example(one, ORIGINAL), Example(two, mirror)]
    read: list[str] = []
    load = geometry.load
    monkeypatch.setattr(geometry, "load", lambda picture, *rest, **more: read.append(picture.id) or load(picture, *rest, **more))
    told: list[int] = []
    encode.run(job(mixed, tmp_path), told.append)
    assert (read, told) == ([one.id, two.id], [2, 2])
    # The same as each example written alone, one after the other.
    alone = b""
    for number, example in enumerate(mixed):
        encode.run(job([example], tmp_path, f"{number}"))
        alone += (tmp_path / f"{number}").read_bytes()
    assert (tmp_path / "x.tfrecord").read_bytes() == alone
    assert len(alone) > 4 * len(tfrecord.frame(b""))


def test_what_does_not_fit_in_memory_is_spooled_to_the_same_bytes(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [Example(picture, ORIGINAL) for picture in make(4)]
    encode.run(job(examples, tmp_path, "a"))
    monkeypatch.setattr(encode, "SPOOL", 1)
    encode.run(job(examples, tmp_path, "b"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_lost_picture_leaves_no_shard(make: Make, tmp_path: Path) -> None:
    one, two = make(2)
    lost = replace(two, place=tmp_path / "gone.png")
    with pytest.raises(PipelineError, match=f"{two.id} cannot be read"):
        encode.run(job([Example(one, ORIGINAL), Example(lost, ORIGINAL)], tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["scratch"]


@pytest.mark.parametrize(("encoding", "most"), [("png", 0), ("jpeg", 12)])
def test_encodings_hold_the_pixels_and_nothing_else(encoding: str, most: int) -> None:
    ramp = np.mgrid[0:32, 0:32].sum(axis=0).astype(np.uint8) * 4
    image = Image.fromarray(np.stack([ramp, ramp[::-1], np.full_like(ramp, 90)], axis=-1))
    image.info["comment"] = "who made this"
    data = encode.encoded(image, encoding)
    assert data == encode.encoded(image, encoding)
    back = Image.open(io.BytesIO(data))
    assert (back.format, back.size, back.mode) == (encoding.upper(), (32, 32), "RGB")
    assert np.abs(np.asarray(back).astype(int) - np.asarray(image)).max() <= most
    assert b"who made this" not in data
