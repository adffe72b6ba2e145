from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from pipeline.measure.base import Decoded
from pipeline.measure.natural import MEASUREMENT


def natural(picture: Image.Image) -> dict[str, float]:
    return MEASUREMENT.compute(Decoded(picture.convert("RGB")))


def noise(deviation: float = 30, size: int = 256) -> Image.Image:
    values = np.random.default_rng(2).normal(128, deviation, (size, size))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def test_a_plain_picture_is_all_peak() -> None:
    found = natural(Image.new("RGB", (60, 60), "#406080"))
    assert (found["tone_peaks"], found["tone_range"], found["smooth"]) == (1, 1 / 256, 1)
    assert (found["gradient"], found["gradient_coarse"], found["tone_sd"], found["mscn_diagonal"]) == (0, 0, 0, 0)


def test_even_tones_have_no_peaks() -> None:
    found = natural(Image.linear_gradient("L"))
    assert found["tone_peaks"] < 0.1
    assert found["tone_range"] > 0.4


def test_noise_has_short_tails() -> None:
    found = natural(noise(60))
    assert found["smooth"] < 0.1
    assert found["mscn_kurtosis"] < math.log1p(3)  # divided by the deviation of few neighbours, the normal distribution loses its tails


def test_two_fills_with_an_edge_are_peaked() -> None:
    picture = Image.new("L", (256, 256), 40)
    picture.paste(200, (100, 90, 180, 170))
    assert natural(picture)["mscn_kurtosis"] > natural(noise())["mscn_kurtosis"] + 0.5


def test_pure_colours_are_saturated() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((255, 0, 0), (20, 20, 80, 80))
    assert natural(picture)["saturated"] > 0.9
    assert natural(noise())["saturated"] == 0


def test_the_mean_gradient_in_logarithms() -> None:
    ramp = np.repeat(np.arange(0, 128, dtype=np.uint8)[None] * 2, 128, axis=0)  # two a pixel to the right, none downwards
    assert natural(Image.fromarray(ramp))["gradient"] == pytest.approx(math.log1p(1), abs=0.05)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2), (9, 9)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    assert all(math.isfinite(value) for value in natural(Image.new("RGB", size, "red")).values())
