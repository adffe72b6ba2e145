"""Pictures whose comparisons are remembered, for whoever decides about the same pictures again and again."""

from __future__ import annotations

import collections
from collections.abc import Callable

import numpy as np

from pipeline.curate.hamming import Indices
from pipeline.curate.likeness import Likeness, Pictures

HELD = 100_000
"""Pictures that stay in memory between two questions, six kilobytes each; more are read again when something new is asked."""

MOST = 4
"""Answers of `relations` that are remembered: other distances, other pairs that a person set apart."""


class Remembered:
    """Answers as `Pictures` does; no pair is compared twice. Not for several threads at once."""

    def __init__(self, read: Callable[[], Pictures]) -> None:
        """`read` gives the pictures, always the same ones."""
        self._source = read
        self._held: Pictures | None = None
        self._relations: collections.OrderedDict[tuple[int, bytes], list[tuple[int, int, str]]] = collections.OrderedDict()
        self._compared: dict[tuple[int, int, bool], tuple[int, float, str]] = {}

    def release(self) -> None:
        """Let go of the pictures if they are many; what was found out stays."""
        if self._held is not None and len(self._held.whole) > HELD:
            self._held = None

    def relations(self, among: Indices, radius: int) -> list[tuple[int, int, str]]:
        """See `Pictures.relations`."""
        key = radius, among.tobytes()
        if key not in self._relations:
            self._relations[key] = self.read().relations(among, radius)
            while len(self._relations) > MOST:
                self._relations.popitem(last=False)
        return self._relations[key]

    def compare(self, i: Indices, j: Indices, flip: bool = False) -> Likeness:
        """See `Pictures.compare`."""
        keys = [(one, two, flip) for one, two in zip(i.tolist(), j.tolist(), strict=True)]
        new = list(dict.fromkeys(key for key in keys if key not in self._compared))
        if new:
            seen = self.read().compare(np.array([key[0] for key in new]), np.array([key[1] for key in new]), flip)
            answers = zip(seen.distance.tolist(), seen.difference.tolist(), seen.kind.tolist(), strict=True)
            self._compared.update(zip(new, answers, strict=True))
        known = [self._compared[key] for key in keys]
        kind = np.array([answer[2] for answer in known], dtype=object)
        return Likeness(
            np.array([answer[0] for answer in known], dtype=np.int64),
            np.array([answer[1] for answer in known], dtype=float),
            (kind != "") & (kind != "recolour"),
            kind,
        )

    def read(self) -> Pictures:
        """The pictures themselves."""
        if self._held is None:
            self._held = self._source()
        return self._held
