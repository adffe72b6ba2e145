"""Linear probes of latents: which direction changes something that was measured on the pictures. Pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PENALTIES = tuple(10.0**power for power in range(-2, 6))
"""Ridge penalties that are tried; each measure takes the one that foretells left-out pictures best."""


@dataclass(frozen=True)
class Probe:
    """Ridge regression of standardised measures on latents."""

    weights: np.ndarray
    """(measures, length): standard deviations of a measure for each 1 in a latent's number."""
    fits: np.ndarray
    """(measures,): correlation of what each probe says of a picture left out of it with what was measured; 0 knows nothing, 1 all."""


def learn(noise: np.ndarray, measured: np.ndarray) -> Probe:
    """Probes of `measured` (n, measures) from latents `noise` (n, length), with the error of leaving each picture out in closed form."""
    noise = noise.astype(np.float64)
    centred = noise - noise.mean(axis=0)
    spread = measured.std(axis=0)
    targets = (measured - measured.mean(axis=0)) / np.where(spread > 1e-9, spread, np.inf)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    seen = left.T @ targets
    weights, fits = np.zeros((targets.shape[1], noise.shape[1])), np.zeros(targets.shape[1])
    best = np.full(targets.shape[1], np.inf)
    for penalty in PENALTIES:
        shrink = values**2 / (values**2 + penalty)
        own = 1 / len(noise) + ((left**2) * shrink).sum(axis=1)  # the mean is learnt too
        errors = (targets - left @ (shrink[:, None] * seen)) / np.maximum(1 - own, 1e-9)[:, None]
        better = (errors**2).mean(axis=0) < best
        best = np.where(better, (errors**2).mean(axis=0), best)
        found = (right.T @ ((values / (values**2 + penalty))[:, None] * seen)).T
        weights[better] = found[better]
        fits[better] = _correlations(targets - errors, targets)[better]
    return Probe(weights, fits)


def direction(probe: Probe, target: int, held: list[int]) -> np.ndarray:
    """The unit direction (length,) along which the probe of `target` grows and those of `held` do not: the row of its weights with the
    rows of `held` projected out. Raises ValueError when nothing is left, as when the target is one of `held`.
    """
    wanted = probe.weights[target]
    if held:
        basis, _ = np.linalg.qr(probe.weights[held].T)
        wanted = wanted - basis @ (basis.T @ wanted)
    length = np.linalg.norm(wanted)
    if length <= 1e-6 * max(float(np.linalg.norm(probe.weights[target])), 1e-12):
        raise ValueError("no direction is left")
    unit: np.ndarray = wanted / length
    return unit


def _correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    lengths = np.linalg.norm(one, axis=0) * np.linalg.norm(other, axis=0)
    found: np.ndarray = (one * other).sum(axis=0) / np.where(lengths > 1e-12, lengths, np.inf)
    return found
