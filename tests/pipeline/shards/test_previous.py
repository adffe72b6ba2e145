"""Shards that would come out the same are taken over; the others are written anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.report import SILENT
from pipeline.shards import checksums, formats, index, previous, reader
from pipeline.shards.example import Picture
from pipeline.shards.verify import verify
from pipeline.shards.write import write

Make, Settings = Callable[..., list[Picture]], Callable[..., ShardSettings]
ALL = list(formats.ALL)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[dict[str, Any], dict[str, str]]]:
    def go(pictures: list[Picture], settings: ShardSettings, name: str = "a") -> tuple[dict[str, Any], dict[str, str]]:
        folders = {kind: tmp_path / kind for kind in settings.format}
        scratch, augment = tmp_path / "scratch", AugmentSettings()
        summary = write(pictures, folders, name=name, shard=settings, augment=augment, workers=1, report=SILENT, scratch=scratch)
        return summary, summary.get("all rewritten", {})

    return go


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_item_more_rewrites_the_shard_it_stands_in(make: Make, shard: Settings, run: Any, tmp_path: Path) -> None:
    settings = shard(format=ALL, shards=4, validation=0)
    first, why = run(make(16), settings)
    assert first["taken over"] == dict.fromkeys(ALL, 0)
    assert first["rewritten"] == {"tfrecord": 4, "webdataset": 4, "imagefolder": 4, "stylegan": 1}
    assert why == {}  # nothing could have been taken over
    inodes = {path: path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()}
    second, why = run(make(17), settings)
    assert second["taken over"] == {"tfrecord": 3, "webdataset": 3, "imagefolder": 3, "stylegan": 0}
    assert second["rewritten"] == dict.fromkeys(ALL, 1)
    assert why == {"stylegan": "a zip numbers its pictures through and ends in a list of them all"}
    assert sum(inodes.get(path) == path.stat().st_ino for path in (tmp_path / "tfrecord").glob("*.tfrecord-*")) == 3
    together = {kind: contents(tmp_path / kind) for kind in ALL}
    for kind in ALL:
        assert verify(tmp_path / kind) == []
        shutil.rmtree(tmp_path / kind)
    run(make(17), settings)
    assert {kind: contents(tmp_path / kind) for kind in ALL} == together


def test_nothing_new_rewrites_nothing(make: Make, shard: Settings, run: Any, tmp_path: Path) -> None:
    settings = shard(format=ALL, shards=2)
    run(make(9), settings)
    before = {kind: contents(tmp_path / kind) for kind in ALL}
    again, why = run(make(9)[::-1], settings)
    assert set(again["rewritten"].values()) == {0}
    assert why == {}
    assert {kind: contents(tmp_path / kind) for kind in ALL} == before
    # A further format takes nothing from those that are there, and leaves them as they are.
    one, _ = run(make(9), shard(format="webdataset", shards=2))
    assert (one["taken over"], one["rewritten"]) == ({"webdataset": 3}, {"webdataset": 0})


def test_a_picture_that_is_gone_and_a_field_that_changed(make: Make, shard: Settings, run: Any, tmp_path: Path) -> None:
    settings = shard(shards=4, validation=0)
    run(make(16), settings)
    changed = [replace(picture, credit="other") if number == 3 else picture for number, picture in enumerate(make(16))]
    assert run(changed, settings)[0]["rewritten"] == {"tfrecord": 1}
    assert run(changed[:-1], settings)[0]["rewritten"] == {"tfrecord": 1}
    assert "other" in {row["credit"] for row in reader.read(tmp_path / "tfrecord", "train")}


@pytest.mark.parametrize("kind", ALL)
def test_a_damaged_shard_is_not_taken_over(kind: str, make: Make, shard: Settings, run: Any, tmp_path: Path) -> None:
    settings = shard(format=kind, shards=3, validation=0)
    run(make(9), settings)
    before = contents(tmp_path / kind)
    (split,) = reader.info(tmp_path / kind).splits
    damaged = tmp_path / kind / split.files[0]
    path = next(damaged.glob("*.png")) if damaged.is_dir() else damaged
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    again, why = run(make(9), settings)
    assert again["rewritten"] == {kind: 1}
    assert contents(tmp_path / kind) == before
    assert why == ({kind: "what was there is damaged"} if kind == "stylegan" else {})
    # So is one whose index is gone.
    (tmp_path / kind / index.name(split.files[-1])).unlink()
    assert run(make(9), settings)[0]["rewritten"] == {kind: 1}
    assert contents(tmp_path / kind) == before


@pytest.mark.parametrize(
    ("settings", "name", "reason"),
    [
        ({"shards": 3}, "a", "another number of shards, another name, or an older version's"),
        ({}, "b", "another number of shards, another name, or an older version's"),
        ({"pad": "#ffffff"}, "a", "the settings or the program changed"),
        ({"seed": 5, "validation": 0}, "a", "the settings or the program changed"),
    ],
)
def test_why_all_had_to_be_rewritten(settings: dict[str, Any], name: str, reason: str, make: Make, shard: Settings, run: Any) -> None:
    run(make(8), shard(**{"shards": 2, "validation": 0}))
    again, why = run(make(8), shard(**{"shards": 2, "validation": 0, **settings}), name)
    assert again["taken over"] == {"tfrecord": 0}
    assert why == {"tfrecord": reason}


def test_when_every_shard_has_a_change(make: Make, shard: Settings, run: Any) -> None:
    run(make(8), shard(shards=2))
    _, why = run([replace(picture, title="new") for picture in make(8)], shard(shards=2))
    assert why == {"tfrecord": "each has a picture that is new, gone or changed"}


def test_a_disk_without_links(make: Make, shard: Settings, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    settings = shard(format=["tfrecord", "imagefolder"], shards=2)
    run(make(8), settings)
    monkeypatch.setattr(os, "link", refused)
    assert run(make(8), settings)[0]["rewritten"] == {"tfrecord": 0, "imagefolder": 0}
    assert verify(tmp_path / "imagefolder") == []


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    assert previous.take(tmp_path / "none", [], "") == previous.Taken((), {}, "")
    checksums.write(tmp_path, [])
    assert previous.take(tmp_path, [], "").shards == ()
