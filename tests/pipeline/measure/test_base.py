from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.measure.base import THUMB, WORKING, Decoded, picture, planes


def figure(size: tuple[int, int] = (800, 600), mode: str = "RGB") -> Image.Image:
    made = Image.new(mode, size, "white" if mode == "RGB" else (0, 0, 0, 0))
    ImageDraw.Draw(made).rectangle((size[0] // 4, size[1] // 4, size[0] // 2 - 1, size[1] * 3 // 4 - 1), fill=(30, 60, 200))
    return made


def test_transparency_is_laid_on_white() -> None:
    decoded = Decoded(figure(mode="RGBA"))
    assert tuple(decoded.small[0, 0]) == (255, 255, 255)
    assert decoded.fine.getpixel((0, 0)) == (255, 255, 255)
    assert decoded.fine.getpixel((300, 300)) == (30, 60, 200)
    assert decoded.opacity is not None
    assert decoded.opacity[0, 0] == 0


def test_half_transparent_colours_are_mixed_with_white() -> None:
    assert planes(Image.new("RGBA", (3, 2), (200, 0, 100, 128)))[:, 0, 0] == pytest.approx([227, 127, 177], abs=1)


def test_planes_and_back() -> None:
    made = figure((40, 30))
    assert picture(planes(made)).tobytes() == made.tobytes()


def test_an_rgb_picture_has_no_opacity() -> None:
    decoded = Decoded(figure())
    assert decoded.opacity is None
    assert not decoded.small_clear.any()


def test_the_working_copy_is_reduced_never_enlarged() -> None:
    assert Decoded(figure((800, 600))).small.shape == (111, 148, 3)
    assert Decoded(figure((120, 90))).small.shape == (90, 120, 3)
    assert Decoded(Image.new("RGB", (50_000, 3))).small.shape == (1, 16_525, 3)
    assert Decoded(figure((128, 128))).working.size == (128, 128)
    assert np.prod(Decoded(figure((900, 900))).working.size) == WORKING


def test_a_last_column_that_stands_for_less_is_no_wider() -> None:
    whole = Decoded(figure((1000, 1000)))
    averaged = Decoded(figure((1000, 1000)).reduce(8).crop((0, 0, 126, 125)), full=(1001, 1000))
    assert averaged.size == (1001, 1000)
    assert averaged.extent == (125.125, 125)
    assert averaged.working.size == (126, 125)
    assert whole.extent == (1000, 1000)


def test_what_is_costly_is_computed_once() -> None:
    decoded = Decoded(figure())
    assert decoded.small_rgb is decoded.small_rgb
    assert decoded.background is decoded.background
    assert decoded.border is decoded.border


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_subject_is_a_box_of_the_working_copy(mode: str) -> None:
    decoded = Decoded(figure((800, 600), mode))
    across, down = decoded.scale
    left, top, right, bottom = decoded.steady
    assert (left * across, top * down, right * across, bottom * down) == pytest.approx((200, 150, 400, 450), abs=3)
    assert decoded.subject == pytest.approx((37, 28, 74, 83), abs=1)


def test_what_is_background_is_not_judged_unless_all_is() -> None:
    decoded = Decoded(figure())
    assert decoded.judged.mean() == pytest.approx(0.125, abs=0.01)
    assert len(decoded.half_judged) == pytest.approx(0.125 * 74 * 56, rel=0.1)
    blank = Decoded(Image.new("RGB", (40, 30)))
    assert blank.judged.all()
    assert len(blank.half_judged) == 20 * 15


def test_clear_pixels_are_background_whatever_lies_under_them() -> None:
    made = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    made.paste((0, 0, 0, 255), (16, 16, 48, 48))
    decoded = Decoded(made)
    assert decoded.background.mean() == 0.75
    assert decoded.border.transparent


def test_a_portrait_is_the_subject_in_a_square() -> None:
    cells = np.asarray(Decoded(figure()).portrait).astype(int)
    assert cells.shape == (THUMB, THUMB, 3)
    blue = np.abs(cells - (30, 60, 200)).max(axis=2) < 40
    assert np.flatnonzero(blue.any(axis=1)).size == pytest.approx(THUMB, abs=2)
    assert np.flatnonzero(blue.any(axis=0)).size == pytest.approx(THUMB * 2 / 3, abs=2)


def test_a_small_subject_is_cut_from_the_finer_copy() -> None:
    made = Image.new("RGB", (256, 256), "white")
    for at in range(100, 132, 2):  # stripes that the working copy averages away
        made.paste((0, 0, 0), (at, 100, at + 1, 132))
    cells = np.asarray(Decoded(made).portrait.convert("L")).astype(int)
    assert cells[32].max() - cells[32].min() > 120
