"""Directions in a run's latents: moves that change one thing about any picture. Learnt here, kept in the run by name.

`sefa`: what the first layer amplifies most, in closed form (Shen & Zhou 2021, arXiv 2007.06600). `colours` and `labels`: a linear probe
foretells a measure, or a person's labels, from latents; its weights are the direction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from pipeline import files
from pipeline.errors import PipelineError, UsageError
from pipeline.train import latent
from pipeline.train.latent import Pick
from pipeline.train.use import looks, probe
from pipeline.train.use.folding import folded, is_transposed, with_norms
from pipeline.train.use.generator import Generator
from pipeline.train.watch.evidence import thumbnails

FOLDER = "directions"
LONGEST = 40
NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST - 1}}}")
EFFECT = 2.0
"""Strength, either way, at which effects are measured."""

KNOWN = 0.3
"""Fit from which a measure of shape is held still; to hold what no probe foretells would only cut off directions at random."""

KIND = 20
"""Training pictures of a kind below which nothing is learnt of it."""

FEWEST = 3
"""Labelled pictures of a kind below which nothing is learnt of it."""


@dataclass(frozen=True)
class Direction:
    """A move in latents. Strength 1 adds `vector`, which is as long as the standard deviation of one of a latent's numbers."""

    name: str
    kind: str
    """`sefa`, `colour`, `label` or `field`."""
    vector: tuple[float, ...]
    generator: str
    """Digest of the generator that it was learnt on."""
    fit: float | None = None
    """Correlation of what the probe foretells of a left-out picture with what was found; None for sefa."""
    effects: Mapping[str, float] | None = None
    """By measure of `looks`: its change from strength -`EFFECT` to `EFFECT`, in its standard deviations over pictures, on average."""
    word: str = ""
    """What it was learnt for as people write it, where `name` is not just that; empty for colours and sefa."""


def sefa(generator: Generator, count: int) -> list[Direction]:
    """The `count` unit directions that the first layer stretches most, as `sefa-1`, …: the leading eigenvectors of its AᵀA.

    A: (outputs, length), with the batch normalisation after it, which belongs to the same linear map. Raises UsageError for more than
    there are.
    """
    if not 1 <= count <= generator.length:
        raise UsageError(f"--sefa {count}: there are {generator.length} directions in all")
    first = next((layer, norm) for layer, norm in with_norms(generator.network) if is_transposed(layer))
    kernel, _ = folded(*first)
    matrix = kernel.reshape(len(kernel), -1).astype(np.float64)
    _, vectors = np.linalg.eigh(matrix @ matrix.T)
    found = vectors[:, ::-1][:, :count].T
    signed = [row * np.sign(row[np.abs(row).argmax()]) for row in found]  # an eigenvector has no sign of its own
    return [_direction(generator, f"sefa-{number}", "sefa", row) for number, row in enumerate(signed, 1)]


def colours(generator: Generator, names: Sequence[str], samples: int, seed: int) -> list[Direction]:
    """A direction for each of these `looks.COLOUR`, learnt from `samples` pictures; it holds still what a probe
    foretells of shape, and of a hue the one at a right angle, so that red does not drift to orange.

    Raises UsageError for another name, or too few samples.
    """
    for name in names:
        if name not in looks.COLOUR:
            raise UsageError(f"--colour {name}: give one of {', '.join(looks.COLOUR)}")
    if samples < 50:
        raise UsageError(f"--samples {samples}: 50 at least, better 1000")
    noise = latent.latents(generator.prior, samples, generator.length, seed)
    seen = looks.looks(generator.draw(noise))
    found = []
    for name in names:
        beside = {f"beside {name}": looks.hue(seen, looks.COLOURS[name] + 90)} if name in looks.COLOURS else {}
        measures = {name: seen[name]} | beside | {measure: seen[measure] for measure in looks.SHAPE}
        learnt = probe.learn(noise, np.stack(list(measures.values()), axis=1))
        if not learnt.weights[0].any():
            raise PipelineError(f"{generator.run}: its pictures do not differ in {name}, so there is no direction for it")
        known = [at for at in range(1, len(measures)) if learnt.fits[at] > KNOWN]
        held = sorted(known, key=lambda at: -learnt.fits[at])[: generator.length // 2]  # what is held leaves fewer ways to go
        found.append(_direction(generator, name, "colour", probe.direction(learnt, 0, held), float(learnt.fits[0])))
    return found


def labels(generator: Generator, spoken: Mapping[Pick, str]) -> list[Direction]:
    """A direction towards each label and away from the others, learnt from pictures that a person labelled; of two labels, both.

    Where every label is a number there is one direction, `value`. Raises UsageError when there are too few pictures, or one label alone.
    """
    noise = generator.latents(list(spoken))
    words = list(spoken.values())
    try:
        measured = {"value": np.array([float(word) for word in words])}
        enough = len(words) >= 2 * FEWEST and len(set(words)) > 1 and bool(np.isfinite(measured["value"]).all())
    except ValueError:
        measured = {word: np.array([float(other == word) for other in words]) for word in dict.fromkeys(words)}
        enough = len(measured) > 1 and min(words.count(word) for word in measured) >= FEWEST
    if not enough:
        raise UsageError(f"{len(words)} labels, {len(set(words))} kinds: two kinds are needed, with {FEWEST} pictures of each, better 50")
    learnt = probe.learn(noise, np.stack(list(measured.values()), axis=1))
    units = [probe.direction(learnt, at, []) for at in range(len(measured))]
    return [
        _direction(generator, name, "label", unit, float(fit), word)
        for word, name, unit, fit in zip(measured, slugs(list(measured)), units, learnt.fits, strict=True)
    ]


def fields(generator: Generator, pictures: np.ndarray, words: Sequence[str], samples: int, seed: int) -> list[Direction]:
    """A direction towards each word that stands for `KIND` training pictures or more, uint8 (n, side, side, 3), and away from the others.

    Two probes in a row: the first tells the word from a picture's thumbnail, and judges `samples` generated ones; the second foretells its
    judgement from latents. `fit` is the product of both fits. Words that the first cannot tell (`KNOWN`) are left out. Raises
    UsageError when no word is left.
    """
    counts = {word: words.count(word) for word in dict.fromkeys(words)}
    kinds = [word for word, count in counts.items() if KIND <= count <= len(words) - KIND]
    if not kinds:
        raise UsageError(f"{len(words)} pictures, {len(counts)} words: two words are needed, with {KIND} pictures of each")
    told = np.stack([np.array([word == kind for word in words], np.float64) for kind in kinds], axis=1)
    judge = probe.learn(thumbnails(pictures), told)
    noise = latent.latents(generator.prior, samples, generator.length, seed)
    learnt = probe.learn(noise, thumbnails(generator.draw(noise)) @ judge.weights.T)
    fits = judge.fits * np.maximum(learnt.fits, 0)
    found = [
        _direction(generator, name, "field", probe.direction(learnt, at, []), float(fits[at]), kinds[at])
        for at, name in enumerate(slugs(kinds))
        if judge.fits[at] > KNOWN and learnt.weights[at].any()
    ]
    if not found:
        raise UsageError(f"none of {', '.join(kinds[:8])} can be told from a picture by a linear probe; label generated ones with --labels")
    return found


def measured(generator: Generator, found: Direction, pictures: int = 200, seed: int = 1) -> Direction:
    """The same with its effects, measured on pictures it was not learnt from, each moved by `EFFECT` both ways."""
    noise = latent.latents(generator.prior, pictures, generator.length, seed + 1_000_003)
    still = looks.looks(generator.draw(noise))
    less, more = (looks.looks(generator.draw(moved(noise, [(found, sign * EFFECT)]))) for sign in (-1, 1))
    spread = {name: max(float(values.std()), 1e-9) for name, values in still.items()}
    return replace(found, effects={name: round(float((more[name] - less[name]).mean()) / spread[name], 3) for name in still})


def moved(noise: np.ndarray, moves: Sequence[tuple[Direction, float]]) -> np.ndarray:
    """Latents (n, length) moved along directions, each by so many strengths; the moves add up."""
    total = sum((strength * np.asarray(direction.vector) for direction, strength in moves), np.zeros(noise.shape[1]))
    shifted: np.ndarray = (noise + total).astype(np.float32)
    return shifted


def save(run: Path, found: Direction) -> Path:
    """Keep a direction in the run under its name, in place of one of the same name."""
    path = run / FOLDER / f"{found.name}.json"
    files.write(path, json.dumps(asdict(found), indent=2) + "\n")
    return path


def read(run: Path, name: str) -> Direction:
    """The run's direction of that name. Raises UsageError when there is none, PipelineError when it cannot be read."""
    path = run / FOLDER / f"{name}.json"
    if not NAME.fullmatch(name) or not path.exists():
        known = ", ".join(listed(run)) or "none yet"
        raise UsageError(f"{name}: no direction of {run} ({known}); learn it with `pipeline directions {run} --colour red`, or --sefa 5")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        vector = tuple(float(number) for number in data.pop("vector"))
        if not np.isfinite(vector).all():
            raise ValueError("not finite")
        return Direction(vector=vector, **data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PipelineError(f"{path}: cannot be read as a direction; learn it anew") from error


def fitting(generator: Generator, name: str) -> Direction:
    """The same for use with this generator. Raises PipelineError when it was learnt on another one, as before more training."""
    found = read(generator.run, name)
    if len(found.vector) != generator.length or found.generator != generator.digest:
        raise PipelineError(f"{generator.run}: direction {name} was learnt on another generator; learn it anew")
    return found


def listed(run: Path) -> list[str]:
    """Names of the run's directions, sorted, sefa-2 before sefa-10."""
    names = [path.stem for path in (run / FOLDER).glob("*.json") if NAME.fullmatch(path.stem)]
    return sorted(names, key=lambda name: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)])


def slugs(words: Sequence[str]) -> list[str]:
    """A `slug` for each word, numbered where several words come to the same."""
    found: list[str] = []
    for word in words:
        plain, number = slug(word), 1
        while (name := plain if number == 1 else f"{plain[: LONGEST - len(str(number)) - 1]}-{number}") in found:
            number += 1
        found.append(name)
    return found


def slug(text: str) -> str:
    """A label as the name of a direction (`NAME`); one without a letter a-z or digit, as in another script, is `label`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST].strip("-") or "label"


def _direction(generator: Generator, name: str, kind: str, unit: np.ndarray, fit: float | None = None, word: str = "") -> Direction:
    vector = unit / np.linalg.norm(unit) * latent.SPREAD[generator.prior]
    numbers = tuple(round(float(number), 7) for number in vector)
    return Direction(name, kind, numbers, generator.digest, None if fit is None else round(fit, 4), word="" if word == name else word)
