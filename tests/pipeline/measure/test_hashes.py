from __future__ import annotations

import io

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from pipeline import images
from pipeline.measure.base import Decoded
from pipeline.measure.hashes import MEASUREMENT, square, steady_box


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


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("RGB", "PNG"),
        ("RGB", "JPEG"),
        ("L", "PNG"),
        ("L", "JPEG"),
        ("P", "PNG"),
        ("P", "GIF"),
        ("1", "PNG"),
        ("LA", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("CMYK", "JPEG"),
        ("I;16", "PNG"),
        ("RGB", "BMP"),
        ("CMYK", "TIFF"),
    ],
)
def test_equal_to_imagehash_on_the_decoded_pixels(mode: str, format: str) -> None:
    file = io.BytesIO()
    figure(mode=mode).save(file, format)
    picture = images.open_image(file.getvalue())
    flat = images.flatten(picture)
    result = hashes(picture)
    assert result["phash"] == str(imagehash.phash(flat))
    assert result["phash_mirror"] == str(imagehash.phash(ImageOps.mirror(flat)))


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 256]))
def test_equal_to_imagehash_on_any_pixels(width: int, height: int, seed: int, levels: int) -> None:
    array = np.random.default_rng(seed).integers(0, levels, (height, width, 3)) * (255 // levels)
    picture = Image.fromarray(array.astype(np.uint8))
    assert hashes(picture)["phash"] == str(imagehash.phash(picture))


@pytest.mark.parametrize("name", ["flat", "halves", "symmetric", "gradient"])
def test_equal_to_imagehash_where_bits_hang_on_the_last_digit(name: str) -> None:
    rows, columns = np.mgrid[0:64, 0:64]
    array = {"flat": rows * 0 + 77, "halves": (columns < 32) * 255, "symmetric": np.abs(columns - 31.5) + rows, "gradient": columns * 4}[
        name
    ]
    picture = Image.fromarray(array.astype(np.uint8)).convert("RGB")
    assert hashes(picture)["phash"] == str(imagehash.phash(picture))


def test_the_subject_is_cut_out_and_padded_to_a_square() -> None:
    decoded = Decoded(figure())
    left, top, right, bottom = box = tuple(round(edge) for edge in steady_box(decoded))
    assert max(abs(mine - given) for mine, given in zip(box, decoded.subject, strict=True)) <= 12
    side = max(right - left, bottom - top)
    padded = Image.new("RGB", (side, side), decoded.border.colour)
    padded.paste(decoded.rgb.crop(box), ((side - right + left) // 2, (side - bottom + top) // 2))
    result = MEASUREMENT.compute(decoded)
    assert distance(result["phash_subject"], str(imagehash.phash(padded))) <= 2
    assert distance(result["phash_subject_mirror"], str(imagehash.phash(ImageOps.mirror(padded)))) <= 2
    assert distance(result["phash_subject"], result["phash"]) > 10


def test_a_speck_hardly_moves_the_box() -> None:
    speck = figure()
    speck.putpixel((3, 3), (120, 120, 120))
    assert Decoded(speck).subject != Decoded(figure()).subject
    assert max(abs(a - b) for a, b in zip(steady_box(Decoded(speck)), steady_box(Decoded(figure())), strict=True)) < 1


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (600, 2)])
def test_pictures_without_a_subject(size: tuple[int, int]) -> None:
    decoded = Decoded(Image.new("RGB", size, (9, 9, 9)))
    assert steady_box(decoded) == (0, 0, *size)
    assert set(MEASUREMENT.compute(decoded)) == set(MEASUREMENT.columns)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_box_lies_within_the_picture(width: int, height: int, seed: int) -> None:
    array = np.random.default_rng(seed).integers(0, 256, (height, width, 3)) * (
        np.random.default_rng(seed).random((height, width, 1)) < 0.1
    )
    left, top, right, bottom = steady_box(Decoded(Image.fromarray(array.astype(np.uint8))))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


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


def test_square_centres_what_it_cuts() -> None:
    picture = Image.new("L", (10, 10), 5)
    picture.paste(9, (2, 4, 8, 6))
    cut = np.asarray(square(picture, (2, 4, 8, 6), 1))
    assert cut.shape == (6, 6)
    assert cut[2:4].tolist() == [[9] * 6] * 2
    assert (np.delete(cut, (2, 3), axis=0) == 1).all()
