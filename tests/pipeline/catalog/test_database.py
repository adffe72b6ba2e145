from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.catalog import Catalog, Response, database
from pipeline.errors import PipelineError


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
    monkeypatch.setattr(database, "MIGRATIONS", database.MIGRATIONS[:1])
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


def test_a_transaction_is_whole_or_absent(catalog: Catalog) -> None:
    with pytest.raises(RuntimeError), catalog.transaction():
        catalog.put_item("i1", "aa", "png", 5, 1.0)
        raise RuntimeError
    assert catalog.ids() == []


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
    monkeypatch.setattr(database, "MIGRATIONS", [*database.MIGRATIONS, "ALTER TABLE items ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"])
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
        assert raw.execute("PRAGMA user_version").fetchone() == (len(database.MIGRATIONS),)


def test_a_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    monkeypatch.setattr(database, "MIGRATIONS", [*database.MIGRATIONS, "CREATE TABLE extra (a); SELECT nonsense FROM nowhere"])
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
    root = Path(database.__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, str(path)], env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    opened = Catalog(path)
    assert len(opened.ids()) == 50
    opened.close()
