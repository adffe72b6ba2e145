"""CREDITS.md: title, author, source and licence of every picture, by licence and author, for people to read."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline import licences

if TYPE_CHECKING:
    import pandas as pd

NOBODY = "Author not named"
NONE, ELSEWHERE = ("", "none"), ("", "elsewhere")
HEADINGS = {NONE: "⚠ No terms stated", ELSEWHERE: "No terms stated here, but on another page"}


def text(name: str, frame: pd.DataFrame, about: str) -> str:
    """The whole page. `frame` is the table's, `about` says which pictures these are. Complete, one line a picture and offer."""
    stated = set(frame.loc[frame["license"] != "", "id"])
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for values in frame.astype(str).to_dict("records"):
        row = {str(column): value for column, value in values.items()}
        groups.setdefault(_group(row, row["id"] in stated), []).append(row)
    ordered = sorted(groups, key=lambda group: (group != NONE, group == ELSEWHERE, -len({row["id"] for row in groups[group]}), group))
    lines = [f"# Credits of {plain(name)}", "", *_summary(frame, about, {group: groups[group] for group in ordered})]
    for group in ordered:
        lines += ["", *_section(group, groups[group])]
    return "\n".join(lines) + "\n"


def _group(row: dict[str, str], stated: bool) -> tuple[str, str]:
    """What rows stand together under: their SPDX expression; else their own words; `stated`: another page states the picture's terms."""
    if row["spdx"] != licences.UNKNOWN:
        return row["spdx"], ""
    return (licences.UNKNOWN, row["license"]) if row["license"] else ELSEWHERE if stated else NONE


def _summary(frame: pd.DataFrame, about: str, groups: dict[tuple[str, str], list[dict[str, str]]]) -> Iterator[str]:
    pictures, authors = frame["id"].nunique(), frame.loc[frame["author"] != "", "author"].nunique()
    yield f"{pictures:,} picture{'s' * (pictures != 1)} by {authors:,} named author{'s' * (authors != 1)}: {about}."
    yield from ("", *(f"Changes: {plain(changes)}." for changes in frame["changes"].unique()))
    yield "`credits.csv` beside this page holds the same as a table, `croissant.json` describes both to programs."
    yield from ("", "| licence | pictures |", "|---|---:|")
    for group, rows in groups.items():
        yield f"| {_heading(group, linked=True)} | {len({row['id'] for row in rows}):,} |"


def _heading(group: tuple[str, str], *, linked: bool = False) -> str:
    expression, words = group
    if group in HEADINGS:
        return HEADINGS[group]
    if words:
        return f"Not recognised: “{plain(words)}”"
    return link(licences.name(expression), licences.url(expression) if linked else "")


def _section(group: tuple[str, str], rows: Sequence[dict[str, str]]) -> Iterator[str]:
    yield f"## {_heading(group)}"
    if group == NONE:
        yield from (
            "",
            "Nobody said under which terms these may be used; by default that means all rights reserved. Ask before you publish them.",
        )
    by_author: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_author.setdefault(row["author"], []).append(row)
    for author in sorted(by_author, key=lambda name: (name == "", name.casefold(), name)):
        pictures = len({row["id"] for row in by_author[author]})
        yield from ("", f"### {plain(author) or NOBODY} ({pictures:,})")
        yield from _lines(by_author[author])


def _lines(rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """One line for each picture and wording; the pages it stands on are gathered in it."""
    pages: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        said = tuple(row[name] for name in ("id", "title", "author", "credit", "license", "spdx", "license_url", "source"))
        pages.setdefault(said, []).append(row["page_url"])
    for (id, title, author, credit, license, spdx, license_url, source), urls in pages.items():
        linked = [url for url in urls if _web(url)]
        parts = [link(f"“{title}”" if title else "Untitled", linked[0] if linked else "")]
        parts += [f" ({', '.join(link('also here', url) for url in linked[1:])})"] if linked[1:] else []
        parts += [f" by {plain(author)}" if author else "", "" if linked else f", from {plain(source) or 'a source not known'}"]
        known = spdx != licences.UNKNOWN
        parts += [
            f", {link(licences.name(spdx), license_url)}" if known else f", terms: “{plain(license)}”" if license else ", no terms stated"
        ]
        parts += [f" — {plain(credit)}" if credit and credit != author else "", f" `{id}`"]
        yield "- " + "".join(parts)


def link(words: str, url: str) -> str:
    """A link to an http address; the words alone for any other."""
    return f"[{plain(words)}]({_destination(url)})" if _web(url) else plain(words)


def plain(words: str) -> str:
    """Words from the web as text that is neither Markdown nor HTML: no emphasis, link, image, code, table, formula or emoji code."""
    safe = re.sub(r"([\\`*_{}\[\]|#~$])", r"\\\1", html.escape(words, quote=False))
    return re.sub(r"(?i)\b(www)\.", r"\1\\.", re.sub(r":(?=\S)", r"\\:", safe))  # else a bare address would become a link


def _web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _destination(url: str) -> str:
    """An address that cannot end its link before time."""
    return re.sub(r"[\s<>()\\\"`|]", lambda letter: "".join(f"%{byte:02X}" for byte in letter[0].encode()), url)
