"""Training a GAN on shards, and using what it learnt. Nothing here knows of scraping or curation.

From another program, with a run's directory:

    from pipeline.train import load

    pictures = load("runs/stable-64").generate(count=16, seed=3)

`pictures` is uint8 (16, side, side, 3).
"""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.train.use.generator import Generator

__all__ = ["load"]


def load(run: str | PathLike[str]) -> Generator:
    """The generator of a training run, from its directory. Its backend (TensorFlow or PyTorch) is imported now and not before.

    Raises PipelineError when it is no run, has no generator yet, or cannot be loaded here.
    """
    from pathlib import Path

    from pipeline.train.use.generator import Generator

    return Generator(Path(run))
