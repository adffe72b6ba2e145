from __future__ import annotations

import colorsys

import numpy as np
import pytest

from pipeline.train.use import looks


def _picture(colour: tuple[int, int, int], left: int = 8, top: int = 8, width: int = 16, height: int = 16) -> np.ndarray:
    picture = np.full((32, 32, 3), 255, np.uint8)
    picture[top : top + height, left : left + width] = colour
    return picture


@pytest.mark.parametrize("name", list(looks.COLOURS))
def test_a_hue_is_most_itself(name: str) -> None:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(looks.COLOURS[name] / 360, 1, 1))
    found = looks.looks(np.stack([_picture((red, green, blue)), _picture((128, 128, 128))]))
    assert max(looks.COLOURS, key=lambda hue: found[hue][0]) == name
    assert found[name][0] == pytest.approx(1, abs=0.15)
    assert found[name][1] == pytest.approx(0, abs=1e-6)
    assert found["saturation"].tolist() == pytest.approx([1, 0], abs=0.01)


def test_a_hue_of_any_angle_follows_from_two() -> None:
    found = looks.looks(np.random.default_rng(0).integers(0, 255, (5, 8, 8, 3), np.uint8))
    for name, angle in looks.COLOURS.items():
        assert looks.hue(found, angle) == pytest.approx(found[name], abs=1e-6)


def test_brightness_is_of_the_subject_and_not_of_the_ground() -> None:
    found = looks.looks(np.stack([_picture((51, 51, 51)), _picture((51, 51, 51), width=4)]))
    assert found["brightness"] == pytest.approx([0.2, 0.2], abs=1e-3)


def test_shape_is_told_apart_from_colour() -> None:
    red, blue = (looks.looks(_picture(colour)[None]) for colour in ((255, 0, 0), (0, 0, 255)))
    assert all(red[name] == pytest.approx(blue[name], abs=1e-3) for name in looks.SHAPE if name != "detail")
    wide, moved = looks.looks(_picture((255, 0, 0), left=4, width=24)[None]), looks.looks(_picture((255, 0, 0), left=14, top=4)[None])
    assert wide["width"][0] == pytest.approx(1.5 * red["width"][0], rel=0.02)
    assert wide["height"][0] == pytest.approx(red["height"][0], rel=1e-3)
    assert (red["size"][0], wide["size"][0]) == pytest.approx((0.25, 0.375))
    assert (red["across"][0], red["down"][0]) == pytest.approx((0.5, 0.5))
    assert (moved["across"][0], moved["down"][0]) == pytest.approx((22 / 32, 12 / 32))
    assert red["asymmetry"][0] == 0 < moved["asymmetry"][0]


def test_detail_counts_neighbours_that_differ() -> None:
    stripes, halves = (np.full((32, 32, 3), 255, np.uint8) for _ in range(2))
    stripes[8:24, 8:24] = np.where(np.arange(16) % 2, 200, 20)[None, :, None]
    halves[8:24, 8:24] = np.where(np.arange(16) < 8, 200, 20)[None, :, None]
    found = looks.looks(np.stack([stripes, halves]))
    assert found["detail"][0] > 5 * found["detail"][1]


def test_a_picture_of_nothing_counts_whole() -> None:
    found = looks.looks(np.full((3, 8, 8, 3), 90, np.uint8))
    assert all(np.isfinite(values).all() and values.shape == (3,) for values in found.values())
    assert set(found) == {*looks.COLOUR, *looks.SHAPE}
    assert (found["size"] == 1).all()
