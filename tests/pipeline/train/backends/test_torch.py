"""PyTorch is run in a process of its own: this one may have TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.train import backends

ROOT = Path(__file__).parents[4]
torch_only = pytest.mark.skipif(not backends.is_installed("torch"), reason="PyTorch is not installed (extra torch)")


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "torch"}
    )


@torch_only
def test_it_keeps_the_contract_of_all_backends() -> None:
    done = _python("-m", "pytest", "-q", "-p", "no:cacheprovider", str(Path(__file__).parent / "test_contract.py"))
    assert done.returncode == 0, done.stdout[-4000:]


@torch_only
def test_a_batch_in_parts_gives_the_gradients_of_the_whole() -> None:
    code = """
import numpy as np
from pipeline.train import backends, presets
backend = backends.load("torch")
from pipeline.train import objective
from pipeline.train.gan import Gan
made = presets.load("stable").model_validate(
    {"channels": 4, "latent": 8, "batch": 8, "augment": "", "minibatch_stddev": False, "backend": "torch"}
)
objective.latents = lambda settings, count, seeds: __import__("torch").ones(count, 8)
real, found = np.random.default_rng(0).uniform(-1, 1, (8, 32, 32, 3)), []
for parts in (1, 4):
    gan = Gan(32, made, "float32")
    backend.make_step(gan, made, 8, parts=parts)(real)
    found.append([np.asarray(moment) for moment in gan.d_optimizer.variables[2:]])
for whole, parted in zip(*found, strict=True):
    np.testing.assert_allclose(parted, whole, rtol=1e-3, atol=1e-7)
"""
    done = _python("-c", code)
    assert done.returncode == 0, done.stderr[-4000:]


@torch_only
def test_errors_are_told_apart() -> None:
    code = """
from pipeline.train import backends
backend = backends.load("torch")
import torch
full = RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)")
assert all(backend.out_of_memory(error) for error in (torch.OutOfMemoryError("CUDA out of memory"), full, MemoryError()))
try: torch.ones(2, 3) @ torch.ones(2, 3)
except RuntimeError as error:
    assert not backend.out_of_memory(error)
    assert backend.problem(error).startswith("mat1 and mat2"), backend.problem(error)
assert backend.problem(ValueError("ours")) == ""
assert not backend.compiles("CPU")
before = torch.backends.cudnn.allow_tf32
with backend.in_full():
    assert not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32
assert torch.backends.cudnn.allow_tf32 == before
"""
    done = _python("-c", code)
    assert done.returncode == 0, done.stderr[-4000:]
