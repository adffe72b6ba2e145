from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from sources.soup import DEEPEST, parsed, tree

PIECES = [
    *("<b>", "</b>", "<p>", "</p>", "<td>", "<table>", "</table>", "<tr>", "x", "&amp;", "&foo;", "<!-- c -->", "<script>a<b</script>"),
    *("<html>", "<head>", "<title>t</title>", "<body>", "</body>", "</html>", "<?php x ?>", "<img src=a src=b>", '<a href="x&y">', "</a>"),
    *("é", "<br/>", "<li>", "<select><option>", "<textarea>", "<style>", "</style>", '<svg:rect xmlns:svg="u"/>', "<o:p>", "</o:p>", " "),
    *("<form>", "</form>", "<![CDATA[x]]>", "<font", '"', ">", "<base href=x>", "<meta charset=latin-1>", "<!DOCTYPE html>", "\n"),
]


def plain(soup: BeautifulSoup) -> str:
    """Without what is known to differ."""
    return re.sub(r"<!DOCTYPE[^>]*>|\s", "", str(soup))


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@example(["<!-- c -->"])
@example(["</html>", "<tr>"])
@example([])
def test_the_same_soup_as_from_the_original(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert plain(parsed(text)) == plain(BeautifulSoup(text, "lxml"))


@pytest.mark.parametrize("depth", [DEEPEST - 10, DEEPEST + 10, 5000])
def test_nothing_is_lost_in_the_depths(depth: int) -> None:
    assert len(parsed("<b>" * depth + "x").find_all("b")) == depth


def test_an_attribute_without_a_value_is_there() -> None:
    button = parsed("<input type=radio checked>").input
    assert button is not None
    assert button.has_attr("checked")


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@example([])
@example(["<!-- c -->"])
def test_a_tree_holds_what_a_soup_holds(pieces: list[str]) -> None:
    text = "".join(pieces)
    root = tree(text)
    assert [node.tag for node in root.iter() if isinstance(node.tag, str)] == (
        [tag.name for tag in parsed(text).find_all(True)] or ["html"]
    )


def test_a_tree_of_a_heavy_page_lacks_its_long_tags() -> None:
    root = tree("<p>a</p><b " + "/".join(f"a{number}" for number in range(100_000)) + ">x</b><img src=y>")
    assert root.find(".//img").get("src") == "y"
    assert "a99999" not in etree.tostring(root, encoding="unicode")


def test_a_tree_of_nothing() -> None:
    assert tree("").tag == "html"
