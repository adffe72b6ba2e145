from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from pipeline.errors import PipelineError
from pipeline.shards import geometry
from pipeline.shards.augment import Variant
from pipeline.shards.example import Picture

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure

CYAN, RED = (0, 200, 180), (220, 20, 30)


def framed(width: int, height: int, ground: tuple[int, int, int] = CYAN) -> Image.Image:
    """A picture with an even border a quarter wide and a figure in the middle."""
    image = Image.new("RGB", (width, height), ground)
    image.paste(RED, (width // 4, height // 4, width - width // 4, height - height // 4))
    return image


@CALM
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([32, 64, 65]))
def test_any_shape_becomes_a_centred_square(width: int, height: int, size: int) -> None:
    found = geometry.square(Image.new("RGB", (width, height), RED), size, CYAN)
    assert (found.mode, found.size) == ("RGB", (size, size))
    box = ImageChops.difference(found, Image.new("RGB", (size, size), CYAN)).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert max(right - left, bottom - top) == size
    assert abs(left - (size - right)) <= 1
    assert abs(top - (size - bottom)) <= 1
    assert abs((right - left) / (bottom - top) - width / height) <= 0.5 * width / height or min(right - left, bottom - top) == 1


@pytest.mark.parametrize("size", [(90, 60), (60, 90), (400, 130), (40, 28)])
@pytest.mark.parametrize("percent", [100, 70, 120])
def test_no_seam_between_an_even_border_and_the_padding(size: tuple[int, int], percent: int) -> None:
    square = Variant(percent=percent).apply(geometry.square(framed(*size), 64, CYAN))
    top = (64 - round(min(size) * 64 / max(size))) // 2
    if size[0] < size[1]:
        square = square.transpose(Image.Transpose.TRANSPOSE)
    # Nothing but one colour from the square's edge to well inside the picture, which begins at row `top`.
    assert len(square.crop((0, 0, 64, top + 3)).getcolors() or []) == 1
    assert len(square.getcolors() or []) > 1


def test_large_pictures_are_averaged_not_sampled() -> None:
    checks = Image.new("L", (640, 640))
    checks.putdata([255 * ((x + y) % 2) for y in range(640) for x in range(640)])
    low, high = geometry.square(checks.convert("RGB"), 64, CYAN).convert("L").getextrema()
    assert 120 <= low <= high <= 135


@pytest.mark.parametrize("ground", [CYAN, (255, 255, 255)])
def test_a_cut_out_figure_gets_no_fringe(ground: tuple[int, int, int]) -> None:
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))  # what is transparent hides black
    image.paste((255, 255, 255, 255), (100, 50, 200, 150))
    square = geometry.square(image, 64, ground)
    assert (square.getpixel((0, 0)), square.getpixel((1, 32)), square.getpixel((32, 32))) == (ground, ground, (255, 255, 255))
    # Lanczos overshoots an edge by a tenth of its height; black would go far below.
    assert all(low >= value - (255 - value) * 0.15 for (low, _), value in zip(square.getextrema(), ground, strict=True))


def picture(path: Path) -> Picture:
    return Picture("i1", "c1", path, "", "", "", "", "", "", "", "#00c8b4")


def test_padding_is_the_border_colour_or_the_one_given(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    framed(90, 60).save(path)
    assert geometry.load(picture(path), 32, "background").getpixel((0, 0)) == CYAN
    assert geometry.load(picture(path), 32, "#102030").getpixel((0, 0)) == (0x10, 0x20, 0x30)


def test_a_lost_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"gone\.png: the picture of i1 cannot be read \(No such file"):
        geometry.load(picture(tmp_path / "gone.png"), 32, "background")
    framed(90, 60).save(tmp_path / "whole.png")
    cut = tmp_path / "cut.png"
    cut.write_bytes((tmp_path / "whole.png").read_bytes()[:120])
    with pytest.raises(PipelineError, match=r"cut\.png: the picture of i1 cannot be read \(truncated"):
        geometry.load(picture(cut), 32, "background")


@pytest.mark.parametrize("text", ["", "#fff", "white", "#gggggg", "0x00ff0"])
def test_what_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        geometry.colour(text)


def test_robots_meet_their_padding_without_a_seam() -> None:
    robohash = pytest.importorskip("robohash", reason="the robots' parts come with robohash")
    parts = Path(robohash.__file__).parent / "sets" / "set1" / "blue"
    for number in range(3):
        robot = Image.new("RGBA", (300, 300))
        for slot in sorted(parts.iterdir(), key=lambda folder: folder.name.split("#")[1]):
            robot.alpha_composite(Image.open(sorted(slot.glob("*.png"))[number]).convert("RGBA"))
        left, top, right, bottom = robot.getbbox()
        flat = Image.new("RGBA", (right - left + 24, bottom - top + 90), (*CYAN, 255))
        flat.alpha_composite(robot.crop((left, top, right, bottom)), (12, 45))
        square = geometry.square(flat, 128, CYAN)
        wide = round(flat.width * 128 / flat.height)
        edge = (128 - wide) // 2
        strip = [square.getpixel((x, y)) for x in range(edge + 1) for y in range(128)]
        assert all(abs(value - wanted) <= 1 for pixel in strip for value, wanted in zip(pixel, CYAN, strict=True))
        assert len(square.getcolors(128 * 128) or []) > 200


@CALM
@given(
    st.integers(1, 120),
    st.sampled_from([(1, 1), (1, 0), (0, 1)]),
    st.sampled_from(["pad", "crop"]),
    st.sampled_from(["background", "flat", "#102030"]),
    st.sampled_from(["rgb", "gray", "rgba"]),
    st.sampled_from(["1", "L", "P", "RGB", "RGBA", "LA", "I;16"]),
    st.sampled_from([32, 64]),
)
def test_every_shape_and_mode_becomes_a_square(
    side: int, shape: tuple[int, int], fit: str, pad: str, mode: str, stored: str, size: int
) -> None:
    extent = tuple(max(1, side if keep else 3000) for keep in shape)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        Image.new(stored, extent).save(path)
        found = geometry.load(picture(path), size, pad, fit=fit, mode=mode)  # type: ignore[arg-type]
    assert (found.mode, found.size) == ({"rgb": "RGB", "gray": "L", "rgba": "RGBA"}[mode], (size, size))


def test_a_crop_stands_around_the_subject(tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 100), CYAN)
    image.paste(RED, (300, 25, 350, 75))
    image.save(tmp_path / "a.png")
    found = geometry.load(replace(picture(tmp_path / "a.png"), centre=(325 / 400, 0.5)), 100, "background", fit="crop")
    box = ImageChops.difference(found, Image.new("RGB", (100, 100), CYAN)).getbbox()
    assert box == (25, 25, 75, 75)
    assert geometry.window((400, 100), (0.99, 0.5)) == (300, 0, 400, 100)
    assert geometry.window((400, 100), (0, 0)) == (0, 0, 100, 100)


def test_transparency_is_kept_or_laid_on_the_chosen_colour(tmp_path: Path) -> None:
    image = Image.new("RGBA", (90, 60))
    image.paste((220, 20, 30, 255), (30, 20, 60, 40))
    image.save(tmp_path / "a.png")
    stored = replace(picture(tmp_path / "a.png"), border_colour="#ffffff")
    for pad, alpha, corner in (("background", "", (255, 255, 255)), ("background", "#102030", (16, 32, 48)), ("#00ff00", "", (0, 255, 0))):
        found = geometry.load(stored, 60, pad, alpha=alpha)
        assert found.getpixel((0, 0)) == found.getpixel((1, 30)) == corner
        assert found.getpixel((30, 30)) == RED
    kept = geometry.load(stored, 60, "background", mode="rgba")
    assert [kept.getpixel(place)[3] for place in ((0, 0), (1, 30), (30, 30))] == [0, 0, 255]  # type: ignore[index]


@pytest.mark.parametrize("size", [32, 128])
def test_reduced_decoding_keeps_close_to_lanczos(tmp_path: Path, size: int) -> None:
    chance = np.random.default_rng(0)
    pixels = np.asarray(Image.fromarray(chance.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize((1203, 901), Image.Resampling.BICUBIC))
    Image.fromarray(pixels).save(tmp_path / "a.jpg", quality=95, subsampling=0)
    whole = Image.open(tmp_path / "a.jpg").convert("RGB")
    box = geometry.fitted(*whole.size, size)
    wanted = whole.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.LANCZOS)
    found = geometry.load(picture(tmp_path / "a.jpg"), size, "flat").crop(box)
    draft = Image.open(tmp_path / "a.jpg")
    draft.draft("RGB", wanted.size)
    drafted = draft.convert("RGB").resize(wanted.size, Image.Resampling.LANCZOS)
    assert error(found, wanted) <= error(drafted, wanted)
    assert error(found, wanted) < 4


def error(one: Image.Image, other: Image.Image) -> float:
    """Mean squared difference."""
    return float(np.mean((np.asarray(one).astype(float) - np.asarray(other).astype(float)) ** 2))
