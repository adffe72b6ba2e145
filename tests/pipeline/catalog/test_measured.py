from __future__ import annotations

import pandas as pd

from pipeline.catalog import Catalog


def test_measurements_grow_new_columns(catalog: Catalog) -> None:
    catalog.put_item("i1", "aa", "png", 5, 1.0)
    catalog.put_item("i2", "bb", "png", 5, 1.0)
    catalog.put_measurements(1, {"width": "INTEGER"}, [{"id": "i1", "error": None, "detail": "", "width": 3}])
    catalog.put_measurements(2, {"width": "INTEGER", "chroma": "REAL"}, [{"id": "i2", "error": "truncated", "detail": "x"}])
    assert catalog.measured(1) == {"i1"}
    assert catalog.measured(2) == {"i2"}
    table = catalog.measurements().set_index("id")
    assert table.loc["i1", "width"] == 3
    assert table.loc["i2", "error"] == "truncated"
    assert "chroma" in table


def test_measurements_can_be_read_without_their_bytes(catalog: Catalog) -> None:
    catalog.put_item("i1", "aa", "png", 5, 1.0)
    catalog.put_measurements(1, {"width": "INTEGER", "signature": "BLOB"}, [{"id": "i1", "detail": "", "width": 3, "signature": b"123"}])
    full, lean = catalog.measurements(), catalog.measurements(blobs=False)
    assert full["signature"].tolist() == [b"123"]
    pd.testing.assert_frame_equal(lean, full.drop(columns=["signature"]))
    some = catalog.measurements(only=("width", "id", "not measured"))
    pd.testing.assert_frame_equal(some, full[["id", "width"]])
