"""The catalog keeps what it is given, in an order of its own, and refuses what it cannot read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from pipeline import catalog as catalogs
from pipeline.catalog import Catalog, Find, Response, StageRecord
from pipeline.errors import PipelineError

SIGHTING = {
    "page_url": "p",
    "image_url": "u",
    "title": "t",
    "fields": {"unit_type": "mobile suit"},
    "text": "x",
    "license": "",
    "author": "",
    "credit": "",
}


@pytest.fixture
def catalog(tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def test_responses_come_back_as_they_went_in(catalog: Catalog) -> None:
    response = Response("http://a/", "page", "http://a/b", 200, None, "", {"etag": '"x"'}, [{"signal": "noai"}], "00ff", 3, 12.5)
    image = Response("http://a/", "image", "http://a/b", 200, None, "", {}, [], "11ff", 3, 12.5)
    catalog.put_responses([response, image])
    assert (catalog.response("http://a/", "page"), catalog.response("http://a/", "image")) == (response, image)
    assert catalog.response("http://b/", "page") is None
    assert list(catalog.responses()) == [image, response]
    catalog.put_responses([Response("http://a/", "page", "http://a/", 500, "server_error", "oops", {}, [], None, None, 13.0)])
    assert catalog.failures().to_dict("records") == [
        {"url": "http://a/", "kind": "page", "status": 500, "error": "server_error", "detail": "oops"}
    ]


def test_items_and_sightings(catalog: Catalog) -> None:
    assert catalog.put_item("i1", "aa", "png", 5, 1.0)
    assert not catalog.put_item("i1", "aa", "png", 5, 2.0)
    with pytest.raises(PipelineError, match="share the id i1"):
        catalog.put_item("i1", "bb", "png", 5, 1.0)
    catalog.put_sighting("i1", "mahq", SIGHTING, 1.0)
    catalog.put_sighting("i1", "mahq", {**SIGHTING, "title": "newer"}, 2.0)
    (row,) = catalog.sightings().to_dict("records")
    assert row["title"] == "newer"
    assert row["fields"] == {"unit_type": "mobile suit"}


def find(id: str, image_url: str = "u", title: str = "t") -> Find:
    return Find("mahq", id, id * 2, "png", 5, {**SIGHTING, "image_url": image_url, "title": title}, 1.0)


def test_staged_finds_wait_for_a_word(catalog: Catalog) -> None:
    assert catalog.put_finds([find("i1")]) == 1
    catalog.stage_finds("0 mahq", [find("i1", title="changed"), find("i2", "v")])
    catalog.stage_finds("1 mahq", [find("i3", "w")])
    assert (catalog.ids(), list(catalog.sightings()["title"])) == (["i1"], ["t"])
    assert catalog.take_staged("0 mahq", only_new=True) == 1
    assert (catalog.ids(), list(catalog.sightings()["title"])) == (["i1", "i2"], ["t", "t"])
    assert catalog.take_staged("0 mahq", only_new=False) == 0  # they are gone, those not taken as well
    catalog.stage_finds("0 mahq", [find("i1", title="changed")])
    assert catalog.take_staged("0 mahq", only_new=False) == 0
    assert list(catalog.sightings()["title"]) == ["changed", "t"]
    catalog.drop_staged("1 mahq")
    assert catalog.take_staged("1 mahq", only_new=False) == 0


def test_transactions_of_two_threads_take_turns(catalog: Catalog) -> None:
    def put(thread: int) -> None:
        for number in range(20):
            with catalog.transaction():
                catalog.put_item(f"i{thread}{number:02}", f"{thread}{number}a", "png", 1, 0.0)
                assert catalog.note("doubled") is None

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(put, range(4)))
    assert catalog.item_count() == 80


def test_the_first_schema_is_migrated_with_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "catalog.sqlite"
    monkeypatch.setattr(catalogs, "MIGRATIONS", catalogs.MIGRATIONS[:1])
    Catalog(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO items VALUES ('i1', 'aa', 'png', 5, 1.0)")
        raw.execute("INSERT INTO sightings VALUES ('i1', 'p', 'u', 'mahq', 't', '{}', 'x', 'CC', 'c', 1.0)")
        raw.execute("INSERT INTO responses VALUES ('u', 'image', 'u', 200, NULL, '', '{}', 'aa', 5, 1.0)")
    monkeypatch.undo()
    new = Catalog(path)
    assert new.sightings().to_dict("records")[0]["license"] == "CC"
    assert new.response("u", "image") == Response("u", "image", "u", 200, None, "", {}, None, "aa", 5, 1.0)
    new.close()


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


def test_decisions_keep_further_scores_and_are_replaced_as_a_whole(catalog: Catalog) -> None:
    for id in ("i1", "i2"):
        catalog.put_item(id, id, "png", 5, 1.0)
    columns = ["id", "decision", "rule", "score", "threshold", "reason", "size_score"]
    catalog.put_decisions(
        "filter",
        pd.DataFrame([["i2", "drop", "size", 3.0, 64.0, "small", 3.0], ["i1", "keep", "", float("nan"), None, "", 90.0]], columns=columns),
    )
    frame = catalog.decisions("filter")
    assert list(frame["id"]) == ["i1", "i2"]
    assert list(frame["size_score"]) == [90.0, 3.0]
    assert pd.isna(frame["score"][0])
    catalog.put_decisions("filter", frame.iloc[:1])
    assert len(catalog.decisions("filter")) == 1
    assert catalog.decisions("dedup").empty


def test_a_transaction_is_whole_or_absent(catalog: Catalog) -> None:
    with pytest.raises(RuntimeError), catalog.transaction():
        catalog.put_item("i1", "aa", "png", 5, 1.0)
        raise RuntimeError
    assert catalog.ids() == []


def test_stage_records(catalog: Catalog) -> None:
    record = StageRecord("measure", "f", "o", {"items": 3}, 9.0)
    catalog.finish_stage(record)
    assert catalog.stage("measure") == record
    catalog.begin_stage("measure")
    assert catalog.stage("measure") is None


def test_digest_follows_the_rows(catalog: Catalog) -> None:
    query = "SELECT id FROM items ORDER BY id"
    empty = catalog.table_digest(query)
    catalog.put_item("i1", "aa", "png", 5, 1.0)
    assert catalog.table_digest(query) != empty


def test_an_old_schema_is_migrated_with_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "catalog.sqlite"
    old = Catalog(path)
    old.put_item("i1", "aa", "png", 5, 1.0)
    old.close()
    monkeypatch.setattr(catalogs, "MIGRATIONS", [*catalogs.MIGRATIONS, "ALTER TABLE items ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"])
    before = path.read_bytes()
    looking = Catalog(path, read_only=True)  # reads a migrated copy in memory
    assert looking.ids() == ["i1"]
    assert looking.table_digest("SELECT colour FROM items")
    looking.close()
    assert path.read_bytes() == before
    new = Catalog(path)
    assert new.ids() == ["i1"]
    new.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT colour FROM items").fetchone() == ("red",)
        assert raw.execute("PRAGMA user_version").fetchone() == (len(catalogs.MIGRATIONS),)


def test_a_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    monkeypatch.setattr(catalogs, "MIGRATIONS", [*catalogs.MIGRATIONS, "CREATE TABLE extra (a); SELECT nonsense FROM nowhere"])
    with pytest.raises(PipelineError, match="nowhere"):
        Catalog(path)
    monkeypatch.undo()
    Catalog(path).close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(PipelineError, match="newer pipeline"):
        Catalog(path)


def test_a_file_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(PipelineError, match=r"catalog\.sqlite"):
        Catalog(path)


def test_after_close_the_one_file_is_whole_and_opens_read_only(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    opened = Catalog(path)
    opened.put_item("i1", "aa", "png", 5, 1.0)
    opened.close()
    copy = tmp_path / "copy.sqlite"
    shutil.copy(path, copy)
    only = Catalog(copy, read_only=True)
    assert only.ids() == ["i1"]
    only.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog.sqlite", "copy.sqlite"]


def test_acknowledged_rows_survive_a_kill(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from pipeline.catalog import Catalog
catalog = Catalog(Path(sys.argv[1]))
for number in range(50):
    catalog.put_item(f"i{number:02}", f"{number:02}", "png", 1, 0.0)
os.kill(os.getpid(), 9)
"""
    path = tmp_path / "catalog.sqlite"
    root = Path(catalogs.__file__).parents[1]
    subprocess.run([sys.executable, "-c", script, str(path)], env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    opened = Catalog(path)
    assert len(opened.ids()) == 50
    opened.close()
