from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.measure.base import Decoded
from pipeline.measure.signature import BYTES, MEASUREMENT, SIDE, SMALL, square, unpack


def figure(size: int = 300) -> Image.Image:
    picture = Image.new("RGB", (size, size), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((size * 0.3, size * 0.1, size * 0.6, size * 0.9), fill=(190, 40, 50))
    draw.ellipse((size * 0.35, size * 0.2, size * 0.5, size * 0.35), fill=(40, 70, 190))
    return picture


def test_cells_hold_brightness_and_colour() -> None:
    row = MEASUREMENT.compute(Decoded(Image.new("RGB", (90, 40), (200, 30, 60))))
    cells = unpack([row["signature"]])
    light, blue, red = Image.new("RGB", (1, 1), (200, 30, 60)).convert("YCbCr").getpixel((0, 0))  # type: ignore[misc]
    assert (cells.luma == light).all()
    assert (cells.chroma == np.array([blue, red])).all()


def test_the_mirrored_picture_has_the_mirrored_signature() -> None:
    one, two = (unpack([MEASUREMENT.compute(Decoded(side))["signature"]]) for side in (figure(), ImageOps.mirror(figure())))
    assert np.abs(one.luma[:, :, ::-1].astype(int) - two.luma).max() <= 3
    assert np.abs(one.chroma[:, :, ::-1].astype(int) - two.chroma).max() <= 3


def test_a_small_subject_has_a_signature_of_its_own() -> None:
    scene = Image.new("RGB", (900, 600), (255, 255, 255))
    scene.paste(figure(), (100, 200))
    row = MEASUREMENT.compute(Decoded(scene))
    assert row["subject_share"] == pytest.approx(240 / 900, abs=0.02)
    assert row["subject_share"] < SMALL
    box = [row[f"subject_{side}"] * length for side, length in zip(("left", "top", "right", "bottom"), (900, 600) * 2, strict=True)]
    assert box == pytest.approx([190, 230, 280, 470], abs=8)
    closer = unpack([row["signature_subject"]]).luma[0]
    rows = np.flatnonzero((closer < 200).any(axis=1))
    assert (len(rows)) == pytest.approx(SIDE / 1.2, abs=3)  # a tenth of room above and below
    assert MEASUREMENT.compute(Decoded(figure()))["signature_subject"] == b""


def test_outside_the_picture_lies_the_border_colour() -> None:
    scene = Image.new("RGB", (400, 400), (10, 120, 30))
    ImageDraw.Draw(scene).rectangle((0, 0, 60, 160), fill=(250, 250, 250))
    row = MEASUREMENT.compute(Decoded(scene))
    left, _, right, _ = square((0.0, 0.0, 60.0, 160.0))
    assert left < 0 < right
    luma = unpack([row["signature_subject"]]).luma[0]
    assert abs(int(luma[30, 0]) - int(luma[60, 60])) <= 3


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (500, 3)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_shapes_and_sizes(size: tuple[int, int], mode: str) -> None:
    row = MEASUREMENT.compute(Decoded(Image.new(mode, size)))
    assert len(row["signature"]) == BYTES == 6144
    assert len(row["signature_subject"]) in (0, BYTES)
    assert 0 < row["subject_share"] <= 1
    assert 0 <= row["subject_left"] < row["subject_right"] <= 1
    assert 0 <= row["subject_top"] < row["subject_bottom"] <= 1
