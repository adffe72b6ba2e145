"""What trains: each file here but `base` is one backend of Keras, and holds what Keras does not do alike for all of them.

A process has one backend, fixed when Keras is imported: `load` does that, and nothing before it may. Nothing here imports either.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from pipeline.errors import PipelineError
from pipeline.train.quiet import quiet

if TYPE_CHECKING:
    from pipeline.train.backends.base import Backend

EXTRAS = {"tensorflow": ("TensorFlow", "train"), "torch": ("PyTorch", "torch")}
"""Every backend: its name for people, and the extra of this distribution that installs it."""


def load(name: str) -> Backend:
    """The backend of that name, imported quietly (its notes and warnings are hidden, its errors are not), with Keras on top of it.

    Raises PipelineError when it is not installed, or when this process has another one already.
    """
    title, extra = EXTRAS[name]
    _refuse_another(name)
    os.environ["KERAS_BACKEND"] = name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
    try:
        with quiet():
            import_module(name)  # before Keras: where it is missing, Keras stays free for another
            backend = import_module(f"{__name__}.{name}")
            import_module("keras")
    except ModuleNotFoundError as error:
        if error.name not in (name, "keras"):
            raise
        others = [other for other in EXTRAS if other != name and is_installed(other)]
        hint = f"; or train with {EXTRAS[others[0]][0]}, which is installed: --backend {others[0]}" if others else ""
        raise PipelineError(f"training needs {title}: pip install 'art-pipeline[{extra}]'{hint}") from error
    _refuse_another(name)
    return cast("Backend", backend)


def load_any(first: str = "tensorflow") -> Backend:
    """A backend to draw with, where any does: this process' own, else the one that KERAS_BACKEND asks for, else `first`, else any that is
    installed. Raises PipelineError."""
    wanted = [name for name in (os.environ.get("KERAS_BACKEND", ""), first, *EXTRAS) if name in EXTRAS]
    return load(_active() or next((name for name in wanted if is_installed(name)), first))


def is_installed(name: str) -> bool:
    """Whether that backend can be imported; this does not import it."""
    try:
        return find_spec(name) is not None
    except ValueError:  # it is being hidden, as tests do
        return False


def _active() -> str:
    """The backend that this process has; empty as long as Keras was not imported."""
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras is not None and hasattr(keras, "backend") else ""


def _refuse_another(name: str) -> None:
    if (active := _active()) not in ("", name):
        raise PipelineError(
            f"Keras uses {active} in this process already, and a process has one backend; set the environment variable KERAS_BACKEND={name}"
        )
