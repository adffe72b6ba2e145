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
from pipeline.curate.likeness import Pictures
from pipeline.curate.remembered import Remembered
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
        self._clusters = _Clusters(snapshot)
        self._exactly = threading.Lock()
        self._light: pd.DataFrame | None = None
        self._pictures = Remembered(self._read)

    def before(self, said: Verdicts) -> Words:
        """For each item what drops it now, as `stage: rule`; empty for what is kept."""
        return self._overruled(_first(self._classify, self._filter, self._dedup), said)

    def after(self, manifest: Manifest, said: Verdicts, *, exact: bool) -> Words:
        """The same under the manifest's thresholds.

        With `exact` the clusters are made and their keepers elected anew, as `pipeline dedup` would; the first time that takes as long,
        later no pair is compared twice. Else the clusters stay as they are, and elect another keeper where theirs is dropped.
        """
        judged = _first(*(self._judged(name, values) for name, values in manifest.filter.items()), empty=len(self._snapshot.ids))
        if exact:
            with self._exactly:
                copies = self._copies(manifest, said, judged)
        else:
            now, then = (self._survives(_first(self._classify, layer), said) for layer in (self._filter, judged))
            copies = self._clusters.elect(self._dedup, now, then, self._said(said))
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
        survives = self._survives(_first(self._classify, judged), said)
        survivors = pd.DataFrame({"id": ids, "survives": survives, "verdict": self._said(said)})
        if not len(self._snapshot.measurements):
            return np.full(len(ids), "", dtype=object)
        if self._light is None:
            self._pictures.read()
        assert self._light is not None
        try:
            return _rules(dedup.decide(self._light, survivors, said.same, manifest.dedup, self._pictures), ids, "dedup")
        finally:
            self._pictures.release()

    def _read(self) -> Pictures:
        """The pictures; on the way the table that goes with them, in which of bytes only stands whether they are there."""
        full = self._measurements().sort_values("id", ignore_index=True)
        found = Pictures.read(full.iloc[dedup.comparable(full)])
        held = set(self._snapshot.measurements.columns)
        self._light = full.assign(**{name: full[name].notna().where(full[name].notna()) for name in full.columns if name not in held})
        return found

    def _said(self, said: Verdicts) -> Words:
        return np.array([said.keep.get(id, "") for id in self._snapshot.ids], dtype=object)

    def _survives(self, words: Words, said: Verdicts) -> Flags:
        verdicts = self._said(said)
        survives: Flags = np.where(verdicts == "", words == "", verdicts == "keep").astype(bool)
        return survives

    def _overruled(self, words: Words, said: Verdicts) -> Words:
        for id, verdict in said.keep.items():
            if id in self._snapshot.place:
                words[self._snapshot.place[id]] = "" if verdict == "keep" else "verdict: verdict"
        return words


class _Clusters:
    """The clusters as dedup has made them, which may elect other keepers."""

    def __init__(self, snapshot: Snapshot) -> None:
        ids = snapshot.ids
        keeper = snapshot.clusters.set_index("id")["keeper"].reindex(ids)
        self._cluster = np.array([snapshot.place.get(str(name), row) for row, name in enumerate(keeper)], dtype=np.intp)
        self._members = np.flatnonzero(np.bincount(self._cluster, minlength=len(ids))[self._cluster] > 1)
        measured = snapshot.measurements.set_index("id").reindex(ids).reset_index()
        self._table = measured.iloc[self._members] if {"width", "format"} <= set(measured) else None

    def elect(self, decided: Words, now: Flags, then: Flags, said: Words) -> Words:
        """What dedup drops if `then` survive the stages before it instead of `now`: `decided`, but where that changes a keeper."""
        if self._table is None or not len(self._members):
            return decided
        before, after = self._keepers(now, said), self._keepers(then, said)
        moved = np.flatnonzero(before != after)
        words = decided.copy()
        rows = self._members[moved]
        words[rows] = np.where((after[moved] == rows) | (said[rows] == "keep"), "", "dedup: duplicate")
        return words

    def _keepers(self, survives: Flags, said: Words) -> NDArray[np.intp]:
        """For each member the row of its cluster's keeper."""
        rows = self._members
        assert self._table is not None
        place = np.array(dedup.rank(self._table, survives[rows], said[rows]), dtype=np.intp)
        best = np.full(len(self._cluster), len(rows))
        np.minimum.at(best, self._cluster[rows], place)
        found = np.empty(len(rows), dtype=np.intp)
        found[place] = rows
        keepers: NDArray[np.intp] = found[best[self._cluster[rows]]]
        return keepers


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
