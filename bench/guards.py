"""Planted failures: how soon is each named, and does a healthy run stay silent?

Trains the preset `stable` at 64 pixels and 16 channels on robots (package robohash) with one thing broken at a time, reads `warnings.csv`
of each run, and says after how many thousand images the expected warning came. Then the same unbroken with three seeds.

    python bench/guards.py [--quick] [--only NAME] [--healthy KIMG]

`--quick`: one healthy run instead of three.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import numpy as np  # noqa: E402
from likeness import Robots  # noqa: E402
from PIL import Image  # noqa: E402

from pipeline.errors import PipelineError  # noqa: E402
from pipeline.report import SILENT  # noqa: E402
from pipeline.train import backends, presets, recovery  # noqa: E402
from pipeline.train.callbacks import Callback  # noqa: E402
from pipeline.train.watch import guardian  # noqa: E402

SIDE, TRAINED, HELD_OUT = 64, 400, 64
SMALL = {"channels": 16, "precision": "float32", "jit": "off", "evaluate_kimg": 0, "samples_kimg": 4, "checkpoint_kimg": 2}
BROKEN_AT = 2.0
"""Thousand images after which a run that began well is broken."""


@dataclass(frozen=True)
class Plant:
    """A failure: what is broken, and which of these warnings must come within so many thousand images of that."""

    name: str
    expected: tuple[str, ...]
    within: float
    settings: dict[str, Any] = field(default_factory=dict)
    kimg: float = 6
    pictures: int = TRAINED
    at: float = 0.0
    breaks: Callable[[Any], None] | None = None
    labels: str = ""


def nan(recorder: Any) -> None:
    """One weight is not a number."""
    weight = recorder.gan.generator.trainable_variables[0]
    values = np.asarray(weight).copy()
    values.flat[0] = np.nan
    weight.assign(values)


def dead(recorder: Any) -> None:
    """No unit of the generator lets anything through any more."""
    for weight in recorder.gan.generator.trainable_variables:
        if weight.path.endswith("/beta"):
            weight.assign(np.full(weight.shape, -50.0))


PLANTS = (
    Plant("learning rates × 100", ("losses exploded", "no numbers"), 3, {"learning_rate_g": 0.1, "learning_rate_d": 0.1}, kimg=3),
    Plant("learning rates × 100, before the first step", ("learning rate",), 0, {"learning_rate_g": 0.1, "learning_rate_d": 0.1}, kimg=0.1),
    Plant("8 pictures", ("few pictures",), 0, pictures=8, kimg=0.1),
    Plant("8 pictures, learnt by heart", ("memorisation",), 12, {"augment": ""}, pictures=8, kimg=12),
    Plant("labels swapped", ("labels wrong",), 5, labels="swapped"),
    Plant("labels by lot", ("discriminator learns nothing", "labels wrong"), 5, labels="lot"),
    Plant("NaN in a weight", ("no numbers",), 1.1, kimg=4, at=BROKEN_AT, breaks=nan),
    Plant("dead generator", ("generator dead",), 5, kimg=7, at=BROKEN_AT, breaks=dead),
    Plant("generator that does not learn", ("generator stalled", "generator dead"), 7, {"learning_rate_g": 1e-9}, kimg=7),
)


class Breaking(Callback):
    """Breaks a run once."""

    def __init__(self, plant: Plant) -> None:
        self.plant, self.done = plant, False

    def measured(self, recorder: Any, row: Any) -> None:
        if self.plant.breaks and not self.done and row["kimg"] >= self.plant.at:
            self.done = True
            self.plant.breaks(recorder)


def wrong_labels(kind: str) -> Callable[..., Any]:
    """In place of `objective.labels`: generated pictures are real and real ones are not, or either by lot."""
    import keras

    def drawn(settings: Any, count: int, seeds: Any) -> tuple[Any, Any]:
        lots = keras.ops.cast(keras.random.uniform((2, count, 1), seed=seeds) > 0.5, "float32")
        return (0.0, 1.0) if kind == "swapped" else (lots[0], lots[1])

    return drawn


def shards(folder: Path, pictures: list[Image.Image], held_out: list[Image.Image]) -> Path:
    """A folder of TFRecord shards, as `pipeline shard` writes them but for what training does not read."""
    import tensorflow as tf

    folder.mkdir(parents=True)
    shape = {"dimensions": [str(SIDE), str(SIDE), "3"]}
    features = {"featuresDict": {"features": {"image": {"image": {"shape": shape, "dtype": "uint8", "encodingFormat": "png"}}}}}
    (folder / "features.json").write_text(json.dumps(features), encoding="utf-8")
    for split, some in (("train", pictures), ("validation", held_out)):
        with tf.io.TFRecordWriter(str(folder / f"robots-{split}.tfrecord-00000-of-00001")) as writer:
            for picture in some:
                small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                png = tf.train.Feature(bytes_list=tf.train.BytesList(value=[tf.io.encode_png(np.asarray(small)).numpy()]))
                writer.write(tf.train.Example(features=tf.train.Features(feature={"image": png})).SerializeToString())
    return folder


def trained(folder: Path, runs: Path, kimg: float, callbacks: list[Callback], **settings: Any) -> tuple[list[dict[str, str]], str]:
    """The warnings of a run, and the line that it ended with if it failed. Numbers that broke are named where they did, not where the run
    went back to."""
    from pipeline.train.loop import train

    chosen = presets.load("stable").model_validate(SMALL | {"kimg": kimg} | settings)
    ended = ""
    try:
        train(folder, runs, chosen, name="run", resume=False, report=SILENT, callbacks=callbacks)
    except PipelineError as error:
        ended = str(error).replace(f"{runs}/", "")
    found = guardian.warnings(runs / "run")
    for row, recovered in zip((row for row in found if row["kind"] == "no numbers"), recovery.read(runs / "run"), strict=False):
        row["kimg"] = str(recovered.kimg)
    shutil.rmtree(runs)
    return found, ended


def planted(plant: Plant, folder: Path, runs: Path) -> dict[str, Any]:
    """What became of one failure."""
    from pipeline.train import objective

    labels = wrong_labels(plant.labels) if plant.labels else objective.labels
    with mock.patch.object(objective, "labels", labels):
        found, ended = trained(folder, runs, plant.kimg, [Breaking(plant)], **plant.settings)
    seen = [row for row in found if row["event"] == "seen"]
    named = next((row for row in seen if row["kind"] in plant.expected and float(row["kimg"]) >= plant.at), None)
    after = float(named["kimg"]) - plant.at if named else None
    return {
        "failure": plant.name,
        "warning": named["kind"] if named else None,
        "after_kimg": after,
        "within": plant.within,
        "right": after is not None and after <= plant.within + 1e-6,
        "also": sorted({row["kind"] for row in seen} - {named["kind"] if named else ""}),
        "words": f"{named['seen']}. Try: {named['advice']}" if named else ended,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="failures with this in their name, and no healthy run")
    parser.add_argument("--healthy", type=float, default=12, help="thousand images of a healthy run")
    options = parser.parse_args()
    backends.load("tensorflow")
    began, processor = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        pictures = [picture for _, picture in Robots().some(TRAINED + HELD_OUT + 20)]
        np.random.default_rng(0).shuffle(pictures)  # type: ignore[arg-type]
        held_out = pictures[:HELD_OUT]
        sets = {
            count: shards(Path(scratch) / f"shards-{count}", pictures[HELD_OUT : HELD_OUT + count], held_out if count > 8 else [])
            for count in (TRAINED, 8)
        }
        results = []
        for plant in PLANTS:
            if options.only not in plant.name:
                continue
            result = planted(plant, sets[plant.pictures], Path(scratch) / "runs")
            results.append(result)
            outcome = f"{result['warning']} after {result['after_kimg']:g} kimg" if result["warning"] else "NOT NAMED"
            print(f"{plant.name}: {outcome} (asked for within {plant.within:g}); also {result['also']}\n    {result['words']}", flush=True)
        healthy = []
        for seed in range(0 if options.only else 1 if options.quick else 3):
            found, ended = trained(sets[TRAINED], Path(scratch) / "runs", options.healthy, [], seed=seed)
            healthy.append([row["kind"] for row in found] + ([ended] if ended else []))
            print(f"healthy, seed {seed}, {options.healthy:g} kimg: {healthy[-1] or 'no warning'}", flush=True)
    seconds = {"seconds": round(time.monotonic() - began), "processor_seconds": round(time.process_time() - processor)}
    print(json.dumps({"bench": "guards", "failures": results, "healthy": healthy, **seconds}))


if __name__ == "__main__":
    main()
