from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sources.demo import art, photos


def _tones(image: Image.Image) -> float:
    """Share of neighbours that differ a little: high where tones run on."""
    grey = np.asarray(image.convert("L")).astype(int)
    steps = np.abs(np.diff(grey, axis=1))
    gentle = steps[steps <= 6]
    return float((gentle > 0).mean())


def test_a_landscape_has_running_tones_and_its_own_seed() -> None:
    image = photos.landscape(3, (200, 150))
    assert image.size == (200, 150)
    assert image.mode == "RGB"
    assert photos.landscape(3, (200, 150)).tobytes() == image.tobytes()
    assert photos.landscape(4, (200, 150)).tobytes() != image.tobytes()
    assert _tones(image) > 0.6


def test_a_robot_in_the_studio_is_no_flat_drawing_any_more() -> None:
    pytest.importorskip("robohash")
    robot = art.robot("green", (1, 2, 3, 4, 5))
    drawing = Image.alpha_composite(Image.new("RGBA", robot.size, (255, 255, 255, 255)), robot)
    photo = photos.studio(robot, 5, (220, 240))
    assert photo.size == (220, 240)
    assert _tones(photo) > 0.6 > 0.3 > _tones(drawing)


def test_a_print_has_a_white_margin() -> None:
    paper = np.asarray(photos.print_of(photos.landscape(1, (200, 160))))
    assert paper.shape == (160, 200, 3)
    assert (paper[:14] == 255).all()
    assert (paper[:, -14:] == 255).all()
    assert paper[20:-20, 20:-20].mean() < 230
