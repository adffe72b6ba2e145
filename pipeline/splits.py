"""The splits of a dataset: what must stand together, what was remembered of it, and the report on both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.dataset import Dataset
from pipeline.report import Reporter
from pipeline.shards import split
from pipeline.shards.split import Groups

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.shards.example import Picture

REPORT = "shard"
SETTINGS = "split settings"
"""The catalog's note of the settings that the remembered sides follow from."""

EMPTY = "a split would be empty else"
CHANGED = "the manifest changed"


@dataclass(frozen=True)
class Splits:
    """What a shard stage knows of its splits. `before`: the side that items had, by id; `same`: the settings were those of now."""

    pictures: list[Picture]
    groups: Groups
    sides: Mapping[str, str]
    before: Mapping[str, str]
    same: bool

    @property
    def moved(self) -> list[str]:
        """Pictures that were on the other side."""
        return [one.id for one in self.pictures if self.before.get(one.id, "") not in ("", self.sides[one.group])]

    def reason(self, picture: Picture) -> str:
        """Why a picture moved."""
        if not self.same:
            return CHANGED
        others = self.groups.merged.get(picture.group, ())
        return f"groups merged: {', '.join([picture.group, *others])}" if others else EMPTY


def settle(dataset: Dataset, pictures: Sequence[Picture]) -> Splits:
    """Give the curated pictures their groups and sides, as the manifest wants them. Nothing is written."""
    shard = dataset.manifest.shard
    known = dataset.catalog.splits(shard.split_by)
    groups = split.group(_belongs(dataset, pictures), {id: anchor for id, anchor, _ in known})
    grouped = [replace(picture, group=groups.anchor[picture.id]) for picture in pictures]
    sides = split.assign((picture.group for picture in grouped), shard.validation, shard.seed)
    return Splits(grouped, groups, sides, {id: side for id, _, side in known}, dataset.catalog.note(SETTINGS) == _settings(dataset))


def remember(dataset: Dataset, splits: Splits) -> None:
    """Remember groups and sides, so that later pictures move none of these. With the stage's own record, or not at all."""
    by = dataset.manifest.shard.split_by
    rows = ((id, anchor, splits.sides.get(anchor, "")) for id, anchor in splits.groups.anchor.items())
    dataset.catalog.put_splits(by, rows)
    dataset.catalog.put_note(SETTINGS, _settings(dataset))


def summary(splits: Splits, wanted: float, report: Reporter) -> dict[str, int]:
    """What to tell of the splits; a note where they are not what a person would expect."""
    aside = sum(splits.sides[one.group] == split.VALIDATION for one in splits.pictures)
    share = aside / len(splits.pictures) if splits.pictures else 0.0
    if len(splits.pictures) >= 50 and not wanted / 2 <= share <= 2 * wanted:
        report.note(
            f"validation holds {share:.0%} of the pictures, {wanted:.0%} are wanted: groups are of unequal size, and none is parted;"
            " another shard.seed deals them anew"
        )
    largest = max(Counter(one.group for one in splits.pictures).values(), default=0)
    if len(splits.pictures) >= 50 and largest > len(splits.pictures) / 2:
        report.note(
            f"{largest:,} of {len(splits.pictures):,} pictures must stay together, as their series show the same pictures;"
            f' reports/{REPORT}.csv has the groups, shard.split_by = "cluster" parts them'
        )
    if splits.moved:
        report.note(
            f"{len(splits.moved)} picture{'s' * (len(splits.moved) > 1)} changed sides ({splits.reason(_of(splits, splits.moved[0]))});"
            f" reports/{REPORT}.csv names all"
        )
    return {"moved": len(splits.moved)} if splits.moved else {}


def write_report(dataset: Dataset, splits: Splits) -> None:
    """reports/shard.csv: for each picture its split, group and cluster; for one that moved, where it was before and why."""
    import pandas as pd

    from pipeline import stages
    from pipeline.review import reports

    moved = set(splits.moved)
    frame = pd.DataFrame(
        [
            {
                "id": one.id,
                "split": splits.sides[one.group],
                "group": one.group,
                "cluster": one.cluster,
                "before": splits.before[one.id] if one.id in moved else "",
                "reason": splits.reason(one) if one.id in moved else "",
                "image": dataset.image_store.shown(one.place),
                "page_url": one.page_url,
                "image_url": one.image_url,
                "title": one.title,
                "override": "",
            }
            for one in splits.pictures
        ]
    )
    path = dataset.reports / f"{REPORT}.csv"
    reports.save(frame, path, dataset.scratch)
    stages.remember_report(dataset, path, {})


def _of(splits: Splits, id: str) -> Picture:
    return next(one for one in splits.pictures if one.id == id)


def _settings(dataset: Dataset) -> str:
    shard = dataset.manifest.shard
    return json.dumps([shard.split_by, shard.validation, shard.seed])


def _belongs(dataset: Dataset, pictures: Sequence[Picture]) -> dict[str, tuple[str, ...]]:
    """What every item belongs to. All copies of a picture count, also those that are dropped: another may be kept next time."""
    clusters = dataset.catalog.clusters()[["id", "cluster"]]
    if dataset.manifest.shard.split_by == "cluster":
        return {id: (cluster,) for id, cluster in clusters.itertuples(index=False)}
    kept = {picture.cluster for picture in pictures}  # a logo on every page, which is dropped, must not tie all series together
    found: dict[str, tuple[str, ...]] = {id: (f"cluster {cluster}",) for id, cluster in clusters.itertuples(index=False) if cluster in kept}
    for id, series in _series(dataset.catalog.sightings()):
        if id in found and series:
            found[id] = (*found[id], f"series {series}")
    return found


def _series(sightings: pd.DataFrame) -> list[tuple[str, str]]:
    """Id and series of every sighting, in one spelling; empty where it does not say."""
    said = [" ".join(str(fields.get("series", "")).split()).casefold() for fields in sightings["fields"]]
    return list(zip(sightings["id"], said, strict=True))
