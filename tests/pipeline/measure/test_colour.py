from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.measure.base import Decoded
from pipeline.measure.colour import MEASUREMENT


def robot(eyes: str, body: str = "#909090") -> Image.Image:
    """A gray body of 120 × 120 pixels with eyes on 2% of it."""
    picture = Image.new("RGB", (200, 200), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 159, 159), fill=body, outline="black")
    draw.rectangle((70, 70, 81, 81), fill=eyes)
    draw.rectangle((118, 70, 129, 81), fill=eyes)
    return picture


def jpeg(picture: Image.Image, quality: int = 75) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def chroma(picture: Image.Image) -> float:
    return float(MEASUREMENT.compute(Decoded(picture))["chroma"])


def test_gray_has_no_chroma() -> None:
    assert chroma(robot("black")) == 0
    assert chroma(jpeg(robot("#ff2020").convert("L").convert("RGB"))) <= 1


def test_small_accents_count() -> None:
    assert chroma(robot("#ff2020")) > 150
    assert chroma(jpeg(robot("#ff2020"))) > 100


def test_a_single_coloured_pixel_does_not() -> None:
    picture = robot("black")
    picture.putpixel((100, 100), (255, 0, 0))
    assert chroma(picture) == 0


def test_colour_noise_in_a_gray_scan_does_not() -> None:
    noise = np.random.default_rng(5).normal(0, 6, (200, 200, 3))
    scan = Image.fromarray((np.asarray(robot("black")) * 0.9 + noise).clip(0, 255).astype(np.uint8))
    assert chroma(scan) < 12


def test_chroma_is_the_spread_of_the_channels() -> None:
    assert chroma(robot("black", body="#c08040")) == 0x80


def test_a_coloured_ground_is_not_the_subject() -> None:
    picture = Image.new("RGB", (100, 100), "#ff8080")
    picture.paste((90, 90, 90), (20, 20, 80, 80))
    assert chroma(picture) < 200  # the 3 × 3 mean lets the ground tint the rim, no more


def test_a_picture_that_is_only_ground_is_judged_whole() -> None:
    assert chroma(Image.new("RGB", (50, 50), "#ff8000")) == 255


@pytest.mark.parametrize(("picture", "count"), [(Image.new("RGB", (9, 9)), 1), (robot("#ff2020"), 4)])
def test_colours_are_counted(picture: Image.Image, count: int) -> None:
    assert MEASUREMENT.compute(Decoded(picture))["colours"] == count
