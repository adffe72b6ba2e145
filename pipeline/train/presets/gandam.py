"""The recipe of the GANdam project, which made mecha of 256 pixels from 1,666 pictures of one web site.

Its numbers: 2,048 normal latents, fully convolutional, 3x3 kernels with stride 2, rates 0.00005 for the discriminator and 0.0005
for the generator, multiplied with 0.2 every 20,000 steps, labels noisy by up to 0.01, batches of 32. Not taken over: dropout,
Keras' default weights, and 2,048 feature maps at 4 pixels and below (here 1,024 at 4 pixels). `kimg` is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pipeline.train.presets.base import TrainSettings


class Settings(TrainSettings):
    """GANdam's numbers."""

    preset: Literal["gandam"] = "gandam"
    defaults: ClassVar[Mapping[str, Any]] = {
        "kimg": 2000,
        "batch": 32,
        "latent": 2048,
        "prior": "normal",
        "channels": 64,
        "kernel": 3,
        "d_norm": "batch",
        "learning_rate_g": 5e-4,
        "learning_rate_d": 5e-5,
        "beta1": 0.9,
        "decay": 0.2,
        "decay_steps": 20_000,
        "label_noise": 0.01,
    }
