"""What stands behind the sliders page: one run's generator, its directions and its favourites. Knows nothing of HTTP."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.train import latent
from pipeline.train.latent import Pick
from pipeline.train.use import directions, favourites
from pipeline.train.use.directions import Direction
from pipeline.train.use.generator import Generator

REACH = 5.0
"""The largest strength, either way."""
USUAL = 5
"""Directions in closed form that are learnt where a run has none yet."""


class Desk:
    """One run, open in a browser. `passed_over`: directions that were learnt on another generator."""

    def __init__(self, run: Path) -> None:
        """Load it. Raises PipelineError as `Generator` does."""
        self.generator = Generator(run)
        self.directions: dict[str, Direction] = {}
        self.passed_over: list[str] = []
        if not directions.listed(run):
            for one in directions.sefa(self.generator, min(USUAL, self.generator.length)):
                directions.save(run, directions.measured(self.generator, one))
        for name in directions.listed(run):
            try:
                self.directions[name] = directions.fitting(self.generator, name)
            except PipelineError:
                self.passed_over.append(name)

    def state(self) -> dict[str, Any]:
        """What the page shows: the run, its directions in order, its favourites."""
        return {
            "run": self.generator.run.resolve().name,
            "size": self.generator.size,
            "reach": REACH,
            "directions": [{"name": one.name, "kind": one.kind, "changes": _changes(one)} for one in self.directions.values()],
            "passed_over": self.passed_over,
            "favourites": self.favourites(),
        }

    def favourites(self) -> list[dict[str, float]]:
        """The run's favourites, as they are in the file now."""
        kept = favourites.read(self.generator.run)
        return [{"seed": one.pick.seed, "number": one.pick.number, "truncation": one.truncation} for one in kept]

    def keep(self, seed: int, number: int, truncation: float) -> list[dict[str, float]]:
        """Add a favourite; returns all."""
        favourites.keep(self.generator.run, [_pick(seed, number)], truncation)
        return self.favourites()

    def picture(self, seed: int, number: int, truncation: float, moves: Mapping[str, float]) -> bytes:
        """A PNG of a picture, moved. Raises ValueError for what is out of reach, KeyError for an unknown direction."""
        if not all(abs(strength) <= REACH for strength in moves.values()):
            raise ValueError(f"a strength is between -{REACH:g} and {REACH:g}")
        noise = latent.truncate(latent.rows(self.generator.prior, self.generator.length, [_pick(seed, number)]), truncation)
        moved = directions.moved(noise, [(self.directions[name], strength) for name, strength in moves.items()])
        pixels: np.ndarray = self.generator.draw(moved, chunk=1)[0]
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "PNG")
        return data.getvalue()


def _pick(seed: int, number: int) -> Pick:
    if not (0 <= seed < 2**53 and 0 <= number < latent.MOST):
        raise ValueError(f"seeds begin at 0, numbers lie from 0 to {latent.MOST - 1}")
    return Pick(seed, number)


def _changes(one: Direction) -> str:
    """What a direction changes most, in words."""
    effects = one.effects or {}
    strongest = sorted(effects, key=lambda name: -abs(effects[name]))[:3]
    return ", ".join(f"{'more' if effects[name] > 0 else 'less'} {name}" for name in strongest if abs(effects[name]) >= 0.3)
