from __future__ import annotations

import gc
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pipeline import images
from pipeline.shards import reader
from pipeline.shards.formats.webdataset import WebDataset

Filled = Callable[..., tuple[Path, dict[str, list[reader.Row]]]]


def test_our_reader_gives_back_every_field(filled: Filled) -> None:
    folder, wanted = filled("webdataset")
    assert sorted(path.name for path in folder.glob("*.tar")) == [f"train-{n:06d}.tar" for n in range(3)] + ["validation-000000.tar"]
    assert {split: list(reader.read(folder, split)) for split in wanted} == wanted


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_webdataset_reads_every_field_of_every_sample(encoding: str, filled: Filled) -> None:
    library = pytest.importorskip("webdataset", reason="reads the tar files")
    folder, wanted = filled("webdataset", encoding=encoding)
    for split, rows in wanted.items():
        files = [str(path) for path in sorted(folder.glob(f"{split}-*.tar"))]
        found = list(library.WebDataset(files, shardshuffle=False))
        decoded = list(library.WebDataset(files, shardshuffle=False).decode("pil"))
        assert len(found) == len(decoded) == len(rows)
        assert len({sample["__key__"] for sample in found}) == len(rows)
        for raw, sample, row in zip(found, decoded, rows, strict=True):
            extension = "jpg" if encoding == "jpeg" else "png"
            assert raw[extension] == row["image"]
            assert {**sample["json"], "image": raw[extension]} == row
            assert sample[extension].tobytes() == images.open_image(row["image"]).tobytes()
    gc.collect()  # the library leaves its files to the collector


def test_any_tar_reads_it_and_nothing_tells_of_time_or_owner(filled: Filled) -> None:
    folder, wanted = filled("webdataset")
    members: dict[str, bytes] = {}
    for path in sorted(folder.glob("train-*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")
                assert (member.mode, member.isreg()) == (0o644, True)
                file = tar.extractfile(member)
                assert file
                members[member.name] = file.read()
    assert len(members) == 2 * len(wanted["train"])
    for row in wanted["train"]:
        (key,) = {name.partition(".")[0] for name, data in members.items() if data == row["image"] and name.startswith(row["id"])}
        assert (key == row["id"]) == (row["augmentation"] == "")
        assert Image.open(io.BytesIO(members[f"{key}.png"])).size == (32, 32)


@pytest.mark.skipif(sys.platform == "win32", reason="GNU tar is a thing of Unix")
def test_gnu_tar_has_nothing_to_say(filled: Filled) -> None:
    folder, _ = filled("webdataset")
    done = subprocess.run(["tar", "tvf", "train-000000.tar"], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.count("1970-01-01") > 4


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ([], "but nothing"),
        (["a.png", "b.json"], r"a\.png, b\.json"),
        (["a.jpg", "a.json"], "not a picture"),
        (["a.png", "a.json", "a.txt"], "a.txt"),
    ],
)
def test_samples_of_another_form(members: list[str], problem: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in members:
            tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(ValueError, match=problem):
        WebDataset("png").fields([out.getvalue()])
    with pytest.raises(ValueError, match="no tar members"):
        WebDataset("png").fields([b"x" * 600])
