from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras
import tensorflow as tf

from pipeline.train import augment


def _seeds(seed: int = 0) -> keras.random.SeedGenerator:
    return keras.random.SeedGenerator(seed)


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (64, 16, 16, 3)).astype(np.float32)


def test_nothing_asked_changes_nothing(pictures: np.ndarray) -> None:
    assert augment.augment(pictures, "", _seeds()) is pictures


def test_translation_moves_whole_pictures_and_fills_with_grey(pictures: np.ndarray) -> None:
    moved = np.asarray(augment.translation(pictures, _seeds()))
    padded = np.pad(pictures, ((0, 0), (2, 2), (2, 2), (0, 0)))
    seen = set()
    for number, picture in enumerate(moved):
        places = [(y, x) for y in range(5) for x in range(5) if (padded[number, y : y + 16, x : x + 16] == picture).all()]
        assert len(places) == 1
        seen.update(places)
    assert {y for y, _ in seen} == {x for _, x in seen} == set(range(5))


def test_color_is_one_brightness_saturation_and_contrast_per_picture(pictures: np.ndarray) -> None:
    changed = np.asarray(augment.color(pictures, _seeds()))
    saturations = []
    for before, after in zip(pictures, changed, strict=True):
        grey, grey_after = before.mean(axis=2), after.mean(axis=2)
        contrast, offset = np.polyfit(grey.ravel(), grey_after.ravel(), 1)
        assert 0.5 <= contrast <= 1.5
        assert -0.5 <= grey_after.mean() - grey.mean() <= 0.5
        np.testing.assert_allclose(grey_after, contrast * grey + offset, atol=1e-5)
        colour = np.vdot(after - grey_after[..., None], before - grey[..., None]) / np.square(before - grey[..., None]).sum()
        saturations.append(colour / contrast)
    assert 0 <= min(saturations) < 0.3
    assert 1.7 < max(saturations) <= 2


def test_the_gradient_reaches_the_pictures(pictures: np.ndarray) -> None:
    images = tf.Variable(pictures)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(augment.augment(images, "color,translation", _seeds()) ** 2)
    gradient = tape.gradient(total, images).numpy()
    assert (np.abs(gradient).max(axis=(1, 2, 3)) > 0).all()


def test_the_random_state_alone_decides(pictures: np.ndarray) -> None:
    once, again, other = (np.asarray(augment.augment(pictures, "color,translation", _seeds(seed))) for seed in (0, 0, 1))
    assert (once == again).all()
    assert not (once == other).all()


def test_mirroring_turns_some_whole_pictures_and_no_others(pictures: np.ndarray) -> None:
    mirrored = np.asarray(augment.mirror(pictures, _seeds()))
    turned = [(after == before[:, ::-1]).all() for before, after in zip(pictures, mirrored, strict=True)]
    same = [(after == before).all() for before, after in zip(pictures, mirrored, strict=True)]
    assert all(one != other for one, other in zip(turned, same, strict=True))
    assert 16 < sum(turned) < 48
