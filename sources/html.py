"""Reading web pages as people wrote them: text, labelled values, links and pictures, whatever the markup.

Nothing here changes a soup. Functions that read a part of a page take `skip`, the ids of elements to leave out with all they
hold (`id(tag)`), so that one soup serves several readers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urldefrag, urljoin, urlsplit, urlunsplit

from bs4 import Comment, Doctype, Tag
from bs4.element import NavigableString, PreformattedString

if TYPE_CHECKING:
    from sources.base import Page


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


NONE: frozenset[int] = frozenset()
BLOCKS = words(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form frameset"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
STRONG = words("b dt strong th")
UNREAD = words("head iframe noscript object script select style svg template textarea title")
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)$", re.I)
PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)\b", re.I)
EMPTY = "\ue000"
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"PK\x03\x04", b"RIFF")
HTML_TYPES = ("html", "xml", "text/plain")
# Pages that call themselves Latin-1 are Windows-1252 in every browser: 0x92 is an apostrophe there, not a control character.
WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a reader sees it: runs of (text, is it strong), and the number of the block it stands in.

    Lines parted by `<br>` share their block; an empty line ends a paragraph inside one.
    """

    runs: tuple[tuple[str, bool], ...]
    block: int

    @property
    def text(self) -> str:
        """The whole line with single blanks."""
        return squeeze("".join(text for text, _ in self.runs))


def squeeze(text: str) -> str:
    """One blank for every run of white space (no-break spaces too); Windows-1252 letters that were read as Latin-1 mended."""
    return " ".join(text.translate(WINDOWS).replace("\u200b", "").replace("\u00ad", "").split())


def is_html(page: Page) -> bool:
    """Whether a page is worth parsing: its type says HTML (or nothing), and its bytes do not say otherwise."""
    kind = page.headers.get("content-type", "").casefold()
    start = page.body.lstrip()[:4096]
    if not start or start.startswith(MAGIC) or (kind and not any(name in kind for name in HTML_TYPES)):
        return False
    return bool(kind) or b"<" in start


def skipped(tag: Tag, skip: Collection[int]) -> bool:
    """Whether the element or one that holds it is left out."""
    return bool(skip) and (id(tag) in skip or any(id(parent) in skip for parent in tag.parents))


def lines(root: Tag, skip: Collection[int] = NONE) -> list[Line]:
    """The text under `root` as lines; scripts, comments and form choices are not text."""
    found: list[Line] = []
    runs: list[tuple[str, bool]] = []
    block = 0

    def end() -> None:
        found.append(Line(tuple(runs), block))
        runs.clear()

    for node, entering, strong, preformatted in _events(root, skip):
        if isinstance(node, Tag):
            if node.name == "br" and entering:
                end()
            elif node.name in BLOCKS:
                end()
                block += 1
        elif preformatted:
            for number, part in enumerate(str(node).split("\n")):
                if number:
                    end()
                runs.append((part, strong))
        else:
            runs.append((str(node), strong))
    end()
    return found


def text(root: Tag, skip: Collection[int] = NONE) -> str:
    """All text under `root` with single blanks."""
    return " ".join(line.text for line in lines(root, skip) if line.text)


def _events(root: Tag, skip: Collection[int]) -> Iterator[tuple[Tag | NavigableString, bool, bool, bool]]:
    """(node, entering, inside strong, inside pre) in page order. A stack of its own: unclosed tags nest deeper than Python recurses."""
    stack: list[tuple[Tag, Iterator[object], bool, bool]] = [(root, iter(root.contents), False, False)]
    while stack:
        parent, children, strong, preformatted = stack[-1]
        node = next(children, None)
        if node is None:
            stack.pop()
            if stack:
                yield parent, False, strong, preformatted
        elif isinstance(node, Tag):
            if node.name in UNREAD or id(node) in skip:
                continue
            yield node, True, strong, preformatted
            bold = strong or node.name in STRONG or "bold" in str(node.get("style", ""))
            stack.append((node, iter(node.contents), bold, preformatted or node.name == "pre"))
        elif isinstance(node, NavigableString) and not isinstance(node, (Comment, Doctype, PreformattedString)):
            yield node, True, strong, preformatted


def absolute(base: str, reference: str) -> str | None:
    """`reference` as an http(s) URL without fragment, or None. Blanks, backslashes and line breaks are mended as browsers do."""
    base, reference = (text.encode("utf-8", "replace").decode() for text in (base, reference))  # JSON may hold halves of characters
    cleaned = re.sub(r"[\t\r\n]", "", reference).strip().replace("\\", "/")
    try:
        # urljoin drops empty path segments, and an archive's addresses hold `https://` in their path
        joined = urljoin(base.replace("//", f"/{EMPTY}/").replace(f":/{EMPTY}/", "://", 1), cleaned).replace(EMPTY, "")
        parts = urlsplit(urldefrag(joined).url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port in (None, {"http": 80, "https": 443}[parts.scheme]) else f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit((parts.scheme, netloc, path, quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]"), ""))


def base_url(soup: Tag, url: str) -> str:
    """What the page's relative references start from: its own URL, or its `<base href>`."""
    base = soup.find("base", href=True)
    return (absolute(url, attribute(base, "href")) or url) if base else url


def attribute(tag: Tag | None, name: str) -> str:
    """An attribute's text; empty when there is none."""
    value = tag.get(name, "") if tag is not None else ""
    return " ".join(value) if isinstance(value, list) else str(value or "")


def links(soup: Tag, skip: Collection[int] = NONE) -> Iterator[str]:
    """Every reference to another page, as written: links, image maps, frames and the refresh of a page that moved."""
    for tag in soup.find_all(["a", "area", "frame", "iframe", "meta"]):
        if skipped(tag, skip):
            continue
        if tag.name == "meta":
            moved = re.search(r"url\s*=\s*['\"]?([^'\"]+)", attribute(tag, "content"), re.I)
            if moved and attribute(tag, "http-equiv").casefold() == "refresh":
                yield moved[1]
        elif target := attribute(tag, "src" if tag.name.endswith("frame") else "href"):
            yield target


def is_picture(url: str) -> bool:
    """Whether a URL or file name ends like a picture's."""
    return bool(PICTURE.search(url.partition("#")[0].partition("?")[0].strip()))


def image_sources(img: Tag) -> list[str]:
    """Where an `<img>` may be had, as written, the largest first: full-size hints, srcset by width, lazy attributes, src."""
    full = [attribute(img, name) for name in ("data-orig-file", "data-full-url", "data-large_image")]
    sets = [entry for name in ("data-lazy-srcset", "data-srcset", "srcset") for entry in _srcset(attribute(img, name))]
    sized = [url for _, url in sorted(sets, key=lambda entry: -entry[0])]
    plain = [attribute(img, name) for name in ("data-lazy-src", "data-src", "data-original", "data-lazy", "src")]
    return list(dict.fromkeys(url for url in (entry.strip() for entry in full + sized + plain) if url and not url.startswith("data:")))


def _srcset(value: str) -> list[tuple[float, str]]:
    """The entries of a srcset: a URL (which may hold commas) and a width or density. Linear, as a page may be long."""
    spaced = re.sub(r"(\s[\d.]{1,9}[wxh])\s{0,9},", r"\1, ", value)
    found = []
    for entry in re.split(r",\s|,$", spaced):
        url, *said = entry.strip(", \t\r\n").split(None, 2)[:2] or [""]
        size = said[0][:-1] if said else ""
        if url:
            found.append((float(size) if re.fullmatch(r"\d{1,9}\.?\d{0,9}", size) else 1.0, url))
    return found


def radios(root: Tag) -> list[Tag]:
    """The radio buttons under `root`."""
    return [tag for tag in root.find_all("input") if attribute(tag, "type").strip().casefold() == "radio"]
