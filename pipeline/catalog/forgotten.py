"""What was taken down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.catalog.database import Database
from pipeline.catalog.values import as_json, marks


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


class Forgotten(Database):
    """The table `forgotten`."""

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
                    f"INSERT INTO forgotten ({', '.join(Tombstone.__slots__)}) VALUES ({marks(len(values))})",
                    [as_json(list(value)) if isinstance(value, (list, tuple)) else value for value in values],
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
