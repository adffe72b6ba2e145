from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from pipeline.errors import UsageError
from pipeline.train import checkpoints, load
from pipeline.train.latent import Pick
from pipeline.train.use import generate

ROOT = Path(__file__).parents[4]


def test_three_lines_from_another_program(drawable: Path, tmp_path: Path) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pipeline.train import load
print([name for name in ("numpy", "PIL", "tensorflow", "keras") if name in sys.modules])

pictures = load({str(drawable)!r}).generate(count=3, seed=2)
print(pictures.shape, pictures.dtype)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines() == ["[]", "(3, 32, 32, 3) uint8"]


def test_what_it_draws_is_what_the_command_writes(drawable: Path, tmp_path: Path) -> None:
    generator = load(drawable)
    pictures = generator.generate(count=20, seed=2)
    files = generate.generate(drawable, count=3, seed=2, grid=False, out=tmp_path)
    assert all((np.asarray(Image.open(path)) == picture).all() for path, picture in zip(files, pictures, strict=False))
    assert (generator.generate(seed=2, numbers=[17, 4]) == pictures[[17, 4]]).all()
    first = generator.generate(seeds=[5, 2])
    assert (first[1] == pictures[0]).all()
    assert not (first[0] == pictures[0]).all()
    tame = generator.generate(count=20, seed=2, truncation=0.3).astype(float)
    assert tame.std(axis=0).mean() < 0.6 * pictures.std(axis=0).mean()


def test_latents_can_be_given(drawable: Path) -> None:
    generator = load(drawable)
    noise = generator.latents([Pick(2, 4)])
    assert (generator.draw(noise) == generator.generate(seed=2, numbers=[4])).all()
    assert generator.draw(noise[:0]).shape == (0, 32, 32, 3)
    for wrong in (noise[0], noise[:, :-1], noise * np.nan):
        with pytest.raises(UsageError, match=r"\(n, 8\)"):
            generator.draw(wrong)


def test_wrong_choices_are_refused(drawable: Path) -> None:
    generator = load(drawable)
    for wrong in ({"count": 0}, {"seed": -1}, {"numbers": [-1]}, {"numbers": [1], "seeds": [1]}):
        with pytest.raises(UsageError):
            generator.generate(**wrong)  # type: ignore[arg-type]


def test_the_digest_tells_generators_apart(drawable: Path) -> None:
    generator = load(drawable)
    before = generator.digest
    assert load(str(drawable)).digest == before
    weight = generator.network.weights[0]
    weight.assign(np.asarray(weight) * 1.001)
    assert generator.digest != before
    assert (drawable / checkpoints.GENERATOR).exists()
