"""What a run was made from: settings, dataset, and the choices made for them. Kept as `config.json` in the run directory."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from pipeline import __version__, files
from pipeline.errors import PipelineError
from pipeline.train import presets

FREE = frozenset({"kimg", "samples_kimg", "checkpoint_kimg", "evaluate_kimg"})
"""Settings that may change when a run goes on: they do not change what is learnt on the way."""


@dataclass(frozen=True)
class RunConfig:
    """A run's identity. `batch`, `precision` and `jit` are what is used, which may differ from what the settings ask for."""

    settings: presets.TrainSettings
    dataset: str
    """The name in the shards' file names."""
    digest: str
    """SHA-256 of the training shards."""
    images: int
    """Pictures in the training split."""
    size: int
    """Their side in pixels."""
    batch: int
    precision: str
    jit: bool = False
    """Whether the step is compiled by XLA."""
    accumulate: int = 1
    """Equal parts that a batch is passed through in, one after the other, because memory does not hold it at once."""
    source: str = ""
    """The run whose weights this one began with, as `name (dataset)`; empty: it began anew."""
    shards: str = ""
    """Where the shards are, from the run directory if there is a way, else absolute: a run is moved together with its dataset."""
    version: str = __version__

    @property
    def total_steps(self) -> int:
        """Steps in the whole run."""
        return self.steps(self.settings.kimg)

    def steps(self, kimg: float) -> int:
        """So many thousand images in steps, at least one; the last batch is whole."""
        return max(1, -int(-kimg * 1000 // self.batch))

    def differences(self, other: RunConfig) -> list[str]:
        """What keeps `other` from going on where this run stopped, in words; empty: nothing."""
        mine, theirs = _identity(self), _identity(other)
        for name in ("precision", "jit"):  # what the run began with is kept
            if getattr(other.settings, name) == "auto":
                theirs[name] = mine[name]
        return [f"{key} {mine[key]} and now {theirs[key]}" for key in mine if mine[key] != theirs[key]]

    def going_on(self, begun: RunConfig) -> RunConfig:
        """This one with what was chosen when the run began, where the settings leave the choice."""
        kept = {name: getattr(begun, name) for name in ("precision", "jit") if getattr(self.settings, name) == "auto"}
        return replace(self, accumulate=begun.accumulate, **kept)

    def with_shards(self, folder: Path, run: Path) -> RunConfig:
        """The same, told where the shards are."""
        place = folder.resolve()
        with contextlib.suppress(ValueError):  # on another drive
            return replace(self, shards=Path(os.path.relpath(place, run.resolve())).as_posix())
        return replace(self, shards=str(place))

    def write(self, run: Path) -> None:
        """Write `config.json` in the run directory."""
        data = asdict(self) | {"settings": self.settings.model_dump(mode="json")}
        files.write(run / "config.json", json.dumps(data, indent=2) + "\n")

    @classmethod
    def read(cls, run: Path) -> Self:
        """Read a run's `config.json`. Raises PipelineError when it is missing or not one of ours."""
        path = run / "config.json"
        try:
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            settings = presets.load(data["settings"]["preset"]).model_validate(data.pop("settings"))
            return cls(settings=settings, **data)
        except FileNotFoundError as error:
            raise PipelineError(f"{run}: not a training run (it has no config.json)") from error
        except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
            raise PipelineError(f"{path}: cannot be read as a run's configuration ({type(error).__name__}: {error})") from error


def _identity(config: RunConfig) -> dict[str, Any]:
    chosen = {
        "batch": config.batch,
        "precision": config.precision,
        "jit": "on" if config.jit else "off",
        "size": config.size,
        "shards": f"{config.dataset} {config.digest[:12]}",
        "from": config.source or "nothing",
    }
    return config.settings.model_dump(mode="json", exclude=set(FREE)) | chosen
