from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from pipeline import images
from pipeline.errors import PipelineError
from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.shards import geometry, plan, reader
from pipeline.shards.example import Picture
from pipeline.shards.verify import verify

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., ShardSettings]
COPIES = AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=2)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_records_hold_the_pictures_and_their_copies(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    pictures = make(8)
    summary = put(pictures, tmp_path / "set", shard(shards=2, validation=0.3), COPIES)
    known = {picture.id: picture for picture in pictures}
    rows = {split: list(reader.read(tmp_path / "set", split)) for split in ("train", "validation")}
    assert summary["examples"] == {split: len(found) for split, found in rows.items()}
    assert summary["shards"]["train"] == 2
    assert summary["bytes"] == sum(len(data) for data in contents(tmp_path / "set").values())
    assert sum(summary["pictures"].values()) == 8
    assert {row["id"] for found in rows.values() for row in found} == set(known)
    for row in rows["train"] + rows["validation"]:
        picture = known[row["id"]]
        assert all(row[name] == getattr(picture, name) for name in ("cluster", "title", "series", "label", "license", "credit"))
        assert (row["page_url"], row["image_url"]) == (picture.page_url, picture.image_url)
        square = geometry.load(picture, 32, "background")
        factor = float(row["augmentation"].partition("brightness=")[2] or 1)
        turned = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if row["augmentation"].startswith("mirror") else square
        wanted = turned.point(lambda value, factor=factor: min(255, value * factor))
        difference = ImageChops.difference(images.open_image(row["image"]), wanted).getextrema()
        assert max(high for _, high in difference) <= (0 if factor == 1 else 1)


def test_pictures_that_face_the_other_side_are_turned_in_both_splits(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    pictures = [replace(picture, turned=number % 2 == 0) for number, picture in enumerate(make(8))]
    summary = put(pictures, tmp_path / "set", shard(validation=0.4), AugmentSettings(facing="right", brightness=(0.7, 1.2), copies=1))
    assert sum(summary["pictures"].values()) == 8
    known = {picture.id: picture for picture in pictures}
    rows = [row for split in ("train", "validation") for row in reader.read(tmp_path / "set", split)]
    assert len(rows) > 8
    for row in rows:
        picture = known[row["id"]]
        assert row["augmentation"].startswith("turned") == picture.turned
        if row["augmentation"] in ("", "turned"):
            square = geometry.load(picture, 32, "background")
            wanted = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if picture.turned else square
            assert images.open_image(row["image"]).tobytes() == wanted.tobytes()
    assert verify(tmp_path / "set") == []
    assert "known to face left are mirrored, to face right (`turned`)" in (tmp_path / "set" / "README.md").read_text(encoding="utf-8")


def test_records_stand_in_the_planned_order(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(8), tmp_path / "set", shard(shards=2), COPIES)
    planned = [entry for entry in plan.shards(make(8), shard(shards=2), COPIES) if entry.split == "train"]
    wanted = [(example.picture.id, example.variant.label) for entry in planned for example in entry.examples]
    assert [(row["id"], row["augmentation"]) for row in reader.read(tmp_path / "set", "train")] == wanted


def test_images_carry_no_metadata(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(2), tmp_path / "set", shard())
    for row in reader.read(tmp_path / "set", "train"):
        assert [row["image"][at : at + 4] for at in chunks(row["image"])] == [b"IHDR", b"IDAT", b"IEND"]


def chunks(png: bytes) -> list[int]:
    places, at = [], 8
    while at < len(png):
        places.append(at + 4)
        at += 12 + int.from_bytes(png[at : at + 4])
    return places


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_the_bytes_are_the_same_for_any_number_of_workers_and_any_order(
    encoding: str, make: Make, put: Put, shard: Settings, tmp_path: Path
) -> None:
    settings = shard(shards=3, encoding=encoding)
    pictures = make(12)
    one = put(pictures, tmp_path / "one" / "set", settings, COPIES, workers=1)
    two = put(pictures[::-1], tmp_path / "two" / "set", settings, COPIES, workers=2)
    assert contents(tmp_path / "one" / "set") == contents(tmp_path / "two" / "set")
    assert one == two
    assert verify(tmp_path / "two" / "set") == []


def test_nothing_tells_of_this_machine(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    pictures = make(3)
    put(pictures, tmp_path / "set", shard())
    everything = b"".join(contents(tmp_path / "set").values())
    assert str(tmp_path).encode() not in everything
    assert str(Path(pictures[0].place).parent).encode() not in everything


def test_a_new_write_replaces_the_old_one(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(9), tmp_path / "set", shard(shards=4))
    put(make(3), tmp_path / "set", shard())
    assert verify(tmp_path / "set") == []
    assert sum(1 for path in (tmp_path / "set").iterdir() if ".tfrecord-" in path.name) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch", "set"]


def test_one_picture_is_enough(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    assert put(make(1), tmp_path / "set", shard(validation=0.9))["examples"] == {"train": 1}
    assert verify(tmp_path / "set") == []


def test_no_picture_is_an_error_that_says_where_to_look(put: Put, shard: Settings, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"no picture is left to write; reports/summary\.csv"):
        put([], tmp_path / "set", shard())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_lost_picture_is_named_and_the_old_folder_stays(workers: int, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(3), tmp_path / "set", shard())
    before = contents(tmp_path / "set")
    lost = [replace(make(1)[0], place=tmp_path / "lost.png"), *make(9)[1:]]
    with pytest.raises(PipelineError, match=r"lost\.png: the picture of i"):
        put(lost, tmp_path / "set", shard(shards=4), workers=workers)
    assert contents(tmp_path / "set") == before
    put(make(9), tmp_path / "set", shard(shards=4), workers=workers)
    assert verify(tmp_path / "set") == []


def test_a_full_disk_is_one_line_and_leaves_the_old_folder(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits on file size are a thing of Unix")
    put(make(3), tmp_path / "set", shard())
    before = contents(tmp_path / "set")
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, was[1]))
    try:
        with pytest.raises(PipelineError, match=r"set: cannot be written \(.+\); make room"):
            put(make(9), tmp_path / "set", shard(size=64, shards=2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert contents(tmp_path / "set") == before
    assert not list(tmp_path.rglob("*.tmp"))
    put(make(9), tmp_path / "set", shard(size=64, shards=2))
    assert verify(tmp_path / "set") == []


KILLER = '''
"""Write a folder again and again, killed at a later and later system call, and finish each time with an undisturbed call."""
import json, os, shutil, signal, sys
from pathlib import Path
from PIL import Image
from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.report import SILENT
from pipeline.shards.example import Picture
from pipeline.shards.write import write

base, kind, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
pictures = []
for number in range(4):
    path = base / f"{number}.png"
    Image.new("RGB", (40 + number, 30), (40 * number, 90, 9)).save(path)
    pictures.append(Picture(f"i{number}", f"c{number}", path, *["text"] * 7, "#ffffff"))

def put(folder, size):
    settings = ShardSettings(format=kind, size=size, shards=2, validation=0.2)
    scratch, augment = base / "scratch", AugmentSettings()
    write(pictures, {kind: folder}, name="a", shard=settings, augment=augment, workers=1, report=SILENT, scratch=scratch)

def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

put(base / "old", 32)
put(base / "new" / "set", 64)
old, new = contents(base / "old"), contents(base / "new" / "set")
states, reused = [], 0
for fatal in range(1, 200, step):
    folder = base / str(fatal) / "set"
    shutil.copytree(base / "old", folder)
    child = os.fork()
    if not child:
        count = 0
        def counted(call):
            def run(*args, **kwargs):
                global count
                count += 1
                if count == fatal:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args, **kwargs)
            return run
        for name in ("replace", "rename", "mkdir", "unlink"):
            setattr(os, name, counted(getattr(os, name)))
        put(folder, 64)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    found = contents(folder) if folder.exists() else None
    whole = [path for path in folder.parent.glob(".set.*.partial/a-*")]
    inodes = {path.stat().st_ino for path in whole}
    states.append("old" if found == old else "new" if found == new else "absent" if found is None else "torn")
    put(folder, 64)
    reused += bool(inodes) and inodes <= {path.stat().st_ino for path in folder.iterdir()}
    assert contents(folder) == new, fatal
    assert [path.name for path in folder.parent.iterdir()] == ["set"], fatal
    if os.WIFEXITED(status):
        break
print(json.dumps([states, reused]))
'''


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="kills a forked child")
@pytest.mark.parametrize("kind", ["imagefolder", "stylegan"])
def test_other_formats_stand_a_kill_too(kind: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLER, str(tmp_path), kind, "4"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    states, _ = json.loads(done.stdout)
    assert "torn" not in states
    assert len(states) > 5


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="kills a forked child")
def test_a_kill_at_any_step_is_made_good_by_the_next_call(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLER, str(tmp_path), "tfrecord", "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    states, reused = json.loads(done.stdout)
    assert "torn" not in states
    assert states[0] == "old"
    assert states[-1] == "new"
    assert states.count("absent") == 1  # between the two renames
    assert len(states) > 15
    assert reused > 5
