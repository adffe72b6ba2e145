"""Everything that can be measured of a finished run, written as CSV, JSON and a page beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import files
from pipeline.errors import PipelineError, UsageError
from pipeline.report import Reporter
from pipeline.train import checkpoints, data
from pipeline.train.config import RunConfig
from pipeline.train.data import ShardSet
from pipeline.train.metrics import color, evaluation_page, manifold, reals
from pipeline.train.metrics import evaluator as scoring
from pipeline.train.metrics.color import Palette
from pipeline.train.metrics.kid import Kid
from pipeline.train.metrics.path_length import PATHS, STEP, path_length
from pipeline.train.use.generator import Generator

FOLDER = "evaluation"
CHECKPOINTS = ("best", "last")
SHOWN, NEIGHBOURS = 12, 3
"""Samples that the page shows of each kind, and training pictures beside each."""

MEANINGS = scoring.SCORES | {
    "path_length": "mean squared change of the embedding along short steps between latents (perceptual path length); lower is smoother",
    "fid": "Fréchet distance of Inception features; falls with the number of pictures, compare only numbers from as many",
    "inception_score": "how sure and how different Inception finds the samples, 1–1008; made for photographs",
}
"""What each number means."""


@dataclass(frozen=True)
class Evaluation:
    """What was found. `halves`: the same scores of one half of the real pictures against the other, where they are defined."""

    run: Path
    scores: Mapping[str, float]
    halves: Mapping[str, float]
    about: Mapping[str, Any]
    files: tuple[Path, ...]


def evaluate(
    run: Path,
    *,
    report: Reporter,
    shards: Path | None = None,
    count: int | None = None,
    checkpoint: str = "best",
    inception: Path | None = None,
) -> Evaluation:
    """Measure a run's generator on `count` samples (None: as many as real pictures, at most 1,000); see `metrics.SCORES` and `MEANINGS`.

    `shards`: what it is compared with; None: those it was trained on, looked for beside the run. `checkpoint`: `best`, which
    `generator.weights.h5` holds (the last one, where none was evaluated), or `last`. `inception`: weights for FID and IS. Files go to
    `evaluation/` in the run. Raises UsageError for what cannot be found, PipelineError for what is missing, damaged or too little.
    """
    config = RunConfig.read(run)
    if checkpoint not in CHECKPOINTS:
        raise UsageError(f"checkpoint {checkpoint}: give best or last")
    network, which = _network(run, config, checkpoint)
    shard_set = _shards(run, config, shards)
    if shard_set.digest != config.digest:
        report.note(f"{shard_set.folder}: not the shards that {run} was trained on; `nearest` and `copies` are about these")
    judge = scoring.Evaluator(shard_set, config.settings, count)
    inceptor = _inception(inception)
    with report.bar("real pictures"):
        known = judge.known
    with report.bar("pictures", judge.count) as advance:
        pictures = judge.samples(network)
        embedded = judge.embedder(pictures)
        advance(judge.count)
    scores = judge.scores(embedded, color.colors(pictures))
    about = {**which, "run": run.name, "shards": shard_set.name, **judge.about, "latents_seed": scoring.SEED, "path_step": STEP}
    scores["path_length"] = path_length(
        network, judge.embedder.exactly, config.settings.prior, config.settings.latent, scoring.SEED, min(PATHS, judge.count)
    )
    if inceptor is not None:
        assert inception is not None
        found, more = _inception_scores(inceptor, pictures, reals.pictures(shard_set, known.real.split, known.real.ids))
        scores, about = scores | found, {**about, "inception": inception.name, **more}
    near, far = manifold.nearest(embedded, known.training.embeddings, NEIGHBOURS)
    halves = _halves(known.real)
    shown = _shown(far[:, 0])
    wanted = sorted({int(number) for number in near[shown].ravel()})
    trained = reals.pictures(shard_set, reals.TRAIN, [known.training.ids[number] for number in wanted])
    places = {number: place for place, number in enumerate(wanted)}
    usual = float(np.median(known.gaps))
    rows = [
        evaluation_page.Row(
            f"{scoring.SEED}:{sample}",
            pictures[sample],
            [
                evaluation_page.Neighbour(known.training.ids[number], trained[places[int(number)]], float(distance / usual))
                for number, distance in zip(near[sample], far[sample], strict=True)
            ],
        )
        for sample in shown
    ]
    return _written(run, scores, halves, about, rows)


def _network(run: Path, config: RunConfig, checkpoint: str) -> tuple[Any, dict[str, Any]]:
    """The generator as a Keras model, and which it is."""
    generator = Generator(run)
    if checkpoint == "best":
        best = checkpoints.read_about(run / "checkpoints" / checkpoints.BEST)
        newest = next((about for path in reversed(checkpoints.listed(run / "checkpoints")) if (about := checkpoints.read_about(path))), {})
        return generator.network, {"checkpoint": "best" if best else "last", "kimg": (best or newest).get("kimg")}
    from pipeline.train.gan import Gan

    gan = Gan(config.size, config.settings, "float32")
    group = "average" if gan.average else "generator"
    for path in reversed(checkpoints.listed(run / "checkpoints")):
        found = checkpoints.read(path)
        if found is None:
            continue
        arrays, about = found
        values = [arrays[name] for name in sorted(arrays) if name.startswith(f"{group}/")]
        if [value.shape for value in values] != [tuple(variable.shape) for variable in gan.sampler.variables]:
            raise PipelineError(f"{path}: its variables are not those of these networks; it was written by another version")
        for variable, value in zip(gan.sampler.variables, values, strict=True):
            variable.assign(value)
        return gan.sampler, {"checkpoint": "last", "kimg": about.get("kimg")}
    raise PipelineError(f"{run}: no whole checkpoint; leave --checkpoint out, or train on")


def _shards(run: Path, config: RunConfig, folder: Path | None) -> ShardSet:
    from pipeline.train.networks import SIZES

    if folder is not None:
        found = data.inspect(folder, SIZES)
        if found.size != config.size:
            raise UsageError(f"{folder}: pictures of {found.size} pixels, and {run} draws {config.size}; name other shards")
        return found
    root = run.resolve().parent.parent / "shards"
    told = [(run.resolve() / config.shards).resolve()] if config.shards else []
    for place in [*told, *(path.parent for path in sorted(root.glob("*/features.json")))]:
        try:
            found = data.inspect(place, SIZES)
        except PipelineError:  # what was not trained on need not be whole
            continue
        if found.digest == config.digest:
            return found
    looked = " or ".join(map(str, [*told, root]))
    raise UsageError(f"{run}: the shards it was trained on are not in {looked}; name their folder with --shards")


def _inception(path: Path | None) -> Any:
    if path is None:
        return None
    from pipeline.train.metrics.inception import Inception

    return Inception(path)


def _inception_scores(network: Any, made: np.ndarray, real: np.ndarray) -> tuple[dict[str, float], dict[str, Any]]:
    from pipeline.train.metrics import inception

    features = network(made)
    splits = max(1, min(10, len(made) // 100))
    scores = {
        "fid": inception.frechet(network(real), features),
        "inception_score": inception.inception_score(network.probabilities(features), splits),
    }
    return scores, {"inception_resize": f"bilinear to {inception.SIDE} px", "inception_splits": splits, "fid_real": len(real)}


def _halves(real: reals.Reals) -> dict[str, float]:
    """One half of the real pictures against the other, chosen by a fixed seed."""
    order = np.random.default_rng(0).permutation(len(real))
    one, two = order[: len(order) // 2], order[len(order) // 2 :][: len(order) // 2]
    first, second = real.embeddings[one], real.embeddings[two]
    precision, recall = manifold.precision_recall(first, second)
    return {
        "kid": Kid(first)(second),
        "color": Palette(real.colors[one])(real.colors[two]),
        "precision": precision,
        "recall": recall,
        "diversity": manifold.spread(second) / manifold.spread(first),
    }


def _shown(far: np.ndarray) -> list[int]:
    """The first samples, then those that are nearest to a training picture."""
    first = list(range(min(SHOWN, len(far))))
    return first + [int(number) for number in np.argsort(far, kind="stable") if number not in first][:SHOWN]


def _written(
    run: Path, scores: dict[str, float], halves: dict[str, float], about: dict[str, Any], rows: list[evaluation_page.Row]
) -> Evaluation:
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["score", "value", "real_halves", "meaning"])
    for name, value in scores.items():
        writer.writerow([name, f"{value:.6g}", f"{halves[name]:.6g}" if name in halves else "", MEANINGS[name]])
    neighbours = [{"sample": row.name, "training": [{"id": one.name, "distance": one.distance} for one in row.neighbours]} for row in rows]
    everything = {"about": about, "scores": scores, "real_halves": halves, "neighbours": neighbours}
    written = folder / "scores.csv", folder / "scores.json", folder / "index.html"
    files.write(written[0], "\ufeff" + table.getvalue())
    files.write(written[1], json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    files.write(written[2], evaluation_page.page(scores, halves, about, MEANINGS, rows[:SHOWN], rows[SHOWN:]))
    return Evaluation(run, scores, halves, about, written)
