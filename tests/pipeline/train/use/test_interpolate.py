from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from pipeline.errors import UsageError
from pipeline.train import film, load
from pipeline.train.latent import Pick
from pipeline.train.use.interpolate import RATE, interpolate


def test_the_film_passes_through_its_pictures(drawable: Path, tmp_path: Path) -> None:
    generator = load(drawable)
    chosen = [Pick(0, 3), Pick(1, 4), Pick(0, 9)]
    stops = generator.latents(chosen)
    written = interpolate(generator, stops, tmp_path / "walk", frames=6)
    assert written[0] == tmp_path / "walk.gif"
    assert len(written) == (2 if film.available() else 1)
    with Image.open(written[0]) as gif:
        assert gif.n_frames == 18  # type: ignore[attr-defined]
        assert gif.info["duration"] == 1000 // RATE
        for stop, picture in enumerate(generator.draw(stops)):
            gif.seek(6 * stop)
            assert np.abs(np.asarray(gif.convert("RGB")).astype(float) - picture).mean() < 8  # 256 colours
    (line,) = interpolate(generator, stops, tmp_path / "line.gif", frames=2, loop=False)
    with Image.open(line) as gif:
        assert gif.n_frames == 5  # type: ignore[attr-defined]


def test_a_film_of_another_kind_or_of_one_picture_is_refused(drawable: Path, tmp_path: Path) -> None:
    generator = load(drawable)
    stops = generator.latents([Pick(0, 3), Pick(1, 4)])
    with pytest.raises(UsageError, match=r"\.gif or \.mp4"):
        interpolate(generator, stops, tmp_path / "walk.avi", frames=2)
    with pytest.raises(UsageError, match="two pictures"):
        interpolate(generator, stops[:1], tmp_path / "walk", frames=2)
