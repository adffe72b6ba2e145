from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.train import samples


def test_latents_of_a_seed_do_not_depend_on_how_many(tmp_path: Path) -> None:
    few, many = (samples.latents("normal", count, 5, 3) for count in (2, 40))
    assert many.shape == (40, 5)
    assert many.dtype == np.float32
    assert (few == many[:2]).all()
    assert len({tuple(row) for row in many}) == 40
    assert not (few == samples.latents("normal", 2, 5, 4)).any()
    assert np.abs(samples.latents("uniform", 50, 50, 0)).max() <= 1 < np.abs(many).max()


def test_pixels_span_the_byte() -> None:
    assert samples.to_pixels(np.array([-1.0, 0.0, 1.0, 1.2, -7.0, 1 / 127.5 - 1])).tolist() == [0, 128, 255, 255, 0, 1]


@pytest.mark.parametrize("count", [1, samples.CHUNK, samples.CHUNK + 3])
def test_a_generator_is_called_with_whole_chunks_only(count: int) -> None:
    asked = []

    def generator(noise: np.ndarray, training: bool) -> np.ndarray:
        assert not training
        asked.append(len(noise))
        return np.tile(noise[:, None, None, :1], (1, 2, 2, 3))

    noise = np.linspace(-1, 1, count, dtype=np.float32)[:, None]
    assert (samples.draw(generator, noise)[:, 0, 0, 0] == samples.to_pixels(noise[:, 0])).all()
    assert set(asked) == {samples.CHUNK}


def test_a_grid_is_read_like_a_page() -> None:
    pictures = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((5, 2, 4, 3), np.uint8)
    sheet = np.asarray(samples.grid(pictures))
    assert sheet.shape == (4, 12, 3)
    assert sheet[::2, ::4, 0].tolist() == [[0, 1, 2], [3, 4, 255]]


@pytest.mark.parametrize("count", [1, 2, 7, samples.FRAMES + 1, 3 * samples.FRAMES])
def test_a_timelapse_goes_from_the_first_to_the_last(tmp_path: Path, count: int) -> None:
    paths = []
    for number in range(count):
        path = tmp_path / f"{number:04d}.png"
        samples.save_png(Image.new("RGB", (4, 4), (number * 255 // max(count - 1, 1), 0, 0)), path)
        paths.append(path)
    samples.timelapse(paths, tmp_path / "t.gif")
    with Image.open(tmp_path / "t.gif") as gif:
        frames = getattr(gif, "n_frames", 1)
        assert frames <= samples.FRAMES
        assert frames == count or count > samples.FRAMES
        reds = []
        for number in range(frames):
            gif.seek(number)
            reds.append(gif.convert("RGB").getpixel((0, 0))[0])  # type: ignore[index]
        assert reds == sorted(reds)
        assert (reds[0], reds[-1]) == (0, 255 if count > 1 else 0)
        assert gif.info["duration"] == 2000
