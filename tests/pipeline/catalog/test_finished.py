from __future__ import annotations

from pipeline.catalog import Catalog, StageRecord


def test_stage_records(catalog: Catalog) -> None:
    record = StageRecord("measure", "f", "o", {"items": 3}, 9.0)
    catalog.finish_stage(record)
    assert catalog.stage("measure") == record
    catalog.begin_stage("measure")
    assert catalog.stage("measure") is None
