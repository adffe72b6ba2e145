"""From categories and titles to sightings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sources import html
from sources.base import TEXT_CAP, Get, Sighting, announce
from sources.mediawiki import pictures, wikitext
from sources.mediawiki.api import Api, Member, Pages, batches, is_there
from sources.mediawiki.pictures import Picture
from sources.mediawiki.site import ARTICLE, CATEGORY, FILE, Site
from sources.mediawiki.terms import Terms
from sources.mediawiki.trees import mapping, number, objects, text

if TYPE_CHECKING:
    from sources.mediawiki import MediaWikiSettings

ARTICLES = 20
"""Articles asked for at once: their wikitext comes along, and an answer of more than 10 MB would be refused."""
FIRST = 5
"""Pictures in the text that are tried, for an article whose infobox shows none."""
ABOUT = {
    "prop": "categories|info|pageimages|revisions",
    "cllimit": "max",
    "clshow": "!hidden",
    "inprop": "url",
    "pilicense": "any",
    "piprop": "name|original",
    "rvprop": "content",
    "rvslots": "main",
}
"""Parameters of a question about articles."""
KIND = "wiki_page"
"""The field that says what a sighting's page is: article, or file."""
OWN = frozenset({"categories", "category", "file", "file_page", "series", KIND})
"""Fields that are not an infobox's."""

Tiers = list[tuple[Sequence[str], int | None]]
"""Names of an article's pictures: the first list with a picture in it counts, up to its number of pictures (None: all)."""


class Walk:
    """One crawl of one wiki."""

    def __init__(self, get: Get, api: Api, site: Site, settings: MediaWikiSettings) -> None:
        self._get = get
        self._api = api
        self._site = site
        self._settings = settings
        self._seen: set[str] = set()
        self._missing: list[str] = []
        self._depths: dict[str, int] = {}  # of categories that have been read: how many levels below them were, too
        self._files: dict[str, Picture | None] = {}  # by title as asked for

    def sightings(self, categories: Sequence[str], titles: Sequence[str]) -> Iterator[Sighting]:
        """Single pages first, then the categories in their order; a page that is reached twice counts where it was reached first.

        Raises ValueError for a category that the wiki does not have, and for titles of which it has none.
        """
        yield from self._titles(titles)
        nested: list[str] = []
        for asked in categories:
            space, name = self._site.split(asked)
            yield from self._category(name if space == CATEGORY else " ".join(asked.replace("_", " ").split()), nested)
        if nested and not self._seen:
            raise ValueError(f"no pages or files in {', '.join(nested)}, but sub-categories: set scrape.depth to 1 or more to read them")

    def _titles(self, titles: Sequence[str]) -> Iterator[Sighting]:
        spaces = [(self._site.split(title)[0], title) for title in titles]
        for space, title in spaces:
            if space == CATEGORY:
                raise ValueError(f"scrape.pages: {title!r} is a category; name it in scrape.categories")
        # whoever names a page wants it, whatever its namespace
        yield from self._members([Member(title, FILE if space == FILE else ARTICLE) for space, title in spaces], "")
        if self._missing and not self._seen:
            raise ValueError(f"the wiki at {self._api.address} has no page {self._missing[0]!r}; see its title there, change scrape.pages")

    def _category(self, name: str, nested: list[str]) -> Iterator[Sighting]:
        """The members of a category and, down to the depth that is set, of its sub-categories, breadth first.

        A category that holds nothing but sub-categories, though none are to be read, is added to `nested`.
        """
        queue = deque([(name, self._settings.depth)])
        empty = True
        while queue:
            category, depth = queue.popleft()
            if self._depths.get(category, -1) >= depth:  # read before, as deep: categories go in circles, and meet
                empty = False
                continue
            self._depths[category] = depth
            for members in self._api.members(f"Category:{category}", "page|subcat|file" if depth else "page|file"):
                empty = empty and not members
                yield from self._members(members, name)
                if depth:
                    queue += [(self._site.split(member.title)[1], depth - 1) for member in members if member.space == CATEGORY]
        if empty and self._holds_categories(name):
            nested.append(name)

    def _holds_categories(self, name: str) -> bool:
        """Whether a category holds sub-categories and nothing else. Raises ValueError if the wiki does not have it."""
        page = self._api.pages([f"Category:{name}"], {"prop": "categoryinfo"}).of(f"Category:{name}")
        if page is None:
            return False  # the wiki could not be asked
        held = mapping(page.get("categoryinfo"))
        pages, below = any(number(held.get(kind)) for kind in ("pages", "files")), bool(number(held.get("subcats")))
        if not is_there(page) and not pages and not below:
            raise ValueError(f"the wiki at {self._api.address} has no category {name!r}; see its name there, and change scrape.categories")
        return below and not pages

    def _members(self, members: Sequence[Member], asked: str) -> Iterator[Sighting]:
        new = [member for member in members if member.title not in self._seen]
        articles = batches([member.title for member in new if member.space in self._site.content], ARTICLES)
        files = batches([member.title for member in new if member.space == FILE])
        announce(self._get, [self._address(titles, ABOUT) for titles in articles])
        for titles in articles:
            yield from self._articles(titles, asked)
        announce(self._get, [self._address(titles, pictures.ABOUT) for titles in files])
        for titles in files:
            yield from self._file_pages(titles, asked)

    def _address(self, titles: Sequence[str], about: dict[str, str]) -> str:
        return self._api.url(self._api.asking(titles, about))

    def _pages(self, pages: Pages, titles: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """(title, page) for the pages that exist and have not been seen, in the order in which they were asked for."""
        for title in titles:
            page = pages.of(title)
            name = text(page.get("title")) if page else ""
            if page is not None and not is_there(page):
                self._missing.append(title)
            elif page is not None and name not in self._seen:
                self._seen |= {title, name}
                yield name, page

    def _file_pages(self, titles: Sequence[str], asked: str) -> Iterator[Sighting]:
        for title, page in self._pages(self._api.pages(titles, pictures.ABOUT), titles):
            space, name = self._site.split(title)
            if space != FILE or pictures.is_other(page):
                continue
            found = pictures.picture(page, name, self._api.address)
            fields = self._fields(page, asked, "file") | {"file": name}
            said = found.terms if found else Terms()
            yield Sighting(
                self._page_url(page, title, found.page if found else ""),
                found.url if found else "",
                name.rpartition(".")[0] or name,
                fields,
                said.description[:TEXT_CAP],
                said.license,
                said.author,
                said.credit,
            )

    def _articles(self, titles: Sequence[str], asked: str) -> Iterator[Sighting]:
        found = [
            (title, page, self._read(title, page))
            for title, page in self._pages(self._api.pages(titles, ABOUT), titles)
            if self._site.split(title)[0] not in (CATEGORY, FILE)
        ]
        self._ask_pictures([self._tiers(page, article) for _, page, article in found])
        for title, page, article in found:
            own = self._fields(page, asked, "article")
            fields = {**article.fields, **own, "series": article.fields.get("series", "") or own.get("series", "")}
            fields = {name: value for name, value in fields.items() if value}
            url = self._page_url(page, title, "")
            shown = self._shown(page, article)
            for one in shown:
                on_file = {"file": one.name, "file_page": one.page}
                here = {**fields, **{name: value for name, value in on_file.items() if value}}
                yield Sighting(url, one.url, title, here, article.lead, one.terms.license, one.terms.author, one.terms.credit)
            if not shown:
                yield Sighting(url, "", title, fields, article.lead)

    def _read(self, title: str, page: dict[str, Any]) -> wikitext.Article:
        revision = next(iter(objects(page.get("revisions"))), {})
        slot = mapping(mapping(revision.get("slots")).get("main"))
        content = next((said for holder in (slot, revision) for name in ("content", "*") if (said := text(holder.get(name)))), "")
        return wikitext.read(
            content, title, infobox=self._settings.infobox, files=self._site.names(FILE), away=self._site.names(CATEGORY)
        )  # fmt: skip

    def _tiers(self, page: dict[str, Any], article: wikitext.Article) -> Tiers:
        main = [text(page.get("pageimage")).replace("_", " ")] if text(page.get("pageimage")) else []
        if self._settings.pictures == "all":
            return [([*article.shown, *article.others, *main], None)]
        return [(article.shown, None), (main, 1), (article.others[:FIRST], 1)]

    def _shown(self, page: dict[str, Any], article: wikitext.Article) -> list[Picture]:
        """The pictures to take of an article, each once."""
        for tier, most in self._tiers(page, article):
            found = {one.url: one for name in tier if (one := self._files.get(f"File:{name}"))}
            if found:
                return list(found.values())[:most]
        source = pictures.original(self._api.address, text(mapping(page.get("original")).get("source")))
        if source and html.is_picture(source.partition("/revision/")[0]):
            return [Picture(source, "", "", Terms())]
        return []

    def _ask_pictures(self, wanted: Sequence[Tiers]) -> None:
        """Get to know the files of several articles: the first list of each, then the second of those whose first holds no picture, …"""
        for level in range(max(map(len, wanted), default=0)):
            without = [tiers for tiers in wanted if not any(self._files.get(f"File:{name}") for tier, _ in tiers[:level] for name in tier)]
            self._ask_files(list(dict.fromkeys(f"File:{name}" for tiers in without for name in tiers[level][0])))

    def _ask_files(self, titles: Sequence[str]) -> None:
        asked = batches([title for title in titles if title not in self._files])
        announce(self._get, [self._address(batch, pictures.ABOUT) for batch in asked])
        for batch in asked:
            pages = self._api.pages(batch, pictures.ABOUT)
            for title in batch:
                page = pages.of(title)
                name = self._site.split(text(page.get("title")))[1] if page else ""
                self._files[title] = pictures.picture(page, name, self._api.address) if page else None

    def _fields(self, page: dict[str, Any], asked: str, kind: str) -> dict[str, str]:
        found = {"series": asked, "category": asked, "categories": "; ".join(pictures.categories(page)), KIND: kind}
        return {name: value for name, value in found.items() if value}

    def _page_url(self, page: dict[str, Any], title: str, described: str) -> str:
        """The address of a page for people."""
        for name in ("fullurl", "canonicalurl"):
            written = text(page.get(name))
            if found := html.absolute(self._api.address, written) if written else None:
                return found
        index = self._api.address.removesuffix("api.php") + "index.php"
        return described or html.absolute(index, f"?title={title.replace(' ', '_')}") or index
