from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.credits import markdown, table

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def row(id: str, **given: str) -> dict[str, str]:
    return {**dict.fromkeys(table.COLUMNS, ""), "id": id, "spdx": "NOASSERTION", "source": "folder", "changes": "none", **given}


ANN = {"author": "Ann", "license": "CC BY 4.0", "spdx": "CC-BY-4.0", "license_url": "https://creativecommons.org/licenses/by/4.0/"}


def page(*rows: dict[str, str]) -> str:
    return markdown.text("robots", pd.DataFrame(rows, columns=list(table.COLUMNS)), "the curated set")


def inlines(source: str) -> list[Token]:
    return [child for token in READER.parse(source) for child in token.children or [token]]


def links(source: str) -> list[str]:
    return [str(token.attrs["href"]) for token in inlines(source) if token.type == "link_open"]


def words(source: str) -> str:
    return "".join(token.content for token in inlines(source) if token.type in ("text", "text_special"))


def test_title_author_source_and_licence_stand_on_one_line() -> None:
    text = page(row("i1", **ANN, title="One", page_url="https://a.test/1", credit="Ann of A"))
    (line,) = [line for line in text.splitlines() if line.startswith("- ")]
    assert words(line) == "“One” by Ann, CC BY 4.0 — Ann of A "
    assert links(line) == ["https://a.test/1", "https://creativecommons.org/licenses/by/4.0/"]
    assert line.endswith("`i1`")


def test_pictures_stand_by_licence_and_author_with_their_numbers() -> None:
    text = page(
        row("i1", **ANN, title="b"),
        row("i2", **ANN, title="a"),
        row("i3", **{**ANN, "author": ""}),
        row("i4", license="MIT", spdx="MIT", author="zoe"),
        row("i5", license="MIT", spdx="MIT", author="Bob"),
        row("i6", license="Foo licence"),
        row("i7"),
    )
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        *("# Credits of robots", "## ⚠ No terms stated", "### Author not named (1)"),
        *("## CC BY 4.0", "### Ann (2)", "### Author not named (1)"),
        *("## MIT", "### Bob (1)", "### zoe (1)"),
        *("## Not recognised: “Foo licence”", "### Author not named (1)"),
    ]
    assert "7 pictures by 3 named authors: the curated set." in text
    assert "| [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) | 3 |" in text
    assert "| ⚠ No terms stated | 1 |" in text
    assert "Nobody said under which terms" in text
    assert "Nobody said" not in page(row("i4", license="MIT", spdx="MIT"))
    assert "Changes: none." in text


def test_it_is_complete_and_one_line_a_picture() -> None:
    rows = [row(f"i{number:04}", **ANN, title=f"Title {number}", page_url=f"https://a.test/{number}") for number in range(3000)]
    text = page(*rows)
    assert [line for line in text.splitlines() if line.startswith("- ")] == [line for line in text.splitlines() if "Title" in line]
    assert all(f"https://a.test/{number})" in text for number in range(3000))
    several = page(row("i1", **ANN, title="One", page_url="https://a.test/1"), row("i1", **ANN, title="One", page_url="https://b.test/1"))
    (line,) = [line for line in several.splitlines() if line.startswith("- ")]
    assert links(line)[:2] == ["https://a.test/1", "https://b.test/1"]


def test_a_page_without_terms_is_no_warning_where_another_page_states_them() -> None:
    text = page(row("i1", **ANN), row("i1", page_url="https://b.test/1", author="Bob"))
    assert "⚠" not in text
    assert "## No terms stated here, but on another page" in text
    assert "https://b.test/1" in text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.test", "ftp://a.test/", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    text = page(row("i1", title="t", page_url=url, spdx="LicenseRef-X", license="X", license_url=url))
    assert links(text) == []


@pytest.mark.parametrize(
    "url",
    ["https://a.test/1_(2)", "https://a.test/a b", "https://a.test/) [x](http://evil.test", "https://a.test/<b>\"'`|\\", "HTTP://a.test/ü"],
)
def test_an_address_stays_one_link(url: str) -> None:
    (found,) = links("- " + markdown.link("t", url))
    assert found.startswith(url[:14])
    assert "](" not in found


HOSTILE = [
    "*a*",
    "_a_",
    "[x](http://evil.test)",
    "![x](http://evil.test/x.png)",
    "<script>alert(1)</script>",
    "<b>",
    "&lt;",
    "&#60;b&#62;",
    "`x`",
    "~~x~~",
]
HOSTILE += [
    "| a | b |",
    "# x",
    "- x",
    "1. x",
    "> x",
    "---",
    "http://evil.test",
    "<http://evil.test>",
    "www.evil.test",
    "$x^2$",
    "\\",
    "\\*",
    "[^1]",
    ":smile:",
    "{{ x }}",
]


def harmless(text: str) -> None:
    """The page has the same structure as one with plain words, and shows the text as it was written."""
    given = row(
        "i1",
        **{**ANN, "author": text, "title": text, "credit": text + "!", "license": text, "spdx": "NOASSERTION"},
        page_url="https://a.test/1",
    )
    calm = row(
        "i1", **{**ANN, "author": "x", "title": "x", "credit": "x!", "license": "x", "spdx": "NOASSERTION"}, page_url="https://a.test/1"
    )
    shape = lambda source: [token.type for token in inlines(source) if token.type not in ("text", "text_special", "softbreak")]  # noqa: E731
    assert shape(page(given)) == shape(page(calm))
    assert words(page(given)).count(text) >= 4


@pytest.mark.parametrize("text", HOSTILE)
def test_words_from_the_web_stay_words(text: str) -> None:
    harmless(text)
    assert not re.search(r"(?<!\\)://|www\.", markdown.plain(text))  # what other readers would make a link of


@given(st.text(alphabet=st.sampled_from("ab*_[](){}<>!#|`~\\&;:/.-+=1$^ "), min_size=1, max_size=20))
def test_any_words_stay_words(text: str) -> None:
    line = " ".join(text.split())
    if line:
        harmless(line)
