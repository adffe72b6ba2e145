"""The file itself: opening, migrating, transactions, closing."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError
from pipeline.schema import MIGRATIONS

if TYPE_CHECKING:
    import pandas as pd


class Database:
    """Opens (and if need be creates or migrates) a catalog file. Several threads may use it; their transactions take turns.

    `read_only` opens it without writing a byte, also on a read-only disk. Raises PipelineError for a file that is no catalog
    or was written by a newer version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._db = _connect(path, read_only)
        self._read_only = read_only
        self._lock = threading.RLock()
        try:
            self._migrate(read_only)
        except sqlite3.OperationalError as error:
            self._db.close()
            way_out = "it has unfinished writes; copy the dataset to a writable place" if read_only else "is the disk full or read-only?"
            raise PipelineError(f"{path}: cannot be read now ({error}); {way_out}") from error
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise PipelineError(f"{path}: not a usable catalog ({error}); restore it from a copy, or remove it and scrape again") from error

    def _migrate(self, read_only: bool) -> None:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            self._db.close()
            raise PipelineError(
                f"{self.path}: written by a newer pipeline (schema {version}, this one knows {len(MIGRATIONS)}); upgrade art-pipeline"
            )
        if read_only and version == 0:
            self._db.close()
            raise PipelineError(f"{self.path.parent}: nothing scraped yet; run `pipeline scrape {self.path.parent}`")
        if read_only and version < len(MIGRATIONS):
            memory = sqlite3.connect(":memory:", isolation_level=None)  # a copy; the next command that writes migrates the file
            self._db.backup(memory)
            self._db.close()
            self._db = memory
        for number in range(version, len(MIGRATIONS)):
            # executescript commits by itself, so the transaction stands inside the script
            self._db.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]}; PRAGMA user_version = {number + 1}; COMMIT;")

    def close(self) -> None:
        """Checkpoint, so that the main file alone is whole, and close."""
        if "_reader" in self.__dict__:
            self._reader.close()
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together or not at all. May be nested; the outermost decides."""
        with self._lock:
            if self._db.in_transaction:  # of this thread: the lock keeps the others out
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.rollback()
                raise
            self._db.commit()

    @cached_property
    def _reader(self) -> sqlite3.Connection:
        """A connection of its own, which need not wait while another thread commits. It sees what is committed."""
        if self._read_only:
            return self._db
        return sqlite3.connect(self.path, isolation_level=None, timeout=30, check_same_thread=False)

    def table_digest(self, *queries: str) -> str:
        """SHA-256 over the rows of the queries, in the order the queries give."""
        sha = hashlib.sha256()
        for query in queries:
            for row in self._db.execute(query):
                sha.update(repr(row).encode())
        return sha.hexdigest()

    def check(self) -> list[str]:
        """What SQLite's own integrity check finds wrong; empty when all is well."""
        return [row[0] for row in self._db.execute("PRAGMA integrity_check") if row[0] != "ok"]

    def _frame(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        import pandas as pd

        cursor = self._db.execute(query, parameters)
        return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    try:
        if read_only:
            wal = path.with_name(path.name + "-wal")
            # A WAL file cannot be read without writing its index; without one the file is whole and needs no lock.
            mode = "mode=ro" if wal.exists() and wal.stat().st_size else "mode=ro&immutable=1"
            return sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
        connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    except sqlite3.Error as error:
        if not isinstance(error, sqlite3.OperationalError):
            raise PipelineError(f"{path}: not a usable catalog ({error}); restore it from a copy, or remove it and scrape again") from error
        raise PipelineError(f"{path}: cannot be opened ({error}); is the directory writable, and the disk not full?") from error
