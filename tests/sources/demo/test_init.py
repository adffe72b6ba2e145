from __future__ import annotations

import re
import socket
import urllib.request
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

import sources.base
from sources import demo
from sources.base import Page, Sighting

HOST = "http://127.0.0.1:9"
SETTINGS = demo.DemoSettings(source="demo", start=f"{HOST}/mecha/gundam/index.htm")


def _get(url: str) -> Page | None:
    """The site without a server; redirects are followed as the fetcher does."""
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == HOST, f"{url} leads away from the site"
    answer = demo.site_of(SETTINGS).answer(parts.path)
    if answer.location:
        return _get(HOST + answer.location)
    return Page(url, answer.body, {"content-type": answer.kind}) if answer.status == 200 else None


@pytest.fixture(scope="module")
def seen() -> list[Sighting]:
    return list(demo.Demo().visit(_get, SETTINGS))


def test_a_visit_finds_every_listed_picture_and_nothing_else(seen: list[Sighting]) -> None:
    listed = {row.path for row in demo.truth(SETTINGS) if row.listed}
    assert {urlsplit(sighting.image_url).path for sighting in seen} == listed
    assert len(listed) > 380


def test_titles_series_and_unit_types_are_read_right(seen: list[Sighting]) -> None:
    units = {unit.path: unit for unit in demo.site_of(SETTINGS).units}
    assert {urlsplit(sighting.page_url).path.lower() for sighting in seen} == set(units)
    for sighting in seen:
        unit = units[urlsplit(sighting.page_url).path.lower()]
        assert sighting.title == unit.title
        assert sighting.fields["series"] == unit.series
        assert sighting.fields["unit_type"] == unit.figures["Unit type"]


def test_licence_and_credit_stand_with_every_picture(seen: list[Sighting]) -> None:
    robots = {row.path: row.robot for row in demo.truth(SETTINGS)}
    for sighting in seen:
        if robots[urlsplit(sighting.image_url).path]:
            assert sighting.license.startswith("CC BY 4.0")
            assert "Robohash.org" in sighting.credit
            assert "Zikri Kader" in sighting.credit
        else:
            assert sighting.license == "MIT"
    assert {sighting.license for sighting in seen} == {demo.ROBOT_LICENSE, "MIT"}


def test_the_site_is_served_where_start_or_port_says() -> None:
    pytest.importorskip("robohash")
    source = sources.base.load("demo")
    assert isinstance(source, demo.Demo)
    with source.serve(demo.DemoSettings(source="demo")) as start:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mecha/gundam/index\.htm", start)
        with urllib.request.urlopen(start, timeout=10) as answer:
            assert b"The Harbour Machine Index" in answer.read()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    named = f"http://127.0.0.1:{port}/mecha/gundam/index.htm"
    with source.serve(demo.DemoSettings(source="demo", start=named)) as again:
        assert again == named
    with source.serve(demo.DemoSettings(source="demo", port=port, start="http://127.0.0.1:1/gundammain/")) as moved:
        assert moved == f"http://127.0.0.1:{port}/gundammain/"


def test_without_robohash_serving_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.demo.art.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install"), demo.Demo().serve(SETTINGS):
        pass


@pytest.mark.parametrize(
    "values", [{"start": "http://www.example.org/mecha/gundam/index.htm"}, {"units": 10}, {"port": 70000}, {"colour": "red"}]
)
def test_settings_refuse_what_cannot_be(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        demo.DemoSettings.model_validate({"source": "demo", **values})


def test_units_allowed_by_the_settings_fit_the_plan() -> None:
    for units in (200, 660):
        assert len(demo.site_of(demo.DemoSettings(source="demo", units=units)).units) == units
