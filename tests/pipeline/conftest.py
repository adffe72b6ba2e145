"""What tests of several packages use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def drawable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was not trained, with a generator of 32 pixels and 8 normal latents whose pictures differ: for reading only."""
    pytest.importorskip("tensorflow")
    from pipeline.train import backends, checkpoints, networks, presets
    from pipeline.train.config import RunConfig

    backends.load("tensorflow")
    small = presets.load("stable").model_validate({"channels": 4, "latent": 8, "batch": 8, "kimg": 1, "kernel": 4})
    run = tmp_path_factory.mktemp("runs") / "drawable"
    RunConfig(small, "dots", "ab" * 32, images=20, size=32, batch=8, precision="float32").write(run)
    network = networks.generator(32, small)
    rng = np.random.default_rng(0)
    for weight in network.weights:
        # Statistics of batch normalisation have to stay those of what comes in, more or less; kernels large enough to tell.
        scale = {"moving_variance": 0.0, "moving_mean": 0.05, "gamma": 0.1, "beta": 0.3, "bias": 0.2}.get(weight.name, 0.15)
        weight.assign(np.asarray(weight) * (weight.name in ("gamma", "moving_variance")) + rng.normal(0, 1, weight.shape) * scale)
    checkpoints.save_generator(network, run / checkpoints.GENERATOR)
    return run
