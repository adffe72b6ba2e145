"""Reading a unit page's words: is it one, what are its fields, title, text and licence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

from sources import html
from sources.labels import Labels, Pair, field_name

LABELS = Labels(
    [
        *("Model number", "Model no.", "Model", "Code name", "Unit type", "Unit class", "Type of unit", "Type", "Classification"),
        *("Manufacturer", "Operator", "First deployment", "Deployment", "Rollout", "Accommodation", "Crew", "Dimensions", "Height"),
        *("Overall height", "Head height", "Length", "Weight", "Empty weight", "Full weight", "Max gross weight", "Armor materials"),
        *("Armor", "Construction", "Powerplant", "Power source", "Power output", "Propulsion", "Performance", "Maximum speed"),
        *("Sensor radius", "Equipment and design features", "Equipment", "Fixed armaments", "Optional fixed armaments", "Hand armaments"),
        *("Optional hand armaments", "Handheld armaments", "Remote weapons", "Armaments", "Armament", "Mobile weapons", "Pilot", "Pilots"),
        *("Appearances", "First appearance", "Mechanical designer", "Mecha designer", "Original mechanical design", "Series", "Variants"),
    ]
)
SYNONYMS = {
    "model_numbers": "model_number",
    "model_no": "model_number",
    "codename": "code_name",
    "unittype": "unit_type",
    "unit_types": "unit_type",
    "type_of_unit": "unit_type",
    "manufacturers": "manufacturer",
    "operators": "operator",
    "armor_material": "armor_materials",
    "power_plant": "powerplant",
    "pilot": "pilots",
    "series": "series_title",
}
FALLBACKS = {"unit_type": ("type", "unit_class", "classification"), "model_number": ("model",)}
EVIDENCE = html.words(
    "model_number unit_type code_name manufacturer operator first_deployment accommodation dimensions armor_materials powerplant propulsion"
    " fixed_armaments equipment_and_design_features"
)
"""Labels that only a machine's data sheet has; people have a height and a weight too."""
SHEET = 3
"""So many of them make a unit page even without unit type and model number."""
HEADING = re.compile(r"general\s+(?:and|&)\s+technical\s+data", re.I)
CONTENT = ("td.shadow-horizontal", "main", "[role=main]", "#main", "#primary", "#content", "article", ".entry-content", ".post-content")
# The words that class and id names of a page's surroundings are made of.
AWAY = html.words(
    "ads advert advertisement aside banner breadcrumb breadcrumbs colophon comment comments copyright footer masthead menu menubar nav"
    " navbar navigation navmenu pagination poll polls related respond sharedaddy share sharing sidebar sidenav social submenu topbar vote"
    " widget widgets"
)
AWAY_START = re.compile(
    r"(?:sidebar|sidemenu|sidenav|topnav|leftnav|rightnav|site-?header|site-?footer|jp-relatedposts|yarpp)"
    r"|wp-block-(?:latest|categories|archives|tag)",
    re.I,
)
# `has-sidebar` says of a wrapper what it has, not what it is.
WRAPS = html.words("has with without no")
HEART = "main, article, [role=main], #content, .entry-content, h1.entry-title, h1.page-title, .mahqtitle, td.shadow-horizontal"
POLL_LINKS = 3
"""A form with more links than this is more than a poll."""
EFFORT = 20
"""So many times the page's elements may be looked at to tell content from surroundings; ordinary pages need a few."""
OWNER = re.compile(r"(?:original content\b|©|\(c\)|copyright).{0,80}?accidental pilot(?:,? inc\.?)?", re.I)
SITE_NAME = re.compile(r"mahq|mecha\s*(?:and|&)?\s*anime\s*(?:hq|head\s*quarters)", re.I)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit page says: fields by name (without series) and its text."""

    fields: dict[str, str]
    text: str


def read(soup: BeautifulSoup, skip: frozenset[int]) -> Unit | None:
    """The unit that the page describes, or None if it describes none."""
    pairs = LABELS.pairs(html.lines(soup, skip | _list_tables(soup)))
    fields = _fields(pairs)
    given = Counter(SYNONYMS.get(pair.name, pair.name) for pair in pairs)
    evidence = sum(name in EVIDENCE for name in given)
    if evidence < SHEET:
        text = html.text(soup, skip)
        marked = given["unit_type"] or given["model_number"]
        supported = evidence > 1 or len(given) > 2 or HEADING.search(text)
        listed = given["unit_type"] > 1 or given["model_number"] > 1  # a list says it of each unit, a data sheet once
        if not marked or not supported or listed:
            return None
    return Unit(fields, _text(soup, skip))


def _list_tables(soup: BeautifulSoup) -> frozenset[int]:
    """Tables whose heading row is made of labels: lists of units, not one unit's data."""
    rows = [row for row in soup.find_all("tr") if not row.find("table")]
    cells = [(row, [field_name(cell.get_text(" ")) for cell in row.find_all(["td", "th"])]) for row in rows]
    return frozenset(
        id(table)
        for row, names in cells
        if len(names) > 1 and all(name in LABELS.names for name in names) and (table := row.find_parent("table")) is not None
    )


def _fields(pairs: list[Pair]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in pairs:
        fields.setdefault(SYNONYMS.get(pair.name, pair.name), pair.value)
    for name, others in FALLBACKS.items():
        found = next((fields[other] for other in others if other in fields), "")
        if found and name not in fields:
            fields[name] = found
    return fields


def surroundings(soup: BeautifulSoup, *, by_name: bool = True) -> frozenset[int]:
    """Ids of the elements around a page's content: menus, sidebars, polls, footers, comments.

    They are known by their tags and roles, and (`by_name`) by words in their class and id, which may mislead.
    An element that holds the page's heading or its data is content whatever it is called.
    """
    found = set(_polls(soup))
    tags = soup.find_all(True)
    effort = EFFORT * len(tags)
    for tag in tags:
        if _is_away(tag, by_name) and not html.skipped(tag, found):
            effort -= sum(1 for _ in tag.descendants)
            if effort < 0:
                break
            if not _holds_content(tag):
                found.add(id(tag))
    return frozenset(found)


def _is_away(tag: Tag, by_name: bool) -> bool:
    if tag.name in ("html", "body", "main", "article"):
        return False
    if tag.name in ("nav", "aside", "footer"):
        return True
    if tag.name == "header":
        return tag.find_parent(["main", "article"]) is None
    if html.attribute(tag, "role") in ("navigation", "complementary", "contentinfo", "search", "banner"):
        return True
    names = f"{html.attribute(tag, 'class')} {html.attribute(tag, 'id')}".split() if by_name else []
    for name in names:
        words = set(re.findall(r"[a-z]+", name.casefold()))
        if AWAY_START.match(name) or (words & AWAY and not words & WRAPS):
            return True
    return False


def _holds_content(tag: Tag) -> bool:
    return bool(tag.select_one(HEART)) or sum(pair.name in LABELS.names for pair in LABELS.pairs(html.lines(tag))) > 1


def _polls(soup: BeautifulSoup) -> set[int]:
    """Forms (or cells) whose radio buttons choose an answer, not a picture."""
    found: set[int] = set()
    seen: set[int] = set()
    stems = {html.attribute(img, "src").rpartition("/")[2].rpartition(".")[0] for img in soup.find_all("img")}
    for radio in html.radios(soup):
        holder = radio.find_parent("form") or radio.find_parent(["td", "div", "ul", "p"])
        if holder is None or id(holder) in seen:
            continue
        seen.add(id(holder))
        if len(holder.find_all("a", href=True)) > POLL_LINKS:
            continue
        pictured = (html.PICTURE_NAME.search(str(other.attrs)) or html.attribute(other, "value") in stems for other in html.radios(holder))
        if not any(pictured) and not _holds_content(holder):
            found.add(id(holder))
    return found


def _text(soup: BeautifulSoup, skip: Collection[int]) -> str:
    """The text of the part of the page that holds the data; of the whole page if no part is marked as content."""
    for selector in CONTENT:
        parts = [tag for tag in soup.select(selector) if not html.skipped(tag, skip)]
        outer = {id(tag) for tag in parts}
        parts = [tag for tag in parts if not any(id(parent) in outer for parent in tag.parents)]
        found = " ".join(html.text(tag, skip) for tag in parts)
        if any(pair.name in LABELS.names for tag in parts for pair in LABELS.pairs(html.lines(tag, skip))):
            return found
    return html.text(soup, skip)


def title(soup: BeautifulSoup, skip: Collection[int]) -> str:
    """The page's title: its title span, its heading, or `<title>` without the site's name."""
    for selector in (".mahqtitle strong u", ".mahqtitle", ".entry-title", "article h1, main h1", "h1:not(.site-title)"):
        for tag in soup.select(selector):
            words = html.text(tag)
            if words and not html.skipped(tag, skip) and not _names_site(words):
                return words
    whole = html.squeeze(soup.title.get_text(" ")) if soup.title else ""
    parts = re.split(r"\s+[-|»:\u2013\u2014]+\s+|\s*[|»]\s*|(?<=MAHQ):\s*", whole)
    return next((part for part in parts if part and not _names_site(part)), "")


def _names_site(words: str) -> bool:
    return bool(SITE_NAME.search(words)) and len(re.findall(r"[^\W\d_]", SITE_NAME.sub("", words))) < 4


def license(soup: BeautifulSoup, default: str) -> str:
    """The terms that the page states, in its own words; `default` when it states none."""
    stated = OWNER.search(html.text(soup))
    return f"All rights reserved ({stated[0]})" if stated else default
