"""Run directories: `runs/<name>/` with config.json, checkpoints/, samples/, metrics.csv, events/, generator.weights.h5, timelapse.gif."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline import files
from pipeline.errors import PipelineError, UsageError
from pipeline.train.config import RunConfig


def finished(run: Path) -> bool:
    """Whether the run reached the length its configuration asks for, with everything written."""
    summary = read_summary(run)
    try:
        return summary is not None and summary["step"] >= RunConfig.read(run).total_steps
    except (PipelineError, KeyError, TypeError):
        return False


def find_resumable(runs: Path, config: RunConfig) -> Path | None:
    """The run under `runs` that training with `config` would go on with: same identity. Unfinished ones first, then by name."""
    found = [run for run in all_runs(runs) if not RunConfig.read(run).differences(config)]
    return min(found, key=lambda run: (finished(run), run.name), default=None)


def all_runs(runs: Path) -> list[Path]:
    """Every run directory with a readable configuration, by name."""
    return [path.parent for path in sorted(runs.glob("*/config.json")) if _readable(path.parent)]


def choose(runs: Path, config: RunConfig, name: str | None, resume: bool) -> Path:
    """The directory to train in; it may not exist yet. Raises UsageError when the name is taken by what cannot be gone on with."""
    if name is None:
        found = find_resumable(runs, config) if resume else None
        return found or _fresh(runs, f"{config.settings.preset}-{config.size}")
    if not name or Path(name).name != name or name.startswith("."):
        raise UsageError(f"{name}: a run's name becomes a folder under {runs}; leave out slashes and leading dots")
    run = runs / name
    if not run.exists() or all(path.name == ".lock" for path in run.iterdir()):
        return run
    if not (run / "config.json").exists():
        raise UsageError(f"{run}: exists and is not a training run; give another --name")
    if not resume:
        raise UsageError(f"{run}: exists; resume it, or give another --name")
    differences = RunConfig.read(run).differences(config)
    if differences:
        raise UsageError(f"{run}: was trained with other settings ({'; '.join(differences)}); give another --name")
    return run


def write_summary(run: Path, summary: dict[str, Any]) -> None:
    """Mark the run as complete up to `summary["step"]`."""
    files.write(run / "summary.json", json.dumps(summary, indent=2) + "\n")


def read_summary(run: Path) -> dict[str, Any] | None:
    """What the last completed training of this run reported, or None."""
    try:
        summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) else None


def _readable(run: Path) -> bool:
    try:
        RunConfig.read(run)
    except PipelineError:
        return False
    return True


def _fresh(runs: Path, stem: str) -> Path:
    number = 1
    while (run := runs / (stem if number == 1 else f"{stem}-{number}")).exists():
        number += 1
    return run
