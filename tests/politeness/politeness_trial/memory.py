"""A store without a disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.fetch.result import Fetched, Kind
from pipeline.fetch.store import Remembered


class Memory:
    """A store without a disk, for scenarios of one scrape."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: dict[tuple[str, Kind], tuple[Fetched, float]] = {}
        self.kept: dict[str, bytes] = {}

    def recall(self, url: str, kind: Kind) -> Remembered | None:
        """As `Store.recall`."""
        if (url, kind) not in self._rows:
            return None
        fetched, at = self._rows[url, kind]
        return Remembered(replace(fetched, fresh=False), self._clock() - at)

    def keep(self, kind: Kind, fetched: Fetched) -> Fetched:
        """As `Store.keep`."""
        assert fetched.sha256
        self.kept[fetched.sha256] = fetched.body
        return fetched

    def put_rows(self, outcomes: Sequence[tuple[Kind, Fetched]]) -> None:
        """As `Store.put_rows`."""
        for kind, fetched in outcomes:
            self._rows[fetched.url, kind] = (fetched, self._clock())

    def hold(self, host: str, seconds: float) -> None:
        """Nothing comes after this scrape."""

    def held(self, host: str) -> float:
        """Nothing came before it."""
        return 0.0
