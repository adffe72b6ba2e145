from __future__ import annotations

from PIL import Image

from pipeline.measure.background import MEASUREMENT
from pipeline.measure.base import Decoded


def test_a_figure_on_a_plain_ground() -> None:
    picture = Image.new("RGB", (100, 100), "#f0f0e0")
    picture.paste((200, 10, 10), (25, 25, 75, 75))
    assert MEASUREMENT.compute(Decoded(picture)) == {
        "border_colour": "#f0f0e0",
        "border_uniformity": 1.0,
        "border_flat": 1.0,
        "border_transparent": 0.0,
        "subject_flat": 1.0,
        "background": 0.75,
    }


def test_transparency_is_white_and_told_apart() -> None:
    found = MEASUREMENT.compute(Decoded(Image.new("RGBA", (50, 50), (10, 10, 10, 0))))
    assert (found["border_colour"], found["border_transparent"], found["border_uniformity"]) == ("#ffffff", 1.0, 1.0)


def test_noise_has_no_uniform_border() -> None:
    found = MEASUREMENT.compute(Decoded(Image.merge("RGB", [Image.effect_noise((200, 200), 100) for _ in range(3)])))
    assert found["border_uniformity"] < 0.3
