"""The live truth about a dataset: one SQLite file.

Tables keep natural primary keys and no row ids, so two datasets with the same history have the same rows. Every write is a
transaction of its own; WAL keeps acknowledged rows through `kill -9`, and `close` checkpoints, so that a copy of the one
file is whole whenever no command runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import pandas as pd

MIGRATIONS: list[str] = [
    """
    CREATE TABLE responses (
        url TEXT PRIMARY KEY,
        kind TEXT NOT NULL,            -- page, image
        final_url TEXT NOT NULL,       -- after redirects
        status INTEGER,                -- HTTP status of the last answer; NULL when none came
        error TEXT,                    -- NULL: usable. Else the class: gone, refused, timeout, broken, too_large, ...
        detail TEXT NOT NULL,
        headers TEXT NOT NULL,         -- JSON object, names in lower case
        sha256 TEXT,                   -- of the body; pages/ or images/ holds it
        size INTEGER,                  -- of the body, bytes
        fetched_at REAL NOT NULL       -- seconds since 1970
    ) WITHOUT ROWID;
    CREATE TABLE items (
        id TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        extension TEXT NOT NULL,
        size INTEGER NOT NULL,         -- bytes
        added_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE sightings (
        id TEXT NOT NULL REFERENCES items(id),
        page_url TEXT NOT NULL,
        image_url TEXT NOT NULL,
        source TEXT NOT NULL,
        title TEXT NOT NULL,
        fields TEXT NOT NULL,          -- JSON object
        text TEXT NOT NULL,
        license TEXT NOT NULL,
        credit TEXT NOT NULL,
        seen_at REAL NOT NULL,
        PRIMARY KEY (id, page_url, image_url)
    ) WITHOUT ROWID;
    CREATE TABLE measurements (
        id TEXT PRIMARY KEY REFERENCES items(id),
        version INTEGER NOT NULL,
        error TEXT,                    -- NULL, or the class: truncated, not_an_image, ...
        detail TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE decisions (
        id TEXT NOT NULL REFERENCES items(id),
        stage TEXT NOT NULL,
        decision TEXT NOT NULL,        -- keep, drop
        rule TEXT NOT NULL,
        score REAL,
        threshold REAL,
        reason TEXT NOT NULL,
        scores TEXT NOT NULL,          -- JSON object: the further columns of the stage's report
        PRIMARY KEY (stage, id)
    ) WITHOUT ROWID;
    CREATE TABLE clusters (
        id TEXT PRIMARY KEY REFERENCES items(id),
        cluster TEXT NOT NULL,
        kind TEXT NOT NULL,            -- of the link that ties the item to its cluster
        keeper TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE stages (
        name TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,     -- of settings, code version and inputs
        output TEXT NOT NULL,          -- digest of what the stage made
        summary TEXT NOT NULL,         -- JSON, as the command printed it
        finished_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
]
"""Schema n is made by the first n scripts. A released script is never edited: a change is a new script at the end."""


@dataclass(frozen=True, slots=True)
class Response:
    """One remembered answer (or failure) to a request; see the table for the units."""

    url: str
    kind: str
    final_url: str
    status: int | None
    error: str | None
    detail: str
    headers: Mapping[str, str]
    sha256: str | None
    size: int | None
    fetched_at: float


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a finished stage left: see the `stages` table."""

    name: str
    fingerprint: str
    output: str
    summary: dict[str, Any]
    finished_at: float


class Catalog:
    """Opens (and if need be creates or migrates) a catalog file.

    `read_only` opens it without writing a byte, also on a read-only disk. Raises PipelineError for a file that is no catalog
    or was written by a newer version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._db = _connect(path, read_only)
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
            self._db.close()
            raise PipelineError(
                f"{self.path}: schema {version} needs a migration to {len(MIGRATIONS)}, which a read-only directory forbids"
            )
        for number in range(version, len(MIGRATIONS)):
            # executescript commits by itself, so the transaction stands inside the script
            self._db.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]}; PRAGMA user_version = {number + 1}; COMMIT;")

    def close(self) -> None:
        """Checkpoint, so that the main file alone is whole, and close."""
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together or not at all. May be nested; the outermost decides."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    # --- what was fetched and seen

    def response(self, url: str) -> Response | None:
        """What is remembered of `url`."""
        row = self._db.execute(f"SELECT {_columns(Response)} FROM responses WHERE url = ?", (url,)).fetchone()
        if not row:
            return None
        values = dict(zip(Response.__slots__, row, strict=True))
        return Response(**{**values, "headers": json.loads(values["headers"])})

    def put_response(self, response: Response) -> None:
        """Remember an answer; it replaces the earlier one to the same URL."""
        values = [_json(response.headers) if name == "headers" else getattr(response, name) for name in Response.__slots__]
        with self.transaction():
            self._db.execute(f"REPLACE INTO responses ({_columns(Response)}) VALUES ({_marks(len(values))})", values)

    def forget_files(self) -> None:
        """Drop the failures of files on this machine; a folder is read anew each time."""
        with self.transaction():
            self._db.execute("DELETE FROM responses WHERE url GLOB 'file:*'")

    def put_item(self, id: str, sha256: str, extension: str, size: int, added_at: float) -> bool:
        """Add an item; one that is there stays as it is. True if it is new. Raises PipelineError if two files share an id."""
        with self.transaction():
            added = self._db.execute("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?)", (id, sha256, extension, size, added_at)).rowcount
            (known,) = self._db.execute("SELECT sha256 FROM items WHERE id = ?", (id,)).fetchone() or ("",)
            if known != sha256:
                raise PipelineError(f"two different files share the id {id}: {known} and {sha256}")
        return added > 0

    def put_sighting(self, id: str, source: str, sighting: Mapping[str, Any], seen_at: float) -> None:
        """Add or renew a sighting: `sighting` holds page_url, image_url, title, fields, text, license, credit."""
        values = (
            id,
            sighting["page_url"],
            sighting["image_url"],
            source,
            sighting["title"],
            _json(sighting["fields"]),
            sighting["text"],
            sighting["license"],
            sighting["credit"],
            seen_at,
        )
        with self.transaction():
            self._db.execute(f"REPLACE INTO sightings VALUES ({_marks(len(values))})", values)

    def items(self) -> pd.DataFrame:
        """id, sha256, extension, size; in id order."""
        return self._frame("SELECT id, sha256, extension, size FROM items ORDER BY id")

    def ids(self) -> list[str]:
        """All item ids, in order."""
        return [row[0] for row in self._db.execute("SELECT id FROM items ORDER BY id")]

    def item_count(self) -> int:
        """How many items there are."""
        return int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])

    def sightings(self) -> pd.DataFrame:
        """id, page_url, image_url, source, title, fields (dict), text, license, credit; ordered by id, page_url, image_url."""
        frame = self._frame(
            "SELECT id, page_url, image_url, source, title, fields, text, license, credit FROM sightings ORDER BY id, page_url, image_url"
        )
        frame["fields"] = [json.loads(text) for text in frame["fields"]]
        return frame

    def page_digests(self) -> list[str]:
        """Digests of all remembered page bodies, sorted."""
        return [
            row[0]
            for row in self._db.execute("SELECT DISTINCT sha256 FROM responses WHERE kind = 'page' AND sha256 IS NOT NULL ORDER BY 1")
        ]

    def failures(self) -> pd.DataFrame:
        """Responses that gave nothing usable: url, kind, status, error, detail; in url order."""
        return self._frame("SELECT url, kind, status, error, detail FROM responses WHERE error IS NOT NULL ORDER BY url")

    # --- measurements

    def measured(self, version: int) -> set[str]:
        """Ids that have a measurement (or a recorded error) of this version. A crash may have been the machine's: it is tried again."""
        return {row[0] for row in self._db.execute("SELECT id FROM measurements WHERE version = ? AND error IS NOT 'crashed'", (version,))}

    def put_measurements(self, version: int, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows `id, error, detail, <columns>`; `columns` maps names to SQL types and adds those the table lacks."""
        known = {row[1] for row in self._db.execute("PRAGMA table_info(measurements)")}
        names = ["id", "version", "error", "detail", *columns]
        with self.transaction():
            for name, kind in columns.items():
                if name not in known:
                    self._db.execute(f'ALTER TABLE measurements ADD COLUMN "{name}" {kind}')
            quoted = ", ".join(f'"{name}"' for name in names)
            self._db.executemany(
                f"REPLACE INTO measurements ({quoted}) VALUES ({_marks(len(names))})",
                [[version if name == "version" else row.get(name) for name in names] for row in rows],
            )

    def measurements(self) -> pd.DataFrame:
        """One row per measured item, in id order: id, version, error, detail and every measured column."""
        return self._frame("SELECT * FROM measurements ORDER BY id")

    # --- decisions and clusters

    def put_decisions(self, stage: str, frame: pd.DataFrame) -> None:
        """Replace a stage's decisions. Columns id, decision, rule, score, threshold, reason; any others are further scores."""
        fixed = ["id", "decision", "rule", "score", "threshold", "reason"]
        further = [name for name in frame.columns if name not in fixed]
        rows = []
        for row in frame.to_dict("records"):
            scores = {str(name): _plain(row[name]) for name in further}
            rows.append((row["id"], stage, *(_plain(row[name]) for name in fixed[1:]), _json(scores)))
        with self.transaction():
            self._db.execute("DELETE FROM decisions WHERE stage = ?", (stage,))
            self._db.executemany(
                "INSERT INTO decisions (id, stage, decision, rule, score, threshold, reason, scores) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def decisions(self, stage: str) -> pd.DataFrame:
        """A stage's decisions in id order, the further scores as columns of their own."""
        import pandas as pd

        frame = self._frame(
            "SELECT id, decision, rule, score, threshold, reason, scores FROM decisions WHERE stage = ? ORDER BY id", (stage,)
        )
        scores = pd.DataFrame([json.loads(text) for text in frame.pop("scores")], index=frame.index)
        return pd.concat([frame, scores], axis=1)

    def put_clusters(self, frame: pd.DataFrame) -> None:
        """Replace all clusters: columns id, cluster, kind, keeper."""
        with self.transaction():
            self._db.execute("DELETE FROM clusters")
            self._db.executemany(
                "INSERT INTO clusters (id, cluster, kind, keeper) VALUES (?, ?, ?, ?)",
                frame[["id", "cluster", "kind", "keeper"]].itertuples(index=False),
            )

    def clusters(self) -> pd.DataFrame:
        """id, cluster, kind, keeper; in id order."""
        return self._frame("SELECT id, cluster, kind, keeper FROM clusters ORDER BY id")

    # --- stages and notes

    def stage(self, name: str) -> StageRecord | None:
        """The record of a finished stage."""
        row = self._db.execute("SELECT name, fingerprint, output, summary, finished_at FROM stages WHERE name = ?", (name,)).fetchone()
        return StageRecord(row[0], row[1], row[2], json.loads(row[3]), row[4]) if row else None

    def begin_stage(self, name: str) -> None:
        """Forget that the stage was finished: what it made is about to change."""
        with self.transaction():
            self._db.execute("DELETE FROM stages WHERE name = ?", (name,))

    def finish_stage(self, record: StageRecord) -> None:
        """Record a finished stage."""
        with self.transaction():
            self._db.execute(
                "REPLACE INTO stages VALUES (?, ?, ?, ?, ?)",
                (record.name, record.fingerprint, record.output, _json(record.summary), record.finished_at),
            )

    def note(self, key: str) -> str | None:
        """A remembered text, such as where the manifest came from."""
        row = self._db.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put_note(self, key: str, value: str) -> None:
        """Remember a text."""
        with self.transaction():
            self._db.execute("REPLACE INTO notes VALUES (?, ?)", (key, value))

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
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    except sqlite3.Error as error:
        if not isinstance(error, sqlite3.OperationalError):
            raise PipelineError(f"{path}: not a usable catalog ({error}); restore it from a copy, or remove it and scrape again") from error
        raise PipelineError(f"{path}: cannot be opened ({error}); is the directory writable, and the disk not full?") from error


def _columns(record: type[Response]) -> str:
    return ", ".join(record.__slots__)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """NumPy scalars and NaN as SQLite and JSON want them."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
