"""Training as a stage of a dataset: finds the shards, trains on them, and records the finished run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import chain, stages, steps
from pipeline.dataset import Dataset, command_line, find
from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import Manifest
from pipeline.report import Reporter
from pipeline.shards.info import is_folder
from pipeline.train import presets


def train(dataset: Dataset, report: Reporter, name: str | None = None, source: Path | None = None) -> dict[str, Any] | None:
    """Train on the dataset's shards as its manifest says; None if that has been done. Returns the run's summary.

    `source`: a run to begin with the weights of.

    The dataset is held only while the outcome is recorded: a person may go on curating while the GPU works.
    """
    from pipeline.train import loop

    states = {state.name: state for state in stages.state(dataset)}
    record = dataset.catalog.stage("train")
    if name is None and source is None and record and states["train"].state == "fresh" and (dataset.root / record.summary["run"]).is_dir():
        dataset.close()
        return None
    if steps.FOR_TRAINING not in dataset.manifest.shard.format:
        raise PipelineError(f"{dataset.root}: {_other_format(dataset.manifest.shard.format, str(dataset.root))}")
    for stale in stages.require(dataset, "train"):
        report.note(f"train works on what is there, though {stale}; `pipeline run {dataset.root}` brings all up to date")
    made_from, folder = stages.parts(dataset, "train"), steps.shard_folder(dataset)
    sharded = dataset.catalog.stage("shard")
    if sharded and folder.relative_to(dataset.root).as_posix() not in sharded.summary.get("folders", {}).values():
        raise PipelineError(f"{folder}: the manifest asks for these shards, and they are not made; run `pipeline shard {dataset.root}`")
    dataset.close()
    summary = loop.train(folder, dataset.runs, dataset.manifest.train, name=name, resume=True, report=report, source=source)
    summary["run"] = Path(summary["run"]).relative_to(dataset.root).as_posix()
    if not summary["interrupted"]:
        # Hours of work should not end in an error because somebody is just curating.
        with dataset.writing(command_line(), wait=600):
            stages.finish(dataset, "train", made_from, summary, output=summary["run"])
    return summary


@dataclass(frozen=True)
class Target:
    """What `pipeline train` was pointed at: a planned dataset, or a folder of shards alone."""

    plan: chain.Plan | None
    shards: Path | None


def target(reference: str | None, assignments: Sequence[str]) -> Target:
    """A DATASET or SHARDS argument. Raises UsageError."""
    if reference is not None and is_folder(Path(reference)):
        return Target(None, Path(reference))
    return Target(chain.existing(reference, assignments), None)


def train_shards(
    shards: Path, assignments: Sequence[str], name: str | None, report: Reporter, source: Path | None = None
) -> dict[str, Any]:
    """Train on a folder of shards that stands alone; settings come from `--set train.…`, the run goes to `./runs`."""
    from pipeline.shards import info
    from pipeline.train import loop

    if (written := info.format_of(shards)) != steps.FOR_TRAINING:
        raise PipelineError(f"{shards}: {_other_format([written], 'DATASET')}")
    return loop.train(shards, Path("runs"), _settings(assignments), name=name, resume=True, report=report, source=source)


def find_run(reference: str) -> Path:
    """A RUN argument: a directory, or a run's name under `runs/` of the only dataset or here. Raises UsageError."""
    candidates = [Path(reference), Path("runs") / reference]
    with contextlib.suppress(UsageError):
        candidates.append(find(None) / "runs" / reference)
    for candidate in candidates:
        if (candidate / "config.json").is_file():
            return candidate
    raise UsageError(
        f"{reference}: no run there (looked for config.json in {', '.join(str(path) for path in candidates)}); `pipeline train` makes one"
    )


def _other_format(written: Sequence[str], dataset: str) -> str:
    asked = json.dumps([steps.FOR_TRAINING, *written], separators=(",", ":"))
    way_out = f"run `pipeline shard {dataset} --set 'shard.format={asked}'`"
    return f"sharded as {', '.join(written)}, and training reads {steps.FOR_TRAINING}; {way_out}"


def _settings(assignments: Sequence[str]) -> presets.TrainSettings:
    from pipeline import manifest

    bare = '[[scrape]]\nsource = "folder"\npath = "."\n'
    return Manifest.parse(manifest.with_settings(bare, assignments, "--set"), "--set").train
