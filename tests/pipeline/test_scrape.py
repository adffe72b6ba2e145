"""Driving a source: remembered answers, failures as rows, sightings of one picture on two pages."""

from __future__ import annotations

import gzip
import io
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image

import sources.base
from pipeline import stages
from pipeline.dataset import Dataset
from pipeline.drift import Drift
from pipeline.errors import PipelineError
from pipeline.fetch.limits import Limits
from pipeline.report import SILENT
from pipeline.scrape import scrape
from sources.base import Expectation, Get, Sighting, WebsiteSettings, WebsiteSource, with_field


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (70, 70), colour).save(out, format="PNG")
    return out.getvalue()


SITE = {
    "/": (200, "text/html", b"<a href=/one>1</a> <a href=/two>2</a> <a href=/dead>3</a>"),
    "/one": (200, "text/html", b"<h1>One</h1><img src=/red.png><img src=/gone.png>"),
    "/two": (200, "text/html", b"<h1>Two</h1><img src=/same.png><img src=/blue.png><img src=/lie.png>"),
    "/red.png": (200, "image/png", png("red")),
    "/same.png": (200, "image/png", png("red")),
    "/blue.png": (200, "image/png", png("blue")),
    "/lie.png": (200, "image/png", b"<html>no picture</html>"),
}


class Little(WebsiteSource):
    name = "little"
    home = "http://127.0.0.1/"
    delay = 0.0

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        index = get(settings.start)
        if index is None:
            return
        for link in index.soup.find_all("a"):
            page = get(urljoin(index.url, str(link["href"])))
            if page is None:
                continue
            for image in page.soup.find_all("img"):
                title = page.soup.h1.get_text() if page.soup.h1 else ""
                instead = tuple(urljoin(page.url, str(image[name])) for name in ("alt",) if name in image.attrs)
                yield Sighting(page.url, urljoin(page.url, str(image["src"])), title, text="x" * 9000, fallbacks=instead)


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """Its URL, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, kind, body = SITE.get(self.path, (404, "text/html", b"none"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def dataset(tmp_path: Path, site: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setitem(sources.base.BUILT_IN, "little", "little_source:Little")
    module = type(sources)("little_source")
    module.Little = Little  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "little_source", module)
    (tmp_path / "manifest.toml").write_text(f'[[scrape]]\nsource = "little"\nstart = "{site[0]}"\n')
    return Dataset(tmp_path)


def test_pictures_sightings_and_failures(dataset: Dataset) -> None:
    with dataset.writing("test"):
        tally = scrape(dataset, limit=None, report=SILENT)
        assert (tally.pages, tally.pictures, tally.new) == (4, 3, 2)
        assert dict(tally.failures) == {"gone": 2, "not_an_image": 1}
        seen = dataset.catalog.sightings()
        assert sorted(seen["title"]) == ["One", "Two", "Two"]
        assert set(seen["text"].str.len()) == {sources.base.TEXT_CAP}
        assert len(dataset.catalog.failures()) == 3
        assert stages.state(dataset)[0].state == "fresh"


def test_a_second_scrape_asks_only_for_what_may_pass(
    dataset: Dataset, site: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/gone.png", (500, "text/html", b"broken"))
    with dataset.writing("test"):
        scrape(dataset, limit=None, report=SILENT, limits=Limits(attempts=1))
    site[1].clear()
    monkeypatch.setitem(SITE, "/gone.png", (200, "image/png", png("green")))
    with dataset.writing("test"):
        tally = scrape(dataset, limit=None, report=SILENT)
    assert [path for path in site[1] if path not in ("/robots.txt", "/.well-known/tdmrep.json")] == ["/gone.png"]
    assert (tally.pictures, tally.new) == (4, 1)
    assert dict(tally.failures) == {"gone": 1, "not_an_image": 1}


def test_a_start_page_that_is_not_there_is_an_error(dataset: Dataset, site: tuple[str, list[str]]) -> None:
    dataset.write_manifest(f'[[scrape]]\nsource = "little"\nstart = "{site[0]}nowhere"\n')
    with dataset.writing("test"), pytest.raises(PipelineError, match="not one page could be had; .*nowhere: gone"):
        scrape(dataset, limit=None, report=SILENT)


def test_a_fallback_is_used_where_the_first_address_gives_nothing(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SITE, "/one", (200, "text/html", b"<h1>One</h1><img src=/gone.png alt=/blue.png>"))
    with dataset.writing("test"):
        scrape(dataset, limit=None, report=SILENT)
        urls = list(dataset.catalog.sightings()["image_url"])
    assert sum(url.endswith("/blue.png") for url in urls) == 2
    assert not any(url.endswith("/gone.png") for url in urls)


def test_a_revisit_that_fails_for_now_keeps_the_old_page(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with dataset.writing("test"):
        scrape(dataset, limit=None, report=SILENT)
    dataset.write_manifest(dataset.manifest_path.read_text() + "revisit_days = 0\n")
    monkeypatch.setitem(SITE, "/two", (503, "text/html", b"busy"))
    with dataset.writing("test"):
        assert scrape(dataset, limit=None, report=SILENT, limits=Limits(attempts=1)).pictures == 3


def test_limit_leaves_the_stage_unfinished(dataset: Dataset) -> None:
    with dataset.writing("test"):
        assert scrape(dataset, limit=1, report=SILENT).stopped
        assert stages.state(dataset)[0].state == "missing"


# --- several blocks, interruptions, drift, offline


class Units(Little):
    name = "units"
    health = (Expectation("titled", "share of pages with a title", 0.9, "h1 in little_source.py", with_field("title")),)

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        for sighting in super().visit(get, settings):
            yield replace(sighting, fields={"title": sighting.title})


def unit_site(monkeypatch: pytest.MonkeyPatch, tag: str = "h1", count: int = 25, word: str = "Unit") -> None:
    """An index and `count` pages, each with one picture of its own."""
    monkeypatch.setitem(SITE, "/", (200, "text/html", b"".join(b"<a href=/u%d>x</a>" % n for n in range(count))))
    for n in range(count):
        monkeypatch.setitem(SITE, f"/u{n}", (200, "text/html", f"<{tag}>{word} {n}</{tag}><img src=/u{n}.png>".encode()))
        monkeypatch.setitem(SITE, f"/u{n}.png", (200, "image/png", png(f"#0000{n:02x}")))


@pytest.fixture
def units(dataset: Dataset, monkeypatch: pytest.MonkeyPatch, site: tuple[str, list[str]]) -> Dataset:
    monkeypatch.setitem(sources.base.BUILT_IN, "units", "little_source:Units")
    __import__("sys").modules["little_source"].Units = Units  # type: ignore[attr-defined]
    dataset.write_manifest(f'[[scrape]]\nsource = "units"\nstart = "{site[0]}"\nrevisit_days = 0\n')
    unit_site(monkeypatch)
    return dataset


def titles(dataset: Dataset) -> set[str]:
    return {title.split()[0] if title else "" for title in dataset.catalog.sightings()["title"]}


def test_drift_says_so_and_leaves_the_old_data_alone(units: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with units.writing("test"):
        scrape(units, limit=None, report=SILENT)
    unit_site(monkeypatch, tag="h2", word="Changed")
    with units.writing("test"):
        with pytest.raises(Drift, match=r"share of pages with a title: 0\.00.*h1 in little_source\.py.*left as they were"):
            scrape(units, limit=None, report=SILENT)
        assert titles(units) == {"Unit"}
        assert stages.state(units)[0].state == "missing"
    unit_site(monkeypatch, word="Mended")
    with units.writing("test"):
        scrape(units, limit=None, report=SILENT)
        assert titles(units) == {"Mended"}
        assert stages.state(units)[0].state == "stale"  # revisit_days is 0


def test_a_first_crawl_that_is_not_healthy_keeps_what_it_found(units: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    unit_site(monkeypatch, tag="h2")
    with units.writing("test"):
        with pytest.raises(Drift, match="kept, unconfirmed"):
            scrape(units, limit=None, report=SILENT)
        assert units.catalog.item_count() == 25
    units.write_manifest(units.manifest_path.read_text() + "[scrape.expect]\ntitled = 0\n")
    with units.writing("test"):
        assert not scrape(units, limit=None, report=SILENT).stopped


def test_a_cut_crawl_adds_but_does_not_overwrite(units: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with units.writing("test"):
        scrape(units, limit=3, report=SILENT)
    unit_site(monkeypatch, word="Changed")
    with units.writing("test"):
        tally = scrape(units, limit=5, report=SILENT)
        assert (tally.pictures, tally.new) == (5, 2)
        assert sorted(units.catalog.sightings()["title"].str.split().str[0]) == ["Changed"] * 2 + ["Unit"] * 3


def test_the_limit_is_exact(units: Dataset, site: tuple[str, list[str]]) -> None:
    with units.writing("test"):
        assert scrape(units, limit=7, report=SILENT).pictures == 7
    assert sum(path.endswith(".png") for path in site[1]) == 7


def test_offline_reads_again_what_is_stored_and_asks_nobody(
    units: Dataset, monkeypatch: pytest.MonkeyPatch, site: tuple[str, list[str]]
) -> None:
    with units.writing("test"):
        scrape(units, limit=None, report=SILENT)
    site[1].clear()
    monkeypatch.setattr(Units, "visit", lambda self, get, settings: (replace(s, title="Reread") for s in Little.visit(self, get, settings)))
    monkeypatch.setattr(Units, "health", ())
    with units.writing("test"):
        tally = scrape(units, limit=None, report=SILENT, offline=True)
        assert (tally.pages, tally.pictures, tally.requests, tally.stopped) == (26, 25, 0, False)
        assert titles(units) == {"Reread"}
        assert site[1] == []
        units.write_manifest(units.manifest_path.read_text().replace('/"', '/elsewhere"'))
        with pytest.raises(PipelineError, match="not_stored"):
            scrape(units, limit=None, report=SILENT, offline=True)
    assert site[1] == []


def test_several_sources_share_one_dataset_and_one_broken_one_does_not_stop_the_others(
    units: Dataset, site: tuple[str, list[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "green.png").write_bytes(png("green"))
    text = units.manifest_path.read_text()
    text += f'[[scrape]]\nsource = "little"\nstart = "{site[0]}nowhere"\n[[scrape]]\nsource = "folder"\npath = "{folder.as_posix()}"\n'
    units.write_manifest(text)
    with units.writing("test"):
        with pytest.raises(PipelineError, match="source little: not one page could be had"):
            scrape(units, limit=None, report=SILENT)
        assert set(units.catalog.sightings()["source"]) == {"units", "folder"}
        assert units.catalog.item_count() == 26


def test_no_more_pages_than_allowed(units: Dataset, site: tuple[str, list[str]]) -> None:
    units.write_manifest(units.manifest_path.read_text() + "max_pages = 4\n")
    with units.writing("test"):
        tally = scrape(units, limit=None, report=SILENT)
    assert (tally.pages, tally.pictures, tally.failures["too_many_pages"]) == (4, 3, 22)
    assert len([path for path in site[1] if path.startswith("/u") and not path.endswith(".png")]) == 3


def test_an_opt_out_is_obeyed_recorded_and_may_be_overridden_by_name(
    dataset: Dataset, site: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/two", (200, "text/html", b"<meta name=robots content=noimageai><h1>Two</h1><img src=/blue.png>"))
    with dataset.writing("test"):
        tally = scrape(dataset, limit=None, report=SILENT)
        assert (tally.pictures, tally.failures["opted_out"]) == (1, 1)
        row = dataset.catalog.response(site[0] + "two", "page")
        assert row is not None
        assert (row.error, row.sha256, [met["signal"] for met in row.opt_outs]) == ("opted_out", None, ["noimageai"])
        assert b"Two" not in b"".join(gzip.decompress(path.read_bytes()) for path in dataset.pages.rglob("*.gz"))
    plain = dataset.manifest_path.read_text()
    dataset.write_manifest(plain + 'override_opt_outs = ["noimageai"]\n')
    with dataset.writing("test"):
        tally = scrape(dataset, limit=None, report=SILENT)
        assert (tally.pictures, dict(tally.overridden)) == (2, {"noimageai": 1})
        row = dataset.catalog.response(site[0] + "two", "page")
        assert row is not None
        assert [met["overridden"] for met in row.opt_outs] == [True]
    dataset.write_manifest(plain)
    with dataset.writing("test"):
        assert scrape(dataset, limit=None, report=SILENT).failures["opted_out"] == 1


def test_ctrl_c_keeps_what_there_is(units: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = Units.visit

    def interrupted(self: Units, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        for number, sighting in enumerate(visit(self, get, settings)):
            yield sighting
            if number == 9:
                signal.raise_signal(signal.SIGINT)
                time.sleep(2)  # long enough for the main thread to hear it

    monkeypatch.setattr(Units, "visit", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with units.writing("test"):
        with pytest.raises(KeyboardInterrupt):
            scrape(units, limit=None, report=SILENT)
        signal.signal(signal.SIGINT, before)
        count = units.catalog.item_count()
        assert 1 <= count < 25
        assert stages.state(units)[0].state == "missing"
    monkeypatch.undo()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("fetch", "walk", "network"))]
