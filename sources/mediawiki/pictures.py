"""Files on a wiki: what is asked about them, which are pictures, and where their originals are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sources import html
from sources.mediawiki import terms
from sources.mediawiki.terms import Terms
from sources.mediawiki.trees import objects, text

RASTER = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/x-bmp", "image/x-ms-bmp", "image/tiff"})
"""Kinds that are kept. An SVG would have to be drawn by somebody first, a PDF or a film is many pictures: both are passed over."""
ABOUT = {
    "prop": "categories|imageinfo|info|templates",
    "cllimit": "max",
    "clshow": "!hidden",
    "iiextmetadatafilter": "|".join(terms.READ),
    "iiprop": "extmetadata|mime|size|url",
    "inprop": "url",
    # asked for by name: a file on Commons has dozens, and none of the others tells anything
    "tllimit": "max",
    "tltemplates": "|".join(f"Template:{name}" for name in sorted(terms.TEMPLATES)),
}
"""Parameters of a question about files."""
SCALED = re.compile(r"(/revision/[^/]+)/.+$")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's original: its address, its name without namespace, the address of its page, and its terms."""

    url: str
    name: str
    page: str
    terms: Terms


def picture(page: Mapping[str, Any], name: str, base: str) -> Picture | None:
    """The picture that a file's page (as the API tells of it) is of; None for a file that is missing, hidden, or no picture we keep.

    `name` is the file's, `base` an address on the wiki that relative addresses count from.
    """
    info = next(iter(objects(page.get("imageinfo"))), None)
    url = original(base, text(info.get("url"))) if info else ""
    if info is None or not url or text(info.get("mime")).casefold() not in RASTER:
        return None
    described = html.absolute(base, text(info.get("descriptionurl"))) if text(info.get("descriptionurl")) else None
    templates = [_bare(text(entry.get("title"))) for entry in objects(page.get("templates"))]
    return Picture(url, name, described or "", terms.of(info.get("extmetadata"), templates, categories(page)))


def is_other(page: Mapping[str, Any]) -> bool:
    """Whether the page has a file, of a kind that is not kept."""
    mime = text(next(iter(objects(page.get("imageinfo"))), {}).get("mime")).casefold()
    return bool(mime) and mime not in RASTER


def categories(page: Mapping[str, Any]) -> list[str]:
    """The names of a page's categories, without namespace, each once."""
    return list(dict.fromkeys(name for entry in objects(page.get("categories")) if (name := _bare(text(entry.get("title"))))))


def original(base: str, url: str) -> str:
    """The address of the file as it was uploaded; empty for what is no http address.

    Fandom serves scaled WebP unless `format=original` is in the query (its `cb` names the version and stays). Wikimedia adds where
    a visitor came from (`utm_…`), which says nothing of the file.
    """
    found = html.absolute(base, url) if url.startswith(("http", "/")) else None
    if found is None:
        return ""
    parts = urlsplit(found)
    query = [pair for pair in parts.query.split("&") if pair and not pair.startswith("utm_")]
    path = parts.path
    if (parts.hostname or "").endswith((".nocookie.net", ".wikia.com")):
        path = SCALED.sub(r"\1", path)
        query = [pair for pair in query if not pair.startswith("format=")] + ["format=original"]
    return urlunsplit((parts.scheme, parts.netloc, path, "&".join(query), ""))


def _bare(title: str) -> str:
    """A title without its namespace."""
    return title.partition(":")[2].strip() or title
