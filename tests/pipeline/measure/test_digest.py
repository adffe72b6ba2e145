from __future__ import annotations

import hashlib

from PIL import Image

from pipeline.measure.base import Decoded
from pipeline.measure.digest import MEASUREMENT


def digest(picture: Image.Image) -> str:
    return str(MEASUREMENT.compute(Decoded(picture))["pixels"])


def test_it_is_the_hash_of_size_and_pixels() -> None:
    picture = Image.frombytes("RGB", (4, 2), bytes(range(24)))
    assert digest(picture) == hashlib.sha256(b"4x2" + bytes(range(24))).hexdigest()


def test_an_opaque_rgba_picture_equals_the_rgb_one() -> None:
    picture = Image.radial_gradient("L").convert("RGB")
    assert digest(picture.convert("RGBA")) == digest(picture)


def test_the_same_bytes_in_another_shape_differ() -> None:
    assert digest(Image.new("RGB", (4, 2))) != digest(Image.new("RGB", (2, 4)))


def test_transparency_counts() -> None:
    picture = Image.new("RGBA", (4, 4), (9, 9, 9, 255))
    faded = picture.copy()
    faded.putpixel((0, 0), (9, 9, 9, 254))
    assert digest(faded) != digest(picture)


def test_colours_that_nobody_sees_do_not_count() -> None:
    assert digest(Image.new("RGBA", (4, 4), (9, 9, 9, 0))) == digest(Image.new("RGBA", (4, 4), (200, 0, 0, 0)))
