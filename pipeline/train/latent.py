"""Latents: the rows of numbers that pictures are made from, by seed and number, mixed, moved and walked between. NumPy only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline.errors import UsageError

SPREAD = {"normal": 1.0, "uniform": 3**-0.5}
"""Standard deviation of each number of a latent, by prior: N(0, 1), or uniform on [-1, 1]."""

MOST = 1_000_000
"""Numbers of a seed below which a range may reach."""


@dataclass(frozen=True, order=True)
class Pick:
    """One picture of a generator: picture `number` (from 0) of `seed`."""

    seed: int
    number: int

    def __str__(self) -> str:
        return f"{self.seed}:{self.number}"

    @classmethod
    def parse(cls, text: str, seed: int = 0) -> Self:
        """`SEED:NUMBER`, or `NUMBER` of `seed`. Raises UsageError."""
        found = re.fullmatch(r"(?:(\d{1,18}):)?(\d{1,6})", text.strip())
        if found is None:
            raise UsageError(f"{text.strip() or 'nothing'}: a picture is NUMBER or SEED:NUMBER, as in 17 or 3:17")
        return cls(seed if found[1] is None else int(found[1]), int(found[2]))


def picks(text: str, seed: int = 0) -> list[Pick]:
    """`3,17,20-24,5:0` as pictures, in that order; a bare number is of `seed`. Raises UsageError."""
    found = []
    for part in text.split(","):
        if spanned := re.fullmatch(r"\s*(?:(\d{1,18}):)?(\d{1,6})-(\d{1,6})\s*", part):
            first, last = int(spanned[2]), int(spanned[3])
            if first > last:
                raise UsageError(f"{part.strip()}: the range ends before it begins")
            found += [Pick(seed if spanned[1] is None else int(spanned[1]), number) for number in range(first, last + 1)]
        else:
            found.append(Pick.parse(part, seed))
    return found


def rows(prior: str, length: int, chosen: Iterable[Pick]) -> np.ndarray:
    """The latents of these pictures, float32 (n, length); each depends on its seed and number alone."""
    generators = [np.random.default_rng((pick.seed, pick.number)) for pick in chosen]
    drawn = [one.uniform(-1, 1, length) if prior == "uniform" else one.standard_normal(length) for one in generators]
    return np.asarray(drawn, dtype=np.float32).reshape(len(generators), length)


def latents(prior: str, count: int, length: int, seed: int) -> np.ndarray:
    """The first `count` latents of a seed, float32 (count, length); a longer series begins like a shorter one."""
    return rows(prior, length, (Pick(seed, number) for number in range(count)))


def truncate(noise: np.ndarray, truncation: float) -> np.ndarray:
    """Latents (n, length) shrunk towards their mean, which is 0 for both priors: 1 leaves them, 0.7 gives tamer, more alike pictures.

    The interpolation of Karras et al. 2019 (arXiv 1812.04948, appendix B), here of the latents themselves, as a DCGAN has no space between
    them and the pictures. Uniform latents so become uniform on [-truncation, truncation]. Raises UsageError below 0 or above 2.
    """
    if not 0 <= truncation <= 2:
        raise UsageError(f"truncation {truncation:g}: give 0 to 2; 1 is what the generator was trained on")
    shrunk: np.ndarray = (noise * np.float32(truncation)).astype(np.float32)
    return shrunk


def slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """The latent (length,) that lies `share` (0–1) of the way from `start` to `end`, along a great circle at constant speed.

    Spherical interpolation (Shoemake 1985), which keeps to where latents of many numbers lie, far from their mean, as White 2016
    recommends for both priors (arXiv 1609.04468); the straight line between two would pass near the mean. Where lengths differ the
    length goes evenly from one to the other.
    """
    lengths = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    length = (1 - share) * lengths[0] + share * lengths[1]
    if min(lengths) == 0:
        return ((1 - share) * start + share * end).astype(np.float32)
    one, other = start / lengths[0], end / lengths[1]
    angle = float(np.arccos(np.clip(np.dot(one.astype(np.float64), other.astype(np.float64)), -1, 1)))
    if np.sin(angle) < 1e-6:  # the same direction; or opposite ones, between which no circle is the shortest
        return ((1 - share) * start + share * end).astype(np.float32)
    mixed = (np.sin((1 - share) * angle) * one + np.sin(share * angle) * other) / np.sin(angle)
    point: np.ndarray = (length * mixed).astype(np.float32)
    return point


def walk(stops: np.ndarray, frames: int, *, loop: bool) -> np.ndarray:
    """Latents from stop to stop (n, length), `frames` for each leg, by `slerp`: (legs · frames [+ 1 if not `loop`], length).

    With `loop` the last leg leads back to the first stop, whose frame is not repeated. Raises UsageError for fewer than two stops.
    """
    if len(stops) < 2 or frames < 1:
        raise UsageError(f"{len(stops)} pictures, {frames} frames: a walk needs two pictures and a frame from one to the next")
    ends = np.roll(stops, -1, axis=0) if loop else stops[1:]
    path = [slerp(start, end, frame / frames) for start, end in zip(stops, ends, strict=False) for frame in range(frames)]
    return np.stack(path if loop else [*path, stops[-1].astype(np.float32)])


def combine(terms: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
    """The signed sum of latents, as in a − b + c (Radford et al. 2015, arXiv 1511.06434, section 6.3.2), as one latent (length,).

    It is scaled to the mean length of its terms: a sum of three is longer than any latent that the generator was trained on.
    Raises UsageError without terms, or when they cancel out.
    """
    if not terms:
        raise UsageError("nothing to add up; give pictures, as in '3 - 5 + 8'")
    total = np.sum([sign * row.astype(np.float64) for sign, row in terms], axis=0)
    length, wanted = float(np.linalg.norm(total)), float(np.mean([np.linalg.norm(row) for _, row in terms]))
    if length < 1e-6 * max(wanted, 1e-6):
        raise UsageError("these pictures cancel out, which leaves nothing to draw")
    combined: np.ndarray = (total * (wanted / length)).astype(np.float32)
    return combined


def sum_of(text: str, seed: int = 0) -> list[tuple[int, Pick]]:
    """`3 - 5 + 0:8` as signs (1 or -1) and pictures. Raises UsageError."""
    parts = re.split(r"([+-])", text if text.lstrip().startswith(("+", "-")) else f"+{text}")
    return [(1 if sign == "+" else -1, Pick.parse(name, seed)) for sign, name in zip(parts[1::2], parts[2::2], strict=True)]
