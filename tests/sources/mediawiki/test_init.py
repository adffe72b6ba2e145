"""The source as the registry and manifests see it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sources import base
from sources.base import Subject, WebsiteSettings
from sources.mediawiki import MediaWiki, MediaWikiSettings, with_infobox


def test_the_registry_knows_it() -> None:
    source = base.load("mediawiki")
    assert isinstance(source, MediaWiki)
    assert source.Settings is MediaWikiSettings
    assert "terms not stated by the wiki" in source.license


def test_settings_have_defaults_and_take_a_single_title() -> None:
    given = MediaWikiSettings(source="mediawiki", categories="Mobile Weapons")  # type: ignore[arg-type]
    assert (given.categories, given.pages, given.depth, given.pictures, given.infobox) == (("Mobile Weapons",), (), 0, "lead", "")


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"categories": [""]}, "cannot be a title"),
        ({"categories": ["a|b"]}, "'a|b' cannot be a title"),
        ({"pages": ["a\nb"]}, "cannot be a title"),
        ({"pages": ["{{x}}"]}, "cannot be a title"),
        ({"pages": ["x" * 301]}, "cannot be a title"),
        ({"depth": -1}, "greater than or equal to 0"),
        ({"pictures": "some"}, "'lead' or 'all'"),
        ({"via": "wayback"}, "web archives do not keep"),
        ({"category": "x"}, "not permitted"),
    ],
)
def test_settings_that_make_no_sense(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        MediaWikiSettings(source="mediawiki", **keys)


def test_every_setting_is_described() -> None:
    assert all(info.description for name, info in MediaWikiSettings.model_fields.items() if name != "source")


def test_settings_of_another_source_are_refused() -> None:
    with pytest.raises(TypeError, match="MediaWikiSettings"):
        list(MediaWiki().visit(lambda url: None, WebsiteSettings(source="mediawiki")))


def test_a_wiki_that_does_not_answer_yields_nothing() -> None:
    settings = MediaWikiSettings(source="mediawiki", start="https://wiki.example.org/w/api.php", categories=("X",))
    assert list(MediaWiki().visit(lambda url: None, settings)) == []
    elsewhere = settings.model_copy(update={"start": "https://wiki.example.org/wiki/X"})
    assert list(MediaWiki().visit(lambda url: None, elsewhere)) == []


def test_health_looks_at_articles_only_for_infoboxes() -> None:
    own = {"series": "S", "category": "S", "categories": "S", "file": "A.png", "file_page": "https://x", "wiki_page": "article"}
    boxed, bare = Subject(1, {**own, "unit_type": "suit"}), Subject(1, own)
    file = Subject(1, {**own, "wiki_page": "file"})
    assert with_infobox([boxed, bare, file, file]) == 0.5
    assert with_infobox([file]) == 1.0
    assert [one.name for one in MediaWiki.health] == ["with_picture", "with_infobox"]
    assert MediaWiki.health[0].value([boxed, Subject(0, own)]) == 0.5
