"""Licence, author and credit. The metadata has the shapes that CommonsMetadata documents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.mediawiki.terms import Terms, of, plain


def metadata(**values: Any) -> dict[str, Any]:
    return {name: {"value": value, "source": "commons-desc-page", "hidden": ""} for name, value in values.items()}


def test_a_free_file() -> None:
    found = of(
        metadata(
            LicenseShortName="CC BY-SA 2.0",
            LicenseUrl="https://creativecommons.org/licenses/by-sa/2.0",
            UsageTerms="Creative Commons Attribution-Share Alike 2.0",
            License="cc-by-sa-2.0",
            Copyrighted="True",
            AttributionRequired="true",
            Artist='<ul>\n<li><a href="//commons.wikimedia.org/wiki/User:Beao" title="User:Beao">Bea</a></li>\n<li>m. hughes</li></ul>',
            Credit='<a rel="nofollow" class="external text" href="https://www.flickr.com/">Flickr</a>',
            ImageDescription="<p>A &quot;portrait&quot;</p><script>x()</script>",
        ),
        [],
        [],
    )
    assert found == Terms("CC BY-SA 2.0 (https://creativecommons.org/licenses/by-sa/2.0)", "Bea m. hughes", "Flickr", 'A "portrait"')


def test_a_plate_in_the_public_domain() -> None:
    hidden = 'Ernst Haeckel<span style="display: none;">Ernst Haeckel</span>'
    found = of(
        metadata(LicenseShortName="Public domain", Copyrighted="False", Artist=hidden, Credit="Kunstformen der Natur (1904)"), [], []
    )
    assert found == Terms("Public domain", "Ernst Haeckel", "Kunstformen der Natur (1904)")


@pytest.mark.parametrize(
    ("values", "license"),
    [
        ({"Copyrighted": "False"}, "Public domain"),
        ({"Copyrighted": False}, "Public domain"),
        ({"Copyrighted": "True"}, ""),
        ({"UsageTerms": "Free use"}, "Free use"),
        ({"License": "cc-by-4.0", "LicenseUrl": "//creativecommons.org/licenses/by/4.0/"}, "cc-by-4.0 (https://creativecommons.org/licenses/by/4.0/)"),
        ({"LicenseShortName": "X", "LicenseUrl": "javascript:alert(1)"}, "X"),
        ({"LicenseShortName": ["X"], "UsageTerms": None, "LicenseUrl": {}}, ""),
        ({"LicenseShortName": "<b>CC0</b>"}, "CC0"),
    ],
)  # fmt: skip
def test_the_licence_in_metadata(values: dict[str, Any], license: str) -> None:
    assert of(metadata(**values), [], []).license == license


@pytest.mark.parametrize(
    ("templates", "categories", "license"),
    [
        (["Fairuse"], [], "Fair use"),
        (["Fair use", "Permission"], [], "Fair use; Used by permission of the owner"),
        (["CC-BY-SA"], ["Fair use images"], "CC BY-SA 3.0"),
        (["PD", "Public domain"], [], "Public domain"),
        (["Nolicense", "Information"], [], ""),
        ([], ["Screenshots", "Fair use images"], "Fair use"),
        ([], ["Public domain files"], "Public domain"),
        ([], ["CC-BY-SA files"], "CC BY-SA"),
        ([], ["CC-BY-NC files", "Unfair users"], ""),
        ([], [], ""),
    ],
)
def test_the_licence_on_the_files_page(templates: list[str], categories: list[str], license: str) -> None:
    only_a_date = metadata(DateTime="2015-01-28T05:22:55Z", ObjectName="Yahagi")
    assert of(only_a_date, templates, categories).license == license
    assert of(metadata(LicenseShortName="CC0"), templates, categories).license == "CC0"


def test_the_attribution_asked_for_goes_before_the_source() -> None:
    assert of(metadata(Attribution="© Jane / CC BY", Credit="Own work"), [], []).credit == "© Jane / CC BY"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a &amp; b", "a & b"),
        ("https://example.org/a?b=1&copy=2", "https://example.org/a?b=1©=2"),
        ("<p>a</p><p>b</p>", "a b"),
        ("<div style='DISPLAY :NONE'>x</div>y", "y"),
        ("a<style>b{}</style>c<!-- d -->", "ac"),
        ("&#xD800;x&#0;", "\ufffdx\ufffd"),
        ("<b>" * 3000 + "deep", "deep"),
        ("<b>a\ud800b</b>\x0b", "ab"),
    ],
)
def test_html_as_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=30),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_any_metadata_is_read(value: Any) -> None:
    for tree in (value, metadata(LicenseShortName=value, Artist=value, LicenseUrl=value), {"Artist": value, "LicenseUrl": value}):
        found = of(tree, [], [])
        "".join([found.license, found.author, found.credit, found.description]).encode()
