"""What was finished: stages; and notes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pipeline.catalog.database import Database
from pipeline.catalog.values import as_json


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a finished stage left: see the `stages` table."""

    name: str
    fingerprint: str
    output: str
    summary: dict[str, Any]
    finished_at: float


class Finished(Database):
    """The tables `stages` and `notes`."""

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
                (record.name, record.fingerprint, record.output, as_json(record.summary), record.finished_at),
            )

    def note(self, key: str) -> str | None:
        """A remembered text, such as where the manifest came from."""
        row = self._db.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put_note(self, key: str, value: str) -> None:
        """Remember a text."""
        with self.transaction():
            self._db.execute("REPLACE INTO notes VALUES (?, ?)", (key, value))
