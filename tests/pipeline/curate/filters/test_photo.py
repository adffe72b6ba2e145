from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from pipeline.curate.filters.photo import FILTER, PhotoSettings
from pipeline.images import flatten
from pipeline.measure import registry
from sources.demo import art, photos


def likeness(folder: Path, picture: Image.Image, quality: int = 85) -> pd.Series:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    path = folder / "p.jpg"
    path.write_bytes(buffer.getvalue())
    return FILTER.judge(pd.DataFrame([registry.measure_file(path, "i1")]), PhotoSettings()).iloc[0]


def scene(seed: int) -> Image.Image:
    """Made to look like a photograph to a measurement."""
    return photos.landscape(seed, (480, 360))


def robot(number: int) -> Image.Image:
    return flatten(art.robot(art.COLOURS[number % 8], art.designs()[17 * number]))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("quality", [75, 95])
def test_a_photograph_is_dropped(tmp_path: Path, seed: int, quality: int) -> None:
    row = likeness(tmp_path, scene(seed), quality)
    assert row["drop"]
    assert row["score"] >= row["threshold"]
    assert row["reason"].startswith(f"like a photograph at {row['score']:.2f}, 0.36 allowed: most by ")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_print_with_a_paper_margin_is_dropped(tmp_path: Path, seed: int) -> None:
    row = likeness(tmp_path, photos.print_of(scene(seed)))
    assert row["drop"]
    assert row["reason"].startswith("like a print: a flat margin")


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("number", range(6))
def test_an_artists_robot_is_kept(tmp_path: Path, quality: int, number: int) -> None:
    row = likeness(tmp_path, robot(number), quality)
    assert not row["drop"]
    assert row["reason"] == ""


def test_a_robot_before_a_painted_scene_is_kept(tmp_path: Path) -> None:
    with Image.open(art.backgrounds()[0]) as place:
        ground = place.convert("RGBA").resize((300, 300))
    assert not likeness(tmp_path, Image.alpha_composite(ground, art.robot("red", art.designs()[5])).convert("RGB"))["drop"]


def test_the_threshold_is_the_manifests(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    scene(1).save(path)
    table = pd.DataFrame([registry.measure_file(path, "i1")])
    assert FILTER.judge(table, PhotoSettings(likeness=0.2))["drop"].all()
    assert not FILTER.judge(table, PhotoSettings(likeness=1))["drop"].any()


def test_a_blank_picture_is_no_photograph(tmp_path: Path) -> None:
    assert not likeness(tmp_path, Image.new("RGB", (200, 200), "white"))["drop"]
