from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.shards import padding

CALM = settings(deadline=None, max_examples=30)
GROUNDS = ("plain", "gradient", "across", "vignette", "grain")


def ground(kind: str, width: int, height: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    first, second = np.array([60, 120, 200]), np.array([240, 200, 120])
    if kind in ("gradient", "across"):
        share = (y / height if kind == "gradient" else x / width)[..., None]
        pixels = first * (1 - share) + second * share
    elif kind == "vignette":
        pixels = 255 - 80 * np.hypot((x - width / 2) / width, (y - height / 2) / height)[..., None] * np.ones(3)
    else:
        pixels = np.ones((height, width, 1)) * first
        pixels = pixels + (np.random.default_rng(0).normal(0, 10, (height, width, 1)) if kind == "grain" else 0)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=75)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


@pytest.mark.parametrize("kind", GROUNDS)
@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("noisy", [True, False])
def test_no_ground_shows_where_it_ends(kind: str, wide: bool, noisy: bool) -> None:
    image = ground(kind, *((128, 80) if wide else (80, 128)))
    image.paste((200, 30, 30), (30, 30, 50, 50))
    image = jpeg(image) if noisy else image
    room = (0, 24, 0, 24) if wide else (24, 0, 24, 0)
    colour = tuple(int(value) for value in np.median(np.asarray(image)[:2].reshape(-1, 3), axis=0))
    made = padding.extend(image, *room, colour)
    assert made.size == (128, 128)
    assert made.crop((room[0], room[1], 128 - room[2], 128 - room[3])).tobytes() == image.tobytes()
    assert padding.seam(made, (room[0], room[1], 128 - room[2], 128 - room[3])) <= 2


def test_the_measure_sees_a_seam() -> None:
    image = ground("gradient", 128, 80)
    flat = Image.new("RGB", (128, 128), image.getpixel((0, 0)))  # type: ignore[arg-type]
    flat.paste(image, (0, 24))
    assert padding.seam(flat, (0, 24, 128, 104)) > 50
    part = Image.new("RGB", (128, 128), (255, 255, 255))
    part.paste((0, 0, 0), (60, 40, 68, 104))  # a figure that the lower edge cuts off
    assert padding.seam(part, (0, 24, 128, 104)) > 50


def test_a_cut_figure_fades_and_the_rest_stays_plain() -> None:
    image = Image.new("RGB", (100, 60), (250, 250, 250))
    image.paste((20, 20, 20), (45, 20, 55, 60))
    made = padding.extend(image, 0, 20, 0, 40, (250, 250, 250))
    assert made.crop((0, 0, 100, 20)).getcolors() == [(2000, (250, 250, 250))]
    column = [made.getpixel((50, y))[0] for y in range(79, 120)]  # type: ignore[index]
    assert column == sorted(column)
    assert column[-1] >= 245
    assert made.getpixel((2, 90))[0] >= 245  # type: ignore[index]


@CALM
@given(
    st.sampled_from(["L", "RGB", "RGBa"]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.tuples(*[st.integers(0, 30)] * 4),
    st.integers(0, 255),
    st.booleans(),
)
def test_one_colour_goes_on_exactly(mode: str, width: int, height: int, room: tuple[int, int, int, int], value: int, known: bool) -> None:
    colour = (value,) * len(mode)
    image = Image.new(mode, (width, height), colour if len(mode) > 1 else value)
    made = padding.extend(image, *room, colour if known else None)
    assert (made.mode, made.size) == (mode, (width + room[0] + room[2], height + room[1] + room[3]))
    assert set(made.tobytes()) == {value}
