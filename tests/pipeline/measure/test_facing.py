from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.measure import facing
from pipeline.measure.base import Decoded


def arrow(size: tuple[int, int] = (150, 110), ground: str = "white") -> Image.Image:
    """A dark arrow to the right with a red head, off the middle."""
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 40, 80, 60), fill="navy")
    pen.polygon([(80, 25), (110, 50), (80, 75)], fill="red")
    return image


def parts(image: Image.Image) -> list[facing.Values]:
    blob = facing.MEASUREMENT.compute(Decoded(image))["facing"]
    assert len(blob) == facing.LENGTH
    return facing.parts([blob])


@pytest.mark.parametrize("image", [arrow(), arrow((400, 300)), Image.effect_noise((90, 70), 80).convert("RGB"), Image.new("RGB", (3, 1))])
def test_the_mirrored_picture_has_the_same_numbers_in_another_order(image: Image.Image) -> None:
    for mine, mirrored in zip(facing.mirrored(parts(image)), parts(ImageOps.mirror(image)), strict=True):
        assert np.abs(mine - mirrored).max() <= 0.1  # reduced to the working copy, a picture is not quite its mirror image's mirror image
        assert np.abs(mine - mirrored).mean() <= 0.002


def test_mirrored_twice_is_the_same() -> None:
    once = parts(arrow())
    for mine, again in zip(once, facing.mirrored(facing.mirrored(once)), strict=True):
        assert np.array_equal(mine, again)


def test_sides_differ_and_place_in_the_picture_does_not_count() -> None:
    whole, moved = arrow(), ImageOps.expand(arrow(), (40, 0, 5, 30), "white")
    far = sum(float(np.abs(a - b).mean()) for a, b in zip(parts(whole), facing.mirrored(parts(whole)), strict=True))
    near = sum(float(np.abs(a - b).mean()) for a, b in zip(parts(whole), parts(moved), strict=True))
    assert far > 8 * near


def test_a_gradient_stands_in_the_bin_of_its_direction() -> None:
    ramp = Image.fromarray(np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1))).convert("RGB")
    fine, coarse, colours = parts(ramp)
    assert fine[0, 3, 3].argmax() == coarse[0, 1, 1].argmax() == 0  # lighter to the right
    assert facing.mirrored([fine])[0][0, 3, 4].argmax() == facing.BINS // 2
    assert (np.diff(colours[0, 4, :7, 0]) > 0).all()
