"""The sources that read `artsite`: one with lxml, as the peer's does, and one with Beautiful Soup."""

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
        root = page.tree
        facts = {row.findtext("th"): row.findtext("td") for row in root.iterfind(".//table[@class='facts']//tr")}
        for image in root.iterfind(".//figure[@class='picture']//img"):
            yield Sighting(
                page_url=page.url,
                image_url=urljoin(page.url, image.get("src")),
                title=root.findtext(".//h1[@class='title']", ""),
                fields={name.lower().replace(" ", "_"): value for name, value in facts.items() if name and value},
                text=" ".join("".join(paragraph.itertext()) for paragraph in root.iterfind(".//main/p")),
                license=self.license,
            )


class ArtSoup(ArtSite):
    """The same with Beautiful Soup, as the built-in sources read."""

    name = "artsoup"

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
    return [urljoin(page.url, link.get("href")) for link in page.tree.iterfind(".//a[@class='entry-link']")]
