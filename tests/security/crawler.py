"""The source that the attacks are made on: it follows every link and yields every picture, as a careless author would write it.

Copied into a folder on PYTHONPATH beside an entry point, so that the program finds it as it finds any installed package's.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from sources import html
from sources.base import Get, Page, Sighting, SourceSettings, WebsiteSettings, WebsiteSource


class Settings(WebsiteSettings):
    """Keys of its `[[scrape]]` block."""

    pages: int = Field(1_000_000, description="so many pages are asked for; by default as good as all there are")


class Everything(WebsiteSource):
    """Any site, whole."""

    name = "everything"
    home = "http://127.0.0.1/"
    delay = 0.0
    Settings: ClassVar[type[SourceSettings]] = Settings

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Breadth first, every page once."""
        assert isinstance(settings, Settings)
        queue, queued = deque([settings.start]), {settings.start}
        left = settings.pages
        while queue and left:
            left -= 1
            page = get(queue.popleft())
            if page is None:
                continue
            if "json" in page.headers.get("content-type", ""):
                yield from (Sighting(page.url, **entry) for entry in json.loads(page.body))
                continue
            base = html.base_url(page.soup, page.url)
            yield from self._pictures(page, base)
            for written in html.links(page.soup):
                target = _target(base, written)
                if target and target not in queued:
                    queued.add(target)
                    queue.append(target)

    def _pictures(self, page: Page, base: str) -> Iterator[Sighting]:
        title = page.soup.title.get_text() if page.soup.title else ""
        words = html.text(page.soup)
        for img in page.soup.find_all("img"):
            written = html.image_sources(img)
            if written:
                fields = {"caption": html.attribute(img, "title")}
                yield Sighting(page.url, _target(base, written[0]), html.attribute(img, "alt") or title, fields, words)


def _target(base: str, written: str) -> str:
    """A reference made absolute; one with a scheme of its own is passed on as it stands, for the fetcher to judge."""
    return written if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", written) else html.absolute(base, written) or written
