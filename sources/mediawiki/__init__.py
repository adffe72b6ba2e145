"""Any wiki that runs MediaWiki (Wikimedia Commons, Wikipedia, Fandom, …), read through its api.php.

Two kinds of pages are read, side by side: files (on Commons a category is full of them) and articles, whose infobox gives the
fields and names the picture. Raster pictures are taken as they were uploaded; SVG, PDF, sound and film are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from sources.base import Expectation, Get, Sighting, SourceSettings, Subject, WebsiteSettings, WebsiteSource, with_picture
from sources.mediawiki import address
from sources.mediawiki.api import Api
from sources.mediawiki.site import CATEGORY, Site
from sources.mediawiki.walk import KIND, OWN, Walk

NO_TITLE = "#<>[]{}|"
"""What a MediaWiki title cannot hold (https://www.mediawiki.org/wiki/Manual:Page_title)."""


class MediaWikiSettings(WebsiteSettings):
    """Keys of a `[[scrape]]` block with source = "mediawiki"."""

    start: str = Field("", description="the address of the wiki's api.php, or of one of its pages; a page alone is read by itself")
    categories: tuple[str, ...] = Field((), description="categories whose pages and files are read, with or without `Category:`")
    depth: int = Field(0, ge=0, le=20, description="how many levels of sub-categories are read too")
    pages: tuple[str, ...] = Field((), description="titles of single pages or files to read")
    pictures: Literal["lead", "all"] = Field(
        "lead", description="of an article: those in its infobox (else its main picture, else the first in its text), or all in its text"
    )
    infobox: str = Field("", description="the name of the infobox template; found by name and size if left out")

    @field_validator("categories", "pages", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A single title needs no list."""
        return [value] if isinstance(value, str) else value

    @field_validator("categories", "pages")
    @classmethod
    def _titles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for title in value:
            if not title.strip(" _:") or not title.isprintable() or set(title) & set(NO_TITLE) or len(title.encode()) > 300:
                raise ValueError(f"{title!r} cannot be a title on a wiki")
        return value

    @field_validator("via")
    @classmethod
    def _living(cls, value: str) -> str:
        if value:
            raise ValueError("web archives do not keep the answers of a wiki's API; leave `via` out")
        return value


def with_infobox(subjects: Sequence[Subject]) -> float:
    """The share of articles that have fields of an infobox, 0 to 1; 1 if there are no articles."""
    articles = [subject for subject in subjects if subject.fields.get(KIND) == "article"]
    return sum(bool(set(article.fields) - OWN) for article in articles) / len(articles) if articles else 1.0


class MediaWiki(WebsiteSource):
    """A wiki that runs MediaWiki."""

    name = "mediawiki"
    home = "https://www.mediawiki.org/wiki/API:Main_page"
    delay = 1.0
    license = "As the wiki states it, recorded for each picture; where nothing is recorded: images: terms not stated by the wiki"
    example = "https://commons.wikimedia.org/w/api.php"
    health = (
        Expectation(
            "with_picture",
            "share of pages with a picture",
            0.3,
            "imageinfo and the names of files, sources/mediawiki/pictures.py and wikitext.py",
            with_picture,
        ),
        Expectation(
            "with_infobox", "share of articles with an infobox", 0.3, "the infobox template, sources/mediawiki/wikitext.py", with_infobox
        ),
    )
    Settings: ClassVar[type[SourceSettings]] = MediaWikiSettings

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Yield the pictures of the pages and categories that are set; an article without a picture yields a sighting without one.

        If neither is set, the page (or category) that `start` is the address of is read. A page is read once, a picture once for
        each page that shows it; the order is that of the settings and, within a category, the wiki's. Raises ValueError, in one
        line, for a start that leads to no wiki, nothing to read, a category that does not exist, and whatever error the API reports.
        """
        if not isinstance(settings, MediaWikiSettings):
            raise TypeError(f"the mediawiki source needs MediaWikiSettings, not {type(settings).__name__}")
        start = address.find(get, settings.start)
        if start is None:
            return
        categories, pages = list(settings.categories), list(settings.pages)
        if not categories and not pages and not start.title:
            raise ValueError('nothing to read is named: set scrape.categories = ["…"] or scrape.pages = ["…"]')
        api = Api(get, start.api)
        site = Site.ask(api)
        if site is None:
            return
        if not categories and not pages:
            (categories if site.split(start.title)[0] == CATEGORY else pages).append(start.title)
        yield from Walk(get, api, site, settings).sightings(categories, pages)
