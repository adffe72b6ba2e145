from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from pipeline.measure.base import Decoded
from pipeline.measure.colour import MEASUREMENT, percentile


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


def measured(picture: Image.Image) -> dict[str, Any]:
    return MEASUREMENT.compute(Decoded(picture))


def chroma(picture: Image.Image) -> float:
    return float(measured(picture)["chroma"])


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


SEPIA = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)


def shaded(body: str = "#909090", eyes: str = "black") -> Image.Image:
    """The robot with light from above, so that it has many middle tones."""
    picture = robot(eyes, body)
    light = Image.linear_gradient("L").resize(picture.size).point(lambda value: 120 + value // 2)
    return ImageChops.multiply(picture, Image.merge("RGB", (light, light, light)))


def tinted(picture: Image.Image, way: str) -> Image.Image:
    gray = picture.convert("L")
    if way == "sepia":
        return gray.convert("RGB").convert("RGB", SEPIA)
    if way == "toned":
        return ImageOps.colorize(gray, "black", "#fff8e8", mid="#7a5a3a")
    paper = np.asarray(gray, dtype=float)[..., None] / 255 * np.array([245, 232, 205])
    return Image.fromarray((paper + np.random.default_rng(3).normal(0, 4, paper.shape)).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("way", ["sepia", "toned", "paper"])
@pytest.mark.parametrize("quality", [40, 75, 95, 100])
def test_one_tint_leaves_no_spread(way: str, quality: int) -> None:
    found = measured(jpeg(tinted(shaded(), way), quality))
    assert found["colour_spread"] < 8
    assert 5 < found["tint"] < 40


@pytest.mark.parametrize("quality", [40, 75, 95])
def test_coloured_eyes_of_a_gray_robot_are_no_tint(quality: int) -> None:
    assert measured(jpeg(shaded(eyes="#ff2020"), quality))["colour_spread"] > 15
    assert measured(jpeg(tinted(shaded(), "sepia"), quality))["colour_spread"] < 8


def test_one_strong_colour_is_a_strong_tint() -> None:
    assert measured(robot("black", body="#2040e0"))["tint"] > 60


def test_gray_has_neither_tint_nor_spread() -> None:
    found = measured(robot("black"))
    assert (found["tint"], found["colour_spread"]) == (0, 0)


def test_colours_are_counted() -> None:
    assert measured(Image.new("RGB", (9, 9)))["colours"] == 1
    blocks = np.kron(np.arange(30, dtype=np.uint8).reshape(5, 6) * 8, np.ones((6, 6), dtype=np.uint8))
    assert measured(Image.fromarray(blocks).convert("RGB"))["colours"] == 30


@pytest.mark.parametrize("percent", [0, 50, 95, 99, 100])
@pytest.mark.parametrize("count", [1, 2, 101, 1000])
def test_percentiles_are_those_of_numpy(percent: int, count: int) -> None:
    values = np.random.default_rng(count).integers(0, 256, count).astype(np.uint8)
    assert percentile(values, percent) == pytest.approx(np.percentile(values, percent))
