"""Asking a wiki's api.php: the address of a question, continuation, and what an answer's errors mean.

As documented under https://www.mediawiki.org/wiki/API:Query, API:Continue and API:Errors_and_warnings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from sources.base import Get, Page
from sources.mediawiki.address import GIVE
from sources.mediawiki.trees import flag, mapping, number, objects, text

ALWAYS = (("action", "query"), ("format", "json"), ("formatversion", "2"), ("maxlag", "5"))
TITLES = 50
"""Titles that a wiki takes at once from anybody."""
TITLES_LENGTH = 5000
"""Characters of encoded titles in an address; common servers refuse addresses longer than 8,000."""
LISTINGS = 2000
"""Answers to one question about a category: a million members."""
PARTS = 200
"""Answers to one question about pages."""
SHOWN = 80
OLDER = "iistart"
"""Continues with a file's older versions, if only one file was asked for. It may also repeat a question whose answer did not fit."""
AGAIN = "; if that has passed, ask again with --set scrape.revisit_days=0"


class Circle(ValueError):
    """A wiki's continuation leads back to where it was, or does not end."""


@dataclass(frozen=True, slots=True)
class Member:
    """A page in a category. `space` is the number of its namespace."""

    title: str
    space: int


@dataclass(slots=True)
class Pages:
    """What is known of pages: properties by title, and the titles that are other names for them."""

    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def of(self, title: str) -> dict[str, Any] | None:
        """The page that was asked for as `title`, by whatever name it came; None if nothing came."""
        for _ in range(10):
            if title in self.found or title not in self.aliases:
                break
            title = self.aliases[title]
        return self.found.get(title)

    def add(self, query: Mapping[str, Any]) -> None:
        """Take over a part of an answer."""
        for table in ("normalized", "converted", "redirects"):
            for entry in objects(query.get(table)):
                source, target = text(entry.get("from")), text(entry.get("to"))
                if source and target and source != target:
                    self.aliases.setdefault(source, target)
        for page in objects(query.get("pages")):
            if title := text(page.get("title")):
                _merge(self.found.setdefault(title, {}), page)


class Api:
    """One wiki's API. `address` is that of its api.php; it follows the first answer if that came from elsewhere.

    Methods raise ValueError, in one line, for an answer that is none of a MediaWiki API, and for an error that the API reports.
    What cannot be fetched is left out.
    """

    def __init__(self, get: Get, address: str) -> None:
        self._get = get
        self.address = address

    def url(self, params: Mapping[str, str]) -> str:
        """The address of a question: always the same for the same parameters."""
        query = [*ALWAYS, *sorted(params.items())]
        return f"{self.address}?{urlencode(query, quote_via=quote, errors='replace')}"

    def ask(self, params: Mapping[str, str]) -> dict[str, Any] | None:
        """The answer to one question; None if it cannot be had."""
        page = self._get(self.url(params))
        if page is None:
            return None
        moved = page.url.partition("?")[0]
        if moved.endswith("/api.php"):
            self.address = moved
        return read(page)

    def rounds(self, params: Mapping[str, str], most: int) -> Iterator[dict[str, Any]]:
        """The answer and all that continue it. Raises Circle when one continues what was asked before, or after `most` of them."""
        asked: set[str] = set()
        carried: dict[str, str] = {}
        while True:
            asked.add(self.url({**params, **carried}))
            answer = self.ask({**params, **carried})
            if answer is None:
                return
            yield answer
            # Each round's values take the place of the last one's, as the documentation asks.
            carried = {text(name): text(value) for name, value in mapping(answer.get("continue")).items() if text(value)}
            if not carried:
                return
            if self.url({**params, **carried}) in asked or len(asked) >= most:
                raise Circle(f"{self.address}: the wiki's answers do not come to an end ({_cut(json.dumps(carried))}){AGAIN}")

    def members(self, category: str, kinds: str) -> Iterator[list[Member]]:
        """A category's members in its own order, in the lots in which they come. `kinds`: of page, subcat, file, joined by `|`."""
        params = {"list": "categorymembers", "cmtitle": category, "cmtype": kinds, "cmprop": "title|type", "cmlimit": "max"}
        for answer in self.rounds(params, LISTINGS):
            listed = objects(mapping(answer.get("query")).get("categorymembers"))
            pairs = [(text(entry.get("title")), number(entry.get("ns"))) for entry in listed]
            yield [Member(title, space) for title, space in pairs if title and space is not None]

    def pages(self, titles: Sequence[str], params: Mapping[str, str]) -> Pages:
        """What the wiki knows of pages (at most `TITLES`), all parts put together; redirects are followed."""
        pages = Pages()
        try:
            for answer in self.rounds(self.asking(titles, params), PARTS):
                pages.add(mapping(answer.get("query")))
                further = {name for name in mapping(answer.get("continue")) if name != "continue"}
                if further == {OLDER} and any(page.get("imageinfo") for page in pages.found.values()):
                    break
        except Circle:
            pass  # what came before is good
        return pages

    @staticmethod
    def asking(titles: Sequence[str], params: Mapping[str, str]) -> dict[str, str]:
        """The parameters of a question about titles."""
        return {**params, "titles": "|".join(titles), "redirects": "1"}


def batches(titles: Sequence[str], most: int = TITLES) -> list[list[str]]:
    """Titles in their order, as many to a batch as one question may hold. What no title can be is left out."""
    found: list[list[str]] = [[]]
    length = 0
    for title in titles:
        size = len(quote(title, errors="replace")) + 3
        if "|" in title or size > TITLES_LENGTH:
            continue
        if len(found[-1]) >= most or length + size > TITLES_LENGTH:
            found.append([])
            length = 0
        found[-1].append(title)
        length += size
    return found if found[-1] else []


def read(page: Page) -> dict[str, Any]:
    """The object that an answer is. Raises ValueError for an error that it reports, and for what is no answer of a MediaWiki API."""
    where = page.url.partition("?")[0]
    try:
        answer = json.loads(page.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        begins = _cut(text(page.body[:400].decode("utf-8", "replace")))
        raise ValueError(f"{where}: no answer of a MediaWiki API (it begins {begins!r}); {GIVE}{AGAIN}")
    errors = [mapping(answer.get("error")), *objects(answer.get("errors"))]
    for error in errors:
        code = text(error.get("code"))
        said = next((said for name in ("info", "text", "html", "*") if (said := text(error.get(name)))), "")
        if code or said:
            raise ValueError(f"{where}: the wiki's API reports an error, {code or 'unknown'}: {_cut(said)}{AGAIN}")
    if answer.get("error") or answer.get("errors"):
        raise ValueError(f"{where}: the wiki's API reports an error that cannot be read{AGAIN}")
    return answer


def is_there(page: Mapping[str, Any]) -> bool:
    """Whether the wiki has the page, or knows it from elsewhere (a file in a shared repository)."""
    return not flag(page, "invalid") and not flag(page, "special") and (not flag(page, "missing") or flag(page, "known"))


def _merge(into: dict[str, Any], part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        old = into.get(name)
        if name == "imageinfo" and old:
            continue  # what comes later are older versions of the file
        if isinstance(old, list) and isinstance(value, list):
            old.extend(value)
        elif isinstance(old, dict) and isinstance(value, dict):
            into[name] = {**old, **value}
        elif name not in into:
            into[name] = list(value) if isinstance(value, list) else value


def _cut(said: str) -> str:
    return " ".join(said.split())[:SHOWN]
