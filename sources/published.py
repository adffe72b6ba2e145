"""A folder that `pipeline publish` wrote: where the pictures of somebody's dataset stand on the web, what they are called, and under
which terms. Its form is described in docs/publish.md; `pipeline/share/folder.py` writes it.

Nothing is crawled: each picture is asked for under its own address, by the same rules as any other site's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from sources.base import Get, Sighting, WebsiteSettings, WebsiteSource
from sources.urls import rows

FORMS = (".csv", ".parquet")
"""The forms a table may have, by the end of its name."""

_GUARDED = re.compile(r"(^\s*|[;\t]\s*\"?\s*)'('*[=+@\uff1d\uff0b\uff0d\uff20-])")


class PublishedSettings(WebsiteSettings):
    """Keys of a `[[scrape]]` block that reads a published folder."""

    path: Path = Field(description="the folder")
    kept: bool = Field(False, description="only the pictures that its publisher kept")


class Published(WebsiteSource):
    """Pictures that somebody published the addresses of."""

    name = "published"
    home = "a published folder"
    license = "what the folder says of each picture"
    example = "/home/you/mahq-published"
    Settings: ClassVar[type[WebsiteSettings]] = PublishedSettings

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Yield every sighting with an address, in the folder's order; `get` is not called.

        Raises FileNotFoundError for a missing table, ValueError (file and line) for one that cannot be read.
        """
        assert isinstance(settings, PublishedSettings)
        folder = settings.path.expanduser()
        wanted = {str(row.get("id")) for row in read(folder, "items") if row.get("decision") == "keep"} if settings.kept else None
        for row in read(folder, "sightings"):
            if row.get("image_url") and (wanted is None or row.get("id") in wanted):
                yield sighting(row)


def sighting(row: Mapping[str, Any]) -> Sighting:
    """A row of the table of sightings."""
    page, image, title, text, terms, author, credit = (
        str(row.get(name) or "") for name in ("page_url", "image_url", "title", "text", "license", "author", "credit")
    )
    return Sighting(page or image, image, title, _fields(row.get("fields")), text, terms, author, credit)


def read(folder: Path, table: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a table, texts as they were before they were put into a spreadsheet's form."""
    path = next((place for end in FORMS if (place := folder / f"{table}{end}").is_file()), folder / f"{table}{FORMS[0]}")
    with rows.opened(path) as opened:
        if path.suffix == FORMS[0]:
            yield from ({name: plain(value) for name, value in row.items()} for row in opened.rows)
        else:
            yield from opened.rows


def plain(cell: Any) -> Any:
    """A cell without the apostrophes that keep a spreadsheet from running it."""
    return _GUARDED.sub(r"\1\2", cell) if isinstance(cell, str) and "'" in cell else cell


def _fields(text: Any) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
