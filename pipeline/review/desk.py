"""What stands behind the review page: a snapshot of the dataset, a person's verdicts, and previews of other thresholds.

Nothing here knows of HTTP. Methods may be called from several threads. The dataset is not held between calls, so commands can run
beside the page; a verdict needs no more than its one line in review.csv.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import manifest, verdicts
from pipeline.curate import final
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.image_store import Place
from pipeline.manifest import Manifest
from pipeline.review import columns, queues, sides, sliders, snapshot
from pipeline.review.snapshot import Snapshot
from pipeline.review.whatif import Whatif, changes
from pipeline.verdicts import Verdicts

WAIT = 3.0
"""Seconds to wait for another command before the manifest is written or refused."""


class Outdated(PipelineError):
    """The page was made from an earlier state of the dataset."""


class Desk:
    """One dataset under review. Raises PipelineError where there is nothing to look at yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._dataset = Dataset(root, read_only=True)  # for its paths; the catalog is opened for each reading alone
        self._take(snapshot.take(root))
        self._fresh, self._reading = threading.Lock(), threading.Lock()  # a verdict waits for neither
        self._tag = ""
        self._said = Verdicts(), Verdicts()
        self._newest = 0
        self._exactly, self._learning = threading.Lock(), threading.Lock()
        self._sides: tuple[str, dict[str, Any]] = "", {}

    def _take(self, found: Snapshot) -> None:
        self._snapshot, self._whatif = found, Whatif(found, lambda: snapshot.all_measurements(self.root))
        self._near = queues.closeness(found.ids, found.measurements, found.classify, found.dedup, found.manifest.filter)

    def now(self) -> Snapshot:
        """The present state; read again if a command has changed it."""
        with self._fresh:
            if snapshot.generation(self.root) != self._snapshot.generation:
                self._take(snapshot.take(self.root))
            return self._snapshot

    def state(self) -> dict[str, str]:
        """What a page asks every few seconds: whether the dataset or the verdicts have changed."""
        return {"generation": snapshot.generation(self.root), "verdicts": self._file_tag()}

    def page(self) -> dict[str, Any]:
        """Everything the page holds of all items, as columns, with the queues and the sliders."""
        found, (_, said) = self.now(), self.said()
        table = columns.make(found, self._near)
        keeper, near = np.array(table["keeper"], dtype=np.intp), self._near.distance
        decided = np.array([id in said.keep for id in found.ids])
        dropped = np.array(table["drop"]) > 0
        conflict = np.zeros(len(found.ids), dtype=bool)
        if "conflict" in found.classify:
            unclear = set(found.classify.loc[found.classify["conflict"].fillna("") != "", "id"])
            conflict = np.array([id in unclear for id in found.ids])
        loose = (
            found.dedup.set_index("id")["score"].reindex(found.ids).to_numpy(dtype=float)
            if len(found.dedup)
            else np.full(len(near), np.nan)
        )
        return {
            "name": self._dataset.name,
            "generation": found.generation,
            "columns": table,
            "conflict": np.flatnonzero(conflict).tolist(),
            "words": {"stages": [*columns.STAGES], "kinds": table.pop("kinds"), "rules": table.pop("rules")},
            "queues": {
                "dropped": queues.nearest(dropped & ~decided, near),
                "kept": queues.nearest(~dropped & ~decided, near),
                "clusters": queues.clusters(keeper, loose),
                "unsure": queues.unsure(near, conflict, decided),
                "facing": [n for n, id in enumerate(found.ids) if id not in said.facing and not dropped[n]],
            },
            "sliders": sliders.describe(found.manifest),
            "verdicts": self.verdicts(),
        }

    def sides(self) -> dict[str, Any]:
        """`sides.queue` for what is kept, from the verdicts at this moment; what it says besides: the `generation` it numbers."""
        with self._learning:
            found, (_, said) = self.now(), self.said()
            tag = f"{found.generation} {sorted(said.facing.items())} {sorted(said.keep.items())}"
            if tag != self._sides[0]:
                decided = final.decide(found.classify, found.filter, found.dedup, said.keep)
                kept = set(decided["id"][decided["decision"] == "keep"])
                learnt = sides.queue(snapshot.facing(self.root), found.place, kept, said.facing)
                self._sides = tag, {**learnt, "generation": found.generation}
            return self._sides[1]

    def said(self) -> tuple[Verdicts, Verdicts]:
        """The verdicts as written, and as they hold (given also to items with the same pixels)."""
        with self._reading:
            tag = self._file_tag()
            if tag != self._tag:
                own = verdicts.read(self._dataset.review_path)
                self._said, self._tag = (own, own.spread(self._snapshot.twins)), tag
            return self._said

    def verdicts(self) -> dict[str, Any]:
        """The verdicts in force, as JSON data."""
        own, said = self.said()
        same = [[first, second, word] for (first, second), word in own.same.items()]
        return {"tag": self._tag, "keep": said.keep, "facing": said.facing, "same": same, "own": list(own.keep)}

    def say(self, spoken: Sequence[Mapping[str, Any]]) -> str:
        """Append verdicts (`id, aspect, value`, and `alone` where `clear` is not for twins) to review.csv; on disk when this returns.

        Returns the file's new tag. Raises UsageError for the first that is no verdict, before any is written.
        """
        checked = [row for one in spoken for row in self._checked(one)]
        for id, aspect, value in checked:
            verdicts.append(self._dataset.review_path, id, aspect, value, "review page")
        return self._file_tag()

    def preview(self, generation: str, values: Mapping[str, Any], *, exact: bool) -> dict[str, Any] | None:
        """What the thresholds would change in what the stages have decided. None: a newer question has come meanwhile."""
        self._newest = ticket = self._newest + 1
        with self._exactly if exact else contextlib.nullcontext():  # a quick question need not wait for an exact answer
            if ticket != self._newest:
                return None
            found, whatif = self.now(), self._whatif
            if found.generation != generation:
                raise Outdated("the dataset has changed; the page is loaded again")
            recipe, (_, said) = sliders.moved(found.manifest, values), self.said()
            return changes(whatif.before(said), whatif.after(recipe, said, exact=exact))

    def write(self, values: Mapping[str, Any]) -> list[str]:
        """Write the thresholds into the dataset's manifest, as `--set` does; returns what was set.

        Raises PipelineError when another command has the dataset for more than `WAIT` seconds.
        """
        dataset = Dataset(self.root)
        with dataset.writing("pipeline review --serve", wait=WAIT):
            there = Manifest.load(dataset.manifest_path)  # perhaps edited since the page was made
            assignments = sliders.assignments(there, values)
            if assignments:
                dataset.write_manifest(manifest.with_settings(there.text, assignments, str(dataset.manifest_path)))
        return assignments

    def details(self, id: str) -> dict[str, Any]:
        """All that is known of one item: where it was seen, what each stage decided. Raises KeyError for an unknown id."""
        found = self.now()
        row = found.items.iloc[found.place[id]]
        dataset = Dataset(self.root, read_only=True)
        try:
            sightings = dataset.catalog.sightings_of(id)
        finally:
            dataset.close()
        return {"id": id, "sightings": sightings, "stages": columns.stages(found, id), "path": str(row["image"]), "bytes": int(row["size"])}

    def place(self, id: str) -> Place:
        """Where an item's bytes are. Raises KeyError."""
        found = self._snapshot
        row = found.items.iloc[found.place[id]]
        return self._dataset.image_store.place(str(row["sha256"]), str(row["extension"]))

    def _checked(self, one: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        id, aspect, value = (one.get(name) for name in ("id", "aspect", "value"))
        if not isinstance(id, str) or not isinstance(aspect, str) or not isinstance(value, str) or id not in self._snapshot.place:
            raise UsageError(f"no item {id!r} in this dataset; reload the page")
        word, _, other = value.partition(" ")
        if aspect not in verdicts.VALUES or word not in (*verdicts.VALUES[aspect], "clear"):
            raise UsageError(f"{aspect} {value!r} is no verdict")
        if (aspect == "same") != bool(other) or (other and (other not in self._snapshot.place or other == id)):
            raise UsageError(f"{aspect} {value!r}: `same` needs the id of another item")
        if aspect == "same" or value != "clear" or one.get("alone"):
            return [(id, aspect, value)]
        # Clearing an item clears those whose verdict it shares, as an override does.
        own = getattr(self.said()[0], aspect)
        return [(twin, aspect, value) for twin in self._snapshot.twins.get(id, [id]) if twin in own] or [(id, aspect, value)]

    def _file_tag(self) -> str:
        try:
            state = self._dataset.review_path.stat()
        except FileNotFoundError:
            return "none"
        return f"{state.st_mtime_ns}-{state.st_size}-{self._snapshot.generation}"
