from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from pipeline.train import backends
from pipeline.train.presets import TrainSettings


def _said(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


LOAD = """
from pipeline.errors import PipelineError
from pipeline.train import backends
try: print(backends.load({name!r}).TITLE)
except PipelineError as error: print(error)
"""


def test_every_backend_can_be_asked_for() -> None:
    assert set(get_args(TrainSettings.model_fields["backend"].annotation)) == set(backends.EXTRAS)


@pytest.mark.parametrize(("name", "title", "extra"), [("tensorflow", "TensorFlow", "train"), ("torch", "PyTorch", "torch")])
def test_what_is_not_installed_is_named_with_the_way_out(name: str, title: str, extra: str) -> None:
    hidden = "import sys; sys.modules.update(dict.fromkeys(['tensorflow', 'torch', 'keras']))"
    assert _said(hidden + LOAD.format(name=name)).stdout == f"training needs {title}: pip install 'art-pipeline[{extra}]'\n"


def test_the_backend_that_is_there_is_offered_instead() -> None:
    found = "import importlib.machinery, sys, types; sys.modules['torch'] = None; fake = types.ModuleType('tensorflow')\n"
    found += "fake.__spec__ = importlib.machinery.ModuleSpec('tensorflow', None); sys.modules['tensorflow'] = fake\n"
    line = "training needs PyTorch: pip install 'art-pipeline[torch]'; or train with TensorFlow, which is installed: --backend tensorflow\n"
    assert _said(found + LOAD.format(name="torch")).stdout == line


def test_a_process_with_another_backend_is_refused() -> None:
    fake = "import sys, types; sys.modules['keras'] = keras = types.ModuleType('keras')\n"
    fake += "keras.backend = types.SimpleNamespace(backend=lambda: 'jax')\n"
    assert _said(fake + LOAD.format(name="torch")).stdout.startswith("Keras uses jax in this process already")


@pytest.mark.parametrize("name", backends.EXTRAS)
def test_it_comes_quietly(name: str) -> None:
    if not backends.is_installed(name):
        pytest.skip(f"{name} is not installed")
    said = _said(f"from pipeline.train import backends; print(backends.load({name!r}).choose().name)")
    assert said.stdout.strip()
    assert said.stderr == ""


def test_what_draws_takes_the_backend_that_is_there() -> None:
    installed = [name for name in backends.EXTRAS if backends.is_installed(name)]
    if len(installed) != 1:
        pytest.skip("needs exactly one backend installed")
    other = next(name for name in backends.EXTRAS if name not in installed)
    code = f"from pipeline.train import backends; print(backends.load_any({other!r}).__name__)"
    assert _said(code).stdout.strip() == f"pipeline.train.backends.{installed[0]}"


def test_the_one_that_is_asked_for_draws_whatever_trained() -> None:
    code = "import os; os.environ['KERAS_BACKEND'] = 'torch'; from pipeline.train import backends as b\n"
    code += "b.is_installed = lambda name: True; b.load = lambda name: name; print(b.load_any('tensorflow'))"
    assert _said(code).stdout == "torch\n"
