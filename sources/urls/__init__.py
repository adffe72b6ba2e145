"""A list of pictures' addresses that you have: a CSV, JSON lines or Parquet file with one row per picture.

Nothing is crawled. The pictures of the list are fetched in its order, from wherever they are, under the same rules as any other
site's: robots.txt, pauses, refused addresses, and a line in the report for each that cannot be had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, field_validator

from sources import html
from sources.base import Get, Sighting, SourceSettings, WebsiteSettings, WebsiteSource
from sources.urls import rows
from sources.urls.columns import ALL, USUAL, Chosen, choose, problem

MANY = 10_000
"""Names of columns that are remembered, where each row has its own, for the error about one that no row has."""
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)


class UrlsSettings(WebsiteSettings):
    """Keys of a `[[scrape]]` block that reads a list."""

    path: Path = Field(description="the list: .csv, .tsv, .jsonl (these also with .gz behind) or .parquet, one picture to a row")
    columns: dict[str, str] = Field(
        {}, description=f"which column gives what: {', '.join(USUAL)}; any other name becomes a field. Usual names are found"
    )
    fields: tuple[str, ...] = Field((ALL,), description="further columns to keep as fields; * means all")

    @field_validator("columns")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        for name, column in value.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"{name!r} cannot name a field; use small letters, digits and _, as in unit_type")
            if not column.strip():
                raise ValueError(f"{name}: give the name of a column of the list")
        return value


class Urls(WebsiteSource):
    """Pictures whose addresses stand in a file."""

    name = "urls"
    home = "a list of yours"
    license = "whatever the list says of each picture"
    example = "/home/you/pictures.csv"
    Settings: ClassVar[type[SourceSettings]] = UrlsSettings

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Yield every row with an address, in the list's order; `get` is not called.

        An address is passed on as the list has it, so that one that cannot be fetched is refused, and recorded, by the fetcher;
        one without a scheme is completed by the page's. A row without a page has the picture's address for it. Raises
        FileNotFoundError for a missing list, and ValueError, with the file and the line, for one that cannot be read.
        """
        assert isinstance(settings, UrlsSettings)
        path = settings.path.expanduser()
        wanted = settings.columns, settings.fields
        seen: dict[str, None] = {}

        @lru_cache(256)
        def chosen(names: tuple[str, ...]) -> Chosen:
            if len(seen) < MANY:
                seen.update(dict.fromkeys(names))
            return choose(names, *wanted)

        with rows.opened(path) as table:
            if table.names and (said := problem(table.names, *wanted)):
                raise ValueError(f"{path}: {said}")
            for row in table.rows:
                if sighting := _sighting(chosen(tuple(table.names or row)), row):
                    yield sighting
        if not table.names and len(seen) < MANY and (said := problem(tuple(seen), *wanted)):
            raise ValueError(f"{path}: {said}")


def _sighting(chosen: Chosen, row: Mapping[str, Any]) -> Sighting | None:
    image, page = chosen.address("image", row), chosen.address("page", row)
    if not image:
        return None
    if page and not SCHEME.match(image):
        image = html.absolute(page, image) or image
    return Sighting(
        page_url=page or image,
        image_url=image,
        title=chosen.part("title", row),
        fields=chosen.kept(row),
        text=chosen.part("text", row),
        license=chosen.part("license", row),
        author=chosen.part("author", row),
        credit=chosen.part("credit", row),
    )
