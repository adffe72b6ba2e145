"""The source that reads `artsite`, written as the author of any source would."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from sources.base import Get, Page, Sighting, WebsiteSettings, WebsiteSource, announce


class ArtSite(WebsiteSource):
    """Start page → lists → units → pictures."""

    name = "artsite"
    home = "http://127.0.0.1/"
    delay = 0.0
    license = "CC BY 4.0"
    example = home

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Walk the lists in order, and the units of each in order."""
        start = get(settings.start)
        lists = _links(start) if start else []
        announce(get, lists)
        for address in lists:
            page = get(address)
            units = _links(page) if page else []
            announce(get, units)
            for unit in units:
                shown = get(unit)
                if shown:
                    yield from self._pictures(shown)

    def _pictures(self, page: Page) -> Iterator[Sighting]:
        soup = page.soup
        title = soup.select_one("h1.title")
        facts = {row.th.get_text(): row.td.get_text() for row in soup.select("table.facts tr") if row.th and row.td}
        text = " ".join(paragraph.get_text() for paragraph in soup.select("main > p"))
        for image in soup.select("figure.picture img"):
            yield Sighting(
                page_url=page.url,
                image_url=urljoin(page.url, str(image["src"])),
                title=title.get_text() if title else "",
                fields={name.lower().replace(" ", "_"): value for name, value in facts.items()},
                text=text,
                license=self.license,
            )


def _links(page: Page) -> list[str]:
    return [urljoin(page.url, str(link["href"])) for link in page.soup.select("a.entry-link")]
