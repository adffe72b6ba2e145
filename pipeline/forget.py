"""Takedown: the bytes go, a tombstone stays that keeps them from coming back, and whatever holds a copy is named.

The tombstone and the removal of every row about the item are one transaction; files go after it. A kill in between leaves the
tombstone marked as unfinished, and the next command that writes (`finish`) removes what is left.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import stages
from pipeline.catalog import StageRecord, Tombstone
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.report import Reporter

LOOKALIKE = 4
"""Hamming distance of 64-bit pHashes up to which a new picture is said to look like one that was taken down."""

SHEETS = ("augment.png",)
"""Reports that hold copies of pictures; the others link to them."""


@dataclass(frozen=True)
class Outcome:
    """What was (or would be) done. `ids`: the item and those of the same pixels; `held`: shard folders, runs and archives that
    hold a copy, relative to the dataset; `cluster`: further items that dedup takes for the same picture; `before`: it was done already."""

    ids: list[str]
    held: list[str]
    cluster: list[str]
    before: bool = False

    def summary(self) -> dict[str, Any]:
        """As JSON data."""
        return {"ids": self.ids, "held": self.held, "cluster": self.cluster, "before": self.before}


def look(dataset: Dataset, id: str) -> Outcome:
    """What forgetting an item would do; nothing is written. Raises UsageError for an id that the dataset does not have."""
    stones = {stone.id: stone for stone in dataset.catalog.tombstones()}
    if id in stones:
        return Outcome([id], _still(dataset, stones[id]), [], before=True)
    if id not in dataset.catalog.ids():
        raise UsageError(f"{id}: no item of {dataset.root}; reports/summary.csv lists the ids")
    ids = sorted({id, *stages.twins(dataset).get(id, [])})
    clusters = dataset.catalog.clusters()
    mine = set(clusters.loc[clusters["id"].isin(ids), "cluster"])
    others = clusters.loc[clusters["cluster"].isin(mine) & ~clusters["id"].isin(ids), "id"]
    return Outcome(ids, _holders(dataset, set(ids)), sorted(others))


def forget(dataset: Dataset, id: str, reason: str = "") -> Outcome:
    """Erase an item and those of the same pixels. The caller holds the dataset. A second call finds nothing left to do."""
    found = look(dataset, id)
    if not found.before:
        _erase(dataset, found, " ".join(reason.split()))
    finish(dataset)
    return found


def returned(dataset: Dataset, report: Reporter) -> list[str]:
    """Erase items that show the pixels of a forgotten one in other bytes; their ids. Notes those that look much like one."""
    stones = dataset.catalog.tombstones()
    if not stones:
        return []
    table = dataset.catalog.measurements(only=("id", "pixels", "phash"))
    if "pixels" not in table:
        return []
    gone = {stone.pixels: stone.id for stone in stones if stone.pixels}
    again = {str(id): gone[pixels] for id, pixels in zip(table["id"], table["pixels"], strict=True) if pixels in gone}
    for id, first in again.items():
        if id in dataset.catalog.ids():
            forget(dataset, id, f"the same pixels as {first}")
            report.note(f"{id}: erased, as it shows the same pixels as {first}, which was taken down")
    hashes = [(int(stone.phash, 16), stone.id) for stone in stones if stone.phash]
    for id, phash in zip(table["id"], table["phash"], strict=True):
        near = [first for known, first in hashes if isinstance(phash, str) and (known ^ int(phash, 16)).bit_count() <= LOOKALIKE]
        if near and id not in again:
            report.note(f"{id}: looks like {near[0]}, which was taken down; if it is the same picture: pipeline forget {id} {dataset.root}")
    return sorted(again)


def finish(dataset: Dataset) -> None:
    """Remove the files of tombstones that are marked as unfinished. The caller holds the dataset."""
    pending = [stone for stone in dataset.catalog.tombstones() if not stone.erased]
    if not pending:
        return
    for stone in pending:
        dataset.image_store.remove(stone.sha256, stone.extension)
    for name in SHEETS:
        (dataset.reports / name).unlink(missing_ok=True)
    for unfinished in dataset.shards.glob(".*.partial"):
        shutil.rmtree(unfinished)
    _views(dataset)
    dataset.catalog.erased(stone.id for stone in pending)


def left(dataset: Dataset) -> list[str]:
    """What still holds a forgotten picture, a line each; empty when nothing does."""
    lines = []
    for stone in dataset.catalog.tombstones():
        if not stone.erased:
            lines.append(f"{stone.id}: taken down, but not all is erased; run `pipeline forget {stone.id} {dataset.root}` again")
        lines += [f"{place}: holds {stone.id}, which was taken down; {_way_out(dataset, place)}" for place in _still(dataset, stone)]
    return lines


def _erase(dataset: Dataset, found: Outcome, reason: str) -> None:
    items = dataset.catalog.items().set_index("id")
    measured = dataset.catalog.measurements(only=("id", "pixels", "phash")).set_index("id")
    now = time.time()
    stones = []
    for id in found.ids:
        known = measured.loc[id].to_dict() if id in measured.index else {}
        pixels, phash = known.get("pixels"), known.get("phash")
        stones.append(
            Tombstone(
                id=id,
                sha256=str(items.at[id, "sha256"]),
                extension=str(items.at[id, "extension"]),
                pixels=pixels if isinstance(pixels, str) else None,
                phash=phash if isinstance(phash, str) else None,
                reason=reason,
                held=found.held,
                erased=False,
                forgotten_at=now,
            )
        )
    with dataset.catalog.transaction():
        dataset.catalog.forget(stones)
        record = dataset.catalog.stage("scrape")
        if record is not None:  # what was scraped is other than it was: all that was made from it is stale
            output = dataset.catalog.table_digest(*stages.STAGES["scrape"].output)
            dataset.catalog.finish_stage(StageRecord(record.name, record.fingerprint, output, record.summary, record.finished_at))


def _views(dataset: Dataset) -> None:
    """Write the reports and pages anew that there are, without the item's row."""
    from pipeline import facing, splits
    from pipeline.review import gallery, reports

    names = [name for name in reports.DECIDERS if dataset.catalog.stage(name)]
    if len(names) == len(reports.DECIDERS):
        names += ["summary", "failures"]
    reports.write(dataset, [name for name in names if (dataset.reports / f"{name}.csv").exists()])
    if len(names) > len(reports.DECIDERS) and (dataset.reports / "index.html").exists():
        gallery.write(dataset)
    for name in (facing.REPORT, facing.PAGE, f"{splits.REPORT}.csv"):
        (dataset.reports / name).unlink(missing_ok=True)


def _holders(dataset: Dataset, ids: set[str]) -> list[str]:
    """Shard folders, runs and archives with a copy of one of the items, relative to the dataset."""
    folders = _folders(dataset)
    found = [path for path in folders if _in_shards(path, ids)]
    digests = {_digest(path): _in_shards(path, ids, ("train",)) for path in folders}
    added = min(dataset.catalog.added_at(id) for id in ids)
    # of shards that are there no more nobody can say what they held
    runs = [run for run, digest in _runs(dataset) if digests.get(digest, (run / "config.json").stat().st_mtime > added)]
    archives = sorted(dataset.root.glob("*.warc.gz"))
    return [path.relative_to(dataset.root).as_posix() for path in [*found, *runs, *archives]]


def _still(dataset: Dataset, stone: Tombstone) -> list[str]:
    """Those holders of a tombstone that are there and have not been made anew since."""
    found = []
    for place in stone.held:
        path = dataset.root / place
        if not path.exists():
            continue
        if path.parent == dataset.shards:
            found += [place] * _in_shards(path, {stone.id})
        elif path.parent == dataset.runs or path.stat().st_mtime < stone.forgotten_at:
            found.append(place)
    return found


def _way_out(dataset: Dataset, place: str) -> str:
    kind = Path(place).parts[0]
    if kind == dataset.shards.name:
        return f"run `pipeline run {dataset.root} --until shard`, or remove the folder"
    if kind == dataset.runs.name:
        return "it was trained on it, or on shards that are gone and may have held it; remove the run, or train another"
    return f"run `pipeline archive {dataset.root}` to write it anew, or remove it"


def _folders(dataset: Dataset) -> list[Path]:
    from pipeline.shards.info import is_folder

    return [path for path in sorted(dataset.shards.glob("*")) if is_folder(path) and not path.name.startswith(".")]


def _in_shards(folder: Path, ids: set[str], splits: Sequence[str] | None = None) -> bool:
    """Whether a record of the folder (of some of its splits) is of one of the items. A damaged shard counts as one: nobody can say."""
    from pipeline.shards import reader

    try:
        about = reader.info(folder)
        for part in about.splits:
            if splits is not None and part.name not in splits:
                continue
            for name in part.files:
                if any(row is None or row["id"] in ids for _, row, _ in reader.rows(folder, about, name)):
                    return True
    except PipelineError:
        return True
    return False


def _digest(folder: Path) -> str:
    """The digest that a run trained on the folder remembers; empty for a folder that cannot be trained on."""
    from pipeline.shards import reader
    from pipeline.train import data

    try:
        return data.inspect(folder, (reader.info(folder).size,)).digest
    except PipelineError:
        return ""


def _runs(dataset: Dataset) -> list[tuple[Path, str]]:
    from pipeline.train import runs
    from pipeline.train.config import RunConfig

    return [(run, RunConfig.read(run).digest) for run in runs.all_runs(dataset.runs)]
