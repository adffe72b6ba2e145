from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from pipeline.train import networks, presets

Settings = Callable[..., presets.TrainSettings]


@pytest.mark.parametrize("size", networks.SIZES)
@pytest.mark.parametrize(("preset", "norm"), [("dcgan", "batch"), ("gandam", "none"), ("stable", "none")])
def test_networks_for_every_size(settings: Settings, size: int, preset: str, norm: str) -> None:
    made = settings(preset, d_norm=norm)
    pictures = np.asarray(networks.generator(size, made)(np.ones((2, 8), np.float32), training=False))
    assert pictures.shape == (2, size, size, 3)
    assert np.abs(pictures).max() <= 1
    logits = np.asarray(networks.discriminator(size, made)(pictures, training=False))
    assert logits.shape == (2, 1)


def _convolutions(net: keras.Model) -> list[tuple[str, tuple[int, ...], tuple[int, ...], int]]:
    kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    return [
        (type(layer).__name__, layer.output.shape[1:], layer.kernel_size, layer.strides[0])
        for layer in net.layers
        if isinstance(layer, kinds)
    ]


def test_dcgan_has_the_layers_of_the_paper() -> None:
    paper = presets.load("dcgan")()
    generator, discriminator = networks.generator(64, paper), networks.discriminator(64, paper)
    assert _convolutions(generator) == [
        ("Conv2DTranspose", (4, 4, 1024), (4, 4), 1),
        ("Conv2DTranspose", (8, 8, 512), (5, 5), 2),
        ("Conv2DTranspose", (16, 16, 256), (5, 5), 2),
        ("Conv2DTranspose", (32, 32, 128), (5, 5), 2),
        ("Conv2DTranspose", (64, 64, 3), (5, 5), 2),
    ]
    assert _convolutions(discriminator) == [
        ("Conv2D", (32, 32, 128), (5, 5), 2),
        ("Conv2D", (16, 16, 256), (5, 5), 2),
        ("Conv2D", (8, 8, 512), (5, 5), 2),
        ("Conv2D", (4, 4, 1024), (5, 5), 2),
        ("Conv2D", (1, 1, 1), (4, 4), 1),
    ]
    # Batch normalisation everywhere but in the generator's output and the discriminator's input; the activations after it.
    kinds = [[type(layer).__name__ for layer in net.layers] for net in (generator, discriminator)]
    assert kinds[0] == ["InputLayer", "Reshape", *["Conv2DTranspose", "BatchNormalization", "ReLU"] * 4, "Conv2DTranspose", "Activation"]
    assert kinds[1] == ["InputLayer", "Conv2D", "LeakyReLU", *["Conv2D", "BatchNormalization", "LeakyReLU"] * 3, "Conv2D", "Reshape"]
    assert {layer.negative_slope for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)} == {0.2}
    assert generator.layers[-1].activation is keras.activations.tanh
    for net in (generator, discriminator):
        for weights in (np.asarray(layer.kernel) for layer in net.layers if hasattr(layer, "kernel") and layer.kernel.shape[-1] > 64):
            assert weights.std() == pytest.approx(0.02, rel=0.02)
            assert abs(weights.mean()) < 1e-3


def test_upsampled_convolution_is_one_of_repeated_pixels() -> None:
    layer = networks.UpsampledConv2D(5, name="up", kernel_initializer="glorot_uniform")
    x = np.random.default_rng(0).normal(size=(2, 6, 4, 3)).astype(np.float32)
    made = np.asarray(layer(x))
    plain = keras.layers.Conv2D(5, 3, padding="same")
    repeated = x.repeat(2, axis=1).repeat(2, axis=2)
    plain.build(repeated.shape)
    plain.kernel.assign(np.asarray(layer.small)[::-1, ::-1].transpose(0, 1, 3, 2))
    np.testing.assert_allclose(made, plain(repeated), atol=1e-5)
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_variables) == 3 * 3 * 3 * 5 + 5


def test_a_discriminator_begun_as_he_says_keeps_the_size_of_what_passes(settings: Settings) -> None:
    noise = np.random.default_rng(0).normal(size=(16, 64, 64, 3)).astype(np.float32)
    spread = {}
    for start in ("normal", "he"):
        net = networks.discriminator(64, settings(d_norm="none", init=start, channels=16))
        inner = keras.Model(net.input, net.get_layer("to_4").output)
        spread[start] = float(np.asarray(inner(noise)).std())
    assert 0.5 < spread["he"] < 2
    assert spread["normal"] < 0.1


def test_width_doubles_with_each_halving_up_to_the_papers_widest(settings: Settings) -> None:
    made = settings(channels=64)
    assert [networks.width(made, 256, side) for side in (128, 64, 32, 16, 8, 4)] == [64, 128, 256, 512, 1024, 1024]


def test_weights_follow_the_seed_and_differ_between_layers(settings: Settings) -> None:
    def kernels(seed: int) -> list[np.ndarray]:
        made = settings(seed=seed)
        nets = (networks.generator(32, made), networks.discriminator(32, made))
        return [np.asarray(layer.kernel).ravel()[:20] for net in nets for layer in net.layers if hasattr(layer, "kernel")]

    once, again, other = kernels(0), kernels(0), kernels(1)
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert not any((a == b).any() for a, b in zip(once, other, strict=True))
    assert len({tuple(kernel) for kernel in once}) == len(once)


def test_mixed_precision_computes_low_and_answers_in_float32(settings: Settings) -> None:
    net = networks.discriminator(32, settings(), "mixed_bfloat16")
    inner = net.get_layer("to_16")
    assert (inner.compute_dtype, inner.kernel.dtype) == ("bfloat16", "float32")
    assert networks.generator(32, settings(), "mixed_bfloat16").output.dtype == net.output.dtype == "float32"


def test_minibatch_stddev_tells_how_much_pictures_differ() -> None:
    layer = networks.MinibatchStddev()
    alike = np.ones((4, 2, 2, 3), np.float32)
    two = np.stack([alike[0], alike[1] * 3, alike[2], alike[3] * 3])
    assert np.asarray(layer(alike)).shape == (4, 2, 2, 4)
    np.testing.assert_allclose(np.asarray(layer(alike))[..., 3], 0, atol=1e-3)
    np.testing.assert_allclose(np.asarray(layer(two))[..., 3], 1, atol=1e-3)
    eight = np.concatenate([two, alike])  # groups of four take every second picture: 0, 2, 4, 6 are alike
    told = np.asarray(layer(eight))[:, 0, 0, 3]
    np.testing.assert_allclose(told[[0, 2, 4, 6]], 0, atol=1e-3)
    assert (told[[1, 3, 5, 7]] > 0.9).all()


def test_dropout_and_stddev_are_in_the_discriminator_when_asked_for(settings: Settings) -> None:
    net = networks.discriminator(32, settings(dropout=0.2, minibatch_stddev=True))
    kinds = [type(layer).__name__ for layer in net.layers]
    assert kinds.count("Dropout") == 3
    assert "MinibatchStddev" in kinds
