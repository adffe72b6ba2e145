"""Wikitext made safe to parse: what is left has no open ends.

The parser backtracks: 20 KB of `{{a|` that nobody closes keep it busy for minutes. So braces and brackets without a partner go
first, with everything that is no template, link, heading or text. All of it takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

CAP = 200_000
"""Characters of wikitext that are read."""
DEEPEST = 40
"""Templates and links inside each other; the parser follows as many."""
HIDDEN = ("graph", "math", "nowiki", "ref", "score", "syntaxhighlight", "templatedata", "timeline")
"""Elements whose content is no text of the page."""
COMMENT = (re.compile(r"<!--()"), re.compile(r"-->"))
PAGENAME = re.compile(r"\{\{\s*(?:BASE|FULL|ROOT|SUB)?PAGENAMEE?\s*\}\}")
BREAK = re.compile(r"<br\b[^<>]*>|</(?:p|div|li|tr)>|\|-\|", re.I)
TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
WEB_LINK = re.compile(r"\[(?:https?:)?//[^\s\[\]]+(?:[ \t]([^\[\]\n]*))?\]")
OPEN_WEB_LINK = re.compile(r"(?<!\[)\[++(?=[a-z]{0,10}:?//)", re.I)
TABLE_ENDS = re.compile(r"(?<!\{)\{\|(?!\})|(?<!\{)\|\}(?!\})")
BRACKETS = re.compile(r"\{{2,}|\}{2,}|\[\[|\]\]")
GALLERY_LINE = re.compile(r"(?:[^|:\[\]{}<>]{1,40}:)?([^|:\[\]{}<>#/]{1,240})")


@dataclass(frozen=True, slots=True)
class Span:
    """A template (`{{`) or link (`[[`): where it starts and ends in the text, and inside how many others it stands."""

    start: int
    end: int
    kind: str
    depth: int


@dataclass(frozen=True, slots=True)
class Safe:
    """Wikitext without open ends, and its templates and links in the order in which they begin."""

    text: str
    spans: tuple[Span, ...]


def safe(wikitext: str, title: str) -> Safe:
    """Make a page's wikitext safe. Galleries become file links, line breaks of any kind become `\\n`, other tags go."""
    text = wikitext[:CAP].replace("\r", "")
    text = "".join(outside for outside, _ in _elements(text, COMMENT))
    for element in map(_element, HIDDEN):
        text = "".join(outside for outside, _ in _elements(text, element))
    text = "".join(outside + _gallery(inside) for outside, inside in _elements(text, _element("gallery")))
    name = re.sub(r"[\[\]{}|<>]", "", title)
    text = PAGENAME.sub(lambda _: name, text)
    text = TAG.sub("", BREAK.sub("\n", text)).replace("<", "&lt;")
    text = OPEN_WEB_LINK.sub(" ", WEB_LINK.sub(lambda link: link[1] or "", text))
    return _balanced(text)


def without_tables(text: str) -> str:
    """The lines outside `{|` … `|}`."""
    kept, depth = [], 0
    for line in text.split("\n"):
        begin = line.lstrip(" \t:")
        if begin.startswith("{|"):
            depth += 1
        elif depth and begin.startswith("|}"):
            depth -= 1
        elif not depth:
            kept.append(line)
    return "\n".join(kept)


def parsable(text: str) -> str:
    """A piece of safe text without the ends of tables, which the parser would look for partners to."""
    return TABLE_ENDS.sub(" ", text)


def _element(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(rf"<{name}(?![\w-])[^<>]*?(/?)>", re.I), re.compile(rf"</{name}\s*>", re.I)


def _elements(text: str, ends: tuple[re.Pattern[str], re.Pattern[str]]) -> Iterator[tuple[str, str]]:
    """(text before an element, what the element holds), the rest last. One that is not closed is text; `<ref …/>` holds nothing."""
    begin, end = ends
    at = 0
    while found := begin.search(text, at):
        stop = found if found[1] else end.search(text, found.end())
        if stop is None:
            break  # no later one can be closed either
        yield text[at : found.start()], text[found.end() : stop.start()] if stop is not found else ""
        at = stop.end()
    yield text[at:], ""


def _gallery(lines: str) -> str:
    """A gallery's pictures as links, one to a line; its captions are left out."""
    names = [found[1].strip() for line in lines.split("\n") if (found := GALLERY_LINE.match(line.strip())) and "." in found[1]]
    return "\n".join(["", *(f"[[File:{name}]]" for name in names), ""]) if names else ""


def _balanced(text: str) -> Safe:
    """The text with a blank in place of every bracket that has no partner, or stands too deep."""
    pieces: list[str] = []
    stack: list[tuple[str, int]] = []
    waiting = {"{{": 0, "[[": 0}
    pairs: list[tuple[int, int, str]] = []
    at = 0
    for found in BRACKETS.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        run = found[0]
        for _ in range(len(run) // 2):
            pieces.append(" ")  # not nothing: what stands around it must not join to a new bracket
            if run[0] in "{[":
                stack.append((run[:2], len(pieces) - 1))
                waiting[run[:2]] += 1
                continue
            kind = "{{" if run[0] == "}" else "[["
            # `]]` closes no link that was opened outside the template it stands in; `}}` leaves open links behind
            if not waiting[kind] or (kind == "[[" and stack[-1][0] != "[["):
                continue
            while stack[-1][0] != kind:
                waiting[stack.pop()[0]] -= 1
            _, opened = stack.pop()
            waiting[kind] -= 1
            pairs.append((opened, len(pieces) - 1, kind))
    pieces.append(text[at:])
    deep: list[tuple[int, int, str, int]] = []
    around: list[int] = []
    for opened, closed, kind in sorted(pairs):
        while around and around[-1] < opened:
            around.pop()
        if len(around) < DEEPEST:
            deep.append((opened, closed, kind, len(around)))
            around.append(closed)
            pieces[opened], pieces[closed] = kind, "}}" if kind == "{{" else "]]"
    offsets = [0, *accumulate(len(piece) for piece in pieces)]
    spans = tuple(Span(offsets[opened], offsets[closed + 1], kind, depth) for opened, closed, kind, depth in deep)
    return Safe("".join(pieces), spans)
