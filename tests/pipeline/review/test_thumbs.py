"""Thumbnails: small, transparent where the picture is, and gone with the file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pipeline.images import BadImage
from pipeline.review import thumbs


def test_a_thumbnail_keeps_shape_and_transparency(tmp_path: Path) -> None:
    Image.new("RGBA", (1000, 500), (200, 10, 10, 0)).save(tmp_path / "a.png")
    with Image.open(io.BytesIO(thumbs.render(tmp_path / "a.png"))) as made:
        assert made.size == (thumbs.SIDES[0], thumbs.SIDES[0] // 2)
        assert made.convert("RGBA").getpixel((5, 5))[3] == 0


def test_small_pictures_are_not_enlarged(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    with Image.open(io.BytesIO(thumbs.render(tmp_path / "a.png"))) as made:
        assert made.size == (20, 10)


def test_bad_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BadImage):
        thumbs.Thumbs().get(tmp_path / "a.png")
    with pytest.raises(FileNotFoundError):
        thumbs.Thumbs().get(tmp_path / "none.png")


def test_what_is_erased_is_forgotten(tmp_path: Path) -> None:
    path, made = tmp_path / "a.png", thumbs.Thumbs()
    Image.new("RGB", (20, 10)).save(path)
    made.get(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        made.get(path)
    assert made._held == 0


def test_memory_is_bounded(tmp_path: Path) -> None:
    paths = []
    for number in range(10):
        paths.append(tmp_path / f"{number}.png")
        Image.effect_noise((160, 160), 90).save(paths[-1])
    room = 3 * len(thumbs.render(paths[0]))
    made = thumbs.Thumbs(room)
    for path in paths:
        made.get(path)
    assert 0 < made._held <= room
    assert made.get(paths[-1]) == made.get(paths[-1])


def test_large_ones_are_another_size_and_no_other_is_made(tmp_path: Path) -> None:
    path, made = tmp_path / "a.png", thumbs.Thumbs()
    Image.new("RGB", (1000, 500)).save(path)
    for side in thumbs.SIDES:
        with Image.open(io.BytesIO(made.get(path, side))) as image:
            assert image.size == (side, side // 2)
    for side in (0, -1, 161, 10**9):
        with pytest.raises(ValueError, match="thumbnails"):
            made.get(path, side)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        made.get(path, thumbs.SIDES[1])
    assert made._held == 0
