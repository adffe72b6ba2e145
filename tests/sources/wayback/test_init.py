"""A source reads captures as it reads the living site."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from sources.base import Page, Sighting, WebsiteSettings, announce
from sources.mahq import Mahq
from sources.wayback import Archive

ROOT = "http://archive.test"
SITE = "http://www.e.test"
PAGES = Path(__file__).parents[1] / "pages" / "mahq"
Make = Callable[..., Any]


def settings(**keys: Any) -> WebsiteSettings:
    return WebsiteSettings(source="mahq", via="wayback", **{"archive": ROOT, **keys})


def raw(timestamp: str, original: str, root: str = ROOT) -> str:
    return f"{root}/web/{timestamp}id_/{original}"


def living(url: str) -> Page | None:
    """The old layout of the site as it was, under one name."""
    path = url.removeprefix("https://www.mahq.net/")
    file = PAGES / path
    found = url.startswith("https://www.mahq.net/mecha/") and file.is_file()
    return Page(url, file.read_bytes(), {"content-type": "text/html"}) if found else None


def captured(shot: Make, sightings: Iterable[Sighting]) -> list[Any]:
    """The site as crawlers met it: under three names, at different times, lately parked or gone."""
    names = ("http://www.mahq.net:80", "https://mahq.net", "http://mahq.net")
    shots = []
    for number, file in enumerate(sorted(PAGES.rglob("*.htm*"))):
        path = "/" + file.relative_to(PAGES).as_posix()
        if path.startswith("/mecha/"):
            shots.append(shot(f"2010{number % 12 + 1:02}01000000", names[number % 3] + path, file.read_bytes()))
            shots.append(shot("20190101000000", "https://www.mahq.net" + path, b"<h1>Buy this domain</h1>"))
            shots.append(shot("20230101000000", "https://www.mahq.net" + path, b"gone", status="404"))
    for number, url in enumerate(sorted({sighting.image_url for sighting in sightings if sighting.image_url})):
        path = url.removeprefix("https://www.mahq.net")
        if not path.endswith("carrier.jpg"):  # a picture that no crawler took
            shots.append(shot("20110203000000", names[number % 3] + path, b"PNG " + path.encode(), "image/jpeg", digest="THE SAME"))
            shots.append(shot("20190101000000", "https://www.mahq.net" + path, b"<h1>Buy this domain</h1>"))
    return shots


def test_an_old_site_is_walked_as_if_it_lived(make: Make, shot: Make, serve: Make, fetch: Make) -> None:
    alive = list(Mahq().visit(living, WebsiteSettings(source="mahq")))
    assert len(alive) > 6
    archive = make(*captured(shot, alive))
    root = serve(archive)
    here = settings(archive=root, at="2010")
    reader = Archive(fetch, here)
    found = list(Mahq().visit(reader, here))
    assert found == alive
    pictures = [reader.sighting(sighting) for sighting in found]
    assert [sighting.image_url.rpartition("/")[2] for sighting, kept in zip(found, pictures, strict=True) if kept is None] == [
        "carrier.jpg"
    ]
    for sighting, kept in zip(found, pictures, strict=True):
        if kept is None or not kept.image_url:
            continue
        path = sighting.image_url.removeprefix("https://www.mahq.net")
        page = fetch(kept.image_url)
        assert page is not None
        assert page.body == b"PNG " + path.encode()
        assert kept.image_url.startswith(raw("20110203000000", "http", root))
        assert kept.page_url.startswith(f"{root}/web/2010")
        assert kept.page_url.endswith(sighting.page_url.removeprefix("https://www.mahq.net"))
        assert kept.fields == {**sighting.fields, "original_url": kept.image_url.partition("id_/")[2], "captured": "2011-02-03"}
        assert (kept.title, kept.text, kept.license) == (sighting.title, sighting.text, sighting.license)
    asked = [url for url in archive.asked if not url.startswith("/web/")]
    assert len(asked) <= 4, "the index is asked a few times, however many pages and pictures there are"
    pages = [url for url in archive.asked if url.startswith("/web/") and ".htm" in url]
    assert len(pages) == len(set(pages))


def test_the_newest_capture_without_a_time(make: Make, shot: Make, serve: Make, fetch: Make) -> None:
    alive = list(Mahq().visit(living, WebsiteSettings(source="mahq")))
    here = settings(archive=serve(make(*captured(shot, alive))))
    assert list(Mahq().visit(Archive(fetch, here), here)) == [], "lately the site was parked: say `at`"


def test_a_page_comes_under_the_name_it_was_asked_by(make: Make, shot: Make) -> None:
    archive = make(shot("20100501000000", "http://e.test:80/A/B.htm", b"<a href=c.htm>"))
    page = Archive(archive.get, settings())("https://www.e.test/a/b.htm")
    assert page is not None
    assert (page.url, page.body, page.headers["content-type"]) == ("https://www.e.test/A/B.htm", b"<a href=c.htm>", "text/html")
    assert archive.asked[-1] == "/web/20100501000000id_/http://e.test:80/A/B.htm"


def test_an_address_of_a_capture_is_taken_for_what_was_captured(make: Make, shot: Make) -> None:
    archive = make(shot("20100501000000", f"{SITE}/a/b.htm"), shot("20100501000000", f"{SITE}/a/b.png", type="image/png"))
    reader = Archive(archive.get, settings())
    for written in (f"{ROOT}/web/2009/{SITE}/a/b.htm", "http://www.e.test/web/20090101000000/http:/www.e.test/a/b.htm"):
        page = reader(written)
        assert page is not None
        assert page.url == f"{SITE}/a/b.htm"
    found = reader.sighting(Sighting(f"{ROOT}/web/2009/{SITE}/a/b.htm", f"{SITE}/web/2009im_/{SITE}/a/b.png"))
    assert found is not None
    assert (found.page_url, found.image_url) == (f"{ROOT}/web/20100501000000/{SITE}/a/b.htm", raw("20100501000000", f"{SITE}/a/b.png"))


def test_a_redirect_to_another_capture_tells_the_true_time_and_place(make: Make, shot: Make) -> None:
    moved = shot("20100501000000", f"{SITE}/a/old.htm", b"http://e.test:80/a/new.htm")
    archive = make(moved, shot("20110601000000", "http://e.test:80/a/new.htm", b"new"), shot("20110601000000", f"{SITE}/a/x.png"))
    get = Ahead(archive.get)
    reader = Archive(get, settings())
    reader(f"{SITE}/a/index.htm")
    announce(reader, [f"{SITE}/a/old.htm"])
    assert get.told == [raw("20100501000000", f"{SITE}/a/old.htm")]
    archive.shots[0] = shot("20100501000000", f"{SITE}/a/old.htm", b"http://e.test:80/a/new.htm", status="302")  # the index knew no better
    page = reader(f"{SITE}/a/old.htm")
    assert page is not None
    assert (page.url, page.body) == (f"{SITE}/a/new.htm", b"new")
    found = reader.sighting(Sighting(page.url, f"{SITE}/a/x.png"))
    assert found is not None
    assert found.page_url == f"{ROOT}/web/20110601000000/http://e.test:80/a/new.htm"


def test_a_redirect_out_of_the_archive_is_no_capture(make: Make, shot: Make) -> None:
    archive = make(shot("20100501000000", f"{SITE}/a/b.htm"))

    def get(url: str) -> Page | None:
        return archive.get(url) if "/cdx/" in url else Page(f"{SITE}/a/b.htm", b"alive")

    absent: list[str] = []
    assert Archive(get, settings(), absent.append)(f"{SITE}/a/b.htm") is None
    assert absent == [f"{SITE}/a/b.htm"]


def test_what_has_no_capture_is_told_and_what_cannot_be_had_is_not(make: Make, shot: Make) -> None:
    archive = make(shot("20100501000000", f"{SITE}/a/b.htm"))
    archive.broken["/web/"] = None
    absent: list[str] = []
    reader = Archive(archive.get, settings(), absent.append)
    assert reader(f"{SITE}/a/b.htm") is None
    assert absent == [], "the fetcher knows of it"
    assert reader(f"{ROOT}/web/2009/{SITE}/a/c.htm") is None
    assert reader.sighting(Sighting(f"{SITE}/a/b.htm", f"{SITE}/a/d.png", fallbacks=(f"{SITE}/a/e.png",))) is None
    assert absent == [f"{SITE}/a/c.htm", f"{SITE}/a/d.png"]
    assert len(archive.asked) == 2
    with pytest.raises(ValueError, match="cannot be asked"):
        Archive(lambda url: None, settings())(f"{SITE}/a/b.htm")


class Ahead:
    """A `get` that can be told what comes next."""

    def __init__(self, get: Callable[[str], Page | None]) -> None:
        self.get = get
        self.told: list[str] = []

    def __call__(self, url: str) -> Page | None:
        return self.get(url)

    def ahead(self, urls: Iterable[str]) -> None:
        self.told.extend(urls)


def test_what_comes_next_is_passed_on_where_it_is_known(make: Make, shot: Make) -> None:
    archive = make(*(shot("20100501000000", f"{SITE}/a/{name}.htm") for name in "xyz"))
    get = Ahead(archive.get)
    reader = Archive(get, settings())
    announce(reader, [f"{SITE}/a/x.htm"])
    assert (get.told, archive.asked) == ([], []), "announcing asks nothing"
    reader(f"{SITE}/a/x.htm")
    announce(reader, (f"{SITE}/a/{name}.htm" for name in "ybz"))
    assert get.told == [raw("20100501000000", f"{SITE}/a/{name}.htm") for name in "yz"]
    assert len(archive.asked) == 2


def test_a_picture_falls_back_to_what_was_captured(make: Make, shot: Make) -> None:
    small, large = shot("20100500000000", f"{SITE}/a/small.png", type="image/png"), f"{SITE}/a/large.png"
    reader = Archive(make(small).get, settings())
    page = f"{SITE}/elsewhere/b.htm"
    found = reader.sighting(Sighting(page, large, "T", {"captured": "then"}, "text", "CC0", "Ann", "by Ann", (small.original, large)))
    assert found == Sighting(
        f"{ROOT}/web/20100500000000/{page}",  # a page that nobody read: near to the picture
        raw("20100500000000", small.original),
        "T",
        {"captured": "2010-05-01", "original_url": small.original},
        "text",
        "CC0",
        "Ann",
        "by Ann",
    )
    assert reader.sighting(Sighting(page, large)) is None
    nothing = reader.sighting(Sighting(f"{SITE}/a/small.png", "", "a page without a picture", fallbacks=(large,)))
    assert nothing == Sighting(f"{ROOT}/web/20100500000000/{small.original}", "", "a page without a picture")
    assert reader.sighting(Sighting("file:///list.csv", small.original)).page_url == "file:///list.csv"  # type: ignore[union-attr]


@pytest.mark.parametrize("archive", ["https://a.test", "https://a.test/", "https://a.test/web/", "HTTPS://A.test:443/web"])
def test_the_archives_address_may_be_written_in_many_ways(archive: str) -> None:
    asked: list[str] = []

    def get(url: str) -> Page | None:
        asked.append(url)
        return Page(url, b"")

    assert Archive(get, settings(archive=archive))(f"{SITE}/a/b") is None
    assert asked[0].startswith("https://a.test/cdx/search/cdx?url=")


@pytest.mark.parametrize("archive", ["", "web.archive.org", "ftp://a.test", "https://"])
def test_an_archive_that_is_no_address_is_refused(archive: str) -> None:
    with pytest.raises(ValueError, match=r"scrape\.archive: .* is no http or https address"):
        Archive(lambda url: None, settings(archive=archive))
