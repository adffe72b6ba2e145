"""mahq.net, an encyclopaedia of mecha: both its layouts, as the site serves them and as mirrors and archives keep them.

Old layout: static pages, `/mecha/gundam/index.htm` → `/mecha/gundam/<series>/index.htm` → `/mecha/gundam/<series>/<model>.htm`.
New layout: WordPress, `/gundammain/` → `/<series>/` → `/<model-number>/`.

A page is what it holds: one with a unit's labels is a unit page, any other is an index whose links are walked. So a server may
mix both layouts, and pages may have moved.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from sources import html
from sources.base import (
    Expectation,
    Get,
    Page,
    Sighting,
    WebsiteSettings,
    WebsiteSource,
    announce,
    per_value,
    with_field,
    with_picture,
)
from sources.mahq import pictures, unit
from sources.mahq.site import HOME, OLD, Site

MAX_DEPTH = 3
"""Links from an entrance to the farthest page that is read: index → series → a series' sub-list → unit."""
COMMON = 3
"""A picture on this many index pages is the site's furniture."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page to visit: its URL, the links that lead to it from an entrance, and the page that linked to it first."""

    url: str
    depth: int = 0
    parent: str = ""
    from_unit: bool = False


class Mahq(WebsiteSource):
    """The Gundam section of mahq.net."""

    name = "mahq"
    home = HOME + "/"
    delay = 2.0
    license = "All rights reserved (Original content © Accidental Pilot, Inc.)"
    example = HOME + OLD
    health = (
        Expectation("picture", "share of units with a picture", 0.5, "on_page in sources/mahq/pictures.py", with_picture),
        Expectation(
            "unit_type", "share of units with a unit type", 0.5, "the label `Unit type` in sources/mahq/unit.py", with_field("unit_type")
        ),
        Expectation(
            "model_number",
            "share of units with a model number",
            0.3,
            "the label `Model number` in sources/mahq/unit.py",
            with_field("model_number"),
        ),
        Expectation(
            "per_series", "units per series", 2.0, "the links of index pages, _links in sources/mahq/__init__.py", per_value("series")
        ),
    )

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Walk the site breadth first (so that loops and cross links cost nothing) and yield every unit's pictures.

        With no start, or with either layout's well-known entrance as the start, the other layout's entrance on the same host is
        walked too; any other start is walked by itself. Raises ValueError for a start that is no http address.
        """
        yield from _Walk(get, Site.at(settings.start), self.license).sightings()


class _Walk:
    def __init__(self, get: Get, site: Site, terms: str) -> None:
        self._get = get
        self._site = site
        self._terms = terms
        self._read: set[str] = set()
        self._titles: dict[str, str] = {}
        self._images: Counter[str] = Counter()

    def sightings(self) -> Iterator[Sighting]:
        queue = deque(Link(url) for url in self._site.entrances)
        queued = {link.url for link in queue}
        while queue:
            link = queue.popleft()
            if link.url in self._read:
                continue
            page = self._fetch(link)
            if page is None:
                continue
            if link.depth == 0:
                self._site = self._site.moved(page.url)
            url = self._site.url(page.url, "") or page.url
            if url in self._read or not self._wanted(url, link):
                continue
            self._read.add(url)
            skip = unit.surroundings(page.soup)
            found = unit.read(page.soup, skip)
            if found:
                yield from self._sightings(page, url, link, found, skip)
            else:
                self._remember(page, url, skip)
            targets = [target for target in self._links(page, url, link, found is not None, skip) if target not in queued]
            queued.update(targets)
            queue.extend(Link(target, link.depth + 1, url, found is not None) for target in targets)
            announce(self._get, targets)

    def _fetch(self, link: Link) -> Page | None:
        """The page behind a link; a dead link with capitals is tried once in small letters, as files were renamed that way."""
        page = self._get(link.url)
        if page is None and link.depth:
            path = urlsplit(link.url).path
            lower = link.url.replace(path, path.lower())
            page = self._get(lower) if lower != link.url and lower not in self._read else None
        return page if page is not None and html.is_html(page) else None

    def _wanted(self, url: str, link: Link) -> bool:
        """Whether the page that a link led to, after redirects, is one to read. An entrance may have moved within the host."""
        if link.depth == 0:
            return self._site.owns(url)
        return self._site.follows(url, wide=True)

    def _links(self, page: Page, url: str, link: Link, is_unit: bool, skip: frozenset[int]) -> list[str]:
        """Where to go on from a page. Old unit pages may name variants that no list has; new ones are all in their lists."""
        wide = not self._site.old(url) or is_wordpress(page)
        if link.depth >= MAX_DEPTH or (link.from_unit and not is_unit) or (is_unit and wide):
            return []
        base = html.base_url(page.soup, page.url)

        def targets(without: frozenset[int]) -> list[str]:
            found = [target for written in html.links(page.soup, without) if (target := self._site.url(base, written))]
            return list(dict.fromkeys(target for target in found if self._site.follows(target, wide)))

        # The old section holds nothing else. A host's menus lead everywhere; yet a list that is called "menu" is one if there is no other.
        return (targets(skip) or targets(unit.surroundings(page.soup, by_name=False)) if wide else []) or targets(html.NONE)

    def _remember(self, page: Page, url: str, skip: frozenset[int]) -> None:
        """What an index page teaches: its title, for its units, and the pictures that every page wears."""
        self._titles[url] = unit.title(page.soup, skip)
        self._titles.setdefault(url.rpartition("/")[0], self._titles[url])
        self._images.update(pictures.all_urls(page.soup, page.url, self._site))

    def _sightings(self, page: Page, url: str, link: Link, found: unit.Unit, skip: frozenset[int]) -> Iterator[Sighting]:
        common = {image for image, pages in self._images.items() if pages >= COMMON}
        fields = dict(found.fields)
        series = self._site.series(url, link.parent)
        # an old-layout page's series is its folder's index, whoever linked to it
        listed_on = url.rpartition("/")[0] if url.casefold().endswith((".htm", ".html")) else link.parent
        fields.pop("series", None)
        if series:
            fields["series"] = series
            if listed := self._titles.get(listed_on, ""):
                fields.setdefault("series_title", listed)
        title = unit.title(page.soup, skip) or fields.get("code_name", "") or fields.get("model_number", "")
        terms = unit.license(page.soup, self._terms)
        shown = pictures.on_page(page.soup, page.url, skip, self._site, common)
        if not shown:
            yield Sighting(url, "", title, fields)
        for picture in shown:
            view = {"view": picture.view} if picture.view else {}
            instead = (picture.fallback,) if picture.fallback else ()
            yield Sighting(url, picture.url, title, {**fields, **view}, found.text, terms, fallbacks=instead)


def is_wordpress(page: Page) -> bool:
    """Whether a page was made by WordPress, wherever it stands."""
    return b"/wp-content/" in page.body or b"/wp-includes/" in page.body or bool(page.soup.select_one(".entry-content"))
