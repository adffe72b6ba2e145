"""Parsing HTML with bs4 and lxml, in a way that suits threads and stands what is hostile."""

from __future__ import annotations

import re
import warnings
from typing import Any

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.builder import ParserRejectedMarkup
from bs4.builder._lxml import LXMLTreeBuilder
from lxml import etree

DEEPEST = 2000
"""Elements inside each other. libxml2 builds no deeper trees than 2,048, and drops the rest without a word."""


HEAVIEST = 10**10
"""Sum of the squares of the lengths of long tags up to which a tree is built: it then takes a second or two."""

LONGEST_KEPT = 10_000
"""Characters of a tag that a tree keeps on a heavy page."""

DEEPEST_KEPT = 512
"""Elements inside each other in the soup, as in Chromium. Readers look at all that an element stands in: depth costs its square."""

# What bs4 thinks of a page is nothing a person can act upon.
for remark in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning):
    warnings.filterwarnings("ignore", category=remark)


class TreeFirst(LXMLTreeBuilder):
    """bs4's own lxml builder, fed from a finished tree.

    The original has lxml call Python for each tag while it parses. lxml gives up Python's lock between two calls and must get it
    back for the next, so beside threads that fetch, parsing a page took three times as long. Here lxml parses in one go, and the
    same calls are made afterwards; only a doctype in an odd place and line breaks around the page are lost, and an attribute without a
    value has its name for one. A page that nests too deep for a tree goes the original way.
    """

    def start(self, tag: Any, attrs: Any, nsmap: Any = {}) -> None:  # noqa: B006  # as in the original
        """An element begins; one that stands too deep ends at once, and what it holds stands beside it, as in browsers.

        The original also looks for namespaces, which HTML has none of.
        """
        assert self.soup is not None
        self.soup.handle_starttag(tag, None, None, self.attribute_dict_class(attrs), namespaces=self.active_namespace_prefixes[-1])
        self._level += 1
        if self._level > DEEPEST_KEPT:
            self.soup.handle_endtag(tag)

    def end(self, tag: Any) -> None:
        """An element ends."""
        assert self.soup is not None
        self._level -= 1
        if self._level < DEEPEST_KEPT:
            self.soup.handle_endtag(tag)

    def feed(self, markup: str | bytes) -> None:
        """Parse; raises ParserRejectedMarkup as the original does."""
        assert self.soup is not None
        self._level = 0
        if _heavy(markup):
            super().feed(markup)
            return
        try:
            parser = etree.HTMLParser(encoding=self.soup.original_encoding, huge_tree=True, default_doctype=False)
            parser.feed(markup)
            root = parser.close()
        except etree.XMLSyntaxError:  # nothing in it
            root = None
        except (UnicodeDecodeError, LookupError, etree.ParserError) as error:
            raise ParserRejectedMarkup(str(error)) from error
        if root is None or not self._replayed(root):
            self._level = 0
            self.soup.reset()
            super().feed(markup)

    def _replayed(self, root: Any) -> bool:
        """Build the soup from the tree; False, with the soup half built, if the tree may lack its deepest part."""
        info = root.getroottree().docinfo
        if info.internalDTD is not None:
            self.doctype(info.internalDTD.name or "", info.public_id, info.system_url)
        start, end, data = self.start, self.end, self.data
        for top in (*reversed(list(root.itersiblings(preceding=True))), root, *root.itersiblings()):
            if not isinstance(top.tag, str):
                self._aside(top)
                continue
            for event, node in etree.iterwalk(top, events=("start", "end", "comment", "pi")):
                if event == "start":
                    start(node.tag, node.attrib)
                    if self._level > DEEPEST:
                        return False
                    if text := node.text:
                        data(text)
                elif event == "end":
                    end(node.tag)
                    if text := node.tail:
                        data(text)
                else:
                    self._aside(node)
        return True

    def _aside(self, node: Any) -> None:
        """A comment or processing instruction, and what follows it."""
        if node.tag is etree.Comment:
            self.comment(node.text or "")
        else:
            self.pi(node.target, node.text or "")
        if node.tail:
            self.data(node.tail)


def parsed(text: str) -> BeautifulSoup:
    """The soup of a page's text."""
    return BeautifulSoup(text, builder=TreeFirst())


def tree(text: str) -> Any:
    """lxml's root element of a page's text; an empty `html` element where there is nothing.

    Ten times as fast as a soup. What stands more than `DEEPEST` deep is lost, and so are tags of more than `LONGEST_KEPT` characters
    on a page that would take too long with them.
    """
    parser = etree.HTMLParser(huge_tree=True, default_doctype=False)
    try:
        parser.feed(re.sub(f"<[^<>]{{{LONGEST_KEPT},}}>?", "", text) if _heavy(text) else text)
        root = parser.close()
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return etree.Element("html")
    for behind in list(root.itersiblings()):  # what stands behind </html>
        root.append(behind)
    return root


def _heavy(markup: str | bytes) -> bool:
    """Whether tags are so long that they may hold thousands of attributes, which cost a tree the square of their number."""
    tags = re.findall(r"<[^<>]{1000,}", markup) if isinstance(markup, str) else re.findall(rb"<[^<>]{1000,}", markup)
    return sum(len(tag) ** 2 for tag in tags) > HEAVIEST
