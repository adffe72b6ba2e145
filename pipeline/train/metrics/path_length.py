"""Perceptual path length: how smoothly pictures change along the way between latents, in the embedder's space."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.train import latent

STEP = 1e-2
"""Of the way between two latents. The paper's 1e-4 would leave differences of float32's rounding here."""
PATHS = 400
TRIMMED = 0.01
"""Share of the paths that is left out at either end, as in the paper: single jumps would outweigh all."""
CHUNK = 16


def path_length(generator: Any, embed: Callable[[np.ndarray], np.ndarray], prior: str, length: int, seed: int, paths: int = PATHS) -> float:
    """Mean of |e(G(z(t))) - e(G(z(t + STEP)))|² / STEP², trimmed, over random places t of random ways z between two latents.

    Karras et al. 2019 (arXiv 1812.04948, section 4.1), with the embedder in the place of VGG: compare it only with itself. Ways are
    those of `latent.slerp`. `generator`: a Keras model, latents (n, length) → pictures in [-1, 1]; `embed`: float32 pictures in 0–255,
    not rounded, → (n, d). 0: it draws the same whatever it is given.
    """
    from keras import ops

    ends = latent.latents(prior, 2 * paths, length, seed)
    places = np.random.default_rng(seed).uniform(0, 1 - STEP, paths)
    found = []
    for start in range(0, paths, CHUNK):
        part = range(start, min(start + CHUNK, paths))
        near, far = (np.stack([latent.slerp(ends[2 * at], ends[2 * at + 1], places[at] + step) for at in part]) for step in (0.0, STEP))
        noise = np.zeros((2 * CHUNK, length), np.float32)  # full batches: another shape would be traced anew
        noise[: len(near)], noise[CHUNK : CHUNK + len(far)] = near, far
        drawn = ops.convert_to_numpy(generator(noise, training=False)).astype(np.float32)
        embedded = embed((drawn + 1) * 127.5).astype(np.float64)
        found.append(((embedded[: len(near)] - embedded[CHUNK : CHUNK + len(far)]) ** 2).sum(axis=1) / STEP**2)
    every = np.sort(np.concatenate(found))
    cut = int(TRIMMED * len(every))
    return float(every[cut : len(every) - cut].mean())
