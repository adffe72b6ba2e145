"""What a dataset's cards tell of it beyond its pictures: when they came, and what was dropped by which rule."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from pipeline.dataset import Dataset
from pipeline.review import reports
from pipeline.shards.card import About


def about(dataset: Dataset, ids: Iterable[str]) -> About:
    """The facts about a curated dataset; the dates are those of the items `ids`."""
    final = reports.summary(dataset)
    dropped = final[final["decision"] == "drop"]
    counted = Counter(zip(dropped["stage"], dropped["rule"], strict=True))
    added = [dataset.catalog.added_at(id) for id in ids]
    first, last = (_day(min(added)), _day(max(added))) if added else ("", "")
    return About((first, last), len(final), {(str(stage), str(rule)): count for (stage, rule), count in sorted(counted.items())})


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
