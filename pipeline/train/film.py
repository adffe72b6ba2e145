"""Films as MP4, which any browser and phone plays: H.264 through PyAV (extra `video`). Without it there is the GIF alone."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.report import Reporter
from pipeline.train import samples
from pipeline.train.callbacks import Callback

QUALITY = "18"
"""x264's constant rate factor: 18 is held to be as good as lossless to the eye."""
TIMELAPSE_RATE = 8
"""Grids a second in a time-lapse."""
LAST = 2
"""Seconds that its last one stays."""


def available() -> bool:
    """Whether MP4 can be written here."""
    found = importlib.util.find_spec("av")
    return found is not None and found.origin is not None  # a folder of that name has no origin


def mp4(frames: Iterable[np.ndarray], path: Path, rate: int) -> None:
    """Write pictures, uint8 (height, width, 3) all of one size, as an H.264 film of `rate` frames a second.

    Odd sides lose their last row or column, as the format's colours come in pairs. Raises PipelineError without PyAV, ValueError without a
    frame.
    """
    if not available():
        raise PipelineError(f"{path}: films in MP4 need PyAV: pip install 'art-pipeline[video]'; GIF needs nothing")
    import av

    coming = iter(frames)
    first = next(coming, None)
    if first is None:
        raise ValueError("a film of no frames")
    height, width = (side - side % 2 for side in first.shape[:2])
    with files.replacing(path) as temporary, av.open(str(temporary), "w", format="mp4", options={"movflags": "faststart"}) as film:
        stream: Any = film.add_stream("libx264", rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": QUALITY}
        for pixels in itertools.chain([first], coming):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:height, :width]), format="rgb24")
            film.mux(stream.encode(frame))
        film.mux(stream.encode())


class Film(Callback):
    """The time-lapse of a run, from all grids that it has drawn, in whatever sittings."""

    def __init__(self, report: Reporter) -> None:
        self._report = report

    def end(self, recorder: Any) -> None:
        """Write `timelapse.mp4` beside the GIF when the run is done. Where that fails, the run is done all the same."""
        grids = sorted((recorder.run / "samples").glob("step-*.png"))
        if recorder.step >= recorder.total and grids and available():
            path = recorder.run / "timelapse.mp4"
            try:
                mp4(_stay(grids), path, TIMELAPSE_RATE)
            except (OSError, ValueError) as error:  # what PyAV raises; a build of it may lack x264
                self._report.note(f"{path}: not written ({error}); there is the GIF")


def _stay(grids: list[Path]) -> Iterator[np.ndarray]:
    for path in samples.thinned(grids):
        yield (picture := np.asarray(Image.open(path).convert("RGB")))
    for _ in range(LAST * TIMELAPSE_RATE - 1):
        yield picture
