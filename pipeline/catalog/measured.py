"""What was measured: measurements and embeddings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.catalog.database import Database
from pipeline.catalog.values import marks

if TYPE_CHECKING:
    import pandas as pd

ASKED = 500
"""Ids in one question; SQLite once took no more than 999."""


class Measured(Database):
    """The tables `measurements` and `embeddings`."""

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
                f"REPLACE INTO measurements ({quoted}) VALUES ({marks(len(names))})",
                [[version if name == "version" else row.get(name) for name in names] for row in rows],
            )

    def measurements(self, *, blobs: bool = True, only: Collection[str] = ()) -> pd.DataFrame:
        """One row per measured item, in id order: id, version, error, detail and every measured column (`blobs` false: but for those;
        `only`: those of these names that there are, for a collection whose whole table would fill the memory)."""
        known = [(row[1], row[2]) for row in self._db.execute("PRAGMA table_info(measurements)")]
        names = [f'"{name}"' for name, kind in known if (name in only if only else blobs or kind != "BLOB")]
        return self._frame(f"SELECT {', '.join(names)} FROM measurements ORDER BY id")

    def measured_blobs(self, ids: Sequence[str], columns: Sequence[str]) -> list[tuple[bytes, ...]]:
        """Some measured columns of some items, in the order of `ids`, which must all be there."""
        quoted = ", ".join(f'"{name}"' for name in columns)
        found: dict[str, tuple[bytes, ...]] = {}
        for at in range(0, len(ids), ASKED):
            asked = ids[at : at + ASKED]
            query = f"SELECT id, {quoted} FROM measurements WHERE id IN ({marks(len(asked))})"
            found.update((row[0], row[1:]) for row in self._db.execute(query, asked))
        return [found[id] for id in ids]

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
