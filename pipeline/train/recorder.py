"""What a run leaves behind while it trains: rows of numbers, grids, checkpoints, the generator; each when it is due."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.train import backends, checkpoints, recovery, samples
from pipeline.train.best import Best, Judge, NoRoom, Scores
from pipeline.train.callbacks import Callback
from pipeline.train.config import RunConfig
from pipeline.train.journal import Journal

GRID = 64
"""Pictures in a sample grid."""


class Recorder:
    """The trained state with the files it is kept in. Opening it goes back to the newest whole checkpoint, if there is one."""

    def __init__(self, run: Path, config: RunConfig, callbacks: Sequence[Callback] = (), judge: Judge | None = None) -> None:
        self.run, self.config, self.callbacks, self.judge = run, config, callbacks, judge
        settings = config.settings
        self.gan = backends.load(settings.backend).make_gan(config.size, settings, config.precision)
        about, self.damaged = checkpoints.restore(run / "checkpoints", self.gan.state())
        self.recoveries = recovery.read(run)
        if self.recoveries:
            self.gan.slow_down(settings, recovery.factor(self.recoveries))
        self.step = int(about.get("step", 0))
        self.seconds = float(about.get("seconds", 0.0))
        self.losses: dict[str, float | None] = about.get("losses", {"loss_d": None, "loss_g": None})
        self.saved = self.step if about else -1
        self.evaluated = int(about.get("evaluated", -1))
        self.best = Best(run)
        for callback in callbacks:
            callback.restore(about.get("callbacks", {}).get(type(callback).__name__, {}))
        self.total = max(config.total_steps, self.step)
        self.noise = samples.latents(settings.prior, GRID, settings.latent, settings.seed)
        self.journal = Journal(run, self.step)
        evaluating = ((config.steps(settings.evaluate_kimg), self.evaluate),) if judge else ()
        self._due = (
            *evaluating,  # first, so that the row and the checkpoint of the same step hold what came of it
            (config.steps(1), self.measure),
            (config.steps(settings.samples_kimg), self.look),
            (config.steps(settings.checkpoint_kimg), self.save),
        )

    @property
    def kimg(self) -> float:
        """Thousand real images shown so far."""
        return self.step * self.config.batch / 1000

    @property
    def saved_kimg(self) -> float:
        """The same at the last checkpoint."""
        return max(self.saved, 0) * self.config.batch / 1000

    @property
    def total_kimg(self) -> float:
        """The same at the end."""
        return self.total * self.config.batch / 1000

    def begin(self) -> None:
        """Start the clock; a new run's first grid is noise, the start of the time-lapse."""
        if self.step == 0:
            self.look()
        self._began = self._row_began = time.monotonic()
        self._first = self._row_first = self.step
        for callback in self.callbacks:
            callback.begin(self)

    def stepped(self) -> None:
        """Count a step and do what is due after it."""
        self.step += 1
        for every, action in self._due:
            if self.step % every == 0 or (action == self.evaluate and self.step == self.total):
                action()

    def wait(self) -> None:
        """Return when the device has done what was asked of it so far."""
        int(np.asarray(self.gan.steps))

    def measure(self, scores: Scores | None = None) -> None:
        """A row of numbers, means since the last row. Raises FloatingPointError when a loss is not a number."""
        measures = self.gan.measures()
        if not measures:  # this step has a row, from the evaluation
            return
        self.gan.forget_measures()
        _refuse_broken(measures)
        self.losses = {name: measures[name] for name in ("loss_d", "loss_g")}
        now = time.monotonic()
        speed = (self.step - self._row_first) * self.config.batch / max(now - self._row_began, 1e-9)
        self._row_began, self._row_first = now, self.step
        row = {"step": self.step, "kimg": self.kimg, **measures, **self.gan.rates(), "images_per_second": speed, **(scores or {})}
        self.journal.add(row)
        for callback in self.callbacks:
            callback.measured(self, row)

    def evaluate(self) -> None:
        """Score the generator, keep it if it is the best so far, and write a row with the scores. Raises NoRoom."""
        assert self.judge is not None
        self.wait()
        _refuse_broken(self.gan.measures())
        began = time.monotonic()
        try:
            scores = dict(self.judge.evaluate(self.gan.sampler))
        except Exception as error:
            if backends.load(self.config.settings.backend).out_of_memory(error):
                raise NoRoom from error
            raise
        self.evaluated = self.step
        self.best.offer(self.gan.state(), self.gan.sampler, self._about() | {"scores": scores}, self.judge)
        self._row_began += time.monotonic() - began  # the row's speed is that of training
        self.measure(scores)
        for callback in self.callbacks:
            callback.evaluated(self, scores)

    def look(self) -> None:
        """A grid from the same latents each time."""
        pictures = samples.draw(self.gan.sampler, self.noise)
        sheet = samples.grid(pictures)
        samples.save_png(sheet, self._grid(self.step))
        self.journal.picture(self.step, np.asarray(sheet))
        for callback in self.callbacks:
            callback.drawn(self, pictures)

    def save(self) -> None:
        """A checkpoint, and the generator unless a better one is kept. Raises FloatingPointError when a weight is not a number."""
        checkpoints.save(self.run / "checkpoints", self.step, self.gan.state(), self._about())
        if self.best.about is None:
            checkpoints.save_generator(self.gan.sampler, self.run / checkpoints.GENERATOR)
        self.saved = self.step

    def end(self) -> None:
        """What is still to be written where the run stops: when done, or (only a checkpoint) when interrupted."""
        done = self.step >= self.total
        if done and self.judge and self.evaluated != self.step:  # nothing was left to train when it began
            self.evaluate()
        measures = self.gan.measures()
        if measures and done:
            self.measure()
        elif measures:
            self.losses = {name: measures[name] for name in self.losses}
        if self.saved != self.step:
            self.save()
        if done:
            if not self._grid(self.step).exists():
                self.look()
            samples.timelapse(sorted((self.run / "samples").glob("step-*.png")), self.run / "timelapse.gif")
        for callback in self.callbacks:
            callback.end(self)

    def lines(self) -> list[str]:
        """What the callbacks have to show at a terminal."""
        return [line for callback in self.callbacks for line in callback.lines()]

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()

    @property
    def elapsed(self) -> float:
        """Seconds of training, over all sittings."""
        return self.seconds + time.monotonic() - self._began

    def summary(self) -> dict[str, Any]:
        """The run so far, as JSON data; the speed is that of this sitting, with everything in it.

        `generator`: which one `generator.weights.h5` holds, "best" (then `best` says where it stood and its scores) or "last".
        """
        return {
            "step": self.step,
            "kimg": self.kimg,
            "images": self.config.images,
            **self.losses,
            "images_per_second": (self.step - self._first) * self.config.batch / (time.monotonic() - self._began),
            "seconds": self.elapsed,
            "interrupted": self.step < self.total,
            "generator": "best" if self.best.about else "last",
            "best": {name: self.best.about[name] for name in ("step", "kimg", "scores")} if self.best.about else None,
        }

    def _about(self) -> dict[str, Any]:
        """What a checkpoint says beside the variables."""
        return {
            "step": self.step,
            "kimg": self.kimg,
            "seconds": self.elapsed,
            "losses": self.losses,
            "evaluated": self.evaluated,
            "callbacks": {type(callback).__name__: callback.state() for callback in self.callbacks},
        }

    def _grid(self, step: int) -> Path:
        return self.run / "samples" / f"step-{step:09d}.png"


def _refuse_broken(measures: Mapping[str, float]) -> None:
    for name, value in measures.items():
        if not math.isfinite(value):
            raise FloatingPointError(f"{name} is {value}, no number")
