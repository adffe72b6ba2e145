"""What an article's wikitext says: its infobox, its first words, and the pictures it names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from html import unescape

import mwparserfromhell
from mwparserfromhell.nodes import Argument, ExternalLink, Heading, HTMLEntity, Tag, Template, Text, Wikilink
from mwparserfromhell.wikicode import Wikicode

from sources.base import TEXT_CAP
from sources.html import squeeze
from sources.labels import field_name
from sources.mediawiki.markup import Safe, Span, parsable, safe, without_tables
from sources.mediawiki.trees import text as text_of

LARGEST = 40_000
"""Characters of one template that is read."""
LEAD = 8_000
"""Characters of the first section that are read."""
MOST_FIELDS = 100
VALUE = 2000
"""Characters of one field."""
CANDIDATES = 8
"""Templates before the first heading that may turn out to be the infobox."""
NAMED = 3
"""So many named parameters make a template an infobox, if none is called one."""
ICON = 60
"""Pixels: a picture shown no larger than this is a sign, not a picture."""
INFOBOX = re.compile(r"infobo[xk]|taxobox|\bficha\b|\bfiche\b")
HEADING = re.compile(r"^={1,6}[^=\n]+={1,6}[ \t]*$", re.M)
PIECE = re.compile(r"(\[\[)?([^\n|{}\[\]<>]+)")
"""What stands between the signs of wikitext, and whether a link begins with it."""
FILE_NAME = re.compile(r"[^#:/\\]{1,240}\.(?:png|jpe?g|gif|webp|bmp|tiff?)", re.I)
SHOWN_SIZE = re.compile(r"\|\s*x?(\d{1,4})(?:x\d{1,4})?\s*px")
PICTURED = re.compile(r"image|img|picture|\bpic\b|photo|portrait|artwork|lineart|bild|imagen|gallery|画像", re.I)
"""Parameters that hold the picture, whatever stands beside it."""
EMBLEM = re.compile(r"icon|logo|flag|emblem|symbol|signature|\bseal\b|crest|insignia|\bmap\b|sprite", re.I)
"""Parameters whose pictures are not of the thing."""
TABS = re.compile(r"(?:[^;=]{1,60}=(?:; |$))+")
"""What is left of tabs (`Front=…`) that hold nothing but pictures."""
LISTS = re.compile(r"(?:plain|flat|h|flow|unbulleted )?list|ubl")
SILENT = re.compile(
    r"cit(?:e|ation)\b|ref\b|refn\b|efn\b|sfn\b|fact\b|clear\b|main\b|see ?also\b|anchor\b|quote\b|toc|!$|short description"
)
"""Templates that add nothing to a sentence."""
INTERWIKI = re.compile(r"[a-z]{2,3}(?:-[a-z]+)?:")


@dataclass(frozen=True, slots=True)
class Article:
    """An article as far as its wikitext tells.

    `infobox` is the name of its infobox (empty: it has none) and `fields` are its parameters in plain text; `lead` are the first
    words. `shown` are the names of the pictures in the infobox, `others` those of the rest of the text; without namespace, in
    page order, each once.
    """

    infobox: str
    fields: dict[str, str]
    lead: str
    shown: tuple[str, ...]
    others: tuple[str, ...]


def read(wikitext: str, title: str, *, infobox: str = "", files: Iterable[str] = ("file", "image"), away: Iterable[str] = ()) -> Article:
    """Read an article. `infobox` names its infobox template, if it cannot be known by its name or its many parameters.

    `files` are the wiki's names for the namespace of files, `away` those of others whose links show nothing (categories).
    """
    text = safe(wikitext, title)
    reader = _Reader(frozenset(name.casefold() for name in (*files, "file", "image")), frozenset(name.casefold() for name in away))
    span, template = _infobox(text, infobox)
    fields, shown = reader.template(template) if template else ({}, [])
    rest = text.text[: span.start] + "\n" + text.text[span.end :] if span else text.text
    others = [name for name in reader.pictures(rest) if name not in shown]
    name = squeeze(str(template.name)) if template else ""
    return Article(name, fields, reader.lead(text), tuple(dict.fromkeys(shown)), tuple(dict.fromkeys(others)))


def _infobox(text: Safe, wanted: str) -> tuple[Span | None, Template | None]:
    """The infobox's place and content: the template called `wanted`, else one called an infobox, else the largest in the lead."""
    templates = [span for span in text.spans if span.kind == "{{" and span.end - span.start <= LARGEST]
    for span in templates:
        name = _template_name(text.text[span.start + 2 : span.start + 200])
        if name == _template_name(wanted) if wanted else INFOBOX.search(name) and "/" not in name:
            return span, _parsed(text, span)
    if wanted:
        return None, None
    heading = HEADING.search(text.text)
    end = heading.start() if heading else len(text.text)
    in_lead = [span for span in templates if span.depth == 0 and span.start < end][:CANDIDATES]
    parsed = [(span, template) for span in in_lead if (template := _parsed(text, span))]
    most, best = 0, None
    for span, template in parsed:
        named = sum(bool(param.showkey) for param in template.params)
        if named > most:
            most, best = named, (span, template)
    return best if best and most >= NAMED else (None, None)


def _parsed(text: Safe, span: Span) -> Template | None:
    nodes = _parse(text.text[span.start : span.end]).nodes
    return nodes[0] if nodes and isinstance(nodes[0], Template) else None


def _parse(text: str) -> Wikicode:
    return mwparserfromhell.parse(parsable(text), skip_style_tags=True)


def _template_name(text: str) -> str:
    name = re.split(r"[|}\n]", text.strip().replace("_", " "), maxsplit=1)[0].casefold().strip()
    return name.removeprefix("template:").strip()


class _Reader:
    def __init__(self, files: Collection[str], away: Collection[str]) -> None:
        self._files = files
        self._silent = frozenset(files) | frozenset(away)

    def pictures(self, text: str) -> list[str]:
        """The names of the pictures that a piece of safe text shows, icons left out.

        A link to a file shows it; so does a name that stands alone, as templates want it.
        """
        found = []
        for piece in PIECE.finditer(text):
            written = piece[2][:300] if piece[1] else piece[2][:300].rpartition("=")[2]
            name = self.file_name(written, bare=not piece[1])
            options = text[piece.end() : piece.end() + 150].partition("]]")[0].partition("\n")[0] if piece[1] else ""
            size = SHOWN_SIZE.search(options)
            if name and not (size and int(size[1]) <= ICON):
                found.append(name)
        return found

    def file_name(self, written: str, *, bare: bool) -> str:
        """The name in `File:name.png`, and in `name.png` if `bare`; empty for what is no picture's name."""
        plain = " ".join(text_of(unescape(written)).replace("_", " ").split())
        prefix, colon, name = plain.partition(":")
        if colon and prefix.strip().casefold() in self._files:
            plain = name.strip()
        elif not bare:
            return ""
        return plain if FILE_NAME.fullmatch(plain) else ""

    def template(self, template: Template) -> tuple[dict[str, str], list[str]]:
        """(fields, names of the pictures) in an infobox."""
        fields: dict[str, str] = {}
        shown: list[str] = []
        for param in template.params:
            written, label = str(param.value), str(param.name)
            pictures = self.pictures(written)
            value = self.plain(param.value, "; ")
            alone = not value or bool(self.file_name(value, bare=True)) or bool(TABS.fullmatch(value))
            if pictures and not EMBLEM.search(label) and (alone or PICTURED.search(label)):
                shown += pictures
            name = field_name(label)
            if param.showkey and name and not name.isdigit() and value and not (pictures and alone) and len(fields) < MOST_FIELDS:
                fields.setdefault(name, value[:VALUE])
        return fields, shown

    def lead(self, text: Safe) -> str:
        """The text before the first heading, without the boxes around it; of the page's beginning if there is none."""
        heading = HEADING.search(text.text)
        for end in (heading.start() if heading else len(text.text), len(text.text)):
            words = self.plain(_parse(without_tables(_without_boxes(text, end))[:LEAD]), " ")
            if words:
                return words[:TEXT_CAP]
        return ""

    def plain(self, code: Wikicode, between: str) -> str:
        """Plain text, its lines and list entries joined by `between`."""
        lines = (squeeze(re.sub(r"'{2,}", "", line)).lstrip("*#:; ") for line in "".join(self._words(code)).split("\n"))
        return between.join(line for line in lines if line)

    def _words(self, code: Wikicode | None) -> Iterator[str]:
        for node in code.nodes if code is not None else ():
            if isinstance(node, Text):
                yield str(node.value)
            elif isinstance(node, Wikilink):
                yield from self._linked(node)
            elif isinstance(node, Template):
                yield self._transcluded(node)
            elif isinstance(node, HTMLEntity):
                yield _character(node)
            elif isinstance(node, ExternalLink):
                yield from self._words(node.title)
            elif isinstance(node, Heading):
                yield f"\n{''.join(self._words(node.title))}\n"
            elif isinstance(node, Argument):
                yield from self._words(node.default)
            elif isinstance(node, Tag):
                yield "\n" if node.self_closing else "".join(self._words(node.contents))

    def _linked(self, link: Wikilink) -> Iterator[str]:
        target = str(link.title).strip()
        prefix, colon, _ = target.partition(":")
        if colon and " ".join(prefix.replace("_", " ").split()).casefold() in self._silent:
            return
        if link.text is not None:
            yield from self._words(link.text)
        elif not INTERWIKI.match(target):
            yield target.lstrip(":").replace("_", " ")

    def _transcluded(self, template: Template) -> str:
        """What a template within a sentence shows, as far as one can tell: its unnamed parameters."""
        name = _template_name(str(template.name))
        if SILENT.match(name):
            return ""
        words = ("".join(self._words(param.value)).strip() for param in template.params if not param.showkey)
        return ("\n" if LISTS.fullmatch(name) else " ").join(word for word in words if word)


def _without_boxes(text: Safe, end: int) -> str:
    """The text up to `end` without templates that stand alone on their lines."""
    kept, at = [], 0
    for span in text.spans:
        if span.depth or span.kind != "{{" or span.start >= end:
            continue
        before = text.text[max(0, span.start - 1) : span.start]
        after = text.text[span.end : span.end + 1]
        if before in ("", "\n", "}") and after in ("", "\n", "{"):
            kept.append(text.text[at : span.start])
            at = span.end
    return "".join([*kept, text.text[at:end]])


def _character(entity: HTMLEntity) -> str:
    try:
        return text_of(str(entity.normalize()))
    except (ValueError, OverflowError):
        return ""
