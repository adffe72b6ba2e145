"""What a site says of a picture's terms, as an SPDX licence expression.

An id of the SPDX list where one fits; else a `LicenseRef-` of ours that keeps what is known; else NOASSERTION. It is a reading of
names and addresses and no legal advice: the site's own words are always kept beside it.

- Several licences are joined by OR where the text offers a choice ("or", "dual", `|`), else by AND, the stricter reading.
- Several versions of one licence ("cc-by-sa-4.0,3.0,2.5") are a choice: `CC-BY-SA-4.0 OR CC-BY-SA-3.0 OR CC-BY-SA-2.5`.
- A Creative Commons licence without a version has no SPDX id: `LicenseRef-CC-BY-SA`. A port that is not on the list gives the
  unported licence.
- A GNU licence without a version means any version ever published, as its own text says: GFDL is `GFDL-1.1-or-later`.
- A named licence beats a copyright line; "all rights reserved" and "fair use" stand beside a licence, as both were said.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
import unicodedata

from pipeline.licences.listed import expression, listed
from pipeline.licences.rules import FAIR_USE, GNU, LAST, NO_KNOWN, PUBLIC_DOMAIN, RESERVED, RULES, SOME_CREATIVE, UNKNOWN

__all__ = ["FAIR_USE", "NO_KNOWN", "PUBLIC_DOMAIN", "RESERVED", "UNKNOWN", "ids", "name", "spdx", "url"]

LONGEST = 1000
"""Characters of a text that are read."""

CHOICE = re.compile(r"\bor\b|\|", re.I)
DUAL = re.compile(r"\b(?:dual|multi|either)\b|\bchoice of\b", re.I)

NAMES = {
    UNKNOWN: "Terms not known",
    RESERVED: "All rights reserved",
    FAIR_USE: "Fair use",
    PUBLIC_DOMAIN: "Public domain",
    NO_KNOWN: "No known copyright restrictions",
    "CC0-1.0": "CC0 1.0",
    "CC-PDM-1.0": "Public Domain Mark 1.0",
}
PAGES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-PDM-1.0": "https://creativecommons.org/publicdomain/mark/1.0/",
    "CC-PDDC": "https://creativecommons.org/licenses/publicdomain/",
    "LicenseRef-Unsplash": "https://unsplash.com/license",
    "LicenseRef-Pixabay": "https://pixabay.com/service/license-summary/",
    "LicenseRef-Pexels": "https://www.pexels.com/license/",
}


@functools.lru_cache(maxsize=4096)
def spdx(text: str) -> str:
    """The SPDX expression for a statement of terms: an id, an address, or prose. Never raises."""
    text = _plain(text)
    return (text and expression(text)) or _read(text)


def url(expression: str) -> str:
    """Where the (first) licence of an expression can be read; empty if that is not known."""
    licence = next(iter(ids(expression)), "")
    creative = re.fullmatch(r"(?:LicenseRef-)?CC-((?:BY|NC|ND|SA)(?:-(?:NC|ND|SA))*)-(\d\.\d)(?:-(\w+))?", licence)
    if creative:
        elements, version, port = creative.groups()
        return f"https://creativecommons.org/licenses/{elements}/{version}/{f'{port}/' if port else ''}".lower()
    statement = re.fullmatch(r"LicenseRef-RightsStatements-(.+)-1\.0", licence)
    if statement:
        return f"http://rightsstatements.org/vocab/{statement[1]}/1.0/"
    return PAGES.get(licence) or (f"https://spdx.org/licenses/{licence}.html" if licence.lower() in listed() else "")


def name(expression: str) -> str:
    """An expression in words: `CC BY-SA 3.0 DE`, `All rights reserved`, `CC BY 4.0 and MIT`."""
    words = {"OR": "or", "AND": "and", "WITH": "with"}
    return re.sub(r"[^\s()]+", lambda part: words.get(part[0]) or _name(part[0]), expression)


def ids(expression: str) -> list[str]:
    """The licences in an expression, in its order."""
    return [part for part in re.findall(r"[^\s()]+", expression) if part not in ("AND", "OR", "WITH")]


def _read(text: str) -> str:
    """What the rules find, in the order of the text."""
    found: dict[str, tuple[int, int]] = {}
    for pattern, read in RULES:
        for match in pattern.finditer(text):
            licence = read(match)
            if licence:
                found.setdefault(licence, match.span())
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    if not found:
        return next((licence for pattern, licence in LAST if pattern.search(text)), UNKNOWN)
    exact = [one for one in found if not any(_said_by(one, other) for other in found if other != one)]
    exact.sort(key=lambda licence: found[licence])
    gaps = [text[found[one][1] : found[two][0]] for one, two in itertools.pairwise(exact)]
    if len(exact) == 1 or DUAL.search(text) or all(len(gap) < 40 and CHOICE.search(gap) for gap in gaps):
        return " OR ".join(exact)
    return " AND ".join(f"({licence})" if " OR " in licence else licence for licence in exact)


def _said_by(one: str, other: str) -> bool:
    """Whether `other` says all that `one` does, and more: a version, a further version, which of the licences of that name."""
    base = {RESERVED: FAIR_USE, SOME_CREATIVE: "CC"}.get(one) or GNU.get(one) or one.removeprefix("LicenseRef-")
    return any(part == one or re.match(rf"(?:LicenseRef-)?{re.escape(base)}(?:-|$)(?!NC|ND|SA)", part) for part in ids(other))


def _plain(text: str) -> str:
    """One line with one kind of blank and of dash, without the braces and quotes around it."""
    line = " ".join(html.unescape(text[:LONGEST]).split())
    return re.sub(r"[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFC", line)).strip("{}[]<>\"'`*.,;: ")


def _name(licence: str) -> str:
    creative = re.fullmatch(r"(?:LicenseRef-)?CC-((?:BY|NC|ND|SA)(?:-(?:NC|ND|SA))*)(?:-(\d.*))?", licence)
    if creative:
        return f"CC {creative[1]} {(creative[2] or '').replace('-', ' ')}".strip()
    return NAMES.get(licence) or (licence[11:].replace("-", " ") if licence.startswith("LicenseRef-") else licence)
