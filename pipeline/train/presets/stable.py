"""A DCGAN for 500 to 5,000 drawings and short budgets.

The networks are Radford et al.'s (arXiv 1511.06434) but for the discriminator, which has no batch normalisation and ends in minibatch
standard deviation (Karras et al. 2018, arXiv 1710.10196). Non-saturating loss (Goodfellow et al. 2014); DiffAugment of color and
translation, the largest help with few pictures (Zhao et al. 2020, arXiv 2006.10738); R1 (Mescheder et al. 2018, arXiv 1801.04406),
lazily every 16 steps with the strength of Karras et al. 2020 (arXiv 2006.06676); an averaged generator. The rates are our own, for
budgets of a hundred to some hundred thousand images: docs/training.md says how they were found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pipeline.train.presets.base import TrainSettings


class Settings(TrainSettings):
    """The default."""

    preset: Literal["stable"] = "stable"
    defaults: ClassVar[Mapping[str, Any]] = {
        "kimg": 300,
        "batch": 32,
        "latent": 128,
        "prior": "normal",
        "channels": 64,
        "kernel": 5,
        "d_norm": "none",
        "minibatch_stddev": True,
        "loss": "non-saturating",
        "r1_gamma": "auto",
        "r1_every": 16,
        "augment": "color,translation",
        "ema": 5.0,
        "learning_rate_g": 1e-3,
        "learning_rate_d": 1e-3,
        "beta1": 0.5,
    }
