"""What a scrape met, block by block and in all."""

from __future__ import annotations

import collections
from dataclasses import dataclass, field
from typing import Any

from sources.base import Subject


@dataclass
class Tally:
    """Counts of one `[[scrape]]` block, or of all. `failures` counts addresses by error class.

    `queued` are pictures whose turn has not come, `announced` pages that the source says it will ask for; both for the display.
    `subjects` are the pages about things, by URL. `examples` has the first failure of each class, for a person.
    """

    name: str = ""
    pages: int = 0
    pictures: int = 0
    new: int = 0
    requests: int = 0
    failures: collections.Counter[str] = field(default_factory=collections.Counter)
    examples: dict[str, str] = field(default_factory=dict)
    overridden: collections.Counter[str] = field(default_factory=collections.Counter)
    stopped: bool = False
    queued: int = 0
    announced: int = 0
    subjects: dict[str, Subject] = field(default_factory=dict)

    def failed(self, error: str, url: str, detail: str) -> None:
        """Count a failure."""
        self.failures[error] += 1
        self.examples.setdefault(error, f"{url}: {detail}")

    def add(self, other: Tally) -> None:
        """Count another block's finds in."""
        for name in ("pages", "pictures", "new", "requests"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failures += other.failures
        self.overridden += other.overridden
        self.examples = {**other.examples, **self.examples}
        self.stopped |= other.stopped

    def summary(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "pages": self.pages,
            "pictures": self.pictures,
            "new": self.new,
            "requests": self.requests,
            "failures": dict(sorted(self.failures.items())),
            **({"opt-outs overridden": dict(sorted(self.overridden.items()))} if self.overridden else {}),
            "stopped": self.stopped,
            **({"examples": dict(sorted(self.examples.items()))} if self.examples else {}),
        }

    def lasting(self) -> dict[str, Any]:
        """What the catalog keeps: the same whether the scrape was done at one go or after ten interruptions."""
        return {name: value for name, value in self.summary().items() if name not in ("new", "requests", "stopped", "examples")}
