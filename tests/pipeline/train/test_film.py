from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.report import SILENT, Reporter
from pipeline.train import film


def _frames(path: Path) -> list[np.ndarray]:
    av = pytest.importorskip("av")
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_film_holds_its_frames_in_order(tmp_path: Path) -> None:
    pytest.importorskip("av")
    shades = [20, 120, 220]
    film.mp4((np.full((33, 48, 3), shade, np.uint8) for shade in shades), tmp_path / "a.mp4", 10)
    frames = _frames(tmp_path / "a.mp4")
    assert [frame.shape for frame in frames] == [(32, 48, 3)] * 3
    assert [abs(float(frame.mean()) - shade) < 4 for frame, shade in zip(frames, shades, strict=True)] == [True] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_film_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("av")
    with pytest.raises(ValueError, match="no frames"):
        film.mp4([], tmp_path / "a.mp4", 10)
    assert not list(tmp_path.iterdir())


def _run(tmp_path: Path, step: int, total: int, report: Reporter = SILENT) -> Path:
    (tmp_path / "samples").mkdir()
    for number in (0, 10, 20):
        Image.new("RGB", (16, 16), (number * 10,) * 3).save(tmp_path / "samples" / f"step-{number:09d}.png")
    film.Film(report).end(SimpleNamespace(run=tmp_path, step=step, total=total))
    return tmp_path / "timelapse.mp4"


def test_the_timelapse_shows_every_grid_of_the_run_and_stays_at_the_last(tmp_path: Path) -> None:
    pytest.importorskip("av")
    means = [round(float(frame.mean()), -2) for frame in _frames(_run(tmp_path, 20, 20))]
    assert means == [0, 100] + [200] * (film.LAST * film.TIMELAPSE_RATE)


def test_an_interrupted_run_writes_no_film_yet(tmp_path: Path) -> None:
    assert not _run(tmp_path, 20, 30).exists()


def test_without_pyav_there_is_a_way_out_and_no_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "available", lambda: False)
    with pytest.raises(PipelineError, match=r"art-pipeline\[video\]"):
        film.mp4([np.zeros((8, 8, 3), np.uint8)], tmp_path / "a.mp4", 10)
    assert not _run(tmp_path, 20, 20).exists()


def test_a_film_that_cannot_be_written_is_told_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notes: Any) -> None:
    def without_x264(*_: object) -> None:
        raise ValueError("libx264")

    monkeypatch.setattr(film, "available", lambda: True)
    monkeypatch.setattr(film, "mp4", without_x264)
    _run(tmp_path, 20, 20, notes)
    assert notes.said == [f"{tmp_path / 'timelapse.mp4'}: not written (libx264); there is the GIF"]
