"""What other thresholds would change, from stored measurements: no image is opened, nothing is written."""

from __future__ import annotations

import collections
import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import dedup, filter
from pipeline.manifest import Manifest
from pipeline.review.snapshot import Snapshot
from pipeline.verdicts import Verdicts

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

Flags = NDArray[np.bool_]
Words = NDArray[np.object_]

MOST = 64
"""Outcomes of single filters that are remembered, so that moving one slider judges with one filter."""


class Whatif:
    """Decides a snapshot's items anew under other settings and verdicts."""

    def __init__(self, snapshot: Snapshot, measurements: Callable[[], pd.DataFrame]) -> None:
        """`measurements` gives those of the snapshot with their bytes, for dedup."""
        self._snapshot = snapshot
        self._measurements = measurements
        self._lock = threading.Lock()
        self._remembered: collections.OrderedDict[str, Words] = collections.OrderedDict()
        self._classify = _rules(snapshot.classify, snapshot.ids, "classify")
        self._filter = _rules(snapshot.filter, snapshot.ids, "filter")
        self._dedup = _rules(snapshot.dedup, snapshot.ids, "dedup")

    def before(self, said: Verdicts) -> Words:
        """For each item what drops it now, as `stage: rule`; empty for what is kept."""
        return self._overruled(_first(self._classify, self._filter, self._dedup), said)

    def after(self, manifest: Manifest, said: Verdicts, *, exact: bool) -> Words:
        """The same under the manifest's thresholds.

        With `exact` the clusters are made and their keepers elected anew, as `pipeline dedup` would; else each item's place
        in its cluster stays as it is, which takes a fraction of the time.
        """
        judged = _first(*(self._judged(name, values) for name, values in manifest.filter.items()), empty=len(self._snapshot.ids))
        copies = self._copies(manifest, said, judged) if exact else self._dedup
        return self._overruled(_first(self._classify, judged, copies), said)

    def _judged(self, name: str, values: BaseModel) -> Words:
        key = json.dumps([name, values.model_dump(mode="json")], sort_keys=True)
        found = self._remembered.get(key)
        if found is None:
            found = _rules(filter.decide(self._snapshot.measurements, {name: values}), self._snapshot.ids, "filter")
            with self._lock:
                self._remembered[key] = found
                while len(self._remembered) > MOST:
                    self._remembered.popitem(last=False)
        return found

    def _copies(self, manifest: Manifest, said: Verdicts, judged: Words) -> Words:
        import pandas as pd

        ids = self._snapshot.ids
        verdicts = np.array([said.keep.get(id, "") for id in ids], dtype=object)
        survives = np.where(verdicts == "", _first(self._classify, judged) == "", verdicts == "keep").astype(bool)
        survivors = pd.DataFrame({"id": ids, "survives": survives, "verdict": verdicts})
        if not len(self._snapshot.measurements):
            return np.full(len(ids), "", dtype=object)
        return _rules(dedup.decide(self._measurements(), survivors, said.same, manifest.dedup), ids, "dedup")

    def _overruled(self, words: Words, said: Verdicts) -> Words:
        for id, verdict in said.keep.items():
            if id in self._snapshot.place:
                words[self._snapshot.place[id]] = "" if verdict == "keep" else "verdict: verdict"
        return words


def changes(before: Words, after: Words) -> dict[str, Any]:
    """What differs: `kept` and `dropped` as row numbers, `rules` of the newly dropped, `counts` of each rule before and after."""
    was, now = before != "", after != ""
    dropped = np.flatnonzero(~was & now)
    counts = [collections.Counter(words[words != ""].tolist()) for words in (before, after)]
    return {
        "kept": np.flatnonzero(was & ~now).tolist(),
        "dropped": dropped.tolist(),
        "rules": after[dropped].tolist(),
        "counts": {rule: [counts[0][rule], counts[1][rule]] for rule in sorted(set(counts[0]) | set(counts[1]))},
        "total": [int((~was).sum()), int((~now).sum())],
    }


def _rules(frame: pd.DataFrame, ids: list[str], stage: str) -> Words:
    """For each of `ids`: `stage: rule` where the frame drops it, else empty."""
    words = np.full(len(ids), "", dtype=object)
    dropped = frame[frame["decision"] == "drop"] if len(frame) else frame
    if len(dropped):
        rules: Mapping[str, str] = dict(zip(dropped["id"], dropped["rule"], strict=True))
        words[:] = [f"{stage}: {rules[id]}" if id in rules else "" for id in ids]
    return words


def _first(*layers: Words, empty: int = 0) -> Words:
    """Of each item the first layer's word that is not empty; a new array."""
    words = layers[0].copy() if layers else np.full(empty, "", dtype=object)
    for layer in layers[1:]:
        words = np.where(words == "", layer, words)
    return words
