from __future__ import annotations

import io

import pytest
from PIL import Image

from sources.demo.plan import NEW_START, START
from sources.demo.site import Site

pytest.importorskip("robohash")


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(200, 0)


def _first(site: Site, answer: str) -> str:
    return next(path for path, picture in site.pictures.items() if picture.answer == answer)


def test_entrances_and_lists_are_there(site: Site) -> None:
    for path in (START, NEW_START, "/mecha/gundam/aurora/index.htm", "/zenith/"):
        assert site.answer(path).status == 200
    assert site.answer("/").location == START
    assert site.answer("/robots.txt").body.startswith(b"User-agent: *")
    assert site.answer("/nothing.htm").status == 404


def test_capitals_and_queries_make_no_difference(site: Site) -> None:
    path = site.units[0].path
    assert site.answer(path.upper()).body == site.answer(f"{path}?print=1").body == site.answer(path).body


def test_what_becomes_of_each_kind_of_picture(site: Site) -> None:
    assert site.answer(_first(site, "dead")).status == 404
    html = site.answer(_first(site, "html"))
    assert (html.status, html.kind[:6], html.body[:6]) == (200, "image/", b"<html>")
    moved = site.answer(_first(site, "moved"))
    assert moved.status == 302
    assert site.answer(moved.location).kind == "image/jpeg"
    truncated = site.answer(_first(site, "truncated"))
    assert (truncated.status, truncated.kind) == (200, "image/jpeg")


def test_an_old_name_of_a_page_leads_to_the_new(site: Site) -> None:
    unit = site.units[3]
    moved = site.answer(unit.path.replace(".htm", "_old.htm"))
    assert (moved.status, moved.location) == (301, unit.path)


def test_a_picture_is_drawn_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _first(site, "picture")
    first = site.answer(path)
    monkeypatch.setattr("sources.demo.pictures.content", lambda picture: pytest.fail("drawn again"))
    assert site.answer(path) is first


def test_furniture_is_served_and_is_no_unit_picture(site: Site) -> None:
    for path, size in (("/images/spacer.gif", (1, 1)), ("/images/banner.png", (780, 90)), ("/images/corner_left.gif", (12, 12))):
        assert Image.open(io.BytesIO(site.answer(path).body)).size == size
        assert path not in site.pictures
    assert site.answer("/styles/old.css").kind == "text/css"


def test_the_new_layout_serves_scaled_forms(site: Site) -> None:
    picture = site.units[-1].pictures[0][1]
    small = site.answer(picture.path.replace(".png", "-300x300.png"))
    assert Image.open(io.BytesIO(small.body)).width == 300
    assert not site.pictures[picture.path.replace(".png", "-150x150.png")].listed
