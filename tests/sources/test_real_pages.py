"""Real pages, where there are some: every reader of HTML must come through them. They belong to their sites and are not shipped.

ART_PAGES names a folder of saved pages; without it these tests are skipped.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from pipeline.fetch import optout
from sources import html
from sources.base import Page, WebsiteSettings
from sources.labels import Labels, field_name
from sources.mahq import Mahq, is_wordpress, pictures, unit
from sources.mahq.site import Site

FOLDER = Path(os.environ["ART_PAGES"]) if os.environ.get("ART_PAGES") else None
PAGES = sorted(FOLDER.glob("*.htm*")) if FOLDER and FOLDER.is_dir() else []
URL = "https://www.example.org/section/page.html"

pytestmark = pytest.mark.skipif(not PAGES, reason="ART_PAGES names no folder of saved pages")


@pytest.fixture(params=PAGES or [Path("none")], ids=lambda path: path.name)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(URL, request.param.read_bytes(), {"content-type": "text/html"})


def test_words_and_links(page: Page) -> None:
    assert html.is_html(page)
    assert page.soup.find("body") is not None
    shown = html.text(page.soup)
    assert len(shown) > 200
    assert "<div" not in shown
    assert [line for line in html.lines(page.soup) if line.text]
    base = html.base_url(page.soup, page.url)
    links = [found for written in html.links(page.soup) if (found := html.absolute(base, written))]
    assert all(link.startswith(("http://", "https://")) for link in links)
    assert len(links) > 5


def test_pictures(page: Page) -> None:
    for img in page.soup.find_all("img"):
        for written in html.image_sources(img):
            found = html.absolute(URL, written)
            assert found is None or found.startswith("http")
            html.is_picture(written)
    html.radios(page.soup)


def test_labels(page: Page) -> None:
    for pair in Labels(["Model number", "Unit type", "Height"]).pairs(html.lines(page.soup)):
        assert pair.name == field_name(pair.name)
        assert pair.value


def test_the_encyclopaedia_s_readers_come_through(page: Page) -> None:
    site = Site.at(URL)
    skip = unit.surroundings(page.soup)
    unit.read(page.soup, skip)
    unit.title(page.soup, skip)
    unit.license(page.soup, "")
    pictures.on_page(page.soup, URL, skip, site)
    pictures.all_urls(page.soup, URL, site)
    is_wordpress(page)
    list(Mahq().visit({URL: page}.get, WebsiteSettings(source="mahq", start=URL)))


def test_opt_outs_are_those_that_the_parsed_page_shows(page: Page) -> None:
    named = [tag for tag in page.soup.find_all("meta", attrs={"name": True}) if html.attribute(tag, "name").lower() == "robots"]
    words = {word.strip().lower() for tag in named for word in html.attribute(tag, "content").split(",")}
    assert {one.name for one in optout.in_page(page.body, "art-pipeline")} == words & set(optout.DIRECTIVES)


def test_the_same_text_as_bs4_reads_by_itself(page: Page) -> None:
    original = BeautifulSoup(page.text, "lxml")
    assert html.text(page.soup) == html.text(original)
    assert [tag.name for tag in page.soup.find_all(True)] == [tag.name for tag in original.find_all(True)]
