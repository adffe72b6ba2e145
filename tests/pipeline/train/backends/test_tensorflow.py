from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from pipeline.train import objective, penalties
from pipeline.train.backends import tensorflow as backend
from pipeline.train.device import Device
from pipeline.train.gan import Gan
from pipeline.train.presets import TrainSettings

Settings = Callable[..., TrainSettings]


def _weights(net: keras.Model) -> list[np.ndarray]:
    return [variable.numpy().copy() for variable in net.trainable_variables]


def _pictures(count: int = 8) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (count, 32, 32, 3)).astype(np.float32)


def test_a_step_changes_every_weight_of_both_networks_and_counts(settings: Settings) -> None:
    made = settings(augment="color,translation", label_noise=0.1, d_norm="none")
    gan = Gan(32, made, "float32")
    before = _weights(gan.generator) + _weights(gan.discriminator)
    backend.make_step(gan, made, 8)(_pictures())
    after = _weights(gan.generator) + _weights(gan.discriminator)
    assert all((a != b).any() for a, b in zip(before, after, strict=True))
    assert int(gan.steps) == 1
    measures = gan.measures()
    assert 0 < measures["loss_d"] < 3
    assert 0 < measures["score_real"] < 1


def test_the_discriminator_learns_to_tell_and_the_generator_to_please(settings: Settings) -> None:
    made = settings(learning_rate_g=1e-5, learning_rate_d=1e-2)
    gan = Gan(32, made, "float32")
    train = backend.make_step(gan, made, 8)
    for _ in range(20):
        train(_pictures())
    assert gan.measures()["score_real"] > gan.measures()["score_fake"] + 0.2
    made = settings(learning_rate_g=1e-2, learning_rate_d=1e-7)
    gan = Gan(32, made, "float32")
    train = backend.make_step(gan, made, 8)
    train(_pictures())
    before = gan.measures()["loss_g"]
    gan.forget_measures()
    for _ in range(20):
        train(_pictures())
    assert gan.measures()["loss_g"] < before


def test_the_average_follows_with_the_ramp_and_then_the_half_life(settings: Settings) -> None:
    made = settings(ema=0.001)  # half-life of one picture, longer than the ramp allows only at first: 5% of 8 shown
    gan = Gan(32, made, "float32")
    assert gan.average is not None
    train = backend.make_step(gan, made, 8)
    for half_life in (0.4, 0.8, 1.0, 1.0):
        before = _weights(gan.average)
        train(_pictures())
        keep = 0.5 ** (8 / half_life)
        for old, new, now in zip(before, _weights(gan.average), _weights(gan.generator), strict=True):
            np.testing.assert_allclose(new, now + (old - now) * keep, rtol=1e-5, atol=1e-7)


def test_float16_skips_a_step_that_overflows_and_goes_on(settings: Settings) -> None:
    made = settings()
    gan = Gan(32, made, "mixed_float16")
    train = backend.make_step(gan, made, 8)
    before = _weights(gan.discriminator)
    train(_pictures() * np.inf)
    assert all((a == b).all() for a, b in zip(before, _weights(gan.discriminator), strict=True))
    assert float(gan.d_optimizer.dynamic_scale) == 2.0**14


def test_labels_move_inwards_by_no_more_than_the_noise(settings: Settings) -> None:
    seeds = keras.random.SeedGenerator(0)
    assert objective.labels(settings(), 8, seeds) == (1.0, 0.0)
    real, fake = (np.asarray(side) for side in objective.labels(settings(label_noise=0.1), 200, seeds))
    assert real.shape == fake.shape == (200, 1)
    assert 0.9 <= real.min() < 0.91 < 0.99 < real.max() <= 1
    assert 0 <= fake.min() < 0.01 < 0.09 < fake.max() <= 0.1


@pytest.mark.parametrize(("prior", "low", "deviation"), [("uniform", -1.0, 3**-0.5), ("normal", -10.0, 1.0)])
def test_latents_are_of_the_prior(settings: Settings, prior: str, low: float, deviation: float) -> None:
    drawn = np.asarray(objective.latents(settings(prior=prior, latent=100), 200, keras.random.SeedGenerator(0)))
    assert drawn.shape == (200, 100)
    assert drawn.min() >= low
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    assert abs(drawn.mean()) < 0.02


def _gradient_norms(gan: Gan, pictures: np.ndarray) -> np.ndarray:
    """|gradient of the logit|² of each picture, in float32, by TensorFlow alone."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        images = tf.convert_to_tensor(pictures)
        tape.watch(images)
        total = tf.reduce_sum(gan.exact_discriminator(images, training=False))
    return np.square(tape.gradient(total, images).numpy()).sum((1, 2, 3))


def test_r1_is_charged_every_so_many_steps_and_so_many_times_as_strong(settings: Settings) -> None:
    import tensorflow as tf

    made = settings(d_norm="none", r1_gamma=10.0, r1_every=3, learning_rate_g=1e-9, learning_rate_d=1e-9)
    assert [objective.is_penalised(made, number) for number in range(7)] == [True, False, False, True, False, False, True]
    gan, pictures = Gan(32, made, "float32"), _pictures()
    norms = _gradient_norms(gan, pictures)
    with tf.GradientTape() as tape:
        images = tf.convert_to_tensor(pictures)
        tape.watch(images)
        total = tf.reduce_sum(objective.penalised_logits(gan, images))
    charged = objective.penalty(gan, made, tape.gradient(total, images), 8)
    assert float(charged) == pytest.approx(10 / 2 * 3 * norms.mean(), rel=1e-4)
    assert penalties.r1_gamma(64, 32) == pytest.approx(0.0002 * 64**2 / 32)


def test_the_penalty_is_computed_in_float32_with_the_trained_weights(settings: Settings) -> None:
    made = settings(d_norm="none", r1_gamma="auto", minibatch_stddev=True)
    low = Gan(32, made, "mixed_bfloat16")
    high = Gan(32, made, "float32")
    for mine, other in zip(low.discriminator.variables, high.discriminator.variables, strict=True):
        mine.assign(other)
    np.testing.assert_array_equal(objective.penalised_logits(low, _pictures()), high.discriminator(_pictures(), training=True))
    train = backend.make_step(low, made, 8)
    train(_pictures())
    assert int(low.steps) == 1
    assert all(np.isfinite(value) for value in low.measures().values())


def test_a_batch_in_parts_gives_the_step_of_the_whole(settings: Settings) -> None:
    # No randomness that a part would draw anew: no augmentation, no batch norm in the discriminator; generated pictures do differ.
    made = settings(d_norm="none", minibatch_stddev=False, learning_rate_g=1e-9)
    changed = []
    for parts in (1, 2):
        gan = Gan(32, made, "float32")
        gan.generator.layers[-1].activation = lambda x: x * 0.0
        before = _weights(gan.discriminator)
        backend.make_step(gan, made, 8, parts=parts)(_pictures())
        changed.append([after - was for was, after in zip(before, _weights(gan.discriminator), strict=True)])
        changed[-1] += [np.asarray(moment) for moment in gan.d_optimizer.variables[2:]]  # a first step is as long whatever the gradient
        assert gan.measures()["score_real"] == pytest.approx(0.5, abs=0.2)
    for whole, parted in zip(*changed, strict=True):
        np.testing.assert_allclose(parted, whole, rtol=1e-2, atol=1e-6)


TWO_DEVICES = """
import sys, numpy as np, tensorflow as tf
cpus = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 2)
from pipeline.train import presets
from pipeline.train.backends import tensorflow as backend
made = presets.load("stable").model_validate({"channels": 4, "latent": 8, "batch": 16, "r1_every": 1, "label_noise": 0.1})
random = np.random.default_rng(0)
pictures = random.uniform(-1, 1, (3, 16, 32, 32, 3)).astype(np.float32)
for devices, parts, out in ((("CPU:0",), 2, sys.argv[1]), (("CPU:0", "CPU:1"), 1, sys.argv[2])):
    backend.replicate(devices)
    assert backend.compiles("CPU") == (len(devices) == 1)
    gan = backend.make_gan(32, made, "float32")
    step = backend.make_step(gan, made, 16, parts=parts)
    for batch in pictures:
        step(batch)
    # Each device keeps statistics of what it has seen itself, and those of the first are the ones that count.
    held = {name: np.asarray(variable) for name, variable in gan.state().items() if "moving" not in variable.name}
    copies = [tf.convert_to_tensor(v).numpy() for v in getattr(gan.discriminator.trainable_variables[0].value, "values", [])]
    held["copies differ by"] = np.ptp(copies, axis=0).max() if copies else np.float32(-1)
    np.savez(out, **held)
for batch, jit in ((15, False), (16, True)):
    try:
        backend.make_step(gan, made, batch, jit=jit)
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_two_devices_do_what_one_does_in_two_parts(tmp_path: Path) -> None:
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    done = subprocess.run([sys.executable, "-c", TWO_DEVICES, str(one), str(two)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    alone, shared = np.load(one), np.load(two)
    assert alone["copies differ by"] == -1
    assert shared["copies differ by"] == 0
    assert len(alone.files) > 70
    for name in set(alone.files) - {"copies differ by"}:
        np.testing.assert_allclose(shared[name], alone[name], rtol=1e-3, atol=1e-5, err_msg=name)
    assert "15 pictures cannot be shared by 2 GPUs" in done.stdout
    assert "XLA does not compile a step on several GPUs" in done.stdout


def test_hinge_loss_and_dropout_and_mirroring_train(settings: Settings) -> None:
    made = settings(loss="hinge", dropout=0.3, mirror=True, d_norm="none", minibatch_stddev=True, learning_rate_d=1e-3)
    gan = Gan(32, made, "float32")
    train = backend.make_step(gan, made, 8, jit=True)
    for _ in range(30):
        train(_pictures())
    gan.forget_measures()
    train(_pictures())
    assert gan.measures()["accuracy_d"] > 0.9
    assert np.isfinite(gan.measures()["loss_g"])


def test_a_card_too_new_for_this_tensorflow_is_named() -> None:
    line = backend.unsupported("GeForce RTX 5090", (12, 0), "2.21.0")
    assert "GeForce RTX 5090 (compute capability 12.0)" in line
    assert "training on the CPU" in line
    assert backend.unsupported("GeForce RTX 5090", (12, 0), "2.22.0") == ""
    assert backend.unsupported("H100", (9, 0), "2.21.0") == ""


class _Card:
    """What TensorFlow would say of a machine with `count` GPUs."""

    def __init__(self, capability: tuple[int, int], count: int) -> None:
        self.names = [f"GPU:{number}" for number in range(count)]
        self.visible: object = "all"
        self.growth: list[str] = []
        details = {"device_name": "Card", "compute_capability": capability}
        self.experimental = type("E", (), {})()
        self.experimental.get_device_details = lambda gpu: details
        self.experimental.set_memory_growth = lambda gpu, on: self.growth.append(gpu)
        self.optimizer = type("O", (), {"set_experimental_options": lambda self, options: None})()

    def list_physical_devices(self, kind: str) -> list[str]:
        return self.names

    def list_logical_devices(self, kind: str) -> list[Any]:
        return [SimpleNamespace(name=name) for name in self.names]

    def set_visible_devices(self, devices: list[str], kind: str) -> None:
        self.visible = devices


def _with_card(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], count: int = 1) -> _Card:
    card = _Card(capability, count)
    monkeypatch.setattr(backend, "tf", type("TF", (), {"config": card, "__version__": "2.21.0"})())
    return card


def test_a_working_gpu_is_used_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    card = _with_card(monkeypatch, (8, 6))
    assert backend.choose() == Device("Card")
    assert card.growth == card.visible == ["GPU:0"]


def test_all_working_gpus_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    card = _with_card(monkeypatch, (8, 6), count=2)
    spread: list[str] = []
    monkeypatch.setattr(backend, "replicate", spread.extend)
    assert backend.choose(8) == Device("2 x Card", count=2)
    assert spread == card.growth == card.visible == ["GPU:0", "GPU:1"]


def test_only_as_many_gpus_are_used_as_can_share_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [backend.sharing(gpus, 8) for gpus in (1, 2, 3, 4, 8)] == [1, 2, 2, 2, 2]
    assert [backend.sharing(gpus, 128) for gpus in (3, 4, 8)] == [2, 4, 8]
    assert (backend.sharing(2, 7), backend.sharing(3, 12)) == (1, 3)
    card = _with_card(monkeypatch, (8, 6), count=3)
    spread: list[str] = []
    monkeypatch.setattr(backend, "replicate", spread.extend)
    assert backend.choose(8) == Device("2 x Card", "2 of 3 GPUs can share batches of 8; a larger train.batch uses more", 2)
    assert spread == card.visible == ["GPU:0", "GPU:1"]
    assert backend.choose() == Device("Card")  # to draw pictures


def test_a_program_that_has_used_its_gpu_already_can_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    card = _with_card(monkeypatch, (8, 6))

    def used(*_: object) -> None:
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    card.experimental.set_memory_growth = used
    monkeypatch.setattr(backend, "replicate", lambda devices: None)
    assert backend.choose() == Device("Card")


def test_an_unsupported_gpu_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    card = _with_card(monkeypatch, (12, 0))
    chosen = backend.choose()
    assert (chosen.name, card.visible) == ("CPU", [])
    assert "not supported" in chosen.warning


def test_products_have_all_their_digits_only_where_that_is_asked_for() -> None:
    import tensorflow as tf

    enabled = tf.config.experimental.tensor_float_32_execution_enabled
    before = enabled()
    with pytest.raises(ZeroDivisionError), backend.in_full():
        assert not enabled()
        raise ZeroDivisionError
    assert enabled() is before
