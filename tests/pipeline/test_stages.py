"""What is stale, and why."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from pipeline import stages, verdicts
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.review import reports

MANIFEST = '[[scrape]]\nsource = "mahq"\nrevisit_days = 7\n'


@pytest.fixture
def dataset(tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "manifest.toml").write_text(MANIFEST)
    made = Dataset(tmp_path)
    made.catalog.put_item("i1", "aa", "png", 5, 1.0)
    made.catalog.put_item("i2", "bb", "png", 5, 1.0)
    for name in stages.STAGES:
        stages.finish(made, name, stages.parts(made, name), {})
    yield made
    made.close()


def why(dataset: Dataset) -> dict[str, str]:
    return {entry.name: entry.why for entry in stages.state(dataset) if entry.state != "fresh"}


def test_all_is_fresh_after_a_run(dataset: Dataset) -> None:
    assert why(dataset) == {}


def test_a_changed_threshold_touches_what_follows_it(dataset: Dataset) -> None:
    dataset.write_manifest(MANIFEST + "[filter.size]\nmin_side = 99\n")
    stale = why(dataset)
    assert stale["filter"] == "the manifest changed"
    assert stale["dedup"] == "filter is not up to date"
    assert set(stale) == {"filter", "dedup", "review", "shard", "train"}


def test_a_verdict_touches_dedup_review_and_shards(dataset: Dataset) -> None:
    verdicts.append(dataset.review_path, "i1", "keep", "drop")
    stale = why(dataset)
    assert stale["dedup"] == "verdicts changed"
    assert set(stale) == {"dedup", "review", "shard", "train"}


def test_the_same_outcome_leaves_the_rest_fresh(dataset: Dataset) -> None:
    frame = pd.DataFrame([["i1", "keep", "", None, None, ""]], columns=["id", "decision", "rule", "score", "threshold", "reason"])
    dataset.catalog.put_decisions("classify", frame)
    stages.finish(dataset, "classify", stages.parts(dataset, "classify"), {})
    assert "dedup" in why(dataset)
    stages.finish(dataset, "dedup", stages.parts(dataset, "dedup"), {})
    for name in ("review", "shard", "train"):
        stages.finish(dataset, name, stages.parts(dataset, name), {})
    stages.finish(dataset, "classify", stages.parts(dataset, "classify"), {})
    assert why(dataset) == {}


def test_a_newer_program_is_a_reason(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.measure import registry

    monkeypatch.setattr(registry, "VERSION", registry.VERSION + 1)
    assert why(dataset)["measure"] == "the program changed"


def test_pages_grow_old(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 86400)
    assert why(dataset)["scrape"] == "last visit 8 days ago"


def test_require_names_what_is_missing_and_what_is_stale(dataset: Dataset) -> None:
    dataset.write_manifest(MANIFEST + "[filter.size]\nmin_side = 99\n")
    assert stages.require(dataset, "measure") == []
    assert any(line.startswith("filter (the manifest changed") for line in stages.require(dataset, "shard"))
    dataset.catalog.begin_stage("classify")
    with pytest.raises(PipelineError, match="dedup needs classify.*run `pipeline classify"):
        stages.require(dataset, "dedup")


def test_verdicts_follow_the_pixels(dataset: Dataset) -> None:
    rows = [{"id": id, "detail": "", "pixels": "same"} for id in ("i1", "i2")]
    dataset.catalog.put_measurements(1, {"pixels": "TEXT"}, rows)
    verdicts.append(dataset.review_path, "i1", "keep", "drop")
    assert stages.verdicts_in_force(dataset).keep == {"i1": "drop", "i2": "drop"}


def test_overrides_are_read_once_and_untouched_reports_never(dataset: Dataset) -> None:
    frame = pd.DataFrame([["i1", "drop", "size", 1.0, 2.0, "small"]], columns=["id", "decision", "rule", "score", "threshold", "reason"])
    dataset.catalog.put_decisions("filter", frame)
    reports.write(dataset, ["filter"])
    path, told = dataset.reports / "filter.csv", []
    written = path.read_text(encoding="utf-8-sig")
    assert stages.take_overrides(dataset, told.append) == 0
    path.write_text(written.replace("i1,drop", "i1,keep"), encoding="utf-8-sig")
    assert stages.take_overrides(dataset, told.append) == 0
    assert told == [f"{path} row 2: decision was 'drop', and 'keep' there is not read; write it under override"]
    assert stages.take_overrides(dataset, told.append) == 0  # told once
    assert len(told) == 1
    path.write_text(written.rstrip("\n") + "keep\n", encoding="utf-8-sig")
    assert stages.take_overrides(dataset) == 1
    assert verdicts.read(dataset.review_path).keep == {"i1": "keep"}
    assert path.read_text(encoding="utf-8-sig") == written
    assert stages.take_overrides(dataset) == 0
