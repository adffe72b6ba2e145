from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.measure.base import Decoded
from pipeline.measure.cutout import square, steady

GROUND = (240, 240, 220)


def figure(size: tuple[int, int] = (150, 100)) -> Image.Image:
    picture = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((size[0] // 5, size[1] // 8, size[0] // 2, size[1] * 3 // 4), fill=(200, 30, 40), outline=(0, 0, 0), width=3)
    draw.polygon([(size[0] // 3, size[1] // 2), (size[0] * 4 // 5, size[1] * 2 // 3), (size[0] // 3, size[1] * 7 // 8)], fill=(20, 60, 200))
    return picture


def test_a_speck_hardly_moves_the_box() -> None:
    speck = figure()
    speck.putpixel((3, 3), (120, 120, 120))
    assert Decoded(speck).subject != Decoded(figure()).subject
    assert max(abs(a - b) for a, b in zip(Decoded(speck).steady, Decoded(figure()).steady, strict=True)) < 1


def test_the_box_is_near_the_bounds() -> None:
    decoded = Decoded(figure())
    assert max(abs(mine - given) for mine, given in zip(decoded.steady, decoded.subject, strict=True)) <= 6


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (300, 2)])
def test_pictures_without_a_subject(size: tuple[int, int]) -> None:
    decoded = Decoded(Image.new("RGB", size, (9, 9, 9)))
    assert decoded.steady == (0, 0, *size)
    assert (np.asarray(decoded.portrait) == 9).all()


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_the_box_lies_within_the_picture(width: int, height: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    array = generator.integers(0, 256, (height, width, 3)) * (generator.random((height, width, 1)) < 0.1)
    decoded = Decoded(Image.fromarray(array.astype(np.uint8)))
    left, top, right, bottom = decoded.steady
    assert 0 <= left < right <= decoded.working.width
    assert 0 <= top < bottom <= decoded.working.height


def test_what_is_transparent_weighs_nothing() -> None:
    pixels = np.full((20, 30, 3), 255, dtype=np.uint8)
    pixels[5:15, 10:20] = 0
    clear = np.zeros((20, 30), dtype=bool)
    found = steady(pixels, clear, (255, 255, 255), (0, 0, 30, 20))
    assert found == pytest.approx((10.02, 5.02, 19.98, 14.98))
    clear[:, :15] = True
    found = steady(pixels, clear, (255, 255, 255), (0, 0, 30, 20))
    assert found == pytest.approx((15.01, 5.02, 19.99, 14.98))
    assert steady(pixels, np.ones_like(clear), (255, 255, 255), (0, 0, 30, 20)) is None


def test_what_is_cut_out_stands_in_the_middle_of_its_ground() -> None:
    picture = Image.new("RGB", (90, 70), (1, 2, 3))
    picture.paste((200, 100, 50), (20, 30, 84, 46))
    found = np.asarray(square(picture, (20, 30, 84, 46), 32, (250, 251, 252)))
    assert found.shape == (32, 32, 3)
    assert (found[13:19, 1:31] == (200, 100, 50)).all()
    assert (found[:11] == (250, 251, 252)).all()
    assert (found[21:] == (250, 251, 252)).all()


def test_fractions_of_a_pixel_count() -> None:
    picture = Image.linear_gradient("L").convert("RGB")
    one, two = (np.asarray(square(picture, (10, at, 60, at + 50), 50, (0, 0, 0))).astype(int) for at in (100.0, 100.5))
    assert 0.3 < (two - one).mean() <= 1


def test_outside_the_picture_lies_the_ground() -> None:
    found = np.asarray(square(Image.new("RGB", (40, 40), (9, 9, 9)), (-20, 0, 20, 40), 40, (10, 200, 30)))
    assert (found[:, :19] == (10, 200, 30)).all()
    assert (found[:, 21:] == 9).all()


def test_a_very_long_subject_needs_no_square_of_its_length() -> None:
    found = square(Image.new("RGB", (60_000, 3), (9, 9, 9)), (0, 0, 60_000, 3), 32, (200, 200, 200))
    assert found.size == (32, 32)
