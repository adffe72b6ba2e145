"""What was seen: items and their sightings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.catalog.database import Database
from pipeline.catalog.values import as_json, marks, parsed
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import pandas as pd

SIGHTING_COLUMNS = ("page_url", "image_url", "title", "fields", "text", "license", "author", "credit")
"""What a source says of a picture; the sightings table adds id, source and seen_at."""


class Seen(Database):
    """The tables `items` and `sightings`."""

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
        row = [as_json(sighting[name]) if name == "fields" else sighting[name] for name in SIGHTING_COLUMNS]
        with self.transaction():
            self._db.execute(
                f"REPLACE INTO sightings (id, source, seen_at, {', '.join(SIGHTING_COLUMNS)}) VALUES ({marks(len(row) + 3)})",
                (id, source, seen_at, *row),
            )

    def known_source(self, source: str) -> bool:
        """Whether there are sightings of the source."""
        return self._db.execute("SELECT 1 FROM sightings WHERE source = ? LIMIT 1", (source,)).fetchone() is not None

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
            frame["fields"] = parsed(frame["fields"])
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
