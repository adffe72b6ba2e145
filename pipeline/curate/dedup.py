"""Dedup: which items are the same picture, and which of them stays.

Everything is clustered, dropped items too; each cluster's keeper is elected last, among those that survived the other
stages, so that a dropped picture never takes its cluster down with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import clusters
from pipeline.curate.likeness import COLUMNS, Likeness, Pictures
from pipeline.curate.views import BLOBS

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.curate.remembered import Remembered
    from pipeline.manifest import DedupSettings

LOSSLESS = ("PNG", "BMP", "TIFF")
"""File formats that keep every pixel as it was given to them."""

DIGEST = "pixels"
"""The measured column that is equal for equal pixels."""

MOST = 3
"""Related pictures that a reason names."""

WORDS = {
    "exact": "the same pixels in other bytes",
    "re-encoded": "a re-encoded copy",
    "resized": "a resized copy",
    "cropped": "a cropped copy",
    "padded": "a copy with other margins or a frame",
    "rotated": "a slightly turned copy",
    "mirrored": "a mirrored copy",
    "recolour": "the same drawing in other colours",
    "verdict": "called the same by a person",
}
"""The kinds of link between an item and its keeper, in words."""


def decide(
    measurements: pd.DataFrame,
    survivors: pd.DataFrame,
    same: Mapping[tuple[str, str], str],
    settings: DedupSettings,
    pictures: Pictures | Remembered | None = None,
) -> pd.DataFrame:
    """Decide for every measured item.

    `survivors` has id, survives (bool), verdict (keep, drop or empty); an item it lacks counts as surviving. `same` maps sorted
    pairs of ids to yes (one cluster, whatever they look like) or no (never in one cluster: not linked, and where a third
    item ties to both, the better-ranked of the two stays with it). Where they contradict each other, no wins.

    Returns id, decision, rule, score, threshold, reason, cluster, kind, keeper in id order. A cluster is named after its
    smallest id. The keeper is, in this order: kept by verdict, a survivor, largest in pixels, lossless, sharpest, smallest
    id; if nobody survives, the best of all, and this stage has nothing against it. Every member is like its keeper:
    `kind` says how (empty for the keeper), `score` is their Hamming distance in bits (empty where a person said so), which
    `threshold` bounds for the candidates. A keeper's reason names what is like it in a way that makes no duplicate here.
    What could not be measured is a cluster of its own.

    `pictures` are those of the rows that `comparable` names, in id order, where they are at hand; the columns of bytes are not read
    then, but only whether they are there.
    """
    import pandas as pd

    table = measurements.sort_values("id", ignore_index=True)
    ids = [str(id) for id in table["id"]]
    known = survivors.drop_duplicates("id").set_index("id").reindex(ids)
    verdicts = known["verdict"].astype(object).fillna("").to_numpy()
    survives = known["survives"].astype("boolean").fillna(True).to_numpy(dtype=bool) & (verdicts != "drop") | (verdicts == "keep")
    seen = pictures or Pictures.read(table.iloc[comparable(table)])
    keeper, usable, related = _cluster(table, ids, rank(table, survives, verdicts), same, settings, seen)

    names: dict[int, str] = {}
    for item, centre in enumerate(keeper):
        names.setdefault(centre, ids[item])
    kinds, bits, differences = _ties(table, ids, keeper, usable, seen, same, settings)
    rows = []
    for item, centre in enumerate(keeper):
        tied, stays = item != centre, item == centre or verdicts[item] == "keep"
        reason = related.get(item, "") if not tied else ""
        if tied:
            measured = "" if not np.isfinite(differences[item]) else f", signature difference {differences[item]:.1f}"
            reason = f"{'a person keeps it; ' if stays else ''}{WORDS[kinds[item]]}; keeper {ids[centre]}{measured}"
        rows.append(
            {
                "id": ids[item],
                "decision": "keep" if stays else "drop",
                "rule": "" if not tied else "verdict" if stays else "duplicate",
                "score": bits[item],
                "threshold": float(settings.distance) if tied and not np.isnan(bits[item]) else np.nan,
                "reason": reason,
                "cluster": names[centre],
                "kind": kinds[item],
                "keeper": ids[centre],
            }
        )
    columns = ["id", "decision", "rule", "score", "threshold", "reason", "cluster", "kind", "keeper"]
    return pd.DataFrame(rows, columns=columns)


def comparable(table: pd.DataFrame) -> NDArray[np.intp]:
    """The places of the rows that were measured whole; their signatures need not be in the table."""
    columns = [name for name in (*COLUMNS, DIGEST) if name in table or name not in BLOBS]
    return np.flatnonzero((table["error"].isna() & table[columns].notna().all(axis=1)).to_numpy())


def rank(table: pd.DataFrame, survives: NDArray[np.bool_], verdicts: NDArray[np.object_]) -> list[int]:
    """Each row's place in the order of election; 0 is the best. Rows stand in id order."""
    area = table["width"].fillna(0).to_numpy(dtype=float) * table["height"].fillna(0).to_numpy(dtype=float)
    lossless = table["format"].isin(LOSSLESS).to_numpy()
    sharpness = table["sharpness"].fillna(0).to_numpy(dtype=float)
    order = np.lexsort((np.arange(len(table)), -sharpness, ~lossless, -area, ~survives, verdicts != "keep"))
    rank = np.empty(len(table), dtype=int)
    rank[order] = np.arange(len(table))
    return [int(place) for place in rank]


def _cluster(
    table: pd.DataFrame,
    ids: list[str],
    order: list[int],
    same: Mapping[tuple[str, str], str],
    settings: DedupSettings,
    pictures: Pictures | Remembered,
) -> tuple[list[int], NDArray[np.intp], dict[int, str]]:
    """Each row's keeper, each row's position among the pictures (−1: it was not measured), and what rows are related."""
    measured = comparable(table)
    usable = np.full(len(table), -1)
    usable[measured] = np.arange(len(measured))

    place = {id: item for item, id in enumerate(ids)}
    said = sorted((place[one], place[two], word) for (one, two), word in same.items() if one in place and two in place)
    units = clusters.Units(len(ids), [(one, two) for one, two, word in said if word == "no"])
    for one, two, word in said:
        if word == "yes":
            units.join(one, two)
    twins: dict[str, list[int]] = {}
    for item in measured.tolist():
        group = twins.setdefault(str(table[DIGEST].iat[item]), [])
        # a copy that was set apart from the first may still go with the second
        if not any(units.join(other, item) for other in group):
            group.append(item)
    fronts = np.array(sorted(usable[item] for group in twins.values() for item in group), dtype=np.intp)
    relations = [(int(measured[one]), int(measured[two]), kind) for one, two, kind in pictures.relations(fronts, settings.distance)]
    flips = (False, True) if "mirrored" in settings.kinds else (False,)

    def alike(one: int, two: int) -> bool:
        pair = usable[[one]], usable[[two]]
        if min(usable[one], usable[two]) < 0:
            return False
        return any(pictures.compare(*pair, flip).kind[0] in settings.kinds for flip in flips)

    keeper = clusters.keepers(units, ((one, two) for one, two, kind in relations if kind in settings.kinds), order, alike)
    apart = [(one, two, kind) for one, two, kind in relations if kind not in settings.kinds and keeper[one] != keeper[two]]
    return keeper, usable, _related(ids, apart)


def _related(ids: list[str], pairs: list[tuple[int, int, str]]) -> dict[int, str]:
    """What is said of rows that are like others in a way that makes no duplicate here."""
    found: dict[int, list[str]] = {}
    for one, two, kind in sorted(pairs):
        for item, other in ((one, two), (two, one)):
            found.setdefault(item, []).append(f"{WORDS[kind]} ({ids[other]})")
    more = {item: f" and {len(said) - MOST} more" if len(said) > MOST else "" for item, said in found.items()}
    return {item: f"related: {'; '.join(said[:MOST])}{more[item]}" for item, said in found.items()}


def _ties(
    table: pd.DataFrame,
    ids: list[str],
    keeper: list[int],
    usable: NDArray[np.intp],
    pictures: Pictures | Remembered,
    same: Mapping[tuple[str, str], str],
    settings: DedupSettings,
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """How each row is like its keeper: kind, Hamming distance and signature difference (NaN where a person said so)."""
    kinds = ["" if item == centre else "verdict" for item, centre in enumerate(keeper)]
    bits, differences = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    centres = np.array(keeper, dtype=np.intp)
    tied = np.flatnonzero((centres != np.arange(len(ids))) & (usable >= 0) & (usable[centres] >= 0))
    straight = pictures.compare(usable[tied], usable[centres[tied]])
    flipped = pictures.compare(usable[tied], usable[centres[tied]], flip=True)
    digests = table[DIGEST].tolist()
    for row, item in enumerate(tied.tolist()):
        centre = keeper[item]
        first, second = sorted((ids[item], ids[centre]))
        seen: Likeness | None = None
        if same.get((first, second)) == "yes":
            continue
        if digests[item] == digests[centre]:
            seen, kinds[item] = straight, "exact"
        elif straight.kind[row] in settings.kinds:
            seen, kinds[item] = straight, str(straight.kind[row])
        elif flipped.kind[row] in settings.kinds:
            seen, kinds[item] = flipped, "mirrored"
        if seen is not None:
            bits[item], differences[item] = float(seen.distance[row]), float(seen.difference[row])
    return kinds, bits, differences
