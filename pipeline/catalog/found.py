"""What a crawl found, put at once or kept apart until the crawl is known to be sound."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.catalog.forgotten import Forgotten
from pipeline.catalog.seen import Seen
from pipeline.catalog.values import as_json, marks


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


class Found(Seen, Forgotten):
    """Into `items` and `sightings`, by way of the table `staged`."""

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
                f"REPLACE INTO staged VALUES ({marks(10)})",
                [
                    (
                        *(key, one.source, one.id, one.sighting["page_url"], one.sighting["image_url"], as_json(dict(one.sighting))),
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
