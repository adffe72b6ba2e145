"""What goes wrong with GANs, seen in a run's numbers and said in words: what is seen, and what to try.

Each guard is a pure function of a `Case` and answers with a `Finding` or None; `pipeline.train.watch.guardian` collects what they judge
by and passes on what they say. Every limit is a constant with its reason; bench/guards.py plants each failure and measures how soon it
is named, and that healthy runs raise nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.train.watch.guards import pictures, players, progress, setup
from pipeline.train.watch.guards.case import Case, Finding, Moment

__all__ = ["GUARDS", "Case", "Finding", "Moment", "findings"]

GUARDS: tuple[Callable[[Case], Finding | None], ...] = (
    setup.few_pictures,
    setup.learning_rate,
    setup.not_numbers,
    players.exploded,
    players.swapped,
    players.overwhelmed,
    players.overwhelming,
    pictures.dead,
    pictures.stalled,
    pictures.collapsed,
    pictures.memorised,
    pictures.known_by_heart,
    progress.no_better,
)


def findings(case: Case) -> list[Finding]:
    """What every guard has to say now."""
    return [found for guard in GUARDS if (found := guard(case)) is not None]
