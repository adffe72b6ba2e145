"""Every checksum, every row against its file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from PIL import Image

from pipeline import files, images, verification
from pipeline.catalog import Response
from pipeline.dataset import Dataset
from pipeline.report import SILENT


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    root = tmp_path / "art"
    root.mkdir()
    (root / "manifest.toml").write_text('[[scrape]]\nsource = "folder"\npath = "."\n')
    made = Dataset(root)
    picture = tmp_path / "a.png"
    Image.new("RGB", (9, 9), "red").save(picture)
    body = picture.read_bytes()
    sha256 = images.digest(body)
    files.write(made.image_store.path(sha256, "png"), body)
    page = b"<html></html>"
    digest = images.digest(page)
    files.write(images.stored_path(made.pages, digest, "html.gz"), gzip.compress(page))
    made.catalog.put_item(images.item_id(sha256), sha256, "png", len(body), 1.0)
    made.catalog.put_responses([Response("http://a/", "page", "http://a/", 200, None, "", {}, [], digest, len(page), 1.0)])
    made.close()
    return made


def problems(dataset: Dataset) -> list[str]:
    return verification.verify(str(dataset.root), SILENT)[1]


def test_a_sound_dataset(dataset: Dataset) -> None:
    checked, found = verification.verify(str(dataset.root), SILENT)
    assert found == []
    assert checked == {"images": 1, "pages": 1, "shard folders": 0}


def test_a_flipped_byte_a_lost_file_and_a_stranger(dataset: Dataset) -> None:
    (picture,) = dataset.image_store.folder.rglob("*.png")
    body = bytearray(picture.read_bytes())
    body[-20] ^= 1
    picture.write_bytes(body)
    assert "is not the file that was fetched" in problems(dataset)[0]
    picture.unlink()
    assert "is missing" in problems(dataset)[0]
    (dataset.image_store.folder / "zz").mkdir()
    (dataset.image_store.folder / "zz" / "stranger.png").write_bytes(b"x")
    assert any("no item in the catalog" in line for line in problems(dataset))


@pytest.mark.parametrize(
    "damage", [b"", b"not gzip", gzip.compress(b"<html>other</html>", mtime=0)], ids=["empty", "not gzip", "another page"]
)
def test_a_damaged_page(dataset: Dataset, damage: bytes) -> None:
    (page,) = dataset.pages.rglob("*.gz")
    page.write_bytes(damage)
    (line,) = problems(dataset)
    assert page.name in line
    assert "scrape again" in line
