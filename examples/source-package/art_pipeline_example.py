"""Galleries of `<figure><a href="full.jpg"><img src="thumb.jpg"></a><figcaption>…</figcaption></figure>`, over one or more pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from sources import html
from sources.base import Expectation, Get, Sighting, SourceSettings, WebsiteSettings, WebsiteSource, announce, with_field


class GallerySettings(WebsiteSettings):
    """The keys that every website has, and one of our own."""

    pages: int = Field(10, ge=1, description="how many pages of the gallery to read, from the start on")


class Gallery(WebsiteSource):
    """Any gallery of figures."""

    name = "gallery"
    home = "any gallery of figures"
    delay = 2.0
    license = "as the gallery says"
    example = "https://example.org/gallery/"
    Settings: ClassVar[type[SourceSettings]] = GallerySettings
    health = (Expectation("captions", "figures with a caption", 0.5, "figcaption, in art_pipeline_example.py", with_field("caption")),)

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Yield the pictures of one page after another, as `rel=next` links them. Raises ValueError without a start."""
        assert isinstance(settings, GallerySettings)
        if not settings.start:
            raise ValueError("scrape.start: give the gallery's first page, such as https://example.org/gallery/")
        url, read = settings.start, set[str]()
        while url and url not in read and len(read) < settings.pages:
            read.add(url)
            page = get(url)
            if page is None:
                return  # the catalog knows why
            base = html.base_url(page.soup, page.url)
            further = page.soup.select_one('a[rel~="next"][href]')
            url = (html.absolute(base, html.attribute(further, "href")) or "") if further else ""
            if url and url not in read and len(read) < settings.pages:
                announce(get, [url])  # it will be asked for: it may be fetched while our pictures are
            for figure in page.soup.find_all("figure"):
                caption = figure.find("figcaption")
                title = html.text(caption) if caption else ""
                links = [html.attribute(link, "href") for link in figure.find_all("a")]
                written = [*filter(html.is_picture, links), html.attribute(figure.find("img"), "src")]
                full, *smaller = [found for part in written if part and (found := html.absolute(base, part))] or [""]
                yield Sighting(page.url, full, title, {"caption": title}, license=self.license, fallbacks=tuple(smaller))
