"""How good a generator is, in numbers: how near its pictures come to real ones, and which of two generators is the better one.

    from pipeline.train import data, metrics, networks

    evaluator = metrics.Evaluator(data.inspect(folder, networks.SIZES), settings)
    scores = evaluator(generator)     # a Keras model: latents → pictures in [-1, 1]

docs/training.md says what each score means. All distances are between EfficientNet-Lite0 embeddings (extra `embed`), at the 224 pixels that
network was trained at: none of them can be compared with numbers from an Inception network.
"""

from __future__ import annotations

from pipeline.train.metrics.evaluator import SCORES, Evaluator, better

__all__ = ["SCORES", "Evaluator", "better"]
