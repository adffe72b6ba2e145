"""DCGAN as published in 2015.

Radford, Metz, Chintala: Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks,
arXiv 1511.06434, section 3 and 4 and figure 1: 100 uniform latents, a generator of 1024, 512, 256, 128 feature maps at 64
pixels, 5x5 kernels with stride 2, batch normalisation everywhere but in the generator's output and the discriminator's input,
ReLU and tanh in the generator, LeakyReLU 0.2 in the discriminator, weights from N(0, 0.02), batches of 128, Adam with rate
0.0002 and beta1 0.5. No augmentation, no averaging. The paper trains for epochs of large sets; `kimg` is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pipeline.train.presets.base import TrainSettings


class Settings(TrainSettings):
    """The paper's numbers."""

    preset: Literal["dcgan"] = "dcgan"
    defaults: ClassVar[Mapping[str, Any]] = {
        "kimg": 1000,
        "batch": 128,
        "latent": 100,
        "prior": "uniform",
        "channels": 128,
        "kernel": 5,
        "d_norm": "batch",
        "learning_rate_g": 2e-4,
        "learning_rate_d": 2e-4,
        "beta1": 0.5,
    }
