"""Training from start to end: choose, announce, step, look, save."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from pipeline.errors import PipelineError
from pipeline.report import Reporter
from pipeline.train import best, data, device, runs
from pipeline.train.callbacks import Callback
from pipeline.train.config import RunConfig
from pipeline.train.interrupt import Interrupt
from pipeline.train.presets import TrainSettings
from pipeline.train.watch import watchers

if TYPE_CHECKING:
    from pipeline.train.recorder import Recorder

PROBE = 20
"""Steps after the first (which compiles) that the remaining time is estimated from."""


def train(
    shards: Path,
    runs_folder: Path,
    settings: TrainSettings,
    *,
    name: str | None,
    resume: bool,
    report: Reporter,
    callbacks: Sequence[Callback] = (),
) -> dict[str, Any]:
    """Train on the shards in a run directory under `runs_folder`, or go on with one.

    `name` names the run; None: with `resume` the run with the same settings and data is looked for, else a new name is made.
    Ctrl-C and SIGTERM finish the step, save and return. The summary: `run` (Path), `step`, `kimg`, `images` (in the split),
    `loss_d`, `loss_g` (None before the first step), `images_per_second`, `seconds` (over all sittings), `interrupted`,
    `generator` ("best" or "last"), `best` (None, or its step, kimg and scores). `callbacks` look on.

    Raises UsageError for paths and names; PipelineError when TensorFlow is missing, the shards are unusable, the run is in use,
    or the losses are no longer numbers (the last good checkpoint is kept).
    """
    device.tensorflow()
    from pipeline.train.networks import SIZES

    shard_set = data.inspect(shards, SIZES)
    chosen = device.choose(settings.precision)
    if chosen.warning:
        report.note(chosen.warning)
    batch = min(settings.batch, shard_set.images)
    if batch < settings.batch:
        report.note(f"{shards}: {batch} pictures to train on; batches of {batch} instead of {settings.batch}")
    config = RunConfig(
        settings, shard_set.name, shard_set.digest, images=shard_set.images, size=shard_set.size, batch=batch, precision=chosen.precision
    )
    run = runs.choose(runs_folder, config, name, resume)
    with _in_use(run):
        if settings.precision == "auto" and (run / "config.json").exists():
            config = replace(config, precision=RunConfig.read(run).precision)
        config.write(run)
        summary = runs.read_summary(run)
        if summary is not None and runs.finished(run):
            report.note(f"{run}: finished already, at {summary['kimg']:g} thousand images; raise kimg to go on")
            return {**summary, "run": run}
        return _sitting(run, config, shard_set, chosen.name, report, callbacks)


def _sitting(
    run: Path, config: RunConfig, shards: data.ShardSet, device_name: str, report: Reporter, callbacks: Sequence[Callback]
) -> dict[str, Any]:
    import tensorflow as tf

    from pipeline.train.recorder import Recorder

    recorder = Recorder(run, config, [*watchers(report), *callbacks], best.judge(shards, config.settings, report))
    for name in recorder.damaged:
        report.note(f"{run / 'checkpoints' / name}: damaged; going on from the one before")
    report.note(_announcement(recorder, shards, device_name))
    try:
        with Interrupt() as interrupt:
            recorder.begin()
            _steps(recorder, shards, interrupt, report)
            recorder.end()
    except FloatingPointError as error:
        raise PipelineError(
            f"{run}: stopped at {recorder.kimg:g} thousand images, {error}; the last good checkpoint "
            f"({recorder.saved_kimg:g}) is kept; try lower learning rates or another precision, as a new run"
        ) from error
    except tf.errors.OpError as error:
        if isinstance(error, tf.errors.DataLossError):
            raise PipelineError(
                f"{shards.folder}: a shard is damaged; `pipeline verify` names it, `pipeline shard` makes it anew"
            ) from error
        problem = str(error.message).splitlines()[0]
        raise PipelineError(f"{run}: TensorFlow stopped at {recorder.kimg:g} thousand images: {problem}") from error
    finally:
        recorder.close()
    summary = recorder.summary()
    if summary["interrupted"]:
        report.note(f"{run}: stopped and saved at {recorder.kimg:g} of {recorder.total_kimg:g} thousand images; the same command goes on")
    else:
        runs.write_summary(run, summary)
    return {**summary, "run": run}


def _steps(recorder: Recorder, shards: data.ShardSet, interrupt: Interrupt, report: Reporter) -> None:
    """From the recorder's step to the last one, or to the first interrupt."""
    from pipeline.train.backends.tensorflow import make_step

    config = recorder.config
    step = make_step(recorder.gan, config.settings, config.batch)
    batches = iter(data.batches(shards, config.batch, config.settings.seed, recorder.step))
    first, started = recorder.step, 0.0
    with report.bar("train", recorder.total * config.batch) as advance, report.live(recorder.lines):
        advance(recorder.step * config.batch)
        while recorder.step < recorder.total and not interrupt.asked:
            step(next(batches))
            recorder.stepped()
            advance(config.batch)
            done = recorder.step - first
            if done == 1:
                started = time.monotonic()
            elif done == 1 + PROBE:
                recorder.wait()
                speed = PROBE * config.batch / (time.monotonic() - started)
                report.note(_estimate((recorder.total - recorder.step) * config.batch, speed))


def _announcement(recorder: Recorder, shards: data.ShardSet, device_name: str) -> str:
    config, (generator, discriminator) = recorder.config, recorder.gan.parameters
    start = f"from {recorder.kimg:g} on to" if recorder.step else "for"
    return (
        f"{recorder.run}: on {device_name} in {config.precision}, {shards.images:,} pictures of {config.size} pixels, "
        f"{generator / 1e6:.1f} + {discriminator / 1e6:.1f} million parameters, {start} {recorder.total_kimg:g} thousand images"
    )


def _estimate(images: int, speed: float) -> str:
    minutes = images / speed / 60
    length = f"{minutes * 60:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
    return f"{speed:.3g} images/s: about {length} to go"


@contextlib.contextmanager
def _in_use(run: Path) -> Iterator[None]:
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock = FileLock(run / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise PipelineError(f"{run}: another process is training there; wait for it, or give another --name") from error
    except OSError as error:
        raise PipelineError(f"{run}: cannot be written ({error.strerror or error})") from error
    try:
        yield
    finally:
        lock.release()
