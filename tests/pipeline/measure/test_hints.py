from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from pipeline.measure.base import Decoded
from pipeline.measure.hints import MEASUREMENT


def hints(picture: Image.Image) -> dict[str, float]:
    return MEASUREMENT.compute(Decoded(picture.convert("RGB")))


def drawing(seed: int = 0, size: tuple[int, int] = (400, 300), ground: str = "white") -> Image.Image:
    random = np.random.default_rng(seed)
    picture = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    for _ in range(25):
        left, top = random.integers(40, size[0] - 100), random.integers(30, size[1] - 80)
        pen.ellipse((left, top, left + 50, top + 40), fill=tuple(int(value) for value in random.integers(0, 255, 3)), outline="black")
    return picture


def caption(picture: Image.Image, lines: int = 3) -> Image.Image:
    written = picture.copy()
    pen = ImageDraw.Draw(written)
    for line in range(lines):
        words = "RX-78-2 Gundam, prototype mobile suit of the war"
        pen.text((60, 100 + 30 * line), words, fill="black", font=ImageFont.load_default(size=16))
    return written


def test_blur_grows_with_blur() -> None:
    found = [hints(drawing().filter(ImageFilter.GaussianBlur(radius)))["blur"] for radius in (0, 1, 2, 4)]
    assert found == sorted(found)
    assert found[0] < 0.4
    assert found[-1] > 0.6


def test_an_enlarged_thumbnail_is_blurred() -> None:
    small = drawing().resize((100, 75), Image.Resampling.LANCZOS)
    assert hints(small.resize((400, 300), Image.Resampling.BICUBIC))["blur"] > hints(drawing())["blur"] + 0.15


@pytest.mark.parametrize("seed", range(4))
def test_lettering_is_seen(seed: int) -> None:
    plain = drawing(seed)
    assert hints(caption(Image.new("RGB", (400, 300), "white")))["text"] > 0.05
    assert hints(caption(plain))["text"] > hints(plain)["text"] + 0.02
    assert hints(plain)["text"] < 0.01


def test_a_page_of_text_is_full_of_it() -> None:
    assert hints(caption(Image.new("RGB", (400, 300), "white"), lines=6))["text"] > 0.2


def test_neither_shading_nor_outlines_are_lettering() -> None:
    assert hints(Image.radial_gradient("L"))["text"] == 0
    assert hints(drawing().filter(ImageFilter.GaussianBlur(2)))["text"] == 0


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("colour", ["black", "white"])
def test_bars_are_measured(turned: bool, colour: str) -> None:
    scene = Image.effect_noise((400, 200), 60).convert("RGB").filter(ImageFilter.GaussianBlur(2)).point(lambda value: value // 2 + 64)
    picture = Image.new("RGB", (400, 300), colour)
    picture.paste(scene, (0, 50))
    assert hints(picture.transpose(Image.Transpose.ROTATE_90) if turned else picture)["letterbox"] == pytest.approx(1 / 3, abs=0.02)


def test_a_figure_on_its_ground_has_no_bars() -> None:
    assert hints(drawing())["letterbox"] == 0
    assert hints(Image.new("RGB", (50, 50)))["letterbox"] == 0


def test_bars_of_two_colours_are_sky_and_sea() -> None:
    picture = Image.effect_noise((200, 200), 60).convert("RGB")
    picture.paste((90, 150, 250), (0, 0, 200, 40))
    picture.paste((10, 20, 60), (0, 160, 200, 200))
    assert hints(picture)["letterbox"] == 0
