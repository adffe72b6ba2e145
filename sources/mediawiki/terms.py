"""On what terms a wiki has a picture: its licence, its author and the credit that is asked for.

Where a wiki runs CommonsMetadata, `extmetadata` says it (https://www.mediawiki.org/wiki/Extension:CommonsMetadata); elsewhere the
licence template on the file's page does (Fandom's: https://community.fandom.com/wiki/Help:File_copyright_tags).
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

from sources import html
from sources.mediawiki.trees import mapping, text

READ = ("Artist", "Attribution", "Copyrighted", "Credit", "ImageDescription", "License", "LicenseShortName", "LicenseUrl", "UsageTerms")
"""The entries of extmetadata that are asked for."""
LONGEST = 20_000
"""Characters of an entry that are read."""
PUBLIC = "Public domain"
TEMPLATES = {
    "CC-BY-SA": "CC BY-SA 3.0",
    "Cc-by": "CC BY",
    "Cc-by-2.0": "CC BY 2.0",
    "Cc-by-3.0": "CC BY 3.0",
    "Cc-by-4.0": "CC BY 4.0",
    "Cc-by-sa": "CC BY-SA",
    "Cc-by-sa-2.0": "CC BY-SA 2.0",
    "Cc-by-sa-2.5": "CC BY-SA 2.5",
    "Cc-by-sa-3.0": "CC BY-SA 3.0",
    "Cc-by-sa-4.0": "CC BY-SA 4.0",
    "Cc-zero": "CC0",
    "CC0": "CC0",
    "Copyright by Wikia": "Copyright by Wikia",
    "Fair use": "Fair use",
    "Fairuse": "Fair use",
    "From Wikimedia": "Free licence, as on Wikimedia Commons",
    "GFDL": "GFDL",
    "GPL": "GPL",
    "LGPL": "LGPL",
    "MIT": "MIT",
    "Other free": "Free licence, not named",
    "PD": PUBLIC,
    "Permission": "Used by permission of the owner",
    "Public domain": PUBLIC,
    "Self": "Free licence of the uploader, not named",
}
"""Licence templates, and what they say of a file."""
CATEGORIES = (
    (re.compile(r"\bfair[ -]?use\b|\bnon-?free\b|\bcopyrighted\b", re.I), "Fair use"),
    (re.compile(r"\bpublic[ -]domain\b|\b(?-i:PD)\b", re.I), PUBLIC),
    (re.compile(r"\bCC[ -]BY[ -]SA\b", re.I), "CC BY-SA"),
    (re.compile(r"\bCC[ -]BY\b(?![ -](?:NC|ND))", re.I), "CC BY"),
    (re.compile(r"\bCC[ -]?(?:0|zero)\b", re.I), "CC0"),
)
"""What a file's categories give away, where neither metadata nor templates say anything."""
HIDDEN = re.compile(r"display\s*:\s*none", re.I)


@dataclass(frozen=True, slots=True)
class Terms:
    """In the wiki's own words, as plain text; empty where it says nothing."""

    license: str = ""
    author: str = ""
    credit: str = ""
    description: str = ""


def of(metadata: Any, templates: Iterable[str], categories: Iterable[str]) -> Terms:
    """The terms of a file: its extmetadata (a JSON object, or nothing), the names of its page's templates and of its categories."""
    entries = mapping(metadata)
    said = {name: _entry(entries, name) for name in READ}
    named = said["LicenseShortName"] or said["UsageTerms"] or said["License"]
    if not named and said["Copyrighted"].casefold() == "false":
        named = PUBLIC
    found = dict.fromkeys(TEMPLATES[name] for name in templates if name in TEMPLATES)
    listed = (words for category in categories for pattern, words in CATEGORIES if pattern.search(category))
    license = _with_url(named, said["LicenseUrl"]) or "; ".join(found) or next(listed, "")
    return Terms(license, said["Artist"], said["Attribution"] or said["Credit"], said["ImageDescription"])


def plain(markup: str) -> str:
    """HTML as one line of plain text; what a browser would not show is left out."""
    written = text(markup[:LONGEST])
    if "<" not in written:
        return text(html.squeeze(entities.unescape(written)))
    soup = BeautifulSoup(written, "lxml")
    unseen = frozenset(id(tag) for tag in soup.find_all(style=True) if HIDDEN.search(html.attribute(tag, "style")))
    return text(html.text(soup, unseen))


def _entry(entries: Mapping[str, Any], name: str) -> str:
    value = mapping(entries.get(name)).get("value")
    return str(value) if isinstance(value, bool) else plain(text(value))


def _with_url(license: str, url: str) -> str:
    address = html.absolute("https://commons.wikimedia.org/", url) if url else None
    return f"{license} ({address})" if license and address else license or address or ""
