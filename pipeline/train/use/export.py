"""A run's generator for other programs, as ONNX or SavedModel: written, run in its own runtime, compared, and only then put in place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import __version__, files
from pipeline.errors import PipelineError, UsageError
from pipeline.train import backends, latent
from pipeline.train.use import onnx_graph
from pipeline.train.use.generator import Generator

TOLERANCE = 1e-4
"""How far a number of an exported generator's pictures, in [-1, 1], may be from ours; a step of a byte is 0.0078."""

BATCHES = (1, 5, 16)
"""Numbers of latents that an export is tried with."""

Draw = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Exported:
    """`path` with `about` (JSON) beside it; the largest difference from our own pictures, in [-1, 1]."""

    path: Path
    about: Path
    difference: float


def export(run: Path, kind: str, out: Path | None = None) -> Exported:
    """Write the generator of a run as `kind`, one of `FORMATS`; by default under `export/` in the run.

    What does not agree with the generator within `TOLERANCE`, in the runtime it is for, is not written. Raises UsageError for another
    format or an `out` that is taken by something else, PipelineError when a package is missing or the export does not agree.
    """
    if kind not in FORMATS:
        raise UsageError(f"--format {kind}: give one of {', '.join(FORMATS)}")
    ending, write, runtime = FORMATS[kind]
    generator = Generator(run)
    path = out or run / "export" / f"{run.resolve().name}{ending}"
    if path.exists() and (path.is_dir() if kind == "onnx" else not (path / "saved_model.pb").is_file()):
        raise UsageError(f"{path}: exists and is no {kind}; give another --out")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Both runtimes look at the ending, which a hidden name for a file in the making does not have.
    making = path.with_name(f"{files.hidden(path, path.parent).name}{ending}")
    try:
        write(generator, making)
        difference = compare(generator, runtime(making))
        _place(making, path)
    finally:
        _remove(making)
    about = path.with_name(f"{path.name}.json")
    files.write(about, json.dumps(describe(generator, kind, path, difference), indent=2, ensure_ascii=False) + "\n")
    return Exported(path, about, difference)


def compare(generator: Generator, draw: Draw) -> float:
    """The largest difference between the generator's pictures and `draw`'s, for several numbers of latents.

    Raises PipelineError when it is above `TOLERANCE`, or shapes differ.
    """
    from keras import ops

    largest = 0.0
    backend = backends.load_any(generator.config.settings.backend)
    for seed, count in enumerate(BATCHES):
        noise = latent.latents(generator.prior, count, generator.length, seed)
        with backend.in_full():
            ours, theirs = ops.convert_to_numpy(generator.network(noise, training=False)), draw(noise)
        if ours.shape != theirs.shape or not np.isfinite(theirs).all():
            raise PipelineError(f"{generator.run}: the export gives {theirs.shape} for {ours.shape}, or no numbers; it was not kept")
        largest = max(largest, float(np.abs(ours - theirs).max()))
    if largest > TOLERANCE:
        raise PipelineError(f"{generator.run}: the export differs by {largest:.2g} (at most {TOLERANCE:g}); it was not kept")
    return largest


def describe(generator: Generator, kind: str, path: Path, difference: float) -> dict[str, Any]:
    """What a program, and a person, must know to use the export: written beside it."""
    config, side = generator.config, generator.size
    return {
        "format": kind,
        "file": path.name,
        "input": {
            "name": onnx_graph.INPUT,
            "shape": ["n", generator.length],
            "dtype": "float32",
            "distribution": "standard normal" if generator.prior == "normal" else "uniform on [-1, 1]",
        },
        "output": {
            "name": onnx_graph.OUTPUT if kind == "onnx" else "output_0",
            "shape": ["n", side, side, 3],
            "dtype": "float32",
            "layout": "NHWC, RGB",
            "range": [-1, 1],
            "to_bytes": "clip(round((x + 1) * 127.5), 0, 255)",
        },
        "agreement": {"largest_difference": difference, "tolerance": TOLERANCE, "latents": sum(BATCHES)},
        "run": {"name": generator.run.resolve().name, "preset": config.settings.preset, "generator_sha256": generator.digest},
        "trained_on": asdict(trained_on(generator.run, config.dataset, config.size)) | {"pictures": config.images, "sha256": config.digest},
        "written_by": {"art-pipeline": __version__, "keras": version("keras")},
    }


@dataclass(frozen=True)
class TrainedOn:
    """The training set as far as it is known: its name, its licence and the words of its card about licences and credits."""

    dataset: str
    license: str | None = None
    attribution: str | None = None


def trained_on(run: Path, dataset: str, size: int) -> TrainedOn:
    """What the shards beside the run say of themselves; for a run that stands alone, the name only."""
    for info in sorted(run.resolve().parent.parent.glob(f"shards/*-{size}/dataset_info.json")):
        try:
            data = json.loads(info.read_text(encoding="utf-8"))
            card = (info.parent / "README.md").read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        if data.get("name") == dataset:
            words = card.partition("\n## Licences\n")[2].partition("\n## ")[0].strip()
            return TrainedOn(dataset, (data.get("redistributionInfo") or {}).get("license"), words or None)
    return TrainedOn(dataset)


def _write_onnx(generator: Generator, path: Path) -> None:
    about = {"run": generator.run.resolve().name, "prior": generator.prior, "generator_sha256": generator.digest}
    path.write_bytes(onnx_graph.build(generator.network, about).SerializeToString())


def _run_onnx(path: Path) -> Draw:
    try:
        import onnxruntime
    except ImportError as error:
        raise PipelineError("an ONNX export is checked with onnxruntime: pip install 'art-pipeline[export]'") from error
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def draw(noise: np.ndarray) -> np.ndarray:
        drawn: np.ndarray = session.run([onnx_graph.OUTPUT], {onnx_graph.INPUT: noise})[0]
        return drawn

    return draw


def _write_saved_model(generator: Generator, path: Path) -> None:
    import keras

    from pipeline.train.quiet import quiet

    if keras.backend.backend() != "tensorflow":
        raise PipelineError("a SavedModel is written by TensorFlow: set KERAS_BACKEND=tensorflow, or export as onnx")
    signature = [keras.InputSpec(shape=(None, generator.length), dtype="float32", name=onnx_graph.INPUT)]
    with quiet():
        generator.network.export(path, format="tf_saved_model", verbose=False, input_signature=signature)


def _run_saved_model(path: Path) -> Draw:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures["serving_default"]

    def draw(noise: np.ndarray) -> np.ndarray:
        drawn: np.ndarray = serve(**{onnx_graph.INPUT: tf.constant(noise)})["output_0"].numpy()
        return drawn

    return draw


FORMATS: dict[str, tuple[str, Callable[[Generator, Path], None], Callable[[Path], Draw]]] = {
    "onnx": (".onnx", _write_onnx, _run_onnx),
    "savedmodel": ("-savedmodel", _write_saved_model, _run_saved_model),
}
"""By name: the ending of its path, how it is written, and how it is run in the runtime it is for."""


def _place(making: Path, path: Path) -> None:
    if making.is_file():
        files.adopt(making, path)
        return
    old = files.hidden(path, path.parent)
    if path.exists():
        path.rename(old)
    making.rename(path)
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
