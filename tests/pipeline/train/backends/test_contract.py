"""What every backend must do alike. Run once with each that is installed: a process has one, the one that KERAS_BACKEND names."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.report import SILENT
from pipeline.shards import protobuf, tfrecord
from pipeline.train import backends, checkpoints, data
from pipeline.train.presets import TrainSettings

NAME = os.environ.get("KERAS_BACKEND", "tensorflow")
if not backends.is_installed(NAME):
    pytest.skip(f"{NAME} is not installed", allow_module_level=True)
BACKEND = backends.load(NAME)

Make = Callable[..., Path]
Settings = Callable[..., TrainSettings]
SIZES = (32, 64)


def _array(tensor: Any) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(tensor))


def _values(shards: data.ShardSet, batch: int, steps: int, seed: int = 0, first_step: int = 0) -> list[list[int]]:
    """Which pictures the first steps see, by their value."""
    taken = itertools.islice(BACKEND.batches(shards, batch, seed, first_step), steps)
    return [np.rint((_array(pictures)[:, 0, 0, 0] + 1) * 127.5).astype(int).tolist() for pictures in taken]


def test_batches_are_pictures_between_minus_one_and_one(shards: Make) -> None:
    batch = _array(next(iter(BACKEND.batches(data.inspect(shards(images=256), SIZES), 256, seed=0))))
    assert batch.shape == (256, 32, 32, 3)
    assert batch.dtype == np.float32
    assert (batch.min(), batch.max()) == (-1, 1)
    assert (batch == batch[:, :1, :1, :1]).all()


def test_an_epoch_shows_every_picture_once_in_an_order_of_its_own(shards: Make) -> None:
    found = data.inspect(shards(images=20), SIZES)
    steps = _values(found, 5, 8)
    first, second = (list(itertools.chain(*part)) for part in (steps[:4], steps[4:]))
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert first != list(range(20))
    assert _values(found, 5, 4, seed=1) != steps[:4]


@pytest.mark.parametrize("first_step", [1, 2, 3, 7])
def test_a_step_sees_the_same_pictures_however_the_run_was_cut(shards: Make, first_step: int) -> None:
    found = data.inspect(shards(images=20), SIZES)
    whole = _values(found, 7, 9)
    assert _values(found, 7, 9 - first_step, first_step=first_step) == whole[first_step:]


def test_a_set_that_fits_into_memory_is_decoded_once(shards: Make) -> None:
    found = data.inspect(shards(images=8, files=1), SIZES)
    batches = iter(BACKEND.batches(found, 8, seed=0))
    next(batches)
    found.files[0].unlink()
    for _ in range(20):
        next(batches)


def test_a_set_that_does_not_fit_is_streamed_in_the_same_way(shards: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.inspect(shards(images=20), SIZES)
    cached = _values(found, 7, 9)
    monkeypatch.setattr(data, "CACHE_SHARE", 0.0)
    assert _values(found, 7, 9) == cached


def _flipped(record: bytes) -> bytes:
    return record[:60] + bytes([record[60] ^ 255]) + record[61:]


def _picture(mode: str, side: int) -> bytes:
    png = io.BytesIO()
    Image.new(mode, (side, side)).save(png, "PNG")
    return tfrecord.frame(protobuf.encode({"image": png.getvalue()}))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_flipped, "record 3 cannot be read"),
        (lambda _: _picture("L", 32), "record 3 is a picture of mode L"),
        (lambda _: _picture("RGBA", 32), "record 3 is a picture of mode RGBA"),
        (lambda _: _picture("RGB", 40), "record 3 is a picture of 40x40 pixels among those of 32"),
        (lambda _: tfrecord.frame(protobuf.encode({"image": b"no picture"})), "record 3 cannot be read"),
        (lambda _: tfrecord.frame(protobuf.encode({"photo": b""})), "record 3 cannot be read"),
    ],
    ids=["flipped byte", "gray", "transparent", "size", "no picture", "no image"],
)
def test_a_record_that_cannot_be_trained_on_is_named_with_its_shard(
    shards: Make, settings: Settings, tmp_path: Path, spoil: Callable[[bytes], bytes], words: str
) -> None:
    from pipeline.errors import PipelineError
    from pipeline.train import loop

    folder = shards(files=2)
    shard = sorted(folder.glob("*.tfrecord-*"))[1]
    whole, (start, length) = shard.read_bytes(), list(tfrecord.places(shard))[2]
    shard.write_bytes(whole[:start] + spoil(whole[start : start + length]) + whole[start + length :])
    with pytest.raises(PipelineError, match=f"{shard.name}: {words}"):
        loop.train(folder, tmp_path / "runs", settings(backend=NAME), name="r", resume=False, report=SILENT)


STEP = Path(__file__).parent / "step.json"
"""What one step came to with TensorFlow 2.21 on a CPU: set REMAKE=1 to write it anew."""


def _one_step(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[float]]:
    """Statistics of both optimizers' first moments (a share of the gradients), the averaged weights and the measures after a step."""
    import keras

    from pipeline.train import objective
    from pipeline.train.gan import Gan

    made = settings("stable", augment="", r1_gamma=10.0, ema=1.0, channels=4, backend=NAME)
    gan = Gan(32, made, "float32")
    for net in (gan.generator, gan.discriminator, gan.average):
        assert net is not None
        random = np.random.default_rng(1)
        for weight in net.weights:
            if "moving" not in weight.name:
                weight.assign(random.normal(1.0 if weight.name == "gamma" else 0.0, 0.1, weight.shape))
    noise = np.random.default_rng(2).normal(size=(8, made.latent)).astype(np.float32)
    monkeypatch.setattr(objective, "latents", lambda *_: keras.ops.convert_to_tensor(noise))
    real = np.random.default_rng(3).uniform(-1, 1, (8, 32, 32, 3)).astype(np.float32)
    BACKEND.make_step(gan, made, 8)(real)
    found = {"measures": list(gan.measures().values())}
    for name, variable in gan.state().items():
        if name.partition("/")[0] != "own":
            values = np.asarray(_array(variable), np.float64).ravel()
            found[name] = [
                float(values.mean()),
                float(np.sqrt(np.square(values).mean())),
                *values[:: max(1, len(values) // 4)][:4].tolist(),
            ]
    return found


def test_one_step_from_the_same_weights_and_pictures_is_the_same_with_every_backend(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _one_step(settings, monkeypatch)
    if os.environ.get("REMAKE"):
        STEP.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    expected = json.loads(STEP.read_text(encoding="utf-8"))
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        if "seed" not in name:
            np.testing.assert_allclose(found[name], values, rtol=2e-3, atol=2e-6, err_msg=name)


@pytest.mark.skipif(NAME == "tensorflow", reason="test_loop.py resumes with TensorFlow, and compares every file")
def test_an_interrupted_run_goes_on_to_the_same_bits(shards: Make, settings: Settings, tmp_path: Path) -> None:
    from pipeline.train import loop
    from pipeline.train.callbacks import Callback

    class Stop(Callback):
        """Sends this process a Ctrl-C at the first sample grid after the start."""

        def drawn(self, recorder: Any, pictures: np.ndarray) -> None:
            if recorder.step == 4:
                signal.raise_signal(signal.SIGINT)

    folder = shards()
    made = settings("stable", backend=NAME, augment="color,translation", dropout=0.2, mirror=True, samples_kimg=0.03, ema=0.02)
    whole = loop.train(folder, tmp_path / "runs", made, name="whole", resume=False, report=SILENT)
    cut = loop.train(folder, tmp_path / "runs", made, name="cut", resume=True, report=SILENT, callbacks=[Stop()])
    assert (cut["interrupted"], cut["step"]) == (True, 4)
    cut = loop.train(folder, tmp_path / "runs", made, name="cut", resume=True, report=SILENT)
    states = []
    for summary in (whole, cut):
        found = checkpoints.read(checkpoints.listed(summary["run"] / "checkpoints")[-1])
        assert found is not None
        states.append(found[0])
    assert states[0].keys() == states[1].keys()
    assert all((states[0][name] == states[1][name]).all() for name in states[0])


def test_a_run_of_another_backend_draws_and_does_not_go_on(shards: Make, settings: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    from pipeline.errors import UsageError
    from pipeline.train import load, loop
    from pipeline.train.config import RunConfig

    folder, made = shards(), settings(backend=NAME, kimg=0.008)
    run = loop.train(folder, tmp_path, made, name="r", resume=False, report=SILENT)["run"]
    expected = load(run).generate(3)
    other = next(name for name in backends.EXTRAS if name != NAME)
    replace(RunConfig.read(run), settings=made.model_copy(update={"backend": other})).write(run)
    np.testing.assert_array_equal(load(run).generate(3), expected)
    with pytest.raises(UsageError, match=f"backend {other} and now {NAME}"):
        loop.train(folder, tmp_path, made, name="r", resume=True, report=SILENT)


def test_the_path_length_of_a_network_is_a_number(settings: Settings) -> None:
    from pipeline.train import networks
    from pipeline.train.metrics.path_length import path_length

    made = settings(latent=8)
    drawn = path_length(networks.generator(32, made), lambda pictures: pictures.mean(axis=(1, 2)), made.prior, 8, 0, paths=8)
    assert 0 < drawn < np.inf


def test_tensorboard_gets_numbers_grids_and_words(tmp_path: Path) -> None:
    loading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    from pipeline.train import events

    writer = events.events(tmp_path)
    assert writer is not None
    writer.scalar(4, "loss_d", 0.5)
    writer.image(4, "samples", np.zeros((8, 8, 3), np.uint8))
    writer.text(4, "warning", "too good")
    writer.close()
    tags = loading.EventAccumulator(str(tmp_path)).Reload().Tags()
    names = {name for kind in ("scalars", "images", "tensors") for name in tags[kind]}
    assert {"loss_d", "samples"} <= names
    assert any(name.startswith("warning") for name in names)
