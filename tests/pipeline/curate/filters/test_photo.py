from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageFilter

from pipeline.curate.filters.photo import FILTER, PhotoSettings
from pipeline.measure import registry


def likeness(folder: Path, picture: Image.Image, quality: int = 85) -> pd.Series:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    path = folder / "p.jpg"
    path.write_bytes(buffer.getvalue())
    return FILTER.judge(pd.DataFrame([registry.measure_file(path, "i1")]), PhotoSettings()).iloc[0]


def photograph(seed: int) -> Image.Image:
    """Blurred noise at several scales under sensor noise: natural pictures have such a spectrum."""
    random = np.random.default_rng(seed)
    total = np.zeros((240, 320, 3))
    for cells in (3, 7, 20, 60):
        layer = Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8)).resize((320, 240), Image.Resampling.BICUBIC)
        total += np.asarray(layer, dtype=float) / cells**0.5
    total = total / total.max() * 235 + random.normal(0, 3, total.shape)
    return Image.fromarray(total.clip(0, 255).astype(np.uint8))


def shaded(size: int = 300) -> Image.Image:
    """A finely shaded body with outlines on white."""
    ball = Image.radial_gradient("L").resize((size // 2, size // 2))
    picture = Image.new("RGB", (size, size), "white")
    picture.paste(Image.merge("RGB", (ball, ball, Image.new("L", ball.size, 90))), (size // 4, size // 4))
    ImageDraw.Draw(picture).rectangle((size // 4, size // 4, 3 * size // 4, 3 * size // 4), outline="black", width=3)
    return picture


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("gray", [False, True])
def test_a_photograph_is_dropped(tmp_path: Path, seed: int, gray: bool) -> None:
    picture = photograph(seed).convert("L" if gray else "RGB")
    row = likeness(tmp_path, picture)
    assert row["drop"]
    assert row["score"] >= row["threshold"]
    assert row["reason"].startswith(f"like a photograph at {row['score']:.2f}, 0.3 allowed")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_print_with_a_paper_margin_is_dropped(tmp_path: Path, seed: int) -> None:
    paper = Image.new("RGB", (380, 300), "white")
    paper.paste(photograph(seed), (30, 30))
    assert likeness(tmp_path, paper)["drop"]


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("size", [100, 300, 900])
def test_a_shaded_drawing_on_a_plain_ground_is_kept(tmp_path: Path, quality: int, size: int) -> None:
    row = likeness(tmp_path, shaded(size), quality)
    assert not row["drop"]
    assert row["reason"] == ""


def test_a_soft_render_on_white_is_kept(tmp_path: Path) -> None:
    assert not likeness(tmp_path, shaded().filter(ImageFilter.GaussianBlur(4)))["drop"]
