"""What was fetched: the remembered answers, and how crawls went."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.catalog.database import Database
from pipeline.catalog.values import as_json, marks

if TYPE_CHECKING:
    import pandas as pd


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


class Fetched(Database):
    """The tables `responses` and `crawls`."""

    def response(self, url: str, kind: str) -> Response | None:
        """What is remembered of `url`, asked for as a page or as an image."""
        row = self._reader.execute(f"SELECT {_columns(Response)} FROM responses WHERE url = ? AND kind = ?", (url, kind)).fetchone()
        return _response(row) if row else None

    def responses(self) -> Iterator[Response]:
        """All that is remembered, in order of URL and kind."""
        for row in self._db.execute(f"SELECT {_columns(Response)} FROM responses ORDER BY url, kind"):
            yield _response(row)

    def put_responses(self, responses: Iterable[Response]) -> None:
        """Remember answers; each replaces the earlier one to the same URL and kind."""
        rows = [
            [as_json(value) if isinstance(value := getattr(one, name), (Mapping, list, tuple)) else value for name in Response.__slots__]
            for one in responses
        ]
        with self.transaction():
            self._db.executemany(f"REPLACE INTO responses ({_columns(Response)}) VALUES ({marks(len(Response.__slots__))})", rows)

    def forget_files(self) -> None:
        """Drop the failures of files on this machine; a folder is read anew each time."""
        with self.transaction():
            self._db.execute("DELETE FROM responses WHERE url GLOB 'file:*'")

    def page_digests(self) -> list[str]:
        """Digests of all remembered page bodies, sorted."""
        return [
            row[0]
            for row in self._db.execute("SELECT DISTINCT sha256 FROM responses WHERE kind = 'page' AND sha256 IS NOT NULL ORDER BY 1")
        ]

    def failures(self) -> pd.DataFrame:
        """Responses that gave nothing usable: url, kind, status, error, detail; in url order."""
        return self._frame("SELECT url, kind, status, error, detail FROM responses WHERE error IS NOT NULL ORDER BY url")

    def crawl(self, source: str, start: str) -> tuple[int, int] | None:
        """The last healthy crawl of a block: how many pages about things and pictures it gave."""
        row = self._db.execute("SELECT subjects, pictures FROM crawls WHERE source = ? AND start = ?", (source, start)).fetchone()
        return (int(row[0]), int(row[1])) if row else None

    def put_crawl(self, source: str, start: str, subjects: int, pictures: int, health: Mapping[str, float], finished_at: float) -> None:
        """Remember a healthy crawl of a block."""
        with self.transaction():
            self._db.execute(
                "REPLACE INTO crawls VALUES (?, ?, ?, ?, ?, ?)", (source, start, subjects, pictures, as_json(health), finished_at)
            )


def _response(row: Sequence[Any]) -> Response:
    values = dict(zip(Response.__slots__, row, strict=True))
    return Response(**{**values, "headers": json.loads(values["headers"]), "opt_outs": json.loads(values["opt_outs"])})


def _columns(record: type[Response]) -> str:
    return ", ".join(record.__slots__)
