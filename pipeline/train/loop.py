"""Training from start to end: choose, sit down, and sit down again where something can be helped."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.report import Reporter
from pipeline.train import backends, best, checkpoints, data, pictures, recovery, runs, speed, transfer
from pipeline.train.callbacks import Callback
from pipeline.train.config import RunConfig
from pipeline.train.interrupt import Interrupt
from pipeline.train.presets import TrainSettings
from pipeline.train.sitting import Place, Table, sit


def train(
    shards: Path,
    runs_folder: Path,
    settings: TrainSettings,
    *,
    name: str | None,
    resume: bool,
    report: Reporter,
    callbacks: Sequence[Callback] = (),
    source: Path | None = None,
) -> dict[str, Any]:
    """Train on the shards in a run directory under `runs_folder`, or go on with one.

    `name` names the run; None: with `resume` the run with the same settings and data is looked for, else a new name is made.
    Ctrl-C and SIGTERM finish the step, save and return. The summary: `run` (Path), `step`, `kimg`, `images` (in the split),
    `loss_d`, `loss_g` (None before the first step), `images_per_second`, `seconds` (over all sittings), `interrupted`,
    `generator` ("best" or "last"), `best` (None, or its step, kimg and scores). `callbacks` look on.
    `source`: a run whose weights a new one begins with, as far as they fit.

    Raises UsageError for paths and names; PipelineError when the backend is missing, the shards are unusable, the run is in use,
    or the losses are no longer numbers even with lower learning rates (the last good checkpoint is kept).
    """
    backend = backends.load(settings.backend)
    from pipeline.train.networks import SIZES

    shard_set = data.inspect(shards, SIZES)
    batch = min(settings.batch, shard_set.images)
    chosen = backend.choose(batch)
    if chosen.warning:
        report.note(chosen.warning)
    if batch < settings.batch:
        report.note(f"{shards}: {batch} pictures to train on; batches of {batch} instead of {settings.batch}")
    config = RunConfig(
        settings,
        shard_set.name,
        shard_set.digest,
        images=shard_set.images,
        size=shard_set.size,
        batch=batch,
        precision=settings.precision,  # and jit: what is open is chosen below
        jit=settings.jit == "on",
        source=transfer.name(source) if source else "",
    )
    run = runs.choose(runs_folder, config, name, resume)
    with _in_use(run):
        begun = (run / "config.json").exists()
        config = config.going_on(RunConfig.read(run)) if begun else speed.choose(config, chosen.name, report)
        if begun and config.jit and settings.jit == "auto" and not backend.compiles(chosen.name):
            report.note(f"{run}: begun with {backend.COMPILER}, which does not compile a step on {chosen.name}; going on without it")
            config = replace(config, jit=False)
        config = config.with_shards(shards, run)
        config.write(run)
        summary = runs.read_summary(run)
        if summary is not None and runs.finished(run):
            report.note(f"{run}: finished already, at {summary['kimg']:g} thousand images; raise kimg to go on")
            return {**summary, "run": run}
        if source and not checkpoints.listed(run / "checkpoints"):
            try:
                report.note(_begin_with(source, run, config))
            except PipelineError:
                (run / "config.json").unlink()  # no run has begun, and the name is free again
                raise
        judge = best.judge(shard_set, settings, report)
        with Interrupt() as interrupt:
            summary = _sittings(run, config, Table(shard_set, chosen, judge, callbacks, interrupt, report))
        if not summary["interrupted"]:
            runs.write_summary(run, summary)
        return {**summary, "run": run}


def _begin_with(source: Path, run: Path, config: RunConfig) -> str:
    """Take over another run's weights as this one's checkpoint at step 0, which it can always go back to."""
    from pipeline.train.gan import Gan

    gan = Gan(config.size, config.settings, config.precision)
    told = transfer.take_over(gan, source)
    checkpoints.save(run / "checkpoints", 0, gan.state(), {"step": 0, "kimg": 0.0, "seconds": 0.0})
    return f"{run}: {told}"


def _sittings(run: Path, config: RunConfig, table: Table) -> dict[str, Any]:
    """Sit at the run until it is done or interrupted; where numbers break or memory ends, change what helps and sit down again."""
    backend = backends.load(config.settings.backend)
    while True:
        place = Place()
        try:
            return sit(run, config, table, place)
        except FloatingPointError as error:
            told = recovery.go_back(run, config, kimg=place.kimg, back_to=place.saved_kimg, evidence=str(error))
        except best.NoRoom:
            told = f"{run}: memory does not suffice for scores; going on without them, as train.evaluate_kimg = 0 does from the start"
            table = replace(table, judge=None)
        except Exception as error:
            if backend.out_of_memory(error):
                share = config.batch // table.device.count
                parts = recovery.more_parts(config, share)
                told = (
                    f"{run}: out of memory with {share // config.accumulate} pictures at once; going on with "
                    f"{share // parts}, {parts} times for each step of {config.batch}"
                )
                config = replace(config, accumulate=parts)
                config.write(run)
            elif problem := backend.problem(error):
                pictures.check(table.shards)  # a bad record is the likeliest, and no backend says where it stands
                raise PipelineError(f"{run}: {backend.TITLE} stopped at {place.kimg:g} thousand images: {problem}") from error
            else:
                raise
        table.report.note(told)
        gc.collect()  # the networks of that sitting, before there are new ones


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
        for folder in (run, run / "checkpoints", run / "samples"):
            files.sweep_hidden(folder)
        yield
    finally:
        lock.release()
