"""TensorBoard's files, written by the backend that trains."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any, Protocol

import numpy as np


class Events(Protocol):
    """Where a run's numbers, grids and words go."""

    def scalar(self, step: int, name: str, value: float) -> None:
        """One number."""

    def image(self, step: int, name: str, pixels: np.ndarray) -> None:
        """One picture, uint8 (height, width, 3)."""

    def text(self, step: int, name: str, words: str) -> None:
        """Some words."""

    def close(self) -> None:
        """Flush."""


def events(folder: Path) -> Events | None:
    """A writer into `folder`; None where TensorBoard is not installed, which both backends need for it."""
    if importlib.util.find_spec("tensorboard") is None:
        return None
    keras = sys.modules.get("keras")
    torch = keras is not None and keras.backend.backend() == "torch"
    return _Torch(folder) if torch else _TensorFlow(folder)


class _TensorFlow:
    def __init__(self, folder: Path) -> None:
        import tensorflow as tf

        self._summary: Any = tf.summary
        self._writer = tf.summary.create_file_writer(str(folder))

    def scalar(self, step: int, name: str, value: float) -> None:
        with self._writer.as_default(step=step):
            self._summary.scalar(name, value)

    def image(self, step: int, name: str, pixels: np.ndarray) -> None:
        with self._writer.as_default(step=step):
            self._summary.image(name, pixels[None])

    def text(self, step: int, name: str, words: str) -> None:
        with self._writer.as_default(step=step):
            self._summary.text(name, words)

    def close(self) -> None:
        self._writer.close()


class _Torch:
    def __init__(self, folder: Path) -> None:
        # TensorBoard would import TensorFlow for its files, if it is installed too; this module's being there tells it not to.
        sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder))

    def scalar(self, step: int, name: str, value: float) -> None:
        self._writer.add_scalar(name, value, step)

    def image(self, step: int, name: str, pixels: np.ndarray) -> None:
        self._writer.add_image(name, pixels, step, dataformats="HWC")

    def text(self, step: int, name: str, words: str) -> None:
        self._writer.add_text(name, words, step)

    def close(self) -> None:
        self._writer.close()
