from __future__ import annotations

import numpy as np
import pytest

from pipeline.train.metrics import color


def figures(count: int, seed: int, colours: int = 6) -> np.ndarray:
    """White pictures with a rectangle of one of a few colours."""
    rng = np.random.default_rng(seed)
    palette = np.array([(200, 40, 40), (40, 160, 60), (40, 60, 200), (230, 210, 40), (60, 60, 60), (190, 90, 200)])[:colours]
    found = np.full((count, 16, 16, 3), 255, np.uint8)
    for picture in found:
        left, top = rng.integers(1, 6, size=2)
        picture[top : top + 8, left : left + 7] = palette[rng.integers(len(palette))]
    return found


def test_oklab_of_known_colours() -> None:
    """The published values of white, and of sRGB's red and blue."""
    lab = color.oklab(np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0]], np.uint8))
    assert lab[0] == pytest.approx([1, 0, 0], abs=1e-3)
    assert lab[1] == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-3)
    assert lab[2] == pytest.approx([0.45201, -0.03246, -0.31153], abs=1e-3)
    assert lab[3] == pytest.approx([0, 0, 0], abs=1e-6)


def test_a_picture_has_the_colour_of_its_coloured_part() -> None:
    for picture, found in zip(pictures := figures(20, 0), color.colors(pictures), strict=True):
        inner = color.oklab(picture[8, 6])
        if np.hypot(*inner[1:]) > 0.1:
            assert np.linalg.norm(found - inner) < 0.5 * np.linalg.norm(found - np.array([1, 0, 0]))


def test_the_same_mix_is_near_and_other_mixes_are_far() -> None:
    palette = color.Palette(color.colors(figures(300, 0)))
    again = palette(color.colors(figures(300, 1)))
    assert again < 2 * palette.floor < 0.3
    permuted = palette(color.colors(figures(300, 1)[..., [1, 2, 0]]))
    few = palette(color.colors(figures(300, 1, colours=2)))
    gray = np.repeat(figures(300, 1).mean(axis=3, keepdims=True), 3, axis=3).astype(np.uint8)
    assert min(permuted, few, palette(color.colors(gray))) > 0.35


def test_fewer_colours_than_classes_and_ends_of_the_scale() -> None:
    red = color.colors(figures(30, 0, colours=1))
    assert color.Palette(red)(red) == 0
    two = color.Palette(np.array([[0.5, 0.1, 0], [0.5, -0.1, 0]] * 10))
    assert two(np.array([[0.5, 0.2, 0]] * 3)) == 0.5
    assert len(two.centers) <= color.CLASSES


def test_the_same_pictures_give_the_same_palette() -> None:
    found = color.colors(figures(200, 3))
    assert (color.Palette(found).centers == color.Palette(found).centers).all()
