"""How well a run on the demo site did: every stage's decisions against the truth that the site knows.

A picture is judged by the truth of any of the URLs it was seen under; they all show the same picture.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.dataset import Dataset
    from sources.demo.known import Truth

COLUMNS = ["stage", "what", "expected", "right", "precision", "recall"]


@dataclass(frozen=True)
class _Check:
    """What a stage should have named and what it named: sets of the same kind of key. `yes`, `no`: what naming and not naming mean."""

    stage: str
    what: str
    expected: set[Hashable]
    got: set[Hashable]
    yes: str
    no: str
    url: Callable[[Hashable], str] = field(repr=False)


def evaluate(dataset: Dataset) -> pd.DataFrame:
    """Precision and recall of every stage on a dataset scraped from the demo site.

    Columns: stage; what (which things are counted); expected (how many the truth names); right (how many of them the stage named);
    precision (right over all that the stage named) and recall (right over expected), 0–1, NaN where nothing was named or expected.

    Rows: scrape's pictures and failures; what classify and filter drop, and each filter by itself; dedup's pairs of copies and the
    keepers it elected among them; and the final set, where each wanted picture counts once. Raises UsageError for other datasets.
    """
    import pandas as pd

    rows = []
    for check in _checks(dataset):
        right = len(check.expected & check.got)
        rows.append(
            [check.stage, check.what, len(check.expected), right, _share(right, len(check.got)), _share(right, len(check.expected))],
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def mistakes(dataset: Dataset) -> pd.DataFrame:
    """Every single wrong one: stage, what, image_url, truth, got. Raises UsageError as `evaluate` does."""
    import pandas as pd

    rows = [
        [check.stage, check.what, check.url(key), *((check.yes, check.no) if key in check.expected else (check.no, check.yes))]
        for check in _checks(dataset)
        for key in sorted(check.expected ^ check.got, key=str)
    ]
    return pd.DataFrame(rows, columns=["stage", "what", "image_url", "truth", "got"])


class _Known:
    """The truth, by URL path and by item."""

    def __init__(self, dataset: Dataset) -> None:
        from sources import demo

        settings = next((block for block in dataset.manifest.scrape if isinstance(block, demo.DemoSettings)), None)
        if settings is None:
            raise UsageError(
                f"{dataset.root}: not scraped from the demo site, so its truth is not known; `pipeline demo` makes such a dataset"
            )
        self.by_path: dict[str, Truth] = {row.path: row for row in demo.truth(settings)}
        self.sightings = dataset.catalog.sightings()
        self.origin = settings.start.partition("/mecha/")[0]
        self.urls: dict[str, str] = {}
        self.items: dict[str, Truth] = {}
        for id, url in self.sightings[["id", "image_url"]].itertuples(index=False):
            self.urls.setdefault(id, url)
            if (path := _path(url)) in self.by_path:
                self.items.setdefault(id, self.by_path[path])

    def url(self, key: Hashable) -> str:
        """The image URL of a path, an item, a pair of items, or a group's best picture."""
        if isinstance(key, tuple):
            return " = ".join(self.url(part) for part in key)
        word = str(key)
        if word.startswith("/"):
            return self.origin + word
        group = sorted((not row.best, not row.listed, row.path) for row in self.by_path.values() if row.group == word)
        return self.urls.get(word) or self.origin + (group[0][2] if group else f"/{word}")


def _checks(dataset: Dataset) -> list[_Check]:
    known = _Known(dataset)
    return [*_scrape(dataset, known), _classify(dataset, known), *_filter(dataset, known), *_dedup(dataset, known), _final(dataset, known)]


def _scrape(dataset: Dataset, known: _Known) -> list[_Check]:
    listed = [row for row in known.by_path.values() if row.listed]
    failures = dataset.catalog.failures()
    found = {_path(url) for url in known.sightings["image_url"]}
    failed = {_path(url) for url in failures[failures["kind"] == "image"]["url"]}
    return [
        _Check("scrape", "pictures", {row.path for row in listed if row.fetchable}, {*found}, "on the site", "not there", known.url),
        _Check("scrape", "failures", {row.path for row in listed if not row.fetchable}, {*failed}, "no picture", "a picture", known.url),
    ]


def _classify(dataset: Dataset, known: _Known) -> _Check:
    expected = {id for id, row in known.items.items() if not row.classify}
    return _Check("classify", "drop", {*expected}, _dropped(dataset.catalog.decisions("classify")), "drop", "keep", known.url)


def _filter(dataset: Dataset, known: _Known) -> list[_Check]:
    from pipeline.curate import filters

    table = dataset.catalog.measurements(blobs=False).set_index("id")
    readable = table[table["error"].isna()]
    named: dict[str, Iterable[str]] = {"readable": table.index[table["error"].notna()]}
    for name, settings in dataset.manifest.filter.items():
        judged = filters.load(name).judge(readable, settings) if len(readable) else readable.assign(drop=False)
        named[name] = judged.index[judged["drop"].astype(bool)]
    expected = {id for id, row in known.items.items() if not row.filter}
    checks = [_Check("filter", "drop", {*expected}, _dropped(dataset.catalog.decisions("filter")), "drop", "keep", known.url)]
    for name, ids in named.items():
        meant = {id for id, row in known.items.items() if name in row.rules}
        # A further reason against a picture that another filter rightly drops is no mistake.
        named_here = {id for id in ids if id in meant or id not in expected}
        checks.append(_Check("filter", name, {*meant}, {*named_here}, f"{name}: drop", f"{name}: keep", known.url))
    return checks


def _dedup(dataset: Dataset, known: _Known) -> list[_Check]:
    table = dataset.catalog.clusters()
    table = table[table["id"].isin(list(known.items))]
    groups: dict[str, list[str]] = {}
    for id, row in sorted(known.items.items()):
        groups.setdefault(row.group, []).append(id)
    clusters = [sorted(members) for _, members in table.groupby("cluster")["id"]]
    pairs = [
        {pair for members in sets for pair in itertools.combinations(members, 2)}
        for sets in (groups.values(), clusters)
    ]  # fmt: skip
    several = {group for group, ids in groups.items() if len(ids) > 1 and any(known.items[id].wanted for id in ids)}
    elected = [
        str(keeper)
        for keeper, members in table.groupby("keeper")["id"]
        if len(members) > 1 and any(known.items[id].wanted for id in members)
    ]  # fmt: skip
    return [
        _Check("dedup", "pairs", {*pairs[0]}, {*pairs[1]}, "the same picture", "two pictures", known.url),
        _Check("dedup", "keepers", {*several}, _once(elected, known, best=True), "the best is kept", "another is kept", known.url),
    ]


def _final(dataset: Dataset, known: _Known) -> _Check:
    from pipeline import stages
    from pipeline.curate import final

    decided = {name: dataset.catalog.decisions(name) for name in ("classify", "filter", "dedup")}
    table = final.decide(decided["classify"], decided["filter"], decided["dedup"], stages.verdicts_in_force(dataset).keep)
    wanted = {row.group for row in known.by_path.values() if row.listed and row.wanted}
    kept = table[table["decision"] == "keep"]["id"]
    return _Check("final", "keep", {*wanted}, _once(kept, known), "keep", "drop", known.url)


def _once(ids: Iterable[str], known: _Known, best: bool = False) -> set[Hashable]:
    """The groups of the ids that are rightly kept; for the wrong ones, and for the second of a group, the id itself."""
    found: set[Hashable] = set()
    for id in sorted(ids):
        row = known.items.get(id)
        right = row is not None and (row.best if best else row.wanted) and row.group not in found
        found.add(row.group if row is not None and right else id)
    return found


def _dropped(frame: pd.DataFrame) -> set[Hashable]:
    return set(frame[frame["decision"] == "drop"]["id"])


def _path(url: str) -> str:
    """The URL's path, as the site knows it: without regard to capitals."""
    return urlsplit(url).path.lower()


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
