"""One sitting at a run: from where it stands to its end, an interrupt, or an error."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.report import Reporter
from pipeline.train import backends, data
from pipeline.train.best import Judge
from pipeline.train.callbacks import Callback
from pipeline.train.config import RunConfig
from pipeline.train.device import Device
from pipeline.train.interrupt import Interrupt
from pipeline.train.watch.watchers import watchers

if TYPE_CHECKING:
    from pipeline.train.recorder import Recorder

PROBE = 20
"""Steps after the first (which compiles) that the remaining time is estimated from."""


@dataclass
class Place:
    """Where a sitting stands, for who must explain why it ended; thousands of images."""

    kimg: float = 0.0
    saved_kimg: float = 0.0


@dataclass(frozen=True)
class Table:
    """What a sitting needs beside the run's configuration."""

    shards: data.ShardSet
    device: Device
    judge: Judge | None
    callbacks: Sequence[Callback]
    interrupt: Interrupt
    report: Reporter


def sit(run: Path, config: RunConfig, table: Table, place: Place) -> dict[str, Any]:
    """Train from the newest checkpoint on; returns the recorder's summary. Keeps `place` up to date.

    Raises FloatingPointError when a loss or a weight is not a number; lets the backend's errors through.
    """
    from pipeline.train.recorder import Recorder

    recorder = Recorder(run, config, [*watchers(table.report, table.shards), *table.callbacks], table.judge)
    place.kimg, place.saved_kimg = recorder.kimg, recorder.saved_kimg
    try:
        for name in recorder.damaged:
            table.report.note(f"{run / 'checkpoints' / name}: damaged; going on from the one before")
        table.report.note(_announcement(recorder, table))
        recorder.begin()
        _steps(recorder, table)
        recorder.end()
    finally:
        place.kimg, place.saved_kimg = recorder.kimg, recorder.saved_kimg
        recorder.close()
    summary = recorder.summary()
    if summary["interrupted"]:
        table.report.note(
            f"{run}: stopped and saved at {recorder.kimg:g} of {recorder.total_kimg:g} thousand images; the same command goes on"
        )
    return summary


def _steps(recorder: Recorder, table: Table) -> None:
    """From the recorder's step to the last one, or to the first interrupt."""
    config, report = recorder.config, table.report
    backend = backends.load(config.settings.backend)
    step = backend.make_step(recorder.gan, config.settings, config.batch, jit=config.jit, parts=config.accumulate)
    batches = iter(backend.batches(table.shards, config.batch, config.settings.seed, recorder.step))
    first, started = recorder.step, 0.0
    with report.bar("train", recorder.total * config.batch) as advance, report.live(recorder.lines):
        advance(recorder.step * config.batch)
        while recorder.step < recorder.total and not table.interrupt.asked:
            step(next(batches))
            recorder.stepped()
            advance(config.batch)
            done = recorder.step - first
            if done == 1:
                recorder.wait()
                started = time.monotonic()
            elif done == 1 + PROBE:
                recorder.wait()
                speed = PROBE * config.batch / (time.monotonic() - started)
                report.note(_estimate((recorder.total - recorder.step) * config.batch, speed))


def _announcement(recorder: Recorder, table: Table) -> str:
    config, (generator, discriminator) = recorder.config, recorder.gan.parameters
    start = f"from {recorder.kimg:g} on to" if recorder.step else "for"
    compiled = f" with {backends.load(config.settings.backend).COMPILER}" if config.jit else ""
    parts = f", batches of {config.batch} in {config.accumulate} parts" if config.accumulate > 1 else ""
    return (
        f"{recorder.run}: on {table.device.name} in {config.precision}{compiled}, "
        f"{table.shards.images:,} pictures of {config.size} pixels{parts}, "
        f"{generator / 1e6:.1f} + {discriminator / 1e6:.1f} million parameters, {start} {recorder.total_kimg:g} thousand images"
    )


def _estimate(images: int, speed: float) -> str:
    minutes = images / speed / 60
    length = f"{minutes * 60:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
    return f"{speed:.3g} images/s: about {length} to go"
