from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.measure import border

OPAQUE = np.zeros((100, 120), dtype=bool)


def subject(picture: NDArray[np.uint8], clear: NDArray[np.bool_]) -> border.Box:
    found = border.examine(picture, clear)
    return border.subject(picture, clear, found, border.background(picture, clear, found.colour))[0]


def plain(colour: tuple[int, int, int] = (250, 250, 250)) -> NDArray[np.uint8]:
    return np.full((100, 120, 3), colour, dtype=np.uint8)


def test_a_plain_picture_is_uniform_and_flat() -> None:
    assert border.examine(plain((10, 200, 30)), OPAQUE) == ((10, 200, 30), 1.0, 1.0, 0.0)


def test_noise_is_near_the_colour_but_not_flat() -> None:
    noise = np.random.default_rng(1).integers(-9, 10, (100, 120, 3))
    found = border.examine((plain((200, 200, 200)) + noise).astype(np.uint8), OPAQUE)
    assert np.abs(np.array(found.colour) - 200).max() <= 3
    assert found.uniformity == 1
    assert found.flat < 0.2


def test_uniformity_is_the_share_of_the_ring() -> None:
    picture = plain()
    picture[:, :30] = (20, 20, 90)  # of 120 columns: the ring's left side and a quarter of top and bottom
    found = border.examine(picture, OPAQUE)
    assert found.colour == (250, 250, 250)
    assert found.uniformity == pytest.approx((2 * 2 * 90 + 96 * 2) / (2 * 2 * 120 + 2 * 2 * 96))


def test_a_colour_on_the_edge_of_a_histogram_cell_is_still_one_colour() -> None:
    picture = plain((247, 247, 247))
    picture[::2] = 248
    assert border.examine(picture, OPAQUE).uniformity == 1


def test_a_transparent_border_is_uniform_and_white() -> None:
    clear = np.ones_like(OPAQUE)
    clear[20:80, 20:80] = False
    found = border.examine(plain((255, 255, 255)), clear)
    assert found.transparent
    assert found == ((255, 255, 255), 1.0, 1.0, 1.0)


def test_subject_is_the_box_of_what_stands_out() -> None:
    picture = plain()
    picture[30:61, 40:99] = (200, 30, 30)
    assert subject(picture, OPAQUE) == (40, 30, 99, 61)


def test_the_border_of_the_subject_comes_with_its_box() -> None:
    picture = plain()
    picture[30:61, 40:99] = (200, 30, 30)
    found = border.examine(picture, OPAQUE)
    _, inner = border.subject(picture, OPAQUE, found, border.background(picture, OPAQUE, found.colour))
    assert inner == border.examine(picture[30:61, 40:99], OPAQUE[30:61, 40:99]) == ((200, 30, 30), 1.0, 1.0, 0.0)


def test_subject_of_a_blank_picture_is_the_whole() -> None:
    assert subject(plain(), OPAQUE) == (0, 0, 120, 100)


def test_a_frame_is_peeled_off() -> None:
    picture = plain((0, 0, 0))
    picture[5:-5, 5:-5] = 255
    picture[30:60, 40:90] = (200, 30, 30)
    assert subject(picture, OPAQUE) == (40, 30, 90, 60)


def test_a_white_subject_on_transparency_is_found_by_its_alpha() -> None:
    clear = np.ones_like(OPAQUE)
    clear[30:60, 40:90] = False
    assert subject(plain((255, 255, 255)), clear) == (40, 30, 90, 60)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2)])
def test_the_smallest_pictures(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8)
    clear = np.zeros(shape, dtype=bool)
    left, top, right, bottom = subject(picture, clear)
    assert 0 <= left < right <= shape[1]
    assert 0 <= top < bottom <= shape[0]
    assert 0 < border.examine(picture, clear).uniformity <= 1
