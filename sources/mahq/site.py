"""Which addresses belong to the encyclopaedia, and what they are called.

The site has answered to several names (with and without `www.`, http and https) and is kept in mirrors and archives; links
written with any of its own names are read as links into the copy that is being walked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sources.html import absolute

HOME = "https://www.mahq.net"
HOME_HOST = "mahq.net"
OLD = "/mecha/gundam/index.htm"
NEW = "/gundammain/"
OLD_ENTRANCE = re.compile(r"/mecha/gundam(?:/(?:index\.html?)?)?$", re.I)
NEW_ENTRANCE = re.compile(r"/gundammain(?:/(?:index\.\w+)?)?$", re.I)
FRONT = re.compile(r"/(?:index\.\w+)?", re.I)
SECTION = "/mecha/gundam/"
PAGE_SUFFIXES = {"", "htm", "html", "shtml", "xhtml", "php", "asp", "aspx"}
# What a WordPress site keeps beside its pages: files, feeds, the editor's desk, and lists of posts by date, tag or author.
WORDPRESS_SIDE = re.compile(
    r"/(?:wp-[\w.-]+|feed|comments|category|tag|author|cart|shop|search|cgi-bin|xmlrpc\.php)(?:/|$)|/(?:19|20)\d\d/\d\d?(?:/|$)", re.I
)


@dataclass(frozen=True, slots=True)
class Site:
    """A copy of the site: `root` is what its absolute paths stand under, `section` the URL prefix of the old layout's pages."""

    root: str
    section: str
    entrances: tuple[str, ...]

    @classmethod
    def at(cls, start: str) -> Site:
        """The copy that holds `start` (empty: the real site's entrances, the living layout's first).

        A well-known entrance of either layout brings in the other's too.
        Any other start is walked by itself; an old-layout page and what it links to in its own folder. Raises ValueError for what
        is no http URL.
        """
        begin = absolute(start, "") if start else HOME + NEW
        if begin is None:
            raise ValueError(f"scrape.start: {start!r} is not an http or https address; give the site's start page, such as {HOME + OLD}")
        parts = urlsplit(begin)
        origin = f"{parts.scheme}://{parts.netloc}"
        for entrance, other in ((OLD_ENTRANCE, NEW), (NEW_ENTRANCE, OLD)):
            if known := entrance.search(parts.path):
                root = origin + parts.path[: known.start()]
                return cls(root, root + SECTION, (begin, root + other))
        return cls(origin, begin.partition("?")[0].rpartition("/")[0] + "/", (begin,))

    def moved(self, final: str) -> Site:
        """The same copy under the name it answered with: `https://` for `http://`, with or without `www.`."""
        to, root = urlsplit(final), urlsplit(self.root)
        if _bare(to.netloc) != _bare(root.netloc) or (to.scheme, to.netloc) == (root.scheme, root.netloc):
            return self
        old, new = f"{root.scheme}://{root.netloc}", f"{to.scheme}://{to.netloc}"
        return Site(new + self.root[len(old) :], new + self.section[len(old) :], tuple(new + url[len(old) :] for url in self.entrances))

    def url(self, base: str, reference: str) -> str | None:
        """`reference`, found on a page at `base`, as one normal URL; the site's own names become `root`'s. None: not http."""
        found = absolute(base, reference)
        if found is None:
            return None
        parts = urlsplit(found)
        root = urlsplit(self.root)
        tail = parts.path + (f"?{parts.query}" if parts.query else "")
        if _bare(parts.netloc) == _bare(root.netloc):
            found = f"{root.scheme}://{root.netloc}{tail}"
            if not self.owns(found):  # a page of a mirror says `/picts/` and means the site's own
                found = self.root + tail
        elif _bare(parts.netloc) == HOME_HOST:
            found = self.root + tail
        # a static page is the same page whatever is asked of it
        return re.sub(r"(\.html?)\?.*$", r"\1", found, flags=re.I)

    def owns(self, url: str) -> bool:
        """Whether `url` (a normal one) is on this copy of the site."""
        return url.startswith(self.root + "/")

    def old(self, url: str) -> bool:
        """Whether `url` is in the old layout's section."""
        return url.casefold().startswith(self.section.casefold())

    def follows(self, url: str, wide: bool) -> bool:
        """Whether a link to `url` is walked. `wide`: it stands on a page of the new layout, whose pages may be anywhere on the host."""
        if not self.owns(url) or url in self.entrances:
            return False
        path = url[len(self.root) :].partition("?")[0]
        suffix = re.search(r"\.([a-z]{2,5})$", path.rpartition("/")[2], re.I)
        if suffix and suffix[1].casefold() not in PAGE_SUFFIXES:
            return False
        if self.old(url):
            return True
        if not wide or "/mecha/" in path.casefold() or NEW_ENTRANCE.search(path) or FRONT.fullmatch(path):
            return False
        asked = url.partition("?")[2]
        return not WORDPRESS_SIDE.search(path) and (not asked or bool(re.fullmatch(r"(?:p|page_id)=\d+", asked)))

    def folder(self, url: str) -> str:
        """The series an old-layout page stands in: the first folder below the section, else the folder it is in."""
        below = url[len(self.section) :].split("/") if self.old(url) else [""]
        return below[0] if len(below) > 1 else url.rsplit("/", 2)[-2]

    def series(self, url: str, parent: str) -> str:
        """The series of the unit page `url`, found by a link on `parent` (empty: it was the start)."""
        for page in (url, parent):
            if re.search(r"\.html?$", page, re.I):
                return "" if page in self.entrances and page == parent else self.folder(page)
        return "" if parent in self.entrances and NEW_ENTRANCE.search(parent) else urlsplit(parent).path.rstrip("/").rpartition("/")[2]


def _bare(netloc: str) -> str:
    return netloc.casefold().removeprefix("www.")
