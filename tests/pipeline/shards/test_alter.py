from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.shards import alter

CALM = settings(deadline=None, max_examples=40)


def drawing(mode: str = "RGB", size: int = 64) -> Image.Image:
    image = Image.new("RGB", (size, size), (200, 220, 120))
    image.paste((30, 60, 200), (size // 4, size // 4, size // 2, 3 * size // 4))
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((size, size)))
    return image if image.mode == mode else image.convert(mode)


@CALM
@given(st.sampled_from(["L", "RGB", "RGBA"]), st.integers(32, 80), st.integers(-450, 450), st.integers(50, 200))
def test_what_comes_into_view_is_background(mode: str, size: int, tenths: int, percent: int) -> None:
    image = drawing("L" if mode == "L" else "RGB", size).convert(mode)
    made = alter.move(image, tenths / 10, percent / 100)
    assert (made.mode, made.size) == (mode, image.size)
    if percent <= 100:  # the figure stays inside, so each corner is the ground, and none is black
        corners = [made.getpixel((x, y)) for x in (0, size - 1) for y in (0, size - 1)]
        assert corners == [image.getpixel((0, 0))] * 4


def test_a_turn_is_counter_clockwise_and_a_zoom_enlarges() -> None:
    image = Image.new("L", (65, 65))
    image.paste(255, (50, 30, 60, 35))  # to the right of the middle
    turned = np.asarray(alter.move(image, 45, 1)).astype(float)
    rows, columns = np.nonzero(turned > 128)
    assert rows.mean() < 20  # it went up
    assert columns.mean() > 40
    block = Image.new("L", (64, 64))
    block.paste(255, (24, 24, 40, 40))
    for zoom in (0.5, 0.8, 1.5, 2.0):
        area = float(np.asarray(alter.move(block, 0, zoom)).astype(float).sum()) / 255
        assert abs(area / (256 * zoom**2) - 1) < 0.05


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_nothing_to_do_is_nothing_done(mode: str) -> None:
    image = drawing(mode)
    for made in (
        alter.move(image, 0, 1),
        alter.blur(image, 0),
        alter.tone(image, 100, 100),
        alter.tint(image, 1, 0),
        alter.bleach(image, 0, "a"),
        alter.grain(image, 0, "a"),
    ):
        assert made.tobytes() == image.tobytes()


def test_opacity_is_not_recoloured() -> None:
    image = drawing("RGBA")
    for made in (alter.tone(image, 70, 120), alter.tint(image, 0.5, 40), alter.bleach(image, 0.5, "a"), alter.grain(image, 20, "a")):
        assert made.getchannel("A").tobytes() == image.getchannel("A").tobytes()
        assert made.tobytes() != image.tobytes()


def test_grays_have_no_hue() -> None:
    gray = Image.linear_gradient("L").convert("RGB")
    assert alter.tint(gray, 0.3, 120).tobytes() == gray.tobytes()
    red, green, blue = alter.tint(drawing(), 0, 0).getpixel((0, 0))  # type: ignore[misc]
    assert max(red, green, blue) - min(red, green, blue) <= 1


def test_contrast_turns_about_the_middle() -> None:
    image = Image.new("L", (3, 1))
    image.putdata([28, 128, 228])
    assert list(alter.tone(image, 100, 50).tobytes()) == [78, 128, 178]


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_patches_cover_their_share(share: float) -> None:
    covered = []
    for number in range(10):
        pixels = np.asarray(alter.bleach(drawing(), share, f"{number}")).astype(int)
        covered.append(float((pixels.max(axis=-1) - pixels.min(axis=-1) < 40).mean()))
    assert abs(np.mean(covered) - share) < 0.1


def test_noise_has_its_strength_and_the_same_bytes_everywhere() -> None:
    flat = Image.new("RGB", (128, 128), (128, 128, 128))
    made = alter.grain(flat, 12, "key")
    away = np.asarray(made).astype(float) - 128
    assert abs(away.std() - 12) < 0.3
    assert abs(away.mean()) < 0.2
    assert made.tobytes() != alter.grain(flat, 12, "other").tobytes()
    assert hashlib.sha256(made.tobytes()).hexdigest()[:16] == "8de17a69ffe04471"
