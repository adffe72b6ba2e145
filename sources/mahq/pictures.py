"""Which pictures a unit page shows: the unit itself, not the page's furniture.

Old layout: the first picture, and the alternates that radio buttons swap in. New layout: every upload in the content, at the
size it was uploaded in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from sources import html
from sources.mahq.site import Site

# One of these words in a file's name makes it furniture; of the next ones all must be, as there are suits called Silver Bullet
# and pictures called back or top; the last ones count for nothing.
FURNITURE = html.words("btn button buttons counter divider favicon footer gravatar header icon icons menu nav navbar poll separator shim")
MAYBE = html.words(
    "ad ads advert arrow arrows avatar back background bar bg blank border bullet bullets clear dot email home line mail next pixel"
    " prev previous search shadow sidebar smiley top topbar trans transparent vote"
)
IDLE = html.words(
    "b bl bottom br down gif go gray grey horizontal image img l left mahq main off on over page pic r red right site small t title tl to"
    " tr up vertical white black blue yellow green"
)
FURNITURE_PART = re.compile(r"spacer|banner|logo(?!n)|corner|masthead|gravatar|emoji", re.I)
FURNITURE_WORDS = re.compile(r"\b(?:logo|banner|spacer|advertisement)\b", re.I)
NOT_UPLOADS = re.compile(r"/wp-(?:includes|content/(?:themes|plugins|smush))/|/(?:smilies|emoji)/", re.I)
UPLOAD = "/wp-content/uploads/"
SCALED = re.compile(r"-\d{1,5}x\d{1,5}(?=\.\w+$)")
# bounded, since what never ends would be looked at again from each ending
QUOTED = re.compile(r"""['"]([^'"]{1,300}?\.(?:jpe?g|png|gif|webp|bmp))(?:\?[^'"]{0,300})?['"]""", re.I)
OWN_PAGE = re.compile(
    r"[-_ ]*(?:(?:attachment|back|big|front|full|gallery|image|img|large|lineart|photo|pic|rear|side|view|zoom)[\w-]*)?$", re.I
)
SMALLEST_SIDE = 16
"""Pixels: what a page shows smaller than this is a bullet or a rule."""
STRIP = 6
"""A picture shown more than this many times as wide as high, or the reverse, is a banner or a rule."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's URL, and what the page calls this view of the unit (often nothing)."""

    url: str
    view: str = ""
    fallback: str = ""
    """What the page really shows, where `url` is a guess at its original."""


def on_page(soup: BeautifulSoup, page_url: str, skip: Collection[int], site: Site, common: Collection[str] = ()) -> list[Picture]:
    """The unit's pictures in page order, each once. `common`: URLs known to be furniture, as they stand on many pages."""
    base = html.base_url(soup, page_url)
    shown = [(img, url) for img in soup.find_all("img") if not html.skipped(img, skip) and (url := _url(img, base, site))]
    shown = [(img, url) for img, url in shown if url not in common and not is_furniture(img, url)]
    shown = [(img, url) for img, url in shown if not _leads_away(img, base, page_url, site)]
    uploads = [Picture(url, fallback=_shown_instead(img, url, base, site)) for img, url in shown if UPLOAD in url]
    if not uploads:
        near = [(img, url) for img, url in shown if site.old(url) or not site.old(page_url)] or shown
        uploads = [Picture(url) for _, url in near[:1]]
    found: dict[str, Picture] = {}
    for picture in uploads + _alternates(soup, base, skip, site, shown):
        if picture.url not in found or not found[picture.url].view:
            found[picture.url] = picture
    return list(found.values())


def all_urls(soup: BeautifulSoup, page_url: str, site: Site) -> set[str]:
    """Every picture on a page, furniture and all, but for those that lead on to another page of the encyclopaedia."""
    base = html.base_url(soup, page_url)
    found = set()
    for img in soup.find_all("img"):
        link = img.find_parent("a", href=True)
        target = site.url(base, html.attribute(link, "href")) if link else None
        if (url := _url(img, base, site)) and not (target and site.follows(target, wide=True)):
            found.add(url)
    return found


def is_furniture(img: Tag, url: str) -> bool:
    """Whether a picture is part of the page's dress by its name, its description, or the size it is shown at."""
    if named_furniture(url) or FURNITURE_WORDS.search(html.attribute(img, "alt")):
        return True
    width, height = (_pixels(html.attribute(img, name)) for name in ("width", "height"))
    if 0 < width < SMALLEST_SIDE or 0 < height < SMALLEST_SIDE:
        return True
    return bool(width and height) and not 1 / STRIP < width / height < STRIP


def _pixels(size: str) -> int:
    return int(found[1]) if (found := re.fullmatch(r"\s*([0-9]{1,6})(?:px)?\s*", size)) else 0


def named_furniture(url: str) -> bool:
    """Whether a file's name says spacer, logo, banner, corner, button, …"""
    stem = _stem(url)
    words = set(re.findall(r"[a-z]+", stem.casefold()))
    numbered = re.search(r"\d\d|[-_]\d", stem)  # "bar2.gif" is a bar, "top-12.jpg" may be a model number
    dress = bool(words & MAYBE) and words <= MAYBE | IDLE and not numbered
    return dress or bool(words & FURNITURE or FURNITURE_PART.search(stem) or NOT_UPLOADS.search(url))


def original(img: Tag, base: str, site: Site) -> str | None:
    """The URL of the largest form of a picture: for a WordPress upload the file as uploaded, else the largest one offered."""
    offered = [url for entry in html.image_sources(img) if (url := site.url(base, entry))]
    if not offered:
        return None
    uploads = [_unwrapped(url, site) for url in offered if UPLOAD in url]
    if not uploads:
        return offered[0]
    bare = {SCALED.sub("", url) for url in uploads if SCALED.search(url)}
    named_like_scaled = [url for url in uploads if SCALED.search(url) and url in bare]
    unscaled = [url for url in uploads if not SCALED.search(url)]
    full = uploads if "size-full" in html.attribute(img, "class").split() and len(set(uploads)) == 1 else []
    return (named_like_scaled or unscaled or full or [SCALED.sub("", uploads[0])])[0]


def _shown_instead(img: Tag, url: str, base: str, site: Site) -> str:
    """The largest form that the page offers, where that is not `url`: a file may be named like a scaled copy of nothing."""
    offered = [found for entry in html.image_sources(img) if (found := site.url(base, entry))]
    return offered[0] if offered and url not in offered else ""


def _url(img: Tag, base: str, site: Site) -> str | None:
    """The best URL of a shown picture: the bigger file that it links to, else its own original. None: not on this site."""
    own = original(img, base, site)
    link = img.find_parent("a", href=True)
    target = site.url(base, html.attribute(link, "href")) if link else None
    if target and html.is_picture(target) and site.owns(target):
        own = SCALED.sub("", target) if own and UPLOAD in target and SCALED.sub("", target) == own else target
    return own if own and site.owns(own) else None


def _leads_away(img: Tag, base: str, page_url: str, site: Site) -> bool:
    """Whether the picture is the face of a link to some other page, such as the next unit or the site's front."""
    link = img.find_parent("a", href=True)
    written = html.attribute(link, "href").strip()
    if link is None or written.startswith("#") or (":" in written.split("/")[0] and not written.casefold().startswith("http")):
        return False  # no link, this page, or a script
    target = site.url(base, written)
    if target is None or html.is_picture(target) or target == page_url:
        return False
    stem, own = _stem(target), _stem(page_url)
    of_this_page = target.startswith(page_url.rstrip("/") + "/") or (stem.startswith(own) and OWN_PAGE.match(stem[len(own) :]))
    return not of_this_page and "attachment_id=" not in target


def _alternates(soup: BeautifulSoup, base: str, skip: Collection[int], site: Site, shown: Iterable[tuple[Tag, str]]) -> list[Picture]:
    """What the radio buttons (or a menu) beside the picture swap in. A poll's "Yes" and "No" are no pictures."""
    sources = {url for img, _ in shown for entry in html.image_sources(img) if (url := site.url(base, entry))}
    by_name = {unquote(url.rpartition("/")[2]).casefold(): url for url in sources}
    by_stem = {_stem(url).casefold(): url for url in sources}
    buttons = [tag for tag in [*html.radios(soup), *soup.find_all(["option", "button", "a"])] if not html.skipped(tag, skip)]
    values = [(tag, html.attribute(tag, "value").strip()) for tag in buttons if tag.name in ("input", "option")]
    # The button of the picture that is shown tells how a value becomes a file: a script may add a folder or an ending.
    folder, ending = base, ""
    for _, value in values:
        if value.casefold() in by_name and "/" not in value:
            folder = by_name[value.casefold()]
        elif value.casefold() in by_stem and not html.is_picture(value):
            folder = by_stem[value.casefold()]
            ending = PurePosixPath(urlsplit(folder).path).suffix
    labels: dict[str, Tag] = {}
    for label in soup.find_all("label"):
        labels.setdefault(html.attribute(label, "for"), label)
    found = []
    for tag in buttons:
        value = html.attribute(tag, "value").strip() if tag.name in ("input", "option") else ""
        script = " ".join(html.attribute(tag, name) for name in ("onclick", "onchange", "href") if name != "href" or tag.name == "a")
        if html.is_picture(value):
            written = [value]
        elif ending and re.fullmatch(r"[\w./ -]+", value) and tag.name == "input":
            written = [value + ending]
        else:
            written = QUOTED.findall(script) if "(" in script or "src" in script else []
        for reference in written:
            url = site.url(folder if "/" not in reference else base, reference)
            if url and site.owns(url) and not FURNITURE_PART.search(_stem(url)):
                found.append(Picture(url, _label(tag, labels) if tag.name == "input" else html.text(tag)[:60]))
    return found


def _label(radio: Tag, labels: Mapping[str, Tag]) -> str:
    """The words that belong to a radio button: its label, the text after it, or the next cell's."""
    name = html.attribute(radio, "id")
    label = (labels.get(name) if name else None) or radio.find_parent("label")
    if isinstance(label, Tag):
        return html.text(label)
    words: list[str] = []
    for node in radio.next_siblings:
        if isinstance(node, Tag):
            if node.name in ("input", "br", "img") or node.find("input"):
                break
            words.append(html.text(node))
        elif isinstance(node, NavigableString):
            words.append(str(node))
    if found := html.squeeze(" ".join(words)):
        return found[:60].strip()
    cell = radio.find_parent("td")
    following = cell.find_next_sibling("td") if cell else None
    return html.text(following)[:60] if following is not None and not following.find("input") else ""


def _unwrapped(url: str, site: Site) -> str:
    """An upload's URL without the image service before it (`i0.wp.com/host/…`) and the size asked for after it."""
    inner = re.match(r"https?://i\d\.wp\.com/(.+)", url)
    return (site.url(site.root, f"https://{inner[1]}") or url if inner else url).partition("?")[0]


def _stem(url: str) -> str:
    return PurePosixPath(unquote(urlsplit(url).path)).stem
