from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from pipeline.errors import PipelineError, UsageError
from pipeline.train import latent, load
from pipeline.train.latent import Pick
from pipeline.train.use import directions, generate, looks, sheet
from pipeline.train.use.generator import Generator


class Painter:
    """Draws a square whose redness, size and place hang on latents 0, 1 and 2; the rest does nothing. Stands in for a generator."""

    run, size, length, prior, digest = Path("painter"), 32, 8, "normal", "ab" * 32

    def draw(self, noise: np.ndarray) -> np.ndarray:
        pictures = np.full((len(noise), 32, 32, 3), 255, np.uint8)
        for picture, row in zip(pictures, noise, strict=True):
            red, half = 128 + 40 * np.clip(row[0] + 0.5 * row[1], -3, 3), int(np.clip(8 + 2 * row[1], 2, 15))
            middle = int(np.clip(16 + 2 * row[2], 2, 30))
            picture[16 - half : 16 + half, max(0, middle - half) : middle + half] = (red, 128, 128)
        return pictures

    def latents(self, chosen: list[Pick], truncation: float = 1.0) -> np.ndarray:
        return latent.rows(self.prior, self.length, chosen)


PAINTER: Generator = Painter()  # type: ignore[assignment]


def test_a_direction_for_colour_changes_colour_more_than_anything_else() -> None:
    (found,) = directions.colours(PAINTER, ["red"], samples=400, seed=0)
    assert np.linalg.norm(found.vector) == pytest.approx(1)
    assert found.fit is not None
    assert found.fit > 0.9
    effects = directions.measured(PAINTER, found, 100).effects or {}
    assert effects["red"] > 2
    assert effects["red"] == max(effects[name] for name in looks.COLOURS)
    assert max(abs(effects[name]) for name in looks.SHAPE if name != "detail") < 0.25 * effects["red"]
    # without holding shape it would grow too, as redness and size hang on the same latent
    plain = np.array([1, 0.5, *[0] * 6]) / np.hypot(1, 0.5)
    free = directions.measured(PAINTER, directions.Direction("free", "colour", tuple(plain), ""), 100).effects or {}
    assert free["size"] > 3 * abs(effects["size"])


def test_labels_become_directions() -> None:
    chosen = [Pick(0, number) for number in range(80)]
    wide = {pick: "Very wide!" if row[1] > 0 else "thin" for pick, row in zip(chosen, PAINTER.latents(chosen), strict=True)}
    towards, away = directions.labels(PAINTER, wide)
    assert {towards.name, away.name} == {"very-wide", "thin"}
    by_name = {one.name: np.array(one.vector) for one in (towards, away)}
    assert by_name["very-wide"][1] > 0.8
    assert np.allclose(by_name["very-wide"], -by_name["thin"], atol=1e-5)
    (value,) = directions.labels(PAINTER, {pick: f"{10 * row[2]:.1f}" for pick, row in zip(chosen, PAINTER.latents(chosen), strict=True)})
    assert value.name == "value"
    assert value.vector[2] > 0.95
    for few in ({}, dict.fromkeys(chosen, "thin"), {chosen[0]: "a", chosen[1]: "b"}, {chosen[0]: "1", chosen[1]: "2"}):
        with pytest.raises(UsageError, match="two kinds"):
            directions.labels(PAINTER, few)


def test_what_training_pictures_are_called_becomes_a_direction() -> None:
    noise = latent.latents("normal", 300, 8, seed=9)
    words = ["large" if row[1] > 0 else "small" for row in noise]
    large, small = directions.fields(PAINTER, PAINTER.draw(noise), words, samples=300, seed=0)
    assert (large.name, small.name) in {("large", "small"), ("small", "large")}
    towards = np.array(large.vector if large.name == "large" else small.vector)
    assert towards[1] > 0.8
    assert large.fit is not None
    assert large.fit > 0.5
    coin = np.random.default_rng(0).integers(0, 2, 300)
    with pytest.raises(UsageError, match="none of .* can be told"):
        directions.fields(PAINTER, PAINTER.draw(noise), ["heads" if side else "tails" for side in coin], samples=100, seed=0)
    with pytest.raises(UsageError, match="two words are needed"):
        directions.fields(PAINTER, PAINTER.draw(noise), ["one"] * 300, samples=100, seed=0)


def test_sefa_is_the_closed_form_of_the_first_layer(drawable: Path) -> None:
    generator = load(drawable)
    found = directions.sefa(generator, 8)
    vectors = np.array([one.vector for one in found])
    assert np.allclose(vectors @ vectors.T, np.eye(8), atol=1e-5)

    def stretched(vector: np.ndarray) -> float:
        """How much the first layer, with its normalisation, amplifies a move: by calling the layers themselves."""
        first = generator.network.layers[:4]
        assert [type(layer).__name__ for layer in first] == ["InputLayer", "Reshape", "Conv2DTranspose", "BatchNormalization"]

        def through(row: np.ndarray) -> np.ndarray:
            for layer in first[1:]:
                row = layer(row)
            return np.asarray(row)

        return float(np.linalg.norm(through(vector[None].astype(np.float32)) - through(np.zeros((1, 8), np.float32))))

    gains = [stretched(vector) for vector in vectors]
    assert gains == sorted(gains, reverse=True)
    rng = np.random.default_rng(0)
    assert gains[0] >= max(stretched(row / np.linalg.norm(row)) for row in rng.standard_normal((50, 8)))
    assert directions.sefa(generator, 2) == found[:2]
    with pytest.raises(UsageError, match="8 directions in all"):
        directions.sefa(generator, 9)


def test_directions_are_kept_by_name_and_used(drawable: Path, tmp_path: Path) -> None:
    run = tmp_path / "r"
    shutil.copytree(drawable, run)
    generator = load(run)
    first, *_ = found = directions.sefa(generator, 8)
    for one in [*found, directions.Direction("sefa-10", "sefa", found[0].vector, generator.digest)]:
        directions.save(run, one)
    assert directions.read(run, "sefa-1") == first
    assert directions.listed(run) == [*(f"sefa-{number}" for number in range(1, 9)), "sefa-10"]
    drawn = generate.moved(generator, generate.of_picks(generator, [Pick(0, 1)], 1.0), ["sefa-1=1.5", "sefa-2 = -1"])
    expected = generator.latents([Pick(0, 1)])[0] + 1.5 * np.array(first.vector) - np.array(found[1].vector)
    assert np.allclose(drawn[0].row, expected, atol=1e-5)
    assert drawn[0].stem == "seed0-00001-sefa-1+1.5-sefa-2-1"
    picks = [Pick(0, 1), Pick(0, 2)]
    path = sheet.write(generator, first, picks)
    with Image.open(path) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (2 * 32 + sheet.HEAD, len(sheet.STRENGTHS) * 32, 3)
    at = sheet.STRENGTHS.index(0) * 32
    assert (pixels[sheet.HEAD + 32 :, at : at + 32] == generator.generate(seed=0, numbers=[2])[0]).all()
    assert not (pixels[sheet.HEAD + 32 :, :32] == pixels[sheet.HEAD + 32 :, at : at + 32]).all()


def test_what_cannot_be_used_is_named(drawable: Path, tmp_path: Path) -> None:
    run = tmp_path / "r"
    shutil.copytree(drawable, run)
    generator = load(run)
    path = directions.save(run, directions.sefa(generator, 1)[0])
    for wrong in ("sefa-2=1", "../x=1", "=1", "sefa-1", "sefa-1=much", "sefa-1=nan"):
        with pytest.raises(UsageError):
            generate.moved(generator, generate.of_picks(generator, [Pick(0, 1)], 1.0), [wrong])
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {"generator": "0" * 64}))
    with pytest.raises(PipelineError, match="learnt on another generator"):
        directions.fitting(generator, "sefa-1")
    for text in ("{", "[]", "{}", json.dumps(data | {"vector": ["x"]}), json.dumps(data | {"vector": [float("nan")] * 8})):
        path.write_text(text)
        with pytest.raises(PipelineError, match="learn it anew"):
            directions.read(run, "sefa-1")
    with pytest.raises(UsageError, match="give one of"):
        directions.colours(generator, ["mauve"], 100, 0)
    with pytest.raises(UsageError, match="50 at least"):
        directions.colours(generator, ["red"], 10, 0)


def test_words_have_names_whatever_their_script_and_length() -> None:
    assert directions.slugs(["Left", "left!", "Right", "LEFT"]) == ["left", "left-2", "right", "left-3"]
    assert directions.slugs(["機動戦士", "***", "Zeta 機動"]) == ["label", "label-2", "zeta"]
    long = directions.slugs([f"{'a' * 50} {number}" for number in range(12)])
    assert len(set(long)) == 12
    assert all(directions.NAME.fullmatch(name) for name in long)
