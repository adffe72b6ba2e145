"""What a run does by itself when its numbers break or memory does not suffice: back to the newest checkpoint, one thing changed, on.

Each time is told, and kept in the run: numbers that broke in `recoveries.json`, smaller parts of a batch in `config.json`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.train.config import RunConfig

ATTEMPTS = 3
"""Times that a run's learning rates are lowered before it gives up."""

FACTOR = 0.5
"""What both learning rates are multiplied with each time."""

FILE = "recoveries.json"


@dataclass(frozen=True)
class Recovery:
    """One return to a checkpoint, thousands of images."""

    kimg: float
    """Where it was noticed."""
    back_to: float
    """The checkpoint's place; 0: the run began anew."""
    evidence: str
    learning_rate_d: float
    """From then on, before any decay."""
    learning_rate_g: float


def read(run: Path) -> list[Recovery]:
    """Those of a run, oldest first. Raises PipelineError when the file is damaged."""
    path = run / FILE
    try:
        return [Recovery(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise PipelineError(f"{path}: cannot be read ({type(error).__name__}); remove it to go on with the settings' rates") from error


def factor(recoveries: list[Recovery]) -> float:
    """What the settings' learning rates are multiplied with after these."""
    return FACTOR ** len(recoveries)


def go_back(run: Path, config: RunConfig, *, kimg: float, back_to: float, evidence: str) -> str:
    """Record that the rates are halved from the checkpoint at `back_to` on; returns the line that says so.

    Raises PipelineError, with the way out, when that has been tried `ATTEMPTS` times.
    """
    before, settings = read(run), config.settings
    if len(before) >= ATTEMPTS:
        rates = f"{before[-1].learning_rate_d:.2g} and {before[-1].learning_rate_g:.2g}"
        lower = "" if config.precision == "float32" else " or precision float32"
        raise PipelineError(
            f"{run}: stopped at {kimg:g} thousand images: {evidence}, after {ATTEMPTS} lower learning rates (last {rates}); the checkpoint "
            f"at {back_to:g} is kept; start a new run with lower train.learning_rate_d and _g{lower}, and look at its pictures first"
        )
    scale = factor(before) * FACTOR
    recovery = Recovery(kimg, back_to, evidence, settings.learning_rate_d * scale, settings.learning_rate_g * scale)
    files.write(run / FILE, json.dumps([asdict(one) for one in (*before, recovery)], indent=2) + "\n")
    place = f"to the checkpoint at {back_to:g}" if back_to else "to the start"
    return (
        f"{run}: {evidence} at {kimg:g} thousand images; back {place}, both learning rates halved to {recovery.learning_rate_d:.2g} and "
        f"{recovery.learning_rate_g:.2g} (attempt {len(before) + 1} of {ATTEMPTS})"
    )


def more_parts(config: RunConfig, share: int) -> int:
    """The least number of equal parts of `share` pictures, a device's share of a batch, that at least halves what it takes at once.

    Raises PipelineError when one picture at a time was too much.
    """
    for parts in range(2 * config.accumulate, share + 1):
        if share % parts == 0:
            return parts
    raise PipelineError(
        f"memory does not hold the networks for even one picture of {config.size} pixels; try fewer train.channels, or a smaller shard.size"
    )
