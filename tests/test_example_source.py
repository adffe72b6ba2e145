"""The example of a source from another package: found by its entry point, and as good as a built-in one."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from sources.base import Page, Sighting, Subject

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "source-package"
PROJECT = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIRST = b"""<figure><a name=a></a><a href="full/a.png"><img src="thumbs/a.png"></a><figcaption> A <b>cat</b></figcaption></figure>
<figure><img src=thumbs/b.png></figure><figure><a href="about.html"><img src="thumbs/c.png"></a><figcaption>C</figcaption></figure>
<figure><figcaption>not drawn yet</figcaption></figure><img src=logo.png><a rel="nofollow next" href="/ink/2.html">more</a>"""
SECOND = b"""<base href="/other/"><figure><a href="d.png"><img src="d-small.png"></a></figure><a rel=next href="/ink/">again</a>"""


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("art_pipeline_example", EXAMPLE / "art_pipeline_example.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def walk(gallery: ModuleType, pages: dict[str, bytes], /, **keys: Any) -> list[Sighting]:
    def get(url: str) -> Page | None:
        return Page(url, pages[url], {"content-type": "text/html"}) if url in pages else None

    return list(gallery.Gallery().visit(get, gallery.GallerySettings(source="gallery", **keys)))


PAGES = {"https://e.test/ink/": FIRST, "https://e.test/ink/2.html": SECOND}
TERMS = "as the gallery says"


def picture(page: str, image: str, caption: str, *smaller: str) -> Sighting:
    return Sighting(page, image, caption, {"caption": caption}, license=TERMS, fallbacks=smaller)


def test_it_reads_figures_from_page_to_page(gallery: ModuleType) -> None:
    one, two = PAGES
    assert walk(gallery, PAGES, start=one) == [
        picture(one, "https://e.test/ink/full/a.png", "A cat", "https://e.test/ink/thumbs/a.png"),
        picture(one, "https://e.test/ink/thumbs/b.png", ""),
        picture(one, "https://e.test/ink/thumbs/c.png", "C"),
        picture(one, "", "not drawn yet"),
        picture(two, "https://e.test/other/d.png", "", "https://e.test/other/d-small.png"),
    ]
    assert len(walk(gallery, PAGES, start=one, pages=1)) == 4
    assert len(walk(gallery, {one: FIRST}, start=one)) == 4, "a dead link ends it"
    with pytest.raises(ValueError, match=r"scrape\.start: give the gallery's first page"):
        walk(gallery, PAGES)


def test_its_health(gallery: ModuleType) -> None:
    (captions,) = gallery.Gallery.health
    subjects = [Subject(1, sighting.fields) for sighting in walk(gallery, PAGES, start="https://e.test/ink/")]
    assert captions.value(subjects) == 3 / 5 >= captions.least


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the package lies as an installer would leave it."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(EXAMPLE / "art_pipeline_example.py", folder)
    info = folder / f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: {PROJECT['version']}\n")
    groups = PROJECT["entry-points"].items()
    points = "\n".join(f"[{group}]\n" + "\n".join(f"{name} = {target}" for name, target in entries.items()) for group, entries in groups)
    (info / "entry_points.txt").write_text(points + "\n")
    return folder


def run(installed: Path, here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}
    return subprocess.run([sys.executable, *arguments], cwd=here, env=environment, capture_output=True, text=True, check=False)


def test_the_registry_and_the_command_list_it(installed: Path, tmp_path: Path) -> None:
    code = "from sources import base; print(base.names()); print(type(base.load('gallery')).__module__)"
    done = run(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    names, module = done.stdout.splitlines()
    assert names.endswith("'gallery']")
    assert module == "art_pipeline_example"
    listed = run(installed, tmp_path, str(ROOT / "cli.py"), "sources", "--json")
    assert listed.returncode == 0, listed.stderr
    (shown,) = [source for source in json.loads(listed.stdout)["sources"] if source["name"] == "gallery"]
    assert shown["terms"] == TERMS


def test_its_own_key_is_checked_in_a_manifest(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "ink.toml").write_text('[[scrape]]\nsource = "gallery"\nstart = "http://127.0.0.1:9/"\npages = 0\n')
    done = run(installed, tmp_path, str(ROOT / "cli.py"), "scrape", "ink.toml")
    assert done.returncode == 2
    assert "scrape.pages: input should be greater than or equal to 1 (it is 0)" in " ".join(done.stderr.split())


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (70, 70), colour).save(out, format="PNG")
    return out.getvalue()


@pytest.fixture
def site() -> Iterator[str]:
    served = {
        "/ink/": ("text/html", FIRST),
        "/ink/2.html": ("text/html", SECOND),
        "/ink/full/a.png": ("image/png", png("red")),
        "/ink/thumbs/b.png": ("image/png", png("blue")),
        "/other/d-small.png": ("image/png", png("green")),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = served.get(self.path, ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ink/"
    server.shutdown()
    server.server_close()


def test_a_scrape_with_it_gives_pictures(installed: Path, site: str, tmp_path: Path) -> None:
    (tmp_path / "ink.toml").write_text(f'[[scrape]]\nsource = "gallery"\nstart = "{site}"\ndelay = 0\n')
    done = run(installed, tmp_path, str(ROOT / "cli.py"), "scrape", "ink.toml", "--into", "ink", "--json")
    assert done.returncode == 0, done.stderr
    kept = {file.read_bytes() for file in (tmp_path / "ink" / "images").rglob("*.png")}
    assert kept == {png("red"), png("blue"), png("green")}


def test_its_wheel_holds_the_module_and_the_entry_point(tmp_path: Path) -> None:
    pytest.importorskip("build", reason="building a wheel needs the packages build and hatchling")
    pytest.importorskip("hatchling", reason="building a wheel needs the packages build and hatchling")
    copy = shutil.copytree(EXAMPLE, tmp_path / "source")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", str(tmp_path), str(copy)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (points,) = [name for name in names if name.endswith("entry_points.txt")]
        assert archive.read(points).decode().split() == ["[pipeline.sources]", "gallery", "=", "art_pipeline_example:Gallery"]
    assert [name for name in names if ".dist-info/" not in name] == ["art_pipeline_example.py"]
