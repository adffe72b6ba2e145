from __future__ import annotations

from PIL import Image

from pipeline.measure.base import Decoded
from pipeline.measure.shape import MEASUREMENT


def test_facts_of_the_file() -> None:
    picture = Image.new("RGBA", (40, 20), (1, 2, 3, 255))
    picture.paste((0, 0, 0, 127), (0, 0, 10, 20))
    assert MEASUREMENT.compute(Decoded(picture, "PNG", "P", 3)) == {
        "width": 40,
        "height": 20,
        "aspect": 2.0,
        "format": "PNG",
        "mode": "P",
        "frames": 3,
        "transparent": 0.25,
    }


def test_a_picture_without_alpha_is_not_transparent() -> None:
    assert MEASUREMENT.compute(Decoded(Image.new("RGB", (5, 5))))["transparent"] == 0
