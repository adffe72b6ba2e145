from __future__ import annotations

import io

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from pipeline import images
from pipeline.measure import registry
from pipeline.measure.base import Decoded
from pipeline.measure.hashes import MEASUREMENT, phashes


def figure(size: tuple[int, int] = (300, 200), mode: str = "RGB") -> Image.Image:
    picture = Image.new("RGB", size, (240, 240, 220))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((size[0] // 5, size[1] // 8, size[0] // 2, size[1] * 3 // 4), fill=(200, 30, 40), outline=(0, 0, 0), width=3)
    draw.polygon([(size[0] // 3, size[1] // 2), (size[0] * 4 // 5, size[1] * 2 // 3), (size[0] // 3, size[1] * 7 // 8)], fill=(20, 60, 200))
    return picture.convert(mode)


def hashes(picture: Image.Image) -> dict[str, str]:
    return MEASUREMENT.compute(Decoded(picture))


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 256]))
def test_equal_to_imagehash_on_the_same_pixels(seed: int, levels: int) -> None:
    array = (np.random.default_rng(seed).integers(0, levels, (3, 32, 32)) * (255 // levels)).astype(np.uint8)
    assert phashes(array) == [str(imagehash.phash(Image.fromarray(one))) for one in array]


@pytest.mark.parametrize("name", ["flat", "halves", "symmetric", "gradient"])
def test_equal_to_imagehash_where_bits_hang_on_the_last_digit(name: str) -> None:
    rows, columns = np.mgrid[0:32, 0:32]
    pictures = {"flat": rows * 0 + 77, "halves": (columns < 16) * 255, "symmetric": np.abs(columns - 15.5) + rows, "gradient": columns * 8}
    array = pictures[name].astype(np.uint8)
    assert phashes(array[None]) == [str(imagehash.phash(Image.fromarray(array)))]


@pytest.mark.parametrize("size", [(300, 200), (90, 70), (640, 900)])
@pytest.mark.parametrize(("mode", "format"), [("RGB", "PNG"), ("RGB", "JPEG"), ("RGBA", "PNG"), ("RGBA", "WEBP"), ("P", "GIF")])
def test_near_imagehash_of_the_file(mode: str, format: str, size: tuple[int, int]) -> None:
    file = io.BytesIO()
    figure(size, mode).save(file, format)
    decoded = registry.decode(file.getvalue())
    flat = images.flatten(images.open_image(file.getvalue()))
    result = MEASUREMENT.compute(decoded)
    assert distance(result["phash"], str(imagehash.phash(flat))) <= 4
    assert distance(result["phash_mirror"], str(imagehash.phash(ImageOps.mirror(flat)))) <= 4


def test_the_subject_is_cut_out_and_padded_to_a_square() -> None:
    picture = figure()
    decoded = Decoded(picture)
    across, down = decoded.scale
    left, top, right, bottom = box = tuple(round(edge * scale) for edge, scale in zip(decoded.steady, (across, down) * 2, strict=True))
    side = max(right - left, bottom - top)
    padded = Image.new("RGB", (side, side), decoded.border.colour)
    padded.paste(picture.crop(box), ((side - right + left) // 2, (side - bottom + top) // 2))
    result = MEASUREMENT.compute(decoded)
    assert distance(result["phash_subject"], str(imagehash.phash(padded))) <= 4
    assert distance(result["phash_subject_mirror"], str(imagehash.phash(ImageOps.mirror(padded)))) <= 4
    assert distance(result["phash_subject"], result["phash"]) > 10


def test_margins_move_the_whole_hash_but_not_the_subject_hash() -> None:
    plain = hashes(figure())
    padded = hashes(ImageOps.expand(figure(), (60, 10, 5, 80), (240, 240, 220)))
    assert distance(plain["phash"], padded["phash"]) > 10
    assert distance(plain["phash_subject"], padded["phash_subject"]) <= 2


def test_a_mirrored_picture_swaps_the_hashes() -> None:
    plain, mirrored = hashes(figure()), hashes(ImageOps.mirror(figure()))
    assert plain["phash"] == mirrored["phash_mirror"]
    assert plain["phash_mirror"] == mirrored["phash"]
    assert distance(plain["phash_subject"], mirrored["phash_subject_mirror"]) <= 2
