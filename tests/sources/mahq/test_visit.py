"""The whole walk over a small hand-built site that holds both layouts and the traps of hand-kept pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import pytest

from sources import base
from sources.base import Page, Sighting, WebsiteSettings
from sources.mahq import Mahq

PAGES = Path(__file__).parents[1] / "pages" / "mahq"
UPLOADS = "/wp-content/uploads/2022/02/"
# page, picture, view; in the order of the walk
WANTED = [
    ("/mecha/gundam/msgundam/rx-77.htm", "/mecha/gundam/msgundam/rx-77.jpg", ""),
    ("/mecha/gundam/msgundam/ms-06s.htm", "/mecha/gundam/msgundam/ms-06s.jpg", "Front"),
    ("/mecha/gundam/msgundam/ms-06s.htm", "/mecha/gundam/msgundam/ms-06s-back.jpg", "Rear"),
    ("/mecha/gundam/msgundam/ms-06s.htm", "/mecha/gundam/msgundam/images/ms-06s%20head.jpg", "Head"),
    ("/mecha/gundam/msgundam/carrier.htm", "/mecha/gundam/msgundam/carrier.jpg", ""),
    ("/rx-78-2/", UPLOADS + "rx-78-2.jpg", ""),
    ("/mecha/gundam/wing/xxxg-01w.htm", "/mecha/gundam/msgundam/ms-06s.jpg", ""),
    ("/amx-123x-x/", UPLOADS + "amx-123x-x.jpg", ""),
    ("/amx-123x-x/", UPLOADS + "amx-123x-x-rear.png", ""),
    ("/amx-123x-x/", UPLOADS + "size-1024x768.jpg", ""),
    ("/mecha/gundam/msgundam/ms-06r.htm", "/mecha/gundam/msgundam/ms-06r_big.jpg", ""),
]


class Server:
    """The hand-built pages at any root, with a redirect and a log of what was asked for."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.asked: list[str] = []

    def __call__(self, url: str) -> Page | None:
        self.asked.append(url)
        path = url.removeprefix(self.root)
        path = {"/mecha/gundam/msgundam/moved.htm": "/rx-78-2/", "/amx-123x-x": "/amx-123x-x/"}.get(path, path)
        file = PAGES / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        return (
            Page(self.root + path, file.read_bytes(), {"content-type": "text/html"})
            if url.startswith(self.root) and file.is_file()
            else None
        )


def settings(start: str) -> WebsiteSettings:
    return WebsiteSettings(source="mahq", start=start)


def walk(start: str, root: str = "https://www.mahq.net") -> tuple[list[Sighting], Server]:
    server = Server(root)
    return [found for found in Mahq().visit(server, settings(start)) if found.image_url], server


def seen(sightings: list[Sighting], root: str) -> list[tuple[str, str, str]]:
    return [(s.page_url.removeprefix(root), s.image_url.removeprefix(root), s.fields.get("view", "")) for s in sightings]


def by_page(sightings: list[Sighting], name: str) -> Sighting:
    return next(sighting for sighting in sightings if name in sighting.page_url)


def test_a_unit_without_a_picture_is_told_too() -> None:
    server = Server("https://www.mahq.net")
    bare = [found for found in Mahq().visit(server, settings("https://www.mahq.net/mecha/gundam/index.htm")) if not found.image_url]
    assert [found.page_url.rpartition("/")[2] for found in bare] == ["trailer-eff.htm"]
    assert bare[0].fields["series"] == "msgundam"


def test_what_will_be_asked_for_is_announced() -> None:
    class Told(Server):
        ahead_of: ClassVar[list[str]] = []

        def ahead(self, urls: Iterable[str]) -> None:
            self.ahead_of += urls

    server = Told("https://www.mahq.net")
    list(Mahq().visit(server, settings("https://www.mahq.net/mecha/gundam/index.htm")))
    units = [url for url in server.ahead_of if url.endswith(".htm") and "index" not in url]
    assert len(units) > 5
    assert len(set(server.ahead_of)) == len(server.ahead_of)


def test_every_page_says_that_it_is_hand_built() -> None:
    pages = [file for file in PAGES.rglob("*") if file.is_file()]
    assert len(pages) > 15
    assert all(b"hand-built for tests" in file.read_bytes().splitlines()[0].lower() for file in pages)


def test_the_registry_knows_it() -> None:
    source = base.load("mahq")
    assert isinstance(source, Mahq)
    assert "All rights reserved" in source.license


@pytest.mark.parametrize(
    ("root", "start"),
    [
        ("https://www.mahq.net", "https://www.mahq.net/mecha/gundam/index.htm"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123/mecha/gundam/index.htm"),
        (
            "http://mirror.test/copies/2015/https://www.mahq.net",
            "http://mirror.test/copies/2015/https://www.mahq.net/mecha/gundam/index.htm",
        ),
    ],
)
def test_every_picture_of_both_layouts_and_no_other(root: str, start: str) -> None:
    sightings, server = walk(start, root)
    assert seen(sightings, root) == WANTED
    assert len(server.asked) == len(set(server.asked)), "a page was asked for twice"
    outside = [
        url for url in server.asked if not url.startswith(root) or "macross" in url or url.endswith((".pdf", "/news.htm", "/contact/"))
    ]
    assert outside == []


@pytest.mark.parametrize("start", ["", "https://www.mahq.net/gundammain/"])
def test_from_the_new_entrance_the_same_pictures_come(start: str) -> None:
    sightings, server = walk(start)
    assert sorted(seen(sightings, server.root)) == sorted(WANTED)
    assert server.asked[:2] == ["https://www.mahq.net/gundammain/", "https://www.mahq.net/mecha/gundam/index.htm"]


def test_any_other_start_is_walked_by_itself() -> None:
    root = "https://www.mahq.net"
    wing, _ = walk(root + "/mecha/gundam/wing/index.html")
    moon, _ = walk(root + "/moongundam/")
    unit, _ = walk(root + "/mecha/gundam/msgundam/rx-77.htm")
    assert seen(wing, root) == [entry for entry in WANTED if "/wing/" in entry[0]]
    assert seen(moon, root) == [entry for entry in WANTED if "/amx" in entry[0]]
    assert seen(unit, root) == WANTED[:1]
    assert {by_page(found, "").fields["series"] for found in (wing, moon, unit)} == {"wing", "moongundam", "msgundam"}


def test_fields_title_text_and_terms_of_an_old_page() -> None:
    zaku = by_page(walk("")[0], "ms-06s.htm")
    assert zaku.title == "MS-06S Zaku II Commander Type"
    assert dict(zaku.fields) == {
        "model_number": "MS-06S",
        "code_name": "Zaku II",
        "unit_type": "custom mobile suit",
        "manufacturer": "Zeonic",
        "operator": "Principality of Zeon",
        "first_deployment": "UC 0079",
        "weight": "empty 56.2 metric tons",
        "armor_materials": "super-high-tensile steel",
        "variants": "MS-06R",
        "series": "msgundam",
        "series_title": "Mobile Suit Gundam",
        "view": "Front",
    }
    assert "Three times faster than a carrier" in zaku.text
    assert "model kits" not in zaku.text
    assert zaku.license == "All rights reserved (Original content ©2000 by Accidental Pilot, Inc.)"


def test_fields_title_text_and_terms_of_a_new_page() -> None:
    moon = by_page(walk("")[0], "amx-123x-x")
    assert moon.title == "AMX-123X-X Moon Gundam"
    assert moon.fields["unit_type"] == "prototype mobile suit"
    assert (moon.fields["series"], moon.fields["series_title"]) == ("moongundam", "Mobile Suit Moon Gundam")
    assert "Macross" not in moon.text
    assert "armor" not in moon.text
    assert moon.license == "All rights reserved (Original content ©2000 to by Accidental Pilot, Inc.)"


def test_titles_when_the_title_span_is_missing() -> None:
    sightings, _ = walk("")
    assert by_page(sightings, "rx-77").title == "RX-77 Guncannon (édition spéciale)"
    assert by_page(sightings, "xxxg-01w").title == "XXXG-01W Wing Gundam"
    assert by_page(sightings, "ms-06r").title == "MS-06R Zaku II High Mobility Type"


def test_a_unit_that_moved_keeps_the_series_that_links_to_it() -> None:
    sightings, _ = walk("https://www.mahq.net/mecha/gundam/index.htm")
    fields = by_page(sightings, "/rx-78-2/").fields
    assert (fields["series"], fields.get("series_title")) == ("msgundam", "Mobile Suit Gundam")


def test_a_page_that_is_not_utf8_and_a_series_named_by_the_page() -> None:
    sightings, _ = walk("")
    cannon = by_page(sightings, "rx-77")
    assert "It’s a “cannon”." in cannon.text
    assert cannon.license == Mahq.license
    wing = by_page(sightings, "xxxg-01w").fields
    assert (wing["series"], wing["series_title"], wing["unit_type"]) == ("wing", "Gundam Wing", "transformable mobile armor")


def test_answers_that_are_no_pages_are_passed_over() -> None:
    root = "http://127.0.0.1:8123"
    index = b'<a href="a.htm">a</a><a href="b.htm">b</a><a href="c.htm">c</a><a href="d.htm">d</a><a href="ok/e.htm">e</a>'
    unit = b"<h1>E</h1><img src=e.jpg><p>Unit type: mobile suit<br>Model number: E</p>"
    answers = {
        "/mecha/gundam/index.htm": Page(root + "/mecha/gundam/index.htm", index),
        "/mecha/gundam/a.htm": Page(root + "/mecha/gundam/a.htm", b"\xff\xd8\xff\xe0" + bytes(range(256)), {"content-type": "text/html"}),
        "/mecha/gundam/b.htm": Page("http://elsewhere.test/b.htm", unit, {"content-type": "text/html"}),
        "/mecha/gundam/c.htm": Page(root + "/mecha/gundam/c.htm", b""),
        "/mecha/gundam/d.htm": Page(root + "/", b"<p>Not found. <a href=/mecha/gundam/index.htm>Back</a>"),
        "/mecha/gundam/ok/e.htm": Page(root + "/mecha/gundam/ok/e.htm", unit),
    }
    found = list(Mahq().visit(lambda url: answers.get(url.removeprefix(root)), settings(root + "/mecha/gundam/index.htm")))
    assert [sighting.image_url for sighting in found] == [root + "/mecha/gundam/ok/e.jpg"]
    assert list(Mahq().visit(lambda url: None, settings(""))) == []


def test_a_dead_link_in_capitals_is_tried_in_small_letters() -> None:
    root = "http://127.0.0.1:8123"
    answers = {
        "/mecha/gundam/index.htm": b"<a href=WING/E.HTM>e</a><a href=GONE.HTM>gone</a>",
        "/mecha/gundam/wing/e.htm": b"<img src=e.jpg><p>Unit type: mobile suit<br>Model number: E</p>",
    }
    pages = {root + path: Page(root + path, body) for path, body in answers.items()}
    found = list(Mahq().visit(pages.get, settings(root + "/mecha/gundam/index.htm")))
    assert [sighting.image_url for sighting in found] == [root + "/mecha/gundam/wing/e.jpg"]


def test_a_site_that_moved_to_https_is_walked_under_its_new_name() -> None:
    asked: list[str] = []

    def get(url: str) -> Page | None:
        asked.append(url)
        return Server("https://mahq.net")(url.replace("http://www.", "https://"))

    list(Mahq().visit(get, settings("http://www.mahq.net/mecha/gundam/index.htm")))
    assert [url for url in asked if url.startswith("http://")] == [
        "http://www.mahq.net/mecha/gundam/index.htm",
        "http://www.mahq.net/gundammain/",
    ]


@pytest.mark.parametrize("start", ["ftp://www.mahq.net/", "mecha/gundam/index.htm", "http://[oops/"])
def test_a_start_that_is_no_address_is_refused_in_words(start: str) -> None:
    with pytest.raises(ValueError, match=r"scrape\.start.*give the site's start page"):
        list(Mahq().visit(lambda url: None, settings(start)))
