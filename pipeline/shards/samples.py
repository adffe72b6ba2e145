"""The sample sheet of a shard folder: its first training pictures, as a trainer will see them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from pipeline.shards import geometry
from pipeline.shards.plan import Shard

if TYPE_CHECKING:
    from pipeline.manifest import ShardSettings

FILE = "samples.png"
COLUMNS, ROWS = 8, 4
CELL, GAP = 128, 4
"""Pixels: largest side of a cell, space between cells."""


def png(shards: Sequence[Shard], shard: ShardSettings) -> bytes:
    """A grid of up to `COLUMNS` × `ROWS` pictures without augmentation, as a PNG file; at least one must be there.

    They are the first in the order of the shards, which is mixed, so that every part of the collection has its chance. Raises
    PipelineError for a picture that cannot be read.
    """
    shown = [one for entry in shards for one in entry.examples if one.variant.original][: COLUMNS * ROWS]
    side = min(shard.size, CELL)
    columns = min(COLUMNS, len(shown))
    canvas = Image.new("RGB", (columns * (side + GAP) - GAP, -(-len(shown) // columns) * (side + GAP) - GAP), "white")
    for number, example in enumerate(shown):
        square = example.variant.apply(
            geometry.load(example.picture, shard.size, shard.pad, fit=shard.fit, alpha=shard.alpha, mode=shard.mode)
        )
        if square.width > side:
            square = square.resize((side, side), Image.Resampling.LANCZOS)
        canvas.paste(square.convert("RGB"), (number % columns * (side + GAP), number // columns * (side + GAP)))
    out = io.BytesIO()
    canvas.save(out, format="PNG", compress_level=6)
    return out.getvalue()
