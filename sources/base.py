"""What a source is, and where the known ones are listed.

A source knows one site (or one kind of site): which pages to visit and how to read them. It knows nothing of HTTP, retries,
politeness or disks, so a test runs it with a dictionary: `list(Mahq().visit(pages.get, settings))`.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import ClassVar

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from pydantic import BaseModel, ConfigDict, Field

TEXT_CAP = 4000
"""Characters of page text that a sighting keeps: enough evidence for a keyword rule, little enough for a catalog."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a picture was seen.

    `fields` are the site's own labels and values (`series`, `unit_type`, …), lower-case names with underscores. `text` is the
    page's text (cut to `TEXT_CAP` by the catalog). `license` is what the site says of the picture's terms. `fallbacks` are other
    addresses of the picture, best first, for when `image_url` cannot be had; the catalog records the one that gave it.
    """

    page_url: str
    image_url: str
    title: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    license: str = ""
    credit: str = ""
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A fetched page: its final URL (after redirects), body and response headers (names in lower case)."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The parsed page. Its encoding: the HTTP charset, else the page's own word, else UTF-8, else Windows-1252 as in browsers."""
        _, _, charset = self.headers.get("content-type", "").partition("charset=")
        encoding = charset.split(";")[0].strip("\"' ") or self._undeclared()
        try:
            return BeautifulSoup(self.body, "lxml", from_encoding=encoding)
        except LookupError:  # a charset nobody knows
            return BeautifulSoup(self.body, "lxml")

    def _undeclared(self) -> str | None:
        """What to read a page by that declares nothing; None for one that does. (bs4's guess takes `ñ` in Latin-1 for `ń` in Latin-2.)"""
        stripped, bom = EncodingDetector.strip_byte_order_mark(self.body)
        if bom or EncodingDetector.find_declared_encoding(stripped, is_html=True):
            return None
        try:
            self.body.decode("utf-8")
        except UnicodeDecodeError:
            return "windows-1252"
        return "utf-8"


Get = Callable[[str], Page | None]
"""Fetches a page; None when it cannot be had (the reason is already in the catalog)."""


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


class Source(ABC):
    """Common to all sources: who they are and under what terms they stand."""

    name: ClassVar[str]
    home: ClassVar[str]
    delay: ClassVar[float] = 1.0
    license: ClassVar[str] = ""
    example: ClassVar[str] = ""
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
    "demo": "sources.demo:Demo",
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
