from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pipeline.measure.base import Decoded
from pipeline.measure.texture import MEASUREMENT


def texture(picture: Image.Image) -> dict[str, Any]:
    return MEASUREMENT.compute(Decoded(picture.convert("RGB")))


def board() -> Image.Image:
    return Image.fromarray(np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((16, 16))).astype(np.uint8) * 255)


def test_fills_are_flat_and_have_no_grain() -> None:
    found = texture(board())
    assert found["grain"] == 0
    assert found["flat_share"] == pytest.approx(1 - 7 / 127)


def test_what_shades_off_has_grain() -> None:
    assert texture(Image.radial_gradient("L"))["grain"] > 0.5


def test_blur_lowers_sharpness() -> None:
    sharp, soft = texture(board())["sharpness"], texture(board().filter(ImageFilter.GaussianBlur(3)))["sharpness"]
    assert sharp > 20 * soft > 0


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    dot = np.zeros((5, 5), dtype=np.uint8)
    dot[2, 2] = 10
    expected = np.zeros(25)
    expected[:5] = [40, -10, -10, -10, -10]
    assert texture(Image.fromarray(dot))["sharpness"] == pytest.approx(expected.var())


def test_a_single_pixel() -> None:
    assert texture(Image.new("L", (1, 1), 7)) == {"sharpness": 0.0, "flat_share": 1.0, "grain": 0.0}
