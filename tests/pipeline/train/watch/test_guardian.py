from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.report import SILENT
from pipeline.train.callbacks import Callback
from pipeline.train.loop import train
from pipeline.train.presets import TrainSettings
from pipeline.train.watch import guardian

Make = Callable[..., Path]
Settings = Callable[..., TrainSettings]


class Kill(Callback):
    """Shuts every unit of the generator, at so many thousand images."""

    def __init__(self, kimg: float) -> None:
        self.kimg = kimg

    def measured(self, recorder: Any, row: Any) -> None:
        if row["kimg"] == self.kimg:
            for weight in recorder.gan.generator.trainable_variables:
                if weight.path.endswith("/beta"):
                    weight.assign(np.full(weight.shape, -50.0))


def test_a_dead_generator_is_told_once_and_kept_in_the_run(shards: Make, tmp_path: Path, settings: Settings, notes: Any) -> None:
    made = settings(kimg=5, batch=40, samples_kimg=5, checkpoint_kimg=5)
    run = train(shards(images=120), tmp_path, made, name="r", resume=False, report=notes, callbacks=[Kill(2)])["run"]
    said = [line for line in notes.said if "generator dead" in line]
    assert len(said) == 1
    assert said[0].startswith("r, 5 kimg: generator dead: for 3 rows")
    assert [(row["kimg"], row["event"]) for row in guardian.warnings(run) if row["kind"] == "generator dead"] == [("5", "seen")]
    assert [kimg for kimg, _ in guardian.looks(run)] == [1, 2, 3, 4, 5]
    assert guardian.looks(run)[-1][1].spread < 0.01


def test_a_resumed_run_says_nothing_twice_and_ends_with_the_same_rows(shards: Make, tmp_path: Path, settings: Settings, notes: Any) -> None:
    folder, made = shards(images=40), settings(kimg=2, batch=40, samples_kimg=9, checkpoint_kimg=1)
    run = train(folder, tmp_path, made, name="r", resume=False, report=SILENT)["run"]
    before = guardian.warnings(run)
    assert [row["kind"] for row in before if row["event"] == "seen"] == ["few pictures"]
    with (run / guardian.EVIDENCE).open("a") as file:
        file.write("999999,9,0,0,0,0,0,0\n125")  # what a killed sitting left: a row of a later step, and half a row
    train(folder, tmp_path, settings(kimg=3, batch=40, samples_kimg=9, checkpoint_kimg=1), name="r", resume=True, report=notes)
    assert guardian.warnings(run) == before
    assert not [line for line in notes.said if "few pictures" in line]
    assert [kimg for kimg, _ in guardian.looks(run)] == [1, 2, 3]
    loading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = loading.EventAccumulator(str(run / "events"), size_guidance={"tensors": 0}).Reload()
    (text,) = events.Tensors("warnings")
    assert b"40 pictures to train on" in text.tensor_proto.string_val[0]
    assert "samples" in events.Tags()["tensors"]


def test_looks_of_an_older_version_are_read(tmp_path: Path) -> None:
    columns = [name for name in guardian.LOOK_COLUMNS if name != "learnt"]
    (tmp_path / guardian.EVIDENCE).write_text(
        ",".join(columns) + "\n125,1,0.5,0.9,,1.5,\n250,2,0.6,0.9,0.4,1.4\n"
    )  # the last row is cut short
    ((kimg, look),) = guardian.looks(tmp_path)
    assert (kimg, look.spread, look.moved, look.learnt) == (1, 0.5, None, None)


def test_numbers_that_break_are_named(shards: Make, tmp_path: Path, settings: Settings) -> None:
    class Break(Callback):
        done = False

        def measured(self, recorder: Any, row: Any) -> None:
            if row["kimg"] == 2 and not Break.done:
                Break.done = True
                weight = recorder.gan.generator.trainable_variables[0]
                weight.assign(np.full(weight.shape, np.nan))

    made = settings(kimg=2.2, batch=40, samples_kimg=9, checkpoint_kimg=1)
    run = train(shards(images=120), tmp_path, made, name="r", resume=False, report=SILENT, callbacks=[Break()])["run"]
    (row,) = [row for row in guardian.warnings(run) if row["event"] == "seen"]
    assert row["kind"] == "no numbers"
    assert "learning rates 0.0001 and 0.0001" in row["seen"]


def test_the_active_warnings_are_shown_with_the_table() -> None:
    watching = guardian.Guardian(SILENT, None)
    watching.active = {"collapse": guardian.Finding("collapse", "all alike", "something else")}
    assert list(watching.lines()) == ["! collapse: all alike"]


def test_rows_of_a_few_steps_are_left_out_but_not_their_scores() -> None:
    rows = [{"kimg": 0.1}, {"kimg": 1.0}, {"kimg": 1.9, "kid": 0.1}, {"kimg": 1.95}, {"kimg": 2.0, "kid": 0.2}, {"kimg": 3.0}]
    assert [row["kimg"] for row in guardian.steady(rows)] == [0.1, 1.0, 1.9, 2.0, 3.0]
