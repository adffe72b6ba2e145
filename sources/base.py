"""What a source is, and where the known ones are listed.

A source knows one site (or one kind of site): which pages to visit and how to read them. It knows nothing of HTTP, retries,
politeness or disks, so a test runs it with a dictionary: `list(Mahq().visit(pages.get, settings))`.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Literal

from bs4 import BeautifulSoup
from pydantic import BaseModel, ConfigDict, Field

from sources.encoding import decoded
from sources.soup import parsed, tree

TEXT_CAP = 4000
"""Characters of page text that a sighting keeps: enough evidence for a keyword rule, little enough for a catalog."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a picture was seen.

    `fields` are the site's own labels and values (`series`, `unit_type`, …), lower-case names with underscores. `text` is the
    page's text (cut to `TEXT_CAP` by the catalog). `license` is what the site says of the picture's terms, in its own words or as
    an address; `author` is who made it, `credit` the line that its terms ask for. `fallbacks` are other addresses of the
    picture, best first, for when `image_url` cannot be had; the catalog records the one that gave it.

    An empty `image_url` says: a page about a thing, and no picture on it. Nothing is fetched for it, but it counts in the
    source's `health`.
    """

    page_url: str
    image_url: str
    title: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    license: str = ""
    author: str = ""
    credit: str = ""
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A fetched page: its final URL (after redirects), body and response headers (names in lower case)."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """What the body says, decoded as browsers do (`sources/encoding.py`); without NULs."""
        return decoded(self.body, self.headers.get("content-type", ""))

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The parsed page, as Beautiful Soup."""
        return parsed(self.text)

    @cached_property
    def tree(self) -> Any:
        """The parsed page, as lxml's root element: `page.tree.xpath("//a/@href")`. For sites of many pages, where reading takes long."""
        return tree(self.text)


Get = Callable[[str], Page | None]
"""Fetches a page; None when it cannot be had (the reason is already in the catalog)."""


def announce(get: Get, urls: Iterable[str]) -> None:
    """Say which pages will be asked for next, in that order, so that they can be fetched ahead and the time left is known.

    Only pages that are sure to be asked for. A plain function (a test's dictionary) is told nothing.
    """
    ahead = getattr(get, "ahead", None)
    if ahead is not None:
        ahead(urls)


@dataclass(slots=True)
class Subject:
    """What one page of a crawl gave: how many pictures, and the fields of the thing it is about."""

    pictures: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One number that tells a healthy crawl of a source from one whose parser no longer fits the site.

    `value` computes it from the crawl's pages about things (at least one); below `least` the source has drifted. `reads` says
    which selector or label, in which file, the number hangs on: what to mend. `name` is the key under which a manifest may set
    another `least` (`[scrape.expect]`; 0 turns it off).
    """

    name: str
    about: str
    least: float
    reads: str
    value: Callable[[Sequence[Subject]], float]


def with_picture(subjects: Sequence[Subject]) -> float:
    """The share of pages that show a picture, 0 to 1."""
    return sum(subject.pictures > 0 for subject in subjects) / len(subjects)


def with_field(name: str) -> Callable[[Sequence[Subject]], float]:
    """The share of pages that have a value for the field, 0 to 1."""
    return lambda subjects: sum(bool(subject.fields.get(name)) for subject in subjects) / len(subjects)


def per_value(name: str) -> Callable[[Sequence[Subject]], float]:
    """How many pages there are to each value of the field, such as units to a series."""
    return lambda subjects: len(subjects) / max(1, len({subject.fields.get(name, "") for subject in subjects}))


OptOut = Literal[
    "noai", "noimageai", "noindex", "noimageindex", "noml", "none", "content-usage", "tdm-reservation"
]  # fmt: skip
"""Signals by which a site keeps its work out of datasets: robots directives, AIPREF's preference, the TDM Reservation Protocol."""


class SourceSettings(BaseModel):
    """Keys that every `[[scrape]]` block understands."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str
    limit: int | None = Field(None, ge=1, description="stop after this many pictures")


class WebsiteSettings(SourceSettings):
    """Keys of a block whose source is a website."""

    start: str = Field("", description="the page to begin at; the source's own start page if left out")
    delay: float = Field(1.0, ge=0, le=3600, description="seconds between two requests to one host")
    contact: str = Field("", description="mail or web address put into the User-Agent, so that a site can reach you")
    revisit_days: float = Field(30.0, ge=0, description="ask again for a page older than this many days")
    via: Literal["", "wayback"] = Field("", description="`wayback`: read the captures of a web archive instead of the living site")
    at: str = Field("", pattern=r"^(?:\d{4}(?:\d\d){0,5})?$", description="with via: captures nearest to this time, as in 2015 or 20150321")
    archive: str = Field("https://web.archive.org", description="with via: the archive, if not the Internet Archive's")
    max_pages: int = Field(100_000, ge=1, description="read no more pages than this: a site may have endless ones")
    private: tuple[str, ...] = Field((), description="private hosts that may be asked besides the start's, as in 192.168.1.5:8080")
    override_opt_outs: tuple[OptOut, ...] = Field((), description="opt-outs that are not obeyed; the catalog remembers it")
    override_robots: tuple[str, ...] = Field(
        (), description="paths that are asked for though robots.txt forbids them, as the site's own rules for its API allow"
    )
    expect: dict[str, float] = Field({}, description="other bounds for what a healthy crawl yields; 0 turns one off")


class Source(ABC):
    """Common to all sources: who they are and under what terms they stand."""

    name: ClassVar[str]
    home: ClassVar[str]
    delay: ClassVar[float] = 1.0
    license: ClassVar[str] = ""
    example: ClassVar[str] = ""
    health: ClassVar[tuple[Expectation, ...]] = ()
    Settings: ClassVar[type[SourceSettings]]


class WebsiteSource(Source):
    """A source that reads web pages."""

    Settings: ClassVar[type[SourceSettings]] = WebsiteSettings

    @abstractmethod
    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Walk the site from its start page and yield every picture it shows, in page order."""

    @contextlib.contextmanager
    def serve(self, settings: WebsiteSettings) -> Iterator[str]:
        """Yield the URL to start at. A source that brings its own server (the demo) runs it meanwhile."""
        yield settings.start


class LocalSource(Source):
    """A source that reads files on this machine."""

    @abstractmethod
    def items(self, settings: SourceSettings) -> Iterator[tuple[Path, Sighting]]:
        """Yield each picture file with its sighting, in an order that does not depend on the file system."""


BUILT_IN = {
    "mahq": "sources.mahq:Mahq",
    "folder": "sources.folder:Folder",
    "urls": "sources.urls:Urls",
    "published": "sources.published:Published",
    "demo": "sources.demo:Demo",
    "mediawiki": "sources.mediawiki:MediaWiki",
}


def names() -> list[str]:
    """The names of all known sources, built-in ones first, then those of installed packages."""
    return [*BUILT_IN, *sorted(point.name for point in entry_points(group="pipeline.sources") if point.name not in BUILT_IN)]


def load(name: str) -> Source:
    """The source called `name`. Raises KeyError if there is none."""
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found = getattr(import_module(module), attribute)()
    else:
        matches = entry_points(group="pipeline.sources", name=name)
        if not matches:
            raise KeyError(name)
        found = next(iter(matches)).load()()
    if not isinstance(found, Source):
        raise TypeError(f"source {name!r} is a {type(found).__name__}, not a sources.base.Source")
    return found
