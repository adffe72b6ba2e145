"""Pictures from a trained run."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pipeline.errors import PipelineError, UsageError
from pipeline.train import checkpoints, device, samples
from pipeline.train.config import RunConfig


def generate(run: Path, *, count: int, seed: int, grid: bool, out: Path) -> list[Path]:
    """Write `count` pictures from a run's generator (the averaged one, if the run has one); returns the files written.

    Picture n of a seed is the same for any count. With `grid`, one sheet: `out` itself if it ends in .png, else a file in the
    folder `out`; without, `out` is the folder. Raises UsageError for a bad count or seed, PipelineError when the run has no
    generator yet or TensorFlow is missing.
    """
    if count < 1 or seed < 0:
        raise UsageError(f"count {count}, seed {seed}: give a count of 1 or more and a seed of 0 or more")
    config = RunConfig.read(run)
    weights = run / checkpoints.GENERATOR
    if not weights.exists():
        raise PipelineError(f"{run}: no generator yet; train on until its first checkpoint")
    device.choose("float32")
    from pipeline.train import networks

    generator = networks.generator(config.size, config.settings)
    try:
        generator.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        raise PipelineError(f"{weights}: cannot be read as this run's generator ({type(error).__name__})") from error
    pictures = samples.draw(generator, samples.latents(config.settings.prior, count, config.settings.latent, seed))
    if grid:
        sheet = out if out.suffix == ".png" else out / f"grid-seed{seed}.png"
        samples.save_png(samples.grid(pictures), sheet)
        return [sheet]
    written = [out / f"seed{seed}-{number:05d}.png" for number in range(count)]
    for path, picture in zip(written, pictures, strict=True):
        samples.save_png(Image.fromarray(picture), path)
    return written
