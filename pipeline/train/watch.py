"""Who looks on while a run is trained, whatever the caller adds."""

from __future__ import annotations

from pipeline.train.callbacks import Callback
from pipeline.train.film import Film


def watchers() -> list[Callback]:
    """What every run is watched by, in the order in which they are told."""
    return [Film()]
