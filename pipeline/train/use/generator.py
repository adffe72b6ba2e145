"""A trained generator, loaded from its run: what other programs and the commands draw with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from pipeline.errors import PipelineError, UsageError
from pipeline.train import backends, checkpoints, latent, samples
from pipeline.train.config import RunConfig
from pipeline.train.latent import Pick


class Generator:
    """The generator that a run keeps (the averaged one, if the run has one), in float32.

    `size`: side of its pictures in pixels. `length`: numbers in a latent; `prior`: their distribution, `normal` or `uniform`.
    """

    def __init__(self, run: Path) -> None:
        """Load it. Raises PipelineError when `run` is no run, has no generator yet, or its backend is not installed."""
        self.run, self.config = run, RunConfig.read(run)
        self.size, self.length, self.prior = self.config.size, self.config.settings.latent, self.config.settings.prior
        weights = run / checkpoints.GENERATOR
        if not weights.exists():
            raise PipelineError(f"{run}: no generator yet; train on until its first checkpoint")
        backends.load_any(self.config.settings.backend).choose()
        from pipeline.train import networks

        self.network = networks.generator(self.config.size, self.config.settings)
        """The Keras model: latents (n, length) → (n, size, size, 3), float32 in [-1, 1]."""
        try:
            self.network.load_weights(weights)
        except (OSError, ValueError, KeyError) as error:
            raise PipelineError(f"{weights}: cannot be read as this run's generator ({type(error).__name__})") from error

    @property
    def digest(self) -> str:
        """SHA-256 of all its weights, in order: two generators with the same digest draw the same."""
        hasher = hashlib.sha256()
        for weight in self.network.get_weights():
            hasher.update(np.ascontiguousarray(weight, dtype="<f4").tobytes())
        return hasher.hexdigest()

    def latents(self, chosen: Iterable[Pick], truncation: float = 1.0) -> np.ndarray:
        """The latents of these pictures, float32 (n, length), shrunk by `latent.truncate`."""
        return latent.truncate(latent.rows(self.prior, self.length, chosen), truncation)

    def draw(self, noise: np.ndarray, chunk: int = samples.CHUNK) -> np.ndarray:
        """Pictures uint8 (n, size, size, 3) of any latents (n, length). Raises UsageError for another shape, or what is not finite."""
        noise = np.asarray(noise, dtype=np.float32)
        if noise.ndim != 2 or noise.shape[1] != self.length or not np.isfinite(noise).all():
            raise UsageError(f"{self.run}: latents of shape {noise.shape}; finite ones of shape (n, {self.length}) are needed")
        if not len(noise):
            return np.zeros((0, self.size, self.size, 3), np.uint8)
        return samples.draw(self.network, noise, chunk)

    def generate(
        self,
        count: int = 1,
        seed: int = 0,
        *,
        numbers: Iterable[int] | None = None,
        seeds: Iterable[int] | None = None,
        truncation: float = 1.0,
    ) -> np.ndarray:
        """Pictures uint8 (n, size, size, 3): the first `count` of `seed`, or its `numbers`, or the first of each of `seeds`.

        Picture n of a seed is the same whatever it is drawn with. Raises UsageError for numbers below 0 and more than one such choice.
        """
        if numbers is not None and seeds is not None:
            raise UsageError("numbers and seeds: give one of them")
        if seeds is not None:
            chosen = [Pick(int(one), 0) for one in seeds]
        else:
            chosen = [Pick(int(seed), int(number)) for number in (range(count) if numbers is None else numbers)]
        if count < 1 or any(pick.seed < 0 or pick.number < 0 for pick in chosen):
            raise UsageError("seeds and picture numbers begin at 0, and a count at 1")
        return self.draw(self.latents(chosen, truncation))
