"""A picture of what augmentation will do, to look at before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from pipeline import images
from pipeline.errors import PipelineError
from pipeline.shards import augment as augmentation
from pipeline.shards import geometry
from pipeline.shards.example import Example, Picture

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings

CELL, GAP, LINE = 160, 12, 18
"""Pixels: side of a cell, space between cells, height of a caption."""

TABLE, INK = (112, 112, 112), (255, 255, 255)
"""Colours of the sheet, a grey that few backgrounds share (so that edges show), and of the captions."""


def sheet(pictures: Sequence[Picture], shard: ShardSettings, augment: AugmentSettings, columns: int = 8) -> Image.Image:
    """A row for each picture: as stored, as a square, each change that copies undergo alone and at its strongest (low and high
    from row to row), then the copies as training will see them; RGB.

    `columns` (at least 2) caps the cells of copies and squares in a row; further ones are left out. Squares smaller than a
    cell are enlarged without smoothing, so that every pixel shows. Raises PipelineError when there is no picture or one
    cannot be read, UsageError for an augmentation that cannot be.
    """
    augmentation.check(augment, shard.mode)
    if not pictures:
        raise PipelineError("no picture is left to show; reports/summary.csv says why each was dropped")
    rows = [_row(picture, shard, augment, columns, high=index % 2 == 0) for index, picture in enumerate(pictures)]
    step_x, step_y = CELL + GAP, CELL + LINE + GAP
    canvas = Image.new("RGB", (GAP + step_x * max(map(len, rows)), GAP + step_y * len(rows)), TABLE)
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(11)
    for y, row in enumerate(rows):
        for x, (caption, image) in enumerate(row):
            left, top = GAP + x * step_x, GAP + y * step_y
            draw.text((left, top), _short(caption, font), INK, font)
            corner = (left + (CELL - image.width) // 2, top + LINE + (CELL - image.height) // 2)
            canvas.paste(images.flatten(image, TABLE), corner)
    return canvas


def _row(picture: Picture, shard: ShardSettings, augment: AugmentSettings, columns: int, high: bool) -> list[tuple[str, Image.Image]]:
    stored, (width, height) = geometry.decode(picture)
    square = geometry.load(picture, shard.size, shard.pad, fit=shard.fit, alpha=shard.alpha, mode=shard.mode)
    shown = stored.copy()
    shown.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    # The built-in font has no ×.
    cells = [(f"{picture.id}  {width}x{height}", shown)]
    fitted = "cropped" if shard.fit == "crop" else "padded"
    copies = [Example.of(picture, variant).variant for variant in augmentation.variants(picture.id, augment, shard.seed)][: columns - 1]
    alone = list(augmentation.alone(augment, high).values()) if augment.copies else []
    # the square itself, each change alone, then what is written besides the square
    for variant in [copies[0], *(Example.of(picture, variant).variant for variant in alone), *copies[1:]]:
        cells.append((variant.label or f"{fitted}, {shard.size}x{shard.size}", _enlarged(variant.apply(square))))
    return cells


def _short(caption: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """As much of it as fits above a cell."""
    while font.getlength(caption) > CELL + GAP // 2:
        caption = caption[:-1]
    return caption


def _enlarged(square: Image.Image) -> Image.Image:
    if square.width > CELL:
        return square.resize((CELL, CELL), Image.Resampling.LANCZOS)
    factor = CELL // square.width
    return square.resize((square.width * factor, square.height * factor), Image.Resampling.NEAREST)
