"""The registry of training presets: each file here but this one and `base` is one preset.

A preset is a settings model with other defaults, named `Settings`. Nothing here imports TensorFlow.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from pipeline.train.presets.base import TrainSettings

__all__ = ["DEFAULT", "TrainSettings", "load", "names"]

DEFAULT = "stable"
"""The preset of a manifest that names none."""


def names() -> list[str]:
    """Every preset, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


def load(name: str) -> type[TrainSettings]:
    """The settings model of that preset. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    found: type[TrainSettings] = import_module(f"{__name__}.{name}").Settings
    return found
