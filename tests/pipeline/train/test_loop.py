from __future__ import annotations

import contextlib
import math
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from pipeline.errors import PipelineError, UsageError
from pipeline.report import SILENT, Advance, Reporter
from pipeline.train import checkpoints, journal, loop, recovery, runs
from pipeline.train.backends import tensorflow as backend
from pipeline.train.config import RunConfig
from pipeline.train.loop import train
from pipeline.train.presets import TrainSettings

Make = Callable[..., Path]
Settings = Callable[..., TrainSettings]
FULL = {
    **{"augment": "color,translation", "label_noise": 0.1, "dropout": 0.2, "mirror": True},
    **{"d_norm": "none", "minibatch_stddev": True, "r1_gamma": "auto", "r1_every": 3},
    **{"ema": 0.02, "samples_kimg": 0.03, "checkpoint_kimg": 0.03},
}
"""Everything that draws lots or counts steps."""


class Listener(Reporter):
    """Keeps what was said; at `stop_at` images it sends this process a Ctrl-C."""

    def __init__(self, stop_at: int = -1) -> None:
        self.notes: list[str] = []
        self.shown, self.total, self.stop_at = 0, 0, stop_at

    @contextlib.contextmanager
    def bar(self, what: str, total: int | None = None) -> Iterator[Advance]:
        self.total = total or 0

        def advance(n: int) -> None:
            self.shown += n
            if self.shown == self.stop_at:
                signal.raise_signal(signal.SIGINT)

        yield advance

    def note(self, text: str) -> None:
        self.notes.append(text)


def _arrays(run: Path) -> dict[str, np.ndarray]:
    with np.load(checkpoints.listed(run / "checkpoints")[-1]) as archive:
        return {name: archive[name] for name in archive.files if name != checkpoints.ABOUT}


def test_a_run_leaves_everything_a_person_looks_for(shards: Make, tmp_path: Path, settings: Settings) -> None:
    listener = Listener()
    summary = train(shards(), tmp_path / "runs", settings(**FULL), name="r", resume=False, report=listener)
    run = tmp_path / "runs" / "r"
    assert summary["run"] == run
    assert (summary["step"], summary["kimg"], summary["images"], summary["interrupted"]) == (8, 0.064, 20, False)
    assert all(np.isfinite(summary[name]) for name in ("loss_d", "loss_g", "images_per_second", "seconds"))
    assert (listener.shown, listener.total) == (64, 64)
    assert "on CPU in float32, 20 pictures of 32 pixels" in listener.notes[0]
    assert sorted(path.name for path in (run / "samples").iterdir()) == [f"step-{step:09d}.png" for step in (0, 4, 8)]
    with Image.open(run / "samples" / "step-000000008.png") as grid, Image.open(run / "timelapse.gif") as film:
        assert grid.size == film.size == (8 * 32, 8 * 32)
        assert getattr(film, "n_frames", 1) == 3
    assert [row["step"] for row in journal.read(run / "metrics.csv")] == ["8"]
    assert (run / "generator.weights.h5").exists()
    assert runs.finished(run)


def test_an_interrupted_run_goes_on_to_the_same_bits(shards: Make, tmp_path: Path, settings: Settings) -> None:
    folder, made = shards(), settings(**FULL)
    whole = train(folder, tmp_path / "runs", made, name="whole", resume=False, report=SILENT)["run"]
    listener = Listener(stop_at=24)
    summary = train(folder, tmp_path / "runs", made, name="cut", resume=True, report=listener)
    assert (summary["interrupted"], summary["kimg"]) == (True, 0.024)
    assert not runs.finished(summary["run"])
    assert "the same command goes on" in listener.notes[-1]
    cut = train(folder, tmp_path / "runs", made, name="cut", resume=True, report=SILENT)["run"]
    expected, found = _arrays(whole), _arrays(cut)
    assert expected.keys() == found.keys()
    assert all((expected[name] == found[name]).all() for name in expected)
    columns = [name for name in journal.COLUMNS if name != "images_per_second"]
    for one, other in zip(journal.read(whole / "metrics.csv"), journal.read(cut / "metrics.csv"), strict=True):
        assert [one[name] for name in columns] == [other[name] for name in columns]
    for grid in (whole / "samples").iterdir():
        assert grid.read_bytes() == (cut / "samples" / grid.name).read_bytes()
    assert (whole / "timelapse.gif").read_bytes() == (cut / "timelapse.gif").read_bytes()


@pytest.mark.usefixtures("cheap_steps")
def test_a_finished_run_is_left_alone_and_can_be_made_longer(shards: Make, tmp_path: Path, settings: Settings) -> None:
    folder = shards()
    first = train(folder, tmp_path, settings(kimg=0.024), name="r", resume=False, report=SILENT)
    stamp = (first["run"] / "generator.weights.h5").stat().st_mtime_ns
    again = train(folder, tmp_path, settings(kimg=0.024), name=None, resume=True, report=SILENT)
    assert (again["run"], again["step"], again["loss_d"]) == (first["run"], 3, first["loss_d"])
    assert (first["run"] / "generator.weights.h5").stat().st_mtime_ns == stamp
    longer = train(folder, tmp_path, settings(kimg=0.04), name="r", resume=True, report=SILENT)
    assert longer["step"] == 5
    assert [row["step"] for row in journal.read(first["run"] / "metrics.csv")] == ["3", "5"]
    whole = train(folder, tmp_path, settings(kimg=0.04), name="whole", resume=False, report=SILENT)["run"]
    assert all((array == _arrays(whole)[name]).all() for name, array in _arrays(first["run"]).items())


@pytest.mark.usefixtures("cheap_steps")
def test_another_configuration_under_the_same_name_is_refused(shards: Make, tmp_path: Path, settings: Settings) -> None:
    folder = shards()
    train(folder, tmp_path, settings(kimg=0.008), name="r", resume=False, report=SILENT)
    with pytest.raises(UsageError, match="latent 8 and now 9"):
        train(folder, tmp_path, settings(kimg=0.008, latent=9), name="r", resume=True, report=SILENT)


@pytest.mark.usefixtures("cheap_steps")
def test_a_run_goes_on_uncompiled_where_its_step_cannot_be_compiled(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, made = shards(), settings(kimg=0.008, jit="auto")
    run = train(folder, tmp_path, made, name="r", resume=False, report=SILENT)["run"]
    replace(RunConfig.read(run), jit=True).write(run)
    left = run / "checkpoints" / ".step-000000002.npz.0a1b2c3d.tmp"
    left.write_bytes(b"what a killed process left")
    monkeypatch.setattr(backend, "compiles", lambda device: False)
    listener = Listener()
    longer = train(folder, tmp_path, settings(kimg=0.016, jit="auto"), name="r", resume=True, report=listener)
    assert longer["step"] == 2
    assert "begun with XLA, which does not compile a step on CPU; going on without it" in listener.notes[0]
    assert not RunConfig.read(run).jit
    assert not left.exists()


@pytest.mark.usefixtures("cheap_steps")
def test_fewer_pictures_than_a_batch_lower_the_batch(shards: Make, tmp_path: Path, settings: Settings) -> None:
    listener = Listener()
    summary = train(shards(images=5), tmp_path, settings(kimg=0.01), name=None, resume=False, report=listener)
    assert "batches of 5 instead of 8" in listener.notes[0]
    assert (summary["step"], summary["kimg"]) == (2, 0.01)


def _breaking(monkeypatch: pytest.MonkeyPatch, break_: Callable[[Any, int], Any]) -> None:
    """Let `break_(gan, parts)` stand before every step; what it returns is multiplied with the pictures."""
    make = backend.make_step

    def breaking(gan: Any, settings: Any, batch: int, **options: Any) -> Callable[[Any], None]:
        step = make(gan, settings, batch, **options)
        return lambda real: step(real * break_(gan, options["parts"]))

    monkeypatch.setattr(backend, "make_step", breaking)


@pytest.mark.usefixtures("cheap_steps")
def test_numbers_that_break_lead_back_to_the_checkpoint_with_lower_rates(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settings(checkpoint_kimg=0.032, learning_rate_g=2e-4, learning_rate_d=1e-4)
    _breaking(monkeypatch, lambda gan, parts: math.nan if int(gan.steps) == 5 and gan.rates()["learning_rate_g"] > 6e-5 else 1.0)
    listener = Listener()
    summary = train(shards(), tmp_path, made, name="r", resume=False, report=listener)
    assert summary["step"] == 8
    told = [note for note in listener.notes if "attempt" in note]
    assert len(told) == 2
    assert (
        "is not finite at 0.064 thousand images; back to the checkpoint at 0.032, both learning rates halved to 5e-05 and 0.0001" in told[0]
    )
    assert "attempt 2 of 3" in told[1]
    rates = {"learning_rate_d": pytest.approx(2.5e-5), "learning_rate_g": pytest.approx(5e-5)}
    assert {name: getattr(recovery.read(tmp_path / "r")[-1], name) for name in rates} == rates
    row = journal.read(tmp_path / "r" / "metrics.csv")[-1]
    assert {name: float(row[name]) for name in rates} == rates
    longer = made.model_copy(update={"kimg": 0.08})
    train(shards(), tmp_path, longer, name="r", resume=True, report=SILENT)
    row = journal.read(tmp_path / "r" / "metrics.csv")[-1]
    assert (row["step"], {name: float(row[name]) for name in rates}) == ("10", rates)


@pytest.mark.usefixtures("cheap_steps")
def test_numbers_that_break_at_every_rate_stop_the_run_and_keep_the_good_checkpoint(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _breaking(monkeypatch, lambda gan, parts: math.nan if int(gan.steps) == 5 else 1.0)
    with pytest.raises(PipelineError, match=r"stopped at 0\.064 thousand images.*after 3 lower learning rates.*at 0\.032 is kept"):
        train(shards(), tmp_path, settings(checkpoint_kimg=0.032), name="r", resume=False, report=SILENT)
    assert [path.name for path in checkpoints.listed(tmp_path / "r" / "checkpoints")] == ["step-000000004.npz"]
    assert all(np.isfinite(array).all() for array in _arrays(tmp_path / "r").values())
    assert not runs.finished(tmp_path / "r")


@pytest.mark.usefixtures("cheap_steps")
def test_memory_that_ends_halves_what_is_passed_through_at_once(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    def full(gan: Any, parts: int) -> float:
        if parts < 2 and int(gan.steps) >= 5:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return 1.0

    _breaking(monkeypatch, full)
    listener = Listener()
    summary = train(shards(), tmp_path, settings(checkpoint_kimg=0.032), name="r", resume=False, report=listener)
    assert summary["step"] == 8
    told = [note for note in listener.notes if "out of memory" in note]
    assert [note.split(": ", 1)[1] for note in told] == [
        "out of memory with 8 pictures at once; going on with 4, 2 times for each step of 8",
    ]
    assert "batches of 8 in 2 parts" in listener.notes[-1]
    assert RunConfig.read(tmp_path / "r").accumulate == 2


def test_what_the_backend_complains_of_is_one_line_where_the_shards_are_sound(
    shards: Make, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    def sit(*_: object) -> None:
        raise tf.errors.InternalError(None, None, "the card fell off\nand more")

    monkeypatch.setattr(loop, "sit", sit)
    with pytest.raises(PipelineError, match="TensorFlow stopped at 0 thousand images: the card fell off$"):
        train(shards(), tmp_path, settings(), name="r", resume=False, report=SILENT)


def test_a_run_in_use_is_not_trained_twice(shards: Make, tmp_path: Path, settings: Settings) -> None:
    from filelock import FileLock

    folder = shards()
    (tmp_path / "r").mkdir()
    with FileLock(tmp_path / "r" / ".lock"), pytest.raises(PipelineError, match="another process is training there"):
        train(folder, tmp_path, settings(), name="r", resume=False, report=SILENT)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM for another process")
def test_a_signal_to_a_training_process_saves_and_leaves_cleanly(shards: Make, tmp_path: Path, settings: Settings) -> None:
    code = (
        "import json, sys; from pathlib import Path; from pipeline.train import presets; from pipeline.train.loop import train\n"
        "from pipeline.report import Reporter\n"
        "class Say(Reporter):\n    note = lambda self, text: print(text, flush=True)\n"
        "made = presets.load('dcgan').model_validate(json.loads(sys.argv[3]))\n"
        "train(Path(sys.argv[1]), Path(sys.argv[2]), made, name='r', resume=True, report=Say())"
    )
    made = settings(kimg=10_000, samples_kimg=10_000, checkpoint_kimg=10_000).model_dump_json()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(shards(images=100)), str(tmp_path), made],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    timer = threading.Timer(60, process.kill)
    timer.start()
    said = []
    with process:
        for line in process.stdout or ():
            said.append(line)
            if "images/s" in line:
                process.send_signal(signal.SIGTERM)
    timer.cancel()
    assert process.returncode == 0, said
    assert len(said) == 3
    assert "stopped and saved" in said[-1]
    saved = checkpoints.listed(tmp_path / "r" / "checkpoints")
    assert len(saved) == 1
    assert int(saved[0].stem[5:]) > 20
