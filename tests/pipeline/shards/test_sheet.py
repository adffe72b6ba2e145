from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.shards import geometry
from pipeline.shards.example import Picture
from pipeline.shards.sheet import CELL, GAP, LINE, sheet

Make, Settings = Callable[..., list[Picture]], Callable[..., ShardSettings]


def cell(image: Image.Image, row: int, column: int) -> Image.Image:
    left, top = GAP + column * (CELL + GAP), GAP + row * (CELL + LINE + GAP) + LINE
    return image.crop((left, top, left + CELL, top + CELL))


def test_each_row_shows_the_square_and_its_copies(make: Make, shard: Settings) -> None:
    pictures = make(3)
    found = sheet(pictures, shard(), AugmentSettings(mirror=True, brightness=(0.5, 0.5), copies=2))
    assert found.mode == "RGB"
    assert found.size == (GAP + 6 * (CELL + GAP), GAP + 3 * (CELL + LINE + GAP))
    for row, picture in enumerate(pictures):
        square = geometry.load(picture, 32, "background").resize((160, 160), Image.Resampling.NEAREST)
        assert cell(found, row, 1).tobytes() == square.tobytes()
        assert cell(found, row, 2).tobytes() == square.point(lambda value: (value + 1) // 2).tobytes()  # brightness alone
        assert cell(found, row, 3).tobytes() == square.transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes()
        dark = {cell(found, row, column).tobytes() for column in (4, 5)}
        half = square.point(lambda value: (value + 1) // 2)
        assert dark == {half.tobytes(), half.transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes()}


def test_columns_are_capped(make: Make, shard: Settings) -> None:
    found = sheet(make(1), shard(), AugmentSettings(brightness=(0.5, 1), copies=40), columns=4)
    assert found.width == GAP + 5 * (CELL + GAP)  # brightness alone comes on top


def test_large_squares_fit_their_cell(make: Make, shard: Settings) -> None:
    found = sheet(make(1), shard(size=512), AugmentSettings())
    assert found.size == (GAP + 2 * (CELL + GAP), GAP + CELL + LINE + GAP)


def test_what_cannot_be_shown(shard: Settings) -> None:
    with pytest.raises(PipelineError, match="no picture is left to show"):
        sheet([], shard(), AugmentSettings())
    lost = Picture("i1", "c1", Path("lost.png"), "", "", "", "", "", "", "", "#ffffff")
    with pytest.raises(PipelineError, match=r"lost\.png"):
        sheet([lost], shard(), AugmentSettings())
    with pytest.raises(UsageError, match="copies"):
        sheet([lost], shard(), AugmentSettings(copies=1))
