"""A published dataset made again from its sites, which have changed meanwhile."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import stages, verdicts
from pipeline.dataset import Dataset
from pipeline.review import reports


def final(dataset: Dataset) -> dict[str, str]:
    table = reports.summary(dataset)
    return dict(zip(table["id"], table["decision"], strict=True))


def report(dataset: Dataset) -> pd.DataFrame:
    table = pd.read_csv(dataset.reports / "rebuild.csv", encoding="utf-8-sig", keep_default_na=False)
    table["path"] = [url.split("/", 3)[-1] for url in table["image_url"]]
    return table


def test_an_unchanged_site_gives_the_same_dataset(dataset: Dataset, published: Path, again: Any, site: Any) -> None:
    made, summary = again(published)
    assert summary["pictures"] == {"same bytes": 15}
    assert summary["verdicts"] == 3
    assert summary["decided otherwise"] == 0
    assert sorted(site.asked) == sorted(site.pages)
    assert final(made) == final(dataset)
    assert Counter(final(made).values()) == {"keep": 11, "drop": 4}
    for name in ("filter", "dedup"):
        pd.testing.assert_frame_equal(made.catalog.decisions(name), dataset.catalog.decisions(name))
    pd.testing.assert_frame_equal(made.catalog.clusters(), dataset.catalog.clusters())
    here, there = verdicts.read(made.review_path), verdicts.read(dataset.review_path)
    assert here == there
    assert [state.state for state in stages.state(made)][:5] == ["fresh"] * 5
