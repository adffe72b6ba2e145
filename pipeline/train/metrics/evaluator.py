"""The scores of a generator against real pictures, and which of two are better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from pipeline.errors import PipelineError, UsageError
from pipeline.train import samples
from pipeline.train.data import ShardSet
from pipeline.train.metrics import color, manifold, reals
from pipeline.train.metrics.embedder import EMBEDDER, RESIZE, Embedder
from pipeline.train.metrics.kid import Kid
from pipeline.train.presets import TrainSettings

COUNT = 1000
"""Samples for an evaluation while a run is trained."""

SEED = 1_000_003
"""Of the latents that are scored: always the same ones, so that two checkpoints differ by what they learnt."""

FEWEST = 16
"""Real pictures without which no score would mean anything."""

HELD_OUT = 32
"""Validation pictures from which on they say how near to a training picture a new real one is."""

COPIED = 0.01
"""The share of new real pictures that are nearer to a training picture than what is called a copy."""

COLOR_WEIGHT = 4.0
"""How much a wrong mix of colours counts beside KID, see `cost`."""

SCORES = {
    "kid": "kernel distance to the real pictures (unbiased MMD², cubic kernel); lower is better, 0 is as good as real",
    "kid_floor": "what two halves of the real pictures differ by in KID: smaller differences are noise",
    "color": "total variation between the colour classes of samples and of real pictures, 0–1; 0 is the same mix",
    "color_floor": "what two halves of the real pictures differ by in colour",
    "precision": "share of samples that look like some real picture, 0–1",
    "recall": "share of real pictures that some sample looks like, 0–1",
    "diversity": "mean distance between two samples, as a multiple of that between two real pictures; far below 1 is collapse",
    "nearest": "median distance of samples to the nearest training picture, as a multiple of that of new real pictures; near 0 is memory",
    "copies": "share of samples that are nearer to a training picture than 99% of new real pictures are; 0.01 is to be expected",
}
"""The keys of an evaluation, and what they mean."""


class Evaluator:
    """Scores generators of one set of shards. Real pictures are embedded at the first call, and kept in the user's cache.

    `count`: samples; None: as many as there are real pictures to compare with, at most 1,000. Raises UsageError below 16, PipelineError
    when the embedder's weights are not installed; at the first call also when there are too few pictures, or damaged ones.
    """

    def __init__(self, shards: ShardSet, settings: TrainSettings, count: int | None = None) -> None:
        if count is not None and count < FEWEST:
            raise UsageError(f"{count} samples; scores need {FEWEST} or more")
        self.shards, self.settings, self._count = shards, settings, count
        self.embedder = Embedder()

    def __call__(self, generator: Any) -> dict[str, float]:
        """The scores (`SCORES`) of a generator: latents (n, latent) → pictures (n, size, size, 3) in [-1, 1]."""
        return self.compare(self.samples(generator))

    def samples(self, generator: Any) -> np.ndarray:
        """The pictures that are scored, uint8 (count, size, size, 3)."""
        return samples.draw(generator, self._latents)

    def compare(self, pictures: np.ndarray) -> dict[str, float]:
        """The scores of any pictures, uint8 (n, height, width, 3), of n ≥ 4."""
        return self.scores(self.embedder(pictures), color.colors(pictures))

    def scores(self, made: np.ndarray, colors: np.ndarray) -> dict[str, float]:
        """The same of pictures with these embeddings (n, 1280) and colours (n, 3)."""
        return self.known.scores(made, colors)

    @cached_property
    def known(self) -> Known:
        """What is known of the real pictures."""
        training = reals.read(self.shards, reals.TRAIN, self.embedder)
        held_out = reals.read(self.shards, reals.VALIDATION, self.embedder)
        try:
            return Known.of(training, held_out)
        except ValueError as error:
            raise PipelineError(f"{self.shards.folder}: {error}") from error

    @property
    def count(self) -> int:
        """Samples in an evaluation."""
        return self._count or min(COUNT, len(self.known.real))

    @property
    def about(self) -> dict[str, Any]:
        """What must stand beside the numbers: embedder, resize, counts, and which real pictures."""
        known = self.known
        return {
            "embedder": EMBEDDER,
            "resize": RESIZE,
            "samples": self.count,
            "real": len(known.real),
            "real_split": known.real.split,
            "training": len(known.training),
            "new_pictures": "validation" if len(known.held_out) >= HELD_OUT else "training pictures, each beside the others",
            "kid_estimate": "unbiased, whole sets, kernel (x·y/1280 + 1)³",
            "neighbours": manifold.K,
            "colour_classes": len(known.palette.centers),
        }

    @cached_property
    def _latents(self) -> np.ndarray:
        return samples.latents(self.settings.prior, self.count, self.settings.latent, SEED)


@dataclass(frozen=True)
class Known:
    """The real pictures that samples are compared with, those that were trained on, and what follows from both."""

    real: reals.Reals
    training: reals.Reals
    held_out: reals.Reals
    """The validation pictures. From `HELD_OUT` on these are the new ones, else each training picture is, beside the others."""
    kid: Kid
    palette: color.Palette
    spread: float
    """Mean distance of two real pictures."""
    gaps: np.ndarray
    """Distances of new real pictures to the nearest training picture."""

    @classmethod
    def of(cls, training: reals.Reals, held_out: reals.Reals) -> Self:
        """From both splits. Raises ValueError, with the way out, when these cannot be a measure."""
        real = held_out if len(held_out) >= reals.ENOUGH else training
        if len(real) < FEWEST:
            raise ValueError(f"{len(real)} pictures; scores need {FEWEST}. Set train.evaluate_kimg=0")
        if len(held_out) >= HELD_OUT:
            gaps = manifold.nearest(held_out.embeddings, training.embeddings)[1][:, 0]
        else:
            gaps = manifold.gaps(training.embeddings)
        spread = manifold.spread(real.embeddings)
        if not spread or np.median(gaps) < 1e-3 * spread:
            raise ValueError("most pictures are copies of each other; scores need different ones. Run `pipeline dedup`")
        return cls(real, training, held_out, Kid(real.embeddings), color.Palette(real.colors), spread, gaps)

    def scores(self, made: np.ndarray, colors: np.ndarray) -> dict[str, float]:
        """The scores (`SCORES`) of pictures with these embeddings (n, 1280) and colours (n, 3)."""
        size = min(len(made), len(self.real))
        precision, recall = manifold.precision_recall(self.real.embeddings[:size], made[:size])
        to_training = manifold.nearest(made, self.training.embeddings)[1][:, 0]
        return {
            "kid": self.kid(made),
            "kid_floor": self.kid.floor,
            "color": self.palette(colors),
            "color_floor": self.palette.floor,
            "precision": precision,
            "recall": recall,
            "diversity": manifold.spread(made) / self.spread,
            "nearest": float(np.median(to_training) / np.median(self.gaps)),
            "copies": float((to_training < np.quantile(self.gaps, COPIED)).mean()),
        }


def cost(scores: Mapping[str, float]) -> float:
    """What a generator is chosen by, lower is better: KID, raised by a wrong mix of colours.

    KID · (1 + 4 · color²), with KID no lower than its noise. KID hardly sees colour, and the lowest one may belong to a generator that
    draws only a few of the colours. A distance of 0.1, which is near the noise, costs 4%, one of 0.6 costs 144%.
    """
    return max(scores["kid"], scores.get("kid_floor", 0.0)) * (1 + COLOR_WEIGHT * scores["color"] ** 2)


def better(scores: Mapping[str, float], best: Mapping[str, float]) -> bool:
    """Whether the first scores are better, by `cost`; what is not a number is never better."""
    mine, theirs = cost(scores), cost(best)
    return bool(np.isfinite(mine) and not mine >= theirs)
