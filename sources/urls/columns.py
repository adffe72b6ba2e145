"""Which column of a list gives what: the picture's address, its page, its title, its terms; the rest become fields."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sources.base import TEXT_CAP

USUAL = {
    "image": "image_url img_url picture_url photo_url file_url download_url media_url content_url image img picture src url uri",
    "page": "page_url page source_url source_page post_url landing_url foreign_landing_url permalink url",
    "title": "title caption alt alt_text name",
    "license": "license_url license licence_url licence rights",
    "author": "author artist creator photographer",
    "credit": "credit attribution credit_line",
    "text": "text description",
}
"""The parts of a sighting, and the names under which lists have them, the most telling first."""
ALL = "*"
LONGEST = 10_000
"""Characters of an address; more than can be fetched, so that a longer one is refused, not cut into another."""
EXCERPT = 12
"""Columns that an error names, out of a list that may have hundreds."""


@dataclass(frozen=True)
class Chosen:
    """The column of each part, and of each field."""

    parts: Mapping[str, str]
    fields: Mapping[str, str]

    def part(self, name: str, row: Mapping[str, Any]) -> str:
        """A part's text in one row; empty if there is none."""
        return plain(row.get(self.parts[name])) if name in self.parts else ""

    def address(self, name: str, row: Mapping[str, Any]) -> str:
        """The same for an address, which is never shortened into another one."""
        return plain(row.get(self.parts[name]), LONGEST) if name in self.parts else ""

    def kept(self, row: Mapping[str, Any]) -> dict[str, str]:
        """The fields of one row that say something."""
        return {field: value for field, column in self.fields.items() if (value := plain(row.get(column)))}


def choose(names: Sequence[str], columns: Mapping[str, str], fields: Sequence[str]) -> Chosen:
    """Match the names of a list's columns, whatever their case, blanks, - and _, with what is wanted.

    `columns` names the column of a part or field and goes first; then parts take the columns that are called as they usually
    are; `fields` names what else to keep, `*` all of it. A column serves one purpose.
    """
    known: dict[str, str] = {}
    for name in filter(folded, names):
        known.setdefault(folded(name), name)
    named = {purpose: known[folded(column)] for purpose, column in columns.items() if folded(column) in known}
    parts = {part: column for part, column in named.items() if part in USUAL}
    taken = set(named.values())
    for part, usual in USUAL.items():
        free = [known[name] for name in usual.split() if name in known and known[name] not in taken]
        if part not in columns and free:
            parts[part] = free[0]
            taken.add(free[0])
    others = known if ALL in fields else {folded(name): known[folded(name)] for name in fields if folded(name) in known}
    kept = {field: column for field, column in others.items() if column not in taken}
    return Chosen(parts, kept | {field: column for field, column in named.items() if field not in USUAL})


def problem(names: Sequence[str], columns: Mapping[str, str], fields: Sequence[str]) -> str:
    """What is wanted and not among a list's columns, as a sentence; empty if all is well."""
    known = {folded(name) for name in names}
    wanted = {f"scrape.columns.{purpose}": column for purpose, column in columns.items()}
    wanted |= {f"scrape.fields, {name!r}": name for name in fields if name != ALL}
    more = f" and {len(names) - EXCERPT} more" if len(names) > EXCERPT else ""
    has = f"it has {', '.join(names[:EXCERPT]) or 'none'}{more}"
    for key, column in wanted.items():
        if folded(column) not in known:
            return f"{key}: there is no column {column!r} ({has})"
    if "image" not in choose(names, columns, fields).parts:
        return f'no column gives the address of the picture ({has}); name it: columns = {{ image = "…" }}'
    return ""


def folded(name: str) -> str:
    """A column's name as a field's: `Unit Type` is `unit_type`."""
    return re.sub(r"[\s_-]+", "_", plain(name).casefold())


def plain(value: Any, longest: int = TEXT_CAP) -> str:
    """A value as text, at most `longest` characters.

    Several words get commas between them; what is not text, number, truth or time gives nothing. Half of a character pair, which
    JSON may hold and no file can, becomes a question mark.
    """
    if isinstance(value, list):
        value = ", ".join(filter(None, (plain(entry) for entry in value))) if all(isinstance(entry, str) for entry in value) else ""
    elif isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, (datetime, date, time)):
        value = value.isoformat()
    elif isinstance(value, dict) or value is None or (isinstance(value, float) and not math.isfinite(value)):
        value = ""
    return str(value).encode("utf-8", "replace").decode("utf-8").strip()[:longest]
