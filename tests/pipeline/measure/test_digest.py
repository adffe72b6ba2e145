from __future__ import annotations

import pytest
from PIL import Image

from pipeline.measure.base import Decoded
from pipeline.measure.digest import MEASUREMENT


def digest(picture: Image.Image, full: tuple[int, int] | None = None) -> str:
    return str(MEASUREMENT.compute(Decoded(picture, full=full))["pixels"])


def noise(size: tuple[int, int] = (200, 150)) -> Image.Image:
    return Image.effect_noise(size, 80).convert("RGB")


def test_every_pixel_counts() -> None:
    picture = noise()
    changed = picture.copy()
    red, green, blue = picture.getpixel((77, 33))
    changed.putpixel((77, 33), (red, green, blue ^ 1))
    assert digest(picture.copy()) == digest(picture)
    assert digest(changed) != digest(picture)


def test_an_opaque_rgba_picture_equals_the_rgb_one() -> None:
    assert digest(noise((150, 150)).convert("RGBA")) != digest(noise((150, 150)).convert("RGBA"))
    picture = noise()
    assert digest(picture.convert("RGBA")) == digest(picture)


def test_the_same_bytes_in_another_shape_differ() -> None:
    assert digest(Image.new("RGB", (4, 2))) != digest(Image.new("RGB", (2, 4)))


def test_the_size_in_the_file_counts() -> None:
    assert digest(Image.new("RGB", (100, 100)), (400, 400)) != digest(Image.new("RGB", (100, 100)), (399, 400))


@pytest.mark.parametrize("size", [(4, 4), (200, 200)])
def test_transparency_counts(size: tuple[int, int]) -> None:
    picture = Image.new("RGBA", size, (9, 9, 9, 255))
    faded = picture.copy()
    faded.putpixel((0, 0), (9, 9, 9, 254))
    assert digest(faded) != digest(picture)


def test_colours_that_nobody_sees_do_not_count() -> None:
    assert digest(Image.new("RGBA", (4, 4), (9, 9, 9, 0))) == digest(Image.new("RGBA", (4, 4), (200, 0, 0, 0)))
