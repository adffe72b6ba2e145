from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.errors import PipelineError, UsageError
from pipeline.report import SILENT
from pipeline.train import checkpoints, transfer
from pipeline.train.config import RunConfig
from pipeline.train.gan import Gan
from pipeline.train.loop import train
from pipeline.train.presets import TrainSettings

Settings = Callable[..., TrainSettings]


def _run(folder: Path, settings: TrainSettings, size: int = 32) -> tuple[Path, Gan]:
    """A run that was trained: its weights are all its own."""
    gan = Gan(size, settings, "float32")
    for number, variable in enumerate([*gan.generator.variables, *gan.discriminator.variables]):
        variable.assign(np.random.default_rng(number).uniform(0.1, 0.9, variable.shape))
    if gan.average:
        for mean, now in zip(gan.average.variables, gan.generator.variables, strict=True):
            mean.assign(now * 0.5)
    RunConfig(settings, "dots", "ab" * 32, images=20, size=size, batch=8, precision="float32").write(folder)
    checkpoints.save(folder / "checkpoints", 3, gan.state(), {"step": 3, "kimg": 0.024})
    return folder, gan


def _equal(one: object, other: object) -> bool:
    return bool((np.asarray(one) == np.asarray(other)).all())


def test_the_same_networks_take_everything_but_the_optimizers(tmp_path: Path, settings: Settings) -> None:
    source, old = _run(tmp_path / "old", settings(ema=1))
    gan = Gan(32, settings(ema=1, seed=5), "float32")
    told = transfer.take_over(gan, source)
    assert "at 0.024 thousand images; generator: to_4, to_8, to_16, to_32 taken over; discriminator:" in told
    assert "new" not in told
    assert gan.average is not None
    assert old.average is not None
    for new_net, old_net in ((gan.generator, old.generator), (gan.discriminator, old.discriminator), (gan.average, old.average)):
        assert all(_equal(a, b) for a, b in zip(new_net.variables, old_net.variables, strict=True))
    assert not any(np.asarray(variable).any() for variable in gan.g_optimizer.variables[2:])
    assert int(gan.steps) == 0


def test_twice_the_size_takes_the_layers_that_fit_and_names_the_others(tmp_path: Path, settings: Settings) -> None:
    source, old = _run(tmp_path / "old", settings(channels=8, d_norm="none"))
    made = settings(channels=4, d_norm="none", ema=1)
    gan = Gan(64, made, "float32")
    told = transfer.take_over(gan, source)
    assert "generator: to_4, to_8, to_16 taken over, to_32, to_64 new" in told
    assert "discriminator: to_8, to_4, to_1 taken over, to_32, to_16 new" in told
    for layer in ("to_4", "to_8", "to_16"):
        assert _equal(gan.generator.get_layer(layer).kernel, old.generator.get_layer(layer).kernel)
        assert gan.average is not None
        assert _equal(gan.average.get_layer(layer).kernel, old.generator.get_layer(layer).kernel)
    assert _equal(gan.average.get_layer("to_64").kernel, gan.generator.get_layer("to_64").kernel)


def test_nothing_that_fits_is_refused_with_a_way_out(tmp_path: Path, settings: Settings) -> None:
    source, _ = _run(tmp_path / "old", settings(channels=8))
    with pytest.raises(PipelineError, match=r"no layer of its generator fits \(it has 8 train.channels at 32 pixels\)"):
        transfer.take_over(Gan(64, settings(channels=16, latent=9, kernel=3), "float32"), source)
    RunConfig(settings(), "dots", "ab" * 32, images=20, size=32, batch=8, precision="float32").write(tmp_path / "none")
    with pytest.raises(PipelineError, match="no checkpoint to begin with"):
        transfer.take_over(Gan(32, settings(), "float32"), tmp_path / "none")


def test_a_run_begins_with_anothers_weights_says_so_and_is_another_run(
    shards: Callable[..., Path], tmp_path: Path, settings: Settings, notes: Any
) -> None:
    source, _ = _run(tmp_path / "old", settings())
    folder, made = shards(), settings(kimg=0.008, learning_rate_g=1e-9, learning_rate_d=1e-9)
    summary = train(folder, tmp_path / "runs", made, name="r", resume=True, report=notes, source=source)
    assert any("to_32 taken over" in said for said in notes.said)
    with (
        np.load(checkpoints.listed(summary["run"] / "checkpoints")[-1]) as after,
        np.load(source / "checkpoints" / "step-000000003.npz") as before,
    ):
        np.testing.assert_allclose(after["generator/000"], before["generator/000"], rtol=1e-4)
    assert RunConfig.read(summary["run"]).source == "old (dots)"
    with pytest.raises(UsageError, match=r"from old \(dots\) and now nothing"):
        train(folder, tmp_path / "runs", made, name="r", resume=True, report=SILENT)


@pytest.mark.usefixtures("cheap_steps")
def test_a_refused_source_leaves_the_name_free(shards: Callable[..., Path], tmp_path: Path, settings: Settings) -> None:
    source, _ = _run(tmp_path / "old", settings())
    for checkpoint in checkpoints.listed(source / "checkpoints"):
        checkpoint.unlink()
    folder = shards()
    with pytest.raises(PipelineError, match="no checkpoint to begin with"):
        train(folder, tmp_path / "runs", settings(), name="r", resume=True, report=SILENT, source=source)
    assert train(folder, tmp_path / "runs", settings(), name="r", resume=True, report=SILENT)["run"] == tmp_path / "runs" / "r"
