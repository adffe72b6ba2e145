"""What looks on while a run is trained: tables, guards, pages. Nothing here changes what is learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pipeline.train.recorder import Recorder


class Callback:
    """Told of each event of a run, with the recorder, whose attributes it may read. Every method here does nothing."""

    def begin(self, recorder: Recorder) -> None:
        """Before the first step of this sitting; again, with a new recorder, where a run goes back to a checkpoint by itself."""

    def state(self) -> dict[str, Any]:
        """What an interrupted run must know again of this callback, as JSON data; kept in every checkpoint."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Before `begin` of a run that goes on: what `state` returned when the checkpoint was written."""

    def measured(self, recorder: Recorder, row: Mapping[str, float]) -> None:
        """After each row of `metrics.csv` (once in a thousand images, and at each evaluation): the columns of `pipeline.train.journal`.

        Those of `journal.SCORES` are there where the run was evaluated.
        """

    def drawn(self, recorder: Recorder, pictures: np.ndarray) -> None:
        """After each sample grid: its pictures, uint8 (count, size, size, 3), always from the same latents."""

    def evaluated(self, recorder: Recorder, scores: Mapping[str, float]) -> None:
        """After each evaluation: the scores of `pipeline.train.metrics`."""

    def end(self, recorder: Recorder) -> None:
        """After the last step of this sitting, with everything written."""

    def lines(self) -> Sequence[str]:
        """Lines for a person who waits at a terminal; asked for again and again, from another thread."""
        return ()
