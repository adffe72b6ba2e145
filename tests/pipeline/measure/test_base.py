from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from pipeline.measure.base import WORKING_SIDE, Decoded


def figure(size: tuple[int, int] = (800, 600), mode: str = "RGB") -> Image.Image:
    picture = Image.new(mode, size, "white" if mode == "RGB" else (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((size[0] // 4, size[1] // 4, size[0] // 2 - 1, size[1] * 3 // 4 - 1), fill=(30, 60, 200))
    return picture


def test_transparency_is_laid_on_white() -> None:
    decoded = Decoded(figure(mode="RGBA"))
    assert decoded.array.shape == (600, 800, 3)
    assert tuple(decoded.array[0, 0]) == (255, 255, 255)
    assert decoded.alpha is not None
    assert decoded.alpha[0, 0] == 0


def test_an_rgb_picture_has_no_alpha() -> None:
    decoded = Decoded(figure())
    assert decoded.alpha is None
    assert not decoded.small_clear.any()


def test_the_working_copy_is_reduced_never_enlarged() -> None:
    assert Decoded(figure((800, 600))).small.shape == (192, WORKING_SIDE, 3)
    assert Decoded(figure((120, 90))).small.shape == (90, 120, 3)
    assert Decoded(Image.new("RGB", (5000, 3))).small.shape == (1, WORKING_SIDE, 3)


def test_what_is_costly_is_computed_once() -> None:
    decoded = Decoded(figure())
    assert decoded.small is decoded.small
    assert decoded.background is decoded.background
    assert decoded.border is decoded.border


def test_the_subject_is_in_pixels_of_the_picture() -> None:
    assert Decoded(figure((800, 600))).subject == (200, 150, 400, 450)
    assert Decoded(figure((800, 600), "RGBA")).subject == (200, 150, 400, 450)


def test_the_subject_of_a_resized_picture_is_the_same_in_proportion() -> None:
    large, small = Decoded(figure((1600, 1200))).subject, Decoded(figure((1600, 1200)).resize((400, 300))).subject
    assert np.abs(np.array(large) / 4 - np.array(small)).max() <= 2


def test_clear_pixels_are_background_whatever_lies_under_them() -> None:
    picture = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (16, 16, 48, 48))
    decoded = Decoded(picture)
    assert decoded.background.mean() == 0.75
    assert decoded.border.transparent
