"""From the address that a person gives to the wiki's api.php."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from sources import html
from sources.base import Get
from sources.mediawiki.trees import UNWANTED

FANDOM = re.compile(r"(?:.+\.)?(?:fandom\.com|wikia\.com|wikia\.org)")
WIKIMEDIA = re.compile(
    r"(?:.+\.)?(?:mediawiki|wikibooks|wikidata|wikimedia|wikinews|wikipedia|wikiquote|wikisource|wikiversity|wikivoyage|wiktionary)\.org"
)
LANGUAGE = re.compile(r"/[a-z]{2,3}(?:-[a-z]{2,8})*(?=/|$)")
"""Fandom keeps a wiki's other languages under a path: `/de/wiki/…`, `/pt-br/api.php`."""
GIVE = "give the address of the wiki's api.php, such as https://commons.wikimedia.org/w/api.php or https://gundam.fandom.com/api.php"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a wiki's API is, and the title of the page whose address was given (empty: it was the API's, or none in particular)."""

    api: str
    title: str = ""


def find(get: Get, start: str) -> Start | None:
    """The wiki that `start` is an address of.

    An address that ends in api.php is taken at its word. The API of Fandom's and Wikimedia's wikis is known from a page's address;
    any other wiki's page is fetched and says itself where its API is (`<link rel="EditURI">`). None if that page cannot be had.
    Raises ValueError for what is no address of a wiki.
    """
    url = html.absolute(start, "") if start else None
    if url is None:
        raise ValueError(f"scrape.start: {f'{start!r} is no http or https address' if start else 'it is missing'}; {GIVE}")
    parts = urlsplit(url)
    origin, host = f"{parts.scheme}://{parts.netloc}", parts.hostname or ""
    if parts.path.endswith("/api.php"):
        return Start(origin + parts.path)
    if FANDOM.fullmatch(host):
        language = LANGUAGE.match(parts.path)
        return Start(f"{origin}{language[0] if language else ''}/api.php", _title(url))
    if WIKIMEDIA.fullmatch(host):
        return Start(f"{origin.replace('.m.', '.', 1)}/w/api.php", _title(url))
    page = get(url)
    if page is None:
        return None
    if html.is_html(page):
        for link in page.soup.find_all("link", rel=True, href=True):
            named = "edituri" in html.attribute(link, "rel").casefold().split()
            found = html.absolute(page.url, html.attribute(link, "href")) if named else None
            if found and urlsplit(found).path.endswith("/api.php"):
                return Start(found.partition("?")[0], _title(url))
    raise ValueError(f"scrape.start: {start!r} does not look like a page of a MediaWiki wiki; {GIVE}")


def _title(url: str) -> str:
    """The title in a page's address: what follows `/wiki/`, or `title=`."""
    parts = urlsplit(url)
    _, named, after = parts.path.partition("/wiki/")
    title = unquote(after) if named else next(iter(parse_qs(parts.query).get("title", [])), "")
    return UNWANTED.sub("", title).replace("_", " ").strip()
