"""A web archive in place of the living web: a source reads captures and does not notice.

For the Internet Archive's Wayback Machine and archives with the same two services: an index of captures (`/cdx/search/cdx`) and
captures as they were, without the archive's additions (`/web/<time>id_/<url>`). Archives that run pywb (arquivo.pt and others)
have another index, with other fields and no resume keys; they are not read.

Only captures of a page or picture itself (status 200) count: what had moved is found under its new address, not its old one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sources import html
from sources.base import Get, Page, Sighting, WebsiteSettings, announce
from sources.wayback import address
from sources.wayback.index import Capture, Index


class Archive:
    """What a source's `visit` gets as `get` in place of the fetcher's: pages as the archive holds them, under their own addresses.

    `settings.archive` is the archive's address, `settings.at` the time that captures shall be near to (empty: the newest).
    `absent` is told the URL of every page and picture that was never captured: nobody else hears of these, as they are not fetched.
    Raises ValueError for an archive that is no http address, and, from any method that may ask, for one that does not answer. For
    one thread at a time.
    """

    def __init__(self, get: Get, settings: WebsiteSettings, absent: Callable[[str], None] = lambda url: None) -> None:
        root = html.absolute(settings.archive, "")
        if root is None:
            raise ValueError(f"scrape.archive: {settings.archive!r} is no http or https address; give one such as https://web.archive.org")
        self._get = get
        self._absent = absent
        self._root = root.partition("?")[0].rstrip("/").removesuffix("/web")
        self._index = Index(get, self._root, settings.at)
        self._served: dict[str, Capture] = {}

    def __call__(self, url: str) -> Page | None:
        """The best capture of a page; None where there is none, or it cannot be had.

        `url` may be the address of a capture itself: pages saved from an archive link to such. The page's own URL is the one that
        was captured, under the scheme and host that were asked for (`address.as_asked`).
        """
        _, asked = address.unwrapped(url)
        capture = self._index.find(asked)
        if capture is None:
            self._absent(asked)
            return None
        page = self._get(self._raw(capture))
        if page is None:
            return None
        timestamp, original = address.unwrapped(page.url)
        if not timestamp:  # a redirect has led out of the archive
            self._absent(asked)
            return None
        found = address.as_asked(original, asked)
        self._served[address.key(found)] = Capture(timestamp, original)
        return Page(found, page.body, page.headers)

    def ahead(self, urls: Iterable[str]) -> None:
        """Pass on which pages will be asked for next, those whose captures are known without a question."""
        known = (self._index.known(address.unwrapped(url)[1]) for url in urls)
        announce(self._get, [self._raw(capture) for capture in known if capture])

    def sighting(self, sighting: Sighting) -> Sighting | None:
        """The same picture in the archive: `image_url` and `fallbacks` are raw captures, `page_url` is the capture for people.

        Fields are added: `original_url`, the picture's own address, and `captured`, its date (`YYYY-MM-DD`). None when no address
        of the picture was captured. A sighting without a picture keeps none.
        """
        if not sighting.image_url:
            return replace(sighting, page_url=self._for_people(sighting.page_url, ""), fallbacks=())
        urls = [address.unwrapped(url)[1] for url in (sighting.image_url, *sighting.fallbacks)]
        found = [capture for url in urls if (capture := self._index.find(url))]
        if not found:
            self._absent(urls[0])
            return None
        first, *others = dict.fromkeys(found)
        fields: Mapping[str, str] = {**sighting.fields, "original_url": first.original, "captured": _date(first.timestamp)}
        return replace(
            sighting,
            page_url=self._for_people(sighting.page_url, first.timestamp),
            image_url=self._raw(first),
            fallbacks=tuple(self._raw(capture) for capture in others),
            fields=fields,
        )

    def _raw(self, capture: Capture) -> str:
        return f"{self._root}/web/{capture.timestamp}id_/{capture.original}"

    def _for_people(self, url: str, timestamp: str) -> str:
        """Where a person sees the page: the capture that was read, else the one nearest to `timestamp`, which the archive finds."""
        _, url = address.unwrapped(url)
        key = address.key(url)
        read = self._served.get(key) or self._index.known(url) or (Capture(timestamp, url) if key and timestamp else None)
        return f"{self._root}/web/{read.timestamp}/{read.original}" if read else url


def _date(timestamp: str) -> str:
    """The day of a 14-digit timestamp; some captures have a month or day 00."""
    return f"{timestamp[:4]}-{max(timestamp[4:6], '01')}-{max(timestamp[6:8], '01')}"
