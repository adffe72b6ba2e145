"""Driving a source: remembered answers, failures as rows, sightings of one picture on two pages."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image

import sources.base
from pipeline import stages
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.fetch.limits import Limits
from pipeline.report import SILENT
from pipeline.scrape import scrape
from sources.base import Get, Sighting, WebsiteSettings, WebsiteSource


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


def test_a_second_scrape_asks_only_for_what_failed(dataset: Dataset, site: tuple[str, list[str]]) -> None:
    with dataset.writing("test"):
        scrape(dataset, limit=None, report=SILENT)
    site[1].clear()
    with dataset.writing("test"):
        tally = scrape(dataset, limit=None, report=SILENT)
    assert sorted(path for path in site[1] if path != "/robots.txt") == ["/dead", "/gone.png", "/lie.png"]
    assert (tally.pictures, tally.new) == (3, 0)


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
    monkeypatch.setattr("pipeline.fetch.client.Limits", lambda: Limits(attempts=1))
    with dataset.writing("test"):
        assert scrape(dataset, limit=None, report=SILENT).pictures == 3


def test_limit_leaves_the_stage_unfinished(dataset: Dataset) -> None:
    with dataset.writing("test"):
        assert scrape(dataset, limit=1, report=SILENT).stopped
        assert stages.state(dataset)[0].state == "missing"
