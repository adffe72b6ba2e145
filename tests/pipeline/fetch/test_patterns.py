"""Path patterns; the examples are those of RFC 9309 and of Google's description, which TDMRep points to."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.patterns import Pattern, spelling


def matches(pattern: str, path: str) -> bool:
    return Pattern.parse(pattern).matches(spelling(path))


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("/", ["/", "/any.htm"], []),
        ("/*", ["/", "/any.htm"], []),
        ("/$", ["/"], ["/any.htm"]),
        ("/fish", ["/fish", "/fish.html", "/fish/salmon.html", "/fishheads/", "/fish.php?id=1"], ["/Fish.asp", "/catfish", "/desert/fish"]),
        ("/fish*", ["/fish", "/fishheads"], ["/Fish"]),
        ("/fish/", ["/fish/", "/fish/?id=1", "/fish/salmon.htm"], ["/fish", "/fish.html"]),
        ("/*.php", ["/index.php", "/filename.php?parameters", "/folder/any.php.file.html"], ["/", "/windows.PHP"]),
        ("/*.php$", ["/filename.php", "/folder/filename.php"], ["/filename.php?parameters", "/filename.php/", "/windows.PHP"]),
        ("/fish*.php", ["/fish.php", "/fishheads/catfish.php?x"], ["/Fish.PHP"]),
        ("/directory-b/images/*.jpg", ["/directory-b/images/a.jpg"], ["/directory-b/images/a.png", "/images/a.jpg"]),
        ("*.png", ["/a.png", "/a.png?x"], ["/a.jpg"]),
        ("/a*b*b$", ["/abb", "/axbxb"], ["/ab", "/abbx"]),
        ("/path/foo-%24", ["/path/foo-$"], ["/path/foo-"]),
        ("/file-with-a-%2A.html", ["/file-with-a-*.html"], ["/file-with-a-b.html"]),
        ("/foo/bar?baz=https://foo.bar", ["/foo/bar?baz=https://foo.bar"], ["/foo/bar?baz=http"]),
        ("/foo/bar/%E3%83%84", ["/foo/bar/ツ", "/foo/bar/%e3%83%84"], ["/foo/bar/%E3"]),
        ("/foo/bar/%62%61%7A", ["/foo/bar/baz"], []),
        ("/a%2fb", ["/a%2Fb"], ["/a/b"]),
        ("/a$b", ["/a$b"], ["/a"]),
        ("", ["/", "/x"], []),
    ],
)
def test_what_a_pattern_matches(pattern: str, hits: list[str], misses: list[str]) -> None:
    assert [path for path in hits if not matches(pattern, path)] == []
    assert [path for path in misses if matches(pattern, path)] == []


def test_length_counts_bytes_of_the_one_spelling() -> None:
    assert Pattern.parse("/ツ").length == Pattern.parse("/%E3%83%84").length == 10
    assert Pattern.parse("/%61").length == 2
    assert Pattern.parse("/*.jpg$").length == 7


@given(st.text(alphabet="ab*", max_size=8), st.booleans(), st.text(alphabet="ab", max_size=12))
def test_it_is_the_same_as_a_regular_expression(pattern: str, anchored: bool, path: str) -> None:
    expression = re.compile(pattern.replace("*", ".*") + ("$" if anchored else ""))
    assert matches(pattern + "$" * anchored, path) == bool(expression.match(path))


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_raises_and_a_spelling_stays(pattern: str, path: str) -> None:
    matches(pattern, path)
    assert spelling(path).isascii()


def test_many_stars_take_no_time() -> None:
    pattern = Pattern.parse("/" + "*a" * 20_000 + "b")
    begun = time.perf_counter()
    assert not pattern.matches("/" + "a" * 40_000)
    assert time.perf_counter() - begun < 2
