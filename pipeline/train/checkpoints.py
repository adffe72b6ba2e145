"""Checkpoints: one `.npz` per moment with every variable of the run, whole or absent, the newest two kept.

An archive's members carry CRCs, so a damaged one is noticed, and the one before it is used.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline import files
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import keras

KEPT = 2
ABOUT = "about"
BEST = "best.npz"
"""The best of those that were evaluated, beside the newest ones."""
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
GENERATOR = "generator.weights.h5"
"""The generator by itself, in a run directory: what `generate` needs beside config.json."""


def save(folder: Path, step: int, state: Mapping[str, keras.Variable], about: Mapping[str, Any]) -> Path:
    """Write the checkpoint of `step`, with `about` (JSON) beside the variables; older ones than the last `KEPT` go.

    Raises FloatingPointError, writing nothing, when a variable holds NaN or infinity.
    """
    refuse_broken(state)
    path = folder / f"step-{step:09d}.npz"
    write(path, state, about)
    for old in listed(folder)[:-KEPT]:
        old.unlink()
    return path


def refuse_broken(state: Mapping[str, keras.Variable]) -> None:
    """Raise FloatingPointError when a variable holds NaN or infinity."""
    for name, variable in state.items():
        if not np.isfinite(np.asarray(variable)).all():
            raise FloatingPointError(f"a weight ({name}) is not finite")


def write(path: Path, state: Mapping[str, keras.Variable], about: Mapping[str, Any]) -> None:
    """One checkpoint, whole or not at all."""
    arrays = {name: np.asarray(variable) for name, variable in state.items()}
    arrays[ABOUT] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    with files.replacing(path) as temporary, temporary.open("wb") as handle:
        np.savez(handle, **arrays)  # type: ignore[arg-type]  # numpy takes these names for its own options


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """The arrays of a checkpoint and its `about`; None when it is damaged or not there."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about: dict[str, Any] = json.loads(arrays.pop(ABOUT).tobytes())
    except UNREADABLE:
        return None
    return arrays, about


def read_about(path: Path) -> dict[str, Any] | None:
    """The `about` of a checkpoint alone; None when it cannot be read or the file is not there."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            about: dict[str, Any] = json.loads(archive[ABOUT].tobytes())
    except UNREADABLE:
        return None
    return about


def restore(folder: Path, state: Mapping[str, keras.Variable]) -> tuple[dict[str, Any], list[str]]:
    """Put the newest whole checkpoint into `state`; returns its `about`, and the names of damaged ones passed over.

    With no checkpoint at all, `about` is empty and nothing changes. Raises PipelineError when every one is damaged, or when the
    newest whole one does not fit `state`.
    """
    damaged: list[str] = []
    for path in reversed(listed(folder)):
        found = read(path)
        if found is None:
            damaged.append(path.name)
            continue
        arrays, about = found
        shapes = {name: tuple(variable.shape) for name, variable in state.items()}
        if shapes != {name: array.shape for name, array in arrays.items()}:
            raise PipelineError(f"{path}: its variables are not those of these networks; it was written by another version")
        for name, variable in state.items():
            variable.assign(arrays[name])
        return about, damaged
    if damaged:
        raise PipelineError(f"{folder}: no whole checkpoint ({', '.join(damaged)} damaged); train under another --name")
    return {}, []


def listed(folder: Path) -> list[Path]:
    """Every checkpoint, oldest first."""
    return sorted(folder.glob("step-*.npz"))


def save_generator(generator: keras.Model, path: Path) -> None:
    """Write a generator's weights in Keras' own format, whole or not at all."""
    with files.replacing(path) as temporary:
        written = temporary.with_name(f"{temporary.name}.weights.h5")  # the only ending that Keras accepts
        try:
            generator.save_weights(written)
            written.replace(temporary)
        finally:
            written.unlink(missing_ok=True)
