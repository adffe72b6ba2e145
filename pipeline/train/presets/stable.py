"""A DCGAN for 500 to 5,000 drawings and short budgets.

The networks are Radford et al.'s (arXiv 1511.06434) with some differences. The discriminator has no batch normalisation, kernels of 4
pixels, and ends in minibatch standard deviation (Karras et al. 2018, arXiv 1710.10196); the generator doubles sides by repeating pixels
before a convolution (Odena et al. 2016, https://doi.org/10.23915/distill.00003), which leaves no checkerboard; weights begin as He et al.
2015 (arXiv 1502.01852) say, which suits a discriminator without normalisation, and keeps the generator's colours apart. Non-saturating
loss (Goodfellow et al. 2014); DiffAugment, the largest help with few pictures (Zhao et al. 2020, arXiv 2006.10738), of translation alone,
since its color lets the colours of drawings drift; R1 (Mescheder et al. 2018, arXiv 1801.04406), lazily every 16 steps with the strength
of Karras et al. 2020 (arXiv 2006.06676); Adam's second momentum 0.99 of Karras et al., since with 0.999 a rare steep gradient moved
weights by sixteen times the rate and losses exploded; an averaged generator. Batches of 8 and the rates are our own, for budgets of a
hundred to some hundred thousand images, where more steps are worth more than smoother ones: docs/training.md says how they were found.
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
        "batch": 8,
        "latent": 128,
        "prior": "normal",
        "channels": 64,
        "kernel": 4,
        "upsampling": "nearest",
        "init": "he",
        "d_norm": "none",
        "minibatch_stddev": True,
        "loss": "non-saturating",
        "r1_gamma": "auto",
        "r1_every": 16,
        "augment": "translation",
        "ema": 5.0,
        "learning_rate_g": 1e-3,
        "learning_rate_d": 1e-3,
        "beta1": 0.5,
        "beta2": 0.99,
    }
