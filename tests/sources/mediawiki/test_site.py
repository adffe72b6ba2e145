"""A wiki's own names for its namespaces."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sources.base import Page
from sources.mediawiki.api import Api
from sources.mediawiki.site import Site

HERE = "https://wiki.example.org/w/api.php"


def site(wiki: Any) -> Site:
    found = Site.ask(Api(wiki, wiki.api))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("title", "space", "name"),
    [
        ("Datei:A_b.png", 6, "A b.png"),
        ("file:A.png", 6, "A.png"),
        ("Image: A.png", 6, "A.png"),
        (":Kategorie:X", 14, "X"),
        ("KATEGORIE:X: Y", 14, "X: Y"),
        ("Cat:X", 14, "X"),
        ("Gundam: X", 0, "Gundam: X"),
        ("RX-78-2", 0, "RX-78-2"),
    ],
)
def test_titles_are_split_by_the_wikis_names_the_english_ones_and_aliases(
    new_wiki: Callable[..., Any], title: str, space: int, name: str
) -> None:
    assert site(new_wiki(names={6: "Datei", 14: "Kategorie"})).split(title) == (space, name)


def test_names_of_a_namespace(new_wiki: Callable[..., Any]) -> None:
    assert site(new_wiki(names={6: "Datei"})).names(6) == ("datei", "file", "image")
    assert site(new_wiki()).content == {0}


def test_the_older_form() -> None:
    old = {
        "query": {"namespaces": {"6": {"id": 6, "*": "Fichier", "canonical": "File"}, "112": {"id": 112, "*": "Mecha_data", "content": ""}}}
    }
    found = Site.ask(Api(lambda url: Page(url, json.dumps(old).encode()), HERE))
    assert found is not None
    assert (found.split("fichier:A"), found.split("Mecha data:B"), found.content) == ((6, "A"), (112, "B"), {0, 112})


def test_a_wiki_that_cannot_be_asked_and_one_that_is_none() -> None:
    assert Site.ask(Api(lambda url: None, HERE)) is None
    with pytest.raises(ValueError, match="says nothing of a wiki"):
        Site.ask(Api(lambda url: Page(url, b'{"status": "ok"}'), HERE))
