"""The registry of filters: each file here but this one and `base` is one filter."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pipeline.curate.filters.base import Filter

NAMES = ("size", "background", "grayscale", "photo")
"""Every filter, in the order that reports use when a manifest names none."""


def load(name: str) -> Filter:
    """The filter of that name. Raises KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    found: Filter = import_module(f"pipeline.curate.filters.{name}").FILTER
    return found


def settings() -> dict[str, type[BaseModel]]:
    """The settings model of every filter."""
    return {name: load(name).Settings for name in NAMES}
