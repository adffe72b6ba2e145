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
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError
from pipeline.schema import MIGRATIONS

if TYPE_CHECKING:
    import pandas as pd

SIGHTING_COLUMNS = ("page_url", "image_url", "title", "fields", "text", "license", "author", "credit")
"""What a source says of a picture; the sightings table adds id, source and seen_at."""


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
    opt_outs: Sequence[Mapping[str, Any]] | None
    sha256: str | None
    size: int | None
    fetched_at: float


@dataclass(frozen=True, slots=True)
class Find:
    """A picture that a crawl found: the item's columns and the sighting's (`fields` as a mapping), seen at `seen_at`."""

    source: str
    id: str
    sha256: str
    extension: str
    size: int
    sighting: Mapping[str, Any]
    seen_at: float


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is kept of an item that was taken down; see the `forgotten` table."""

    id: str
    sha256: str
    extension: str
    pixels: str | None
    phash: str | None
    reason: str
    held: Sequence[str]
    erased: bool
    forgotten_at: float


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a finished stage left: see the `stages` table."""

    name: str
    fingerprint: str
    output: str
    summary: dict[str, Any]
    finished_at: float


class Catalog:
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

    # --- what was fetched and seen

    def response(self, url: str, kind: str) -> Response | None:
        """What is remembered of `url`, asked for as a page or as an image."""
        row = self._reader.execute(f"SELECT {_columns(Response)} FROM responses WHERE url = ? AND kind = ?", (url, kind)).fetchone()
        return _response(row) if row else None

    @cached_property
    def _reader(self) -> sqlite3.Connection:
        """A connection of its own, which need not wait while another thread commits. It sees what is committed."""
        if self._read_only:
            return self._db
        return sqlite3.connect(self.path, isolation_level=None, timeout=30, check_same_thread=False)

    def responses(self) -> Iterator[Response]:
        """All that is remembered, in order of URL and kind."""
        for row in self._db.execute(f"SELECT {_columns(Response)} FROM responses ORDER BY url, kind"):
            yield _response(row)

    def put_responses(self, responses: Iterable[Response]) -> None:
        """Remember answers; each replaces the earlier one to the same URL and kind."""
        rows = [
            [_json(value) if isinstance(value := getattr(one, name), (Mapping, list, tuple)) else value for name in Response.__slots__]
            for one in responses
        ]
        with self.transaction():
            self._db.executemany(f"REPLACE INTO responses ({_columns(Response)}) VALUES ({_marks(len(Response.__slots__))})", rows)

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
        """Add or renew a sighting: `sighting` holds SIGHTING_COLUMNS, `fields` as a mapping."""
        row = [_json(sighting[name]) if name == "fields" else sighting[name] for name in SIGHTING_COLUMNS]
        with self.transaction():
            self._db.execute(
                f"REPLACE INTO sightings (id, source, seen_at, {', '.join(SIGHTING_COLUMNS)}) VALUES ({_marks(len(row) + 3)})",
                (id, source, seen_at, *row),
            )

    def put_finds(self, finds: Iterable[Find]) -> int:
        """Put the items and sightings of what a crawl found, all or none; how many items are new. What was forgotten is left out."""
        new, forgotten = 0, {stone.sha256 for stone in self.tombstones()}
        with self.transaction():
            for find in finds:
                if find.sha256 in forgotten:
                    continue
                new += self.put_item(find.id, find.sha256, find.extension, find.size, find.seen_at)
                self.put_sighting(find.id, find.source, find.sighting, find.seen_at)
        return new

    def stage_finds(self, key: str, finds: Iterable[Find]) -> None:
        """Keep finds apart from the sightings until `take_staged` or `drop_staged` of the key."""
        with self.transaction():
            self._db.executemany(
                f"REPLACE INTO staged VALUES ({_marks(10)})",
                [
                    (
                        *(key, one.source, one.id, one.sighting["page_url"], one.sighting["image_url"], _json(dict(one.sighting))),
                        *(one.sha256, one.extension, one.size, one.seen_at),
                    )
                    for one in finds
                ],
            )

    def take_staged(self, key: str, *, only_new: bool) -> int:
        """Make the staged finds sightings, with `only_new` just those that change none; how many items are new."""
        known = (
            " AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.id = staged.id AND s.page_url = staged.page_url"
            " AND s.image_url = staged.image_url AND s.source = staged.source)"
        )
        query = "SELECT source, id, sha256, extension, size, sighting, seen_at FROM staged WHERE key = ?"
        with self.transaction():
            rows = self._db.execute(query + known * only_new, (key,))
            new = self.put_finds(Find(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6]) for row in rows)
            self.drop_staged(key)
        return new

    def drop_staged(self, key: str | None = None) -> None:
        """Forget staged finds; without a key, of all crawls."""
        with self.transaction():
            self._db.execute("DELETE FROM staged WHERE key = ? OR ? IS NULL", (key, key))

    def known_source(self, source: str) -> bool:
        """Whether there are sightings of the source."""
        return self._db.execute("SELECT 1 FROM sightings WHERE source = ? LIMIT 1", (source,)).fetchone() is not None

    def crawl(self, source: str, start: str) -> tuple[int, int] | None:
        """The last healthy crawl of a block: how many pages about things and pictures it gave."""
        row = self._db.execute("SELECT subjects, pictures FROM crawls WHERE source = ? AND start = ?", (source, start)).fetchone()
        return (int(row[0]), int(row[1])) if row else None

    def put_crawl(self, source: str, start: str, subjects: int, pictures: int, health: Mapping[str, float], finished_at: float) -> None:
        """Remember a healthy crawl of a block."""
        with self.transaction():
            self._db.execute(
                "REPLACE INTO crawls VALUES (?, ?, ?, ?, ?, ?)", (source, start, subjects, pictures, _json(health), finished_at)
            )

    def items(self) -> pd.DataFrame:
        """id, sha256, extension, size; in id order."""
        return self._frame("SELECT id, sha256, extension, size FROM items ORDER BY id")

    def ids(self) -> list[str]:
        """All item ids, in order."""
        return [row[0] for row in self._db.execute("SELECT id FROM items ORDER BY id")]

    def added_at(self, id: str) -> float:
        """When an item was first had, seconds since 1970."""
        return float(self._db.execute("SELECT added_at FROM items WHERE id = ?", (id,)).fetchone()[0])

    def item_count(self) -> int:
        """How many items there are."""
        return int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])

    def sightings(self, *, texts: bool = True) -> pd.DataFrame:
        """id, page_url, image_url, source, title, fields (dict), text, license, author, credit; ordered by the first four. `texts`
        false: without fields and text."""
        frame = self._frame(
            f"SELECT id, page_url, image_url, source, title, {'fields, text, ' * texts}license, author, credit FROM sightings"
            " ORDER BY id, page_url, image_url, source"
        )
        if texts:
            frame["fields"] = _parsed(frame["fields"])
        return frame

    def sightings_of(self, id: str) -> list[dict[str, Any]]:
        """One item's sightings without fields and text: page_url, image_url, source, title, license, author, credit; in that order."""
        names = ("page_url", "image_url", "source", "title", "license", "author", "credit")
        rows = self._db.execute(f"SELECT {', '.join(names)} FROM sightings WHERE id = ? ORDER BY page_url, image_url, source", (id,))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def local_count(self) -> int:
        """How many items were only ever seen as files of this machine."""
        query = "SELECT count(*) FROM items WHERE id NOT IN (SELECT id FROM sightings WHERE image_url NOT GLOB 'file:*')"
        return int(self._db.execute(query).fetchone()[0])

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

    def measurements(self, *, blobs: bool = True) -> pd.DataFrame:
        """One row per measured item, in id order: id, version, error, detail and every measured column (`blobs` false: but for those)."""
        names = [f'"{row[1]}"' for row in self._db.execute("PRAGMA table_info(measurements)") if blobs or row[2] != "BLOB"]
        return self._frame(f"SELECT {', '.join(names)} FROM measurements ORDER BY id")

    def same(self, column: str) -> list[list[str]]:
        """The ids that share a value in a measured column, each group in order; none where there is no such column."""
        if column not in {row[1] for row in self._db.execute("PRAGMA table_info(measurements)")}:
            return []
        groups: dict[Any, list[str]] = {}
        for value, id in self._db.execute(f'SELECT "{column}", id FROM measurements WHERE "{column}" IS NOT NULL ORDER BY id'):
            groups.setdefault(value, []).append(id)
        return [ids for ids in groups.values() if len(ids) > 1]

    def put_embeddings(self, name: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors (float16, little-endian) by id."""
        with self.transaction():
            self._db.executemany("REPLACE INTO embeddings VALUES (?, ?, ?)", [(id, name, vector) for id, vector in vectors.items()])

    def embeddings(self, name: str) -> dict[str, bytes]:
        """The vectors of an embedder by id, in id order."""
        return dict(self._db.execute("SELECT id, vector FROM embeddings WHERE name = ? ORDER BY id", (name,)))

    # --- decisions and clusters

    def put_decisions(self, stage: str, frame: pd.DataFrame) -> None:
        """Replace a stage's decisions. Columns id, decision, rule, score, threshold, reason; any others are further scores."""
        fixed = ["id", "decision", "rule", "score", "threshold", "reason"]
        further = [name for name in frame.columns if name not in fixed]
        columns = [_plain(frame[name]) for name in fixed]
        names = sorted(further)
        encode = json.JSONEncoder(ensure_ascii=False).encode
        scores = [encode(dict(zip(names, row, strict=True))) for row in zip(*(_plain(frame[name]) for name in names), strict=True)]
        rows = zip(columns[0], [stage] * len(frame), *columns[1:], scores or ["{}"] * len(frame), strict=True)
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
        scores = pd.DataFrame(_parsed(frame.pop("scores")), index=frame.index)
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

    def put_splits(self, grouping: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """Remember id, anchor and split of items under a way of grouping them; what is known under another is forgotten."""
        with self.transaction():
            self._db.execute("DELETE FROM splits WHERE grouping != ?", (grouping,))
            self._db.executemany("REPLACE INTO splits VALUES (?, ?, ?, ?)", ((id, grouping, anchor, split) for id, anchor, split in rows))

    def splits(self, grouping: str) -> list[tuple[str, str, str]]:
        """id, anchor and split of every item that was grouped that way; in id order."""
        return self._db.execute("SELECT id, anchor, split FROM splits WHERE grouping = ? ORDER BY id", (grouping,)).fetchall()

    # --- what was taken down

    def tombstones(self) -> list[Tombstone]:
        """All of them, in id order."""
        rows = self._reader.execute(f"SELECT {', '.join(Tombstone.__slots__)} FROM forgotten ORDER BY id")
        found = (dict(zip(Tombstone.__slots__, row, strict=True)) for row in rows)
        return [Tombstone(**{**row, "held": json.loads(row["held"]), "erased": bool(row["erased"])}) for row in found]

    def forget(self, stones: Sequence[Tombstone]) -> None:
        """Put the tombstones and remove every row about their items; what is removed is overwritten in the file.

        Addresses that gave the picture are remembered as failures of the class `forgotten`. Whoever calls this removes the files,
        then says so with `erased`.
        """
        self._db.execute("PRAGMA secure_delete = ON")
        with self.transaction():
            for stone in stones:
                values = [getattr(stone, name) for name in Tombstone.__slots__]
                self._db.execute(
                    f"INSERT INTO forgotten ({', '.join(Tombstone.__slots__)}) VALUES ({_marks(len(values))})",
                    [_json(list(value)) if isinstance(value, (list, tuple)) else value for value in values],
                )
                for table in ("sightings", "embeddings", "measurements", "decisions", "clusters", "splits", "staged", "items"):
                    self._db.execute(f"DELETE FROM {table} WHERE id = ?", (stone.id,))
                self._db.execute(
                    "UPDATE responses SET error = 'forgotten', detail = ?, sha256 = NULL, size = NULL WHERE kind = 'image' AND sha256 = ?",
                    (f"{stone.id} was taken down", stone.sha256),
                )

    def erased(self, ids: Iterable[str]) -> None:
        """Their files are gone; what the write-ahead log still held of their rows goes too."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with self.transaction():
            self._db.executemany("UPDATE forgotten SET erased = 1 WHERE id = ?", [(id,) for id in ids])

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
        connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    except sqlite3.Error as error:
        if not isinstance(error, sqlite3.OperationalError):
            raise PipelineError(f"{path}: not a usable catalog ({error}); restore it from a copy, or remove it and scrape again") from error
        raise PipelineError(f"{path}: cannot be opened ({error}); is the directory writable, and the disk not full?") from error


def _response(row: Sequence[Any]) -> Response:
    values = dict(zip(Response.__slots__, row, strict=True))
    return Response(**{**values, "headers": json.loads(values["headers"]), "opt_outs": json.loads(values["opt_outs"])})


def _columns(record: type[Response]) -> str:
    return ", ".join(record.__slots__)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _parsed(column: pd.Series) -> list[Any]:
    """Many short JSON texts, parsed in one go."""
    found: list[Any] = json.loads(f"[{','.join(column.tolist())}]")
    return found


def _plain(column: pd.Series) -> list[Any]:
    """A column's values as SQLite and JSON want them: no NumPy scalars, None for NaN."""
    values = column.astype(object).tolist()
    gaps = column.isna().to_numpy()
    if gaps.any():
        values = [None if gap else value for value, gap in zip(values, gaps, strict=True)]
    return [value.item() if hasattr(value, "item") else value for value in values] if column.dtype == object else values
