"""A web site of drawings on loopback, a curated dataset made from it, and that dataset published."""

from __future__ import annotations

import io
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline import chain
from pipeline.chain import Plan
from pipeline.dataset import Dataset
from pipeline.report import SILENT
from pipeline.share import publish, rebuild
from pipeline.steps import Options

Answer = tuple[int, dict[str, str], bytes]

RECIPE = """# remember Bob
[[scrape]]
source = "urls"
path = "{path}"
delay = 0
contact = "someone@example.org"
private = ["{host}"]

[classify]
field = "unit_type"
keep = ["suit"]
drop = ["truck"]

[filter.size]
min_side = 40

[dedup]

[shard]
size = 32
validation = 0.3
"""


def drawing(number: int) -> Image.Image:
    chance = random.Random(number)
    image = Image.new("RGB", (120 + number, 100 + number), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(5):
        left, top = chance.randrange(10, 70), chance.randrange(10, 60)
        colour = tuple(chance.randrange(200) for _ in range(3))
        shape = pen.rectangle if chance.random() < 0.5 else pen.ellipse
        shape((left, top, left + chance.randrange(10, 40), top + chance.randrange(10, 30)), fill=colour)
    return image


def png(image: Image.Image, level: int = 6) -> bytes:
    out = io.BytesIO()
    image.save(out, format="PNG", compress_level=level)
    return out.getvalue()


class Site:
    """Answers paths by `pages`; `asked` lists what was asked for beside rules."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.agents.add(self.headers["User-Agent"])
                if self.path not in ("/robots.txt", "/.well-known/tdmrep.json"):
                    site.asked.append(self.path)
                status, headers, body = site.pages.get(self.path, (404, {}, b"none"))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def put(self, path: str, body: bytes, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (200, {"Content-Type": "image/png", **named}, body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def _site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def fill(site: Site) -> None:
    """Drawings 0 to 11, a smaller copy of 0, a tiny one, a truck; and a second address of 1 with the same bytes."""
    site.pages.clear()
    for number in range(12):
        site.put(f"/{number}.png", png(drawing(number)))
    small = drawing(0)
    site.put("/copy.png", png(small.resize((small.width * 3 // 4, small.height * 3 // 4), Image.Resampling.LANCZOS)))
    site.put("/tiny.png", png(drawing(20).resize((30, 25))))
    site.put("/truck.png", png(drawing(21)))
    site.put("/again/1.png", png(drawing(1)))


@pytest.fixture(scope="session")
def _dataset(_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Curated once, with verdicts; each test has a copy."""
    fill(_site)
    tmp_path = tmp_path_factory.mktemp("original")
    rows = ["image_url;page_url;title;series;unit_type;text;license;author"]
    for path in _site.pages:
        number, kind = path.strip("/").split(".")[0], "truck driver" if "truck" in path else "a mobile suit"
        page = f"http://{_site.host}/{number}"
        rows.append(f"http://{_site.host}{path};{page};=Suit '{number};series {len(number)};{kind};The page says so.;CC BY 4.0;Ann")
    (tmp_path / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    text = RECIPE.format(path=(tmp_path / "list.csv").as_posix(), host=_site.host)
    root = tmp_path / "shapes"
    made = Dataset(root)
    with chain.opened(Plan(made, text, None), SILENT.note):
        for _ in chain.run(made, Options(1), until="dedup"):
            pass
        seen = made.catalog.sightings(texts=False).drop_duplicates("id").set_index("image_url")["id"]
        id_of = {url.split("/", 3)[-1]: id for url, id in seen.items()}
        (root / "review.csv").write_text(
            "id,aspect,value,note,when\n"
            f"{id_of['2.png']},keep,drop,a private remark,2026-01-01\n"
            f"{id_of['3.png']},facing,left,,\n"
            f"{id_of['4.png']},same,no {id_of['5.png']},,\n"
        )
        for _ in chain.run(made, Options(1), until="shard"):
            pass
    return root


@pytest.fixture
def site(_site: Site) -> Site:
    """The site as it was when the dataset was made."""
    fill(_site)
    _site.asked.clear()
    return _site


@pytest.fixture
def dataset(_dataset: Path, site: Site, tmp_path: Path) -> Dataset:
    """A curated dataset."""
    return Dataset(Path(shutil.copytree(_dataset, tmp_path / "original" / "shapes")))


@pytest.fixture
def put(dataset: Dataset) -> Callable[..., Path]:
    """`put(folder, texts=, parquet=)`: publish the dataset there."""

    def run(target: Path, *, texts: bool = False, parquet: bool = False) -> Path:
        with dataset.writing("test"):
            publish.publish(dataset, target, SILENT, texts=texts, parquet=parquet)
        return target

    return run


@pytest.fixture
def published(put: Callable[..., Path], tmp_path: Path) -> Path:
    """The folder, as CSV without texts."""
    return put(tmp_path / "folder")


@pytest.fixture
def drawn() -> Callable[[int, int], bytes]:
    """`drawn(number, level)`: a drawing as a PNG file, compressed at a level."""
    return lambda number, level: png(drawing(number), level)


class Again:
    """Rebuilds, to which the person gives leave for loopback."""

    def __init__(self, site: Site, tmp_path: Path) -> None:
        self.settings = [f'scrape.private=["{site.host}"]', "scrape.delay=0"]
        self.root = tmp_path / "again" / "shapes"

    def __call__(self, source: Path, *, kept: bool = False) -> tuple[Dataset, dict[str, object]]:
        dataset, summary = rebuild.run(source, self.root, self.settings, Options(1), kept=kept)
        return dataset, summary


@pytest.fixture
def again(site: Site, tmp_path: Path) -> Again:
    return Again(site, tmp_path)
