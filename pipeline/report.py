"""What a running stage tells the person who waits: progress and notes.

Stages get a `Reporter` and never print. The silent base class here serves tests and other programs; the commands pass one
that draws bars on the terminal.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

Advance = Callable[[int], None]


class Reporter:
    """Says nothing. Subclasses draw."""

    @contextlib.contextmanager
    def bar(self, what: str, total: int | None = None) -> Iterator[Advance]:
        """A progress bar named `what` over `total` units; the yielded function advances it by n."""
        yield lambda n: None

    @contextlib.contextmanager
    def live(self, lines: Callable[[], Sequence[str]]) -> Iterator[None]:
        """Show what `lines` gives, again and again, while the block runs; inside a `bar`, above it. It is called from another thread."""
        yield

    def progress(self, text: str) -> None:
        """One line on how far the work is, for whoever sees no live lines, as in a log."""

    def note(self, text: str) -> None:
        """One line a person should see while the work goes on."""


SILENT = Reporter()
