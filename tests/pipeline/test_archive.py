"""The WARC file, read back with warcio as any web archive would."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import tracemalloc
import zlib
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from warcio import cli as warcio
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from pipeline import __version__, archive, files, images
from pipeline.catalog import Find, Response
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.image_store import ImageStore
from pipeline.report import SILENT, Advance, Reporter

MANIFEST = """
about = "Robots."
[[scrape]]
source = "mahq"
contact = "me@example.org"
override_opt_outs = ["noindex"]
[[scrape]]
source = "folder"
path = "."
"""
SITE = "https://art.example"
HTML = {"content-type": "text/html; charset=utf-8"}
ANSWER = Response("", "page", "", 200, None, "", {}, (), None, None, 1_700_000_000.25)

Record = tuple[str, dict[str, str], bytes]


def picture(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), colour).save(file, "PNG")
    return file.getvalue()


def put(dataset: Dataset, kind: str, path: str, body: bytes, **more: Any) -> str:
    """Remember a body under a URL, its file where the store would put it; returns its digest."""
    sha256 = images.digest(body)
    if kind == "page":
        files.write(images.stored_path(dataset.pages, sha256, "html.gz"), gzip.compress(body))
    else:
        files.write(dataset.image_store.path(sha256, "png"), body)
    more = {"url": SITE + path, "final_url": SITE + path, "kind": kind, "sha256": sha256, "size": len(body), **more}
    dataset.catalog.put_responses([replace(ANSWER, **more)])
    return sha256


def see(dataset: Dataset, sha256: str, image_url: str, **more: str) -> None:
    sighting = {"page_url": f"{SITE}/zaku.html", "image_url": image_url, "title": "Zaku", "fields": {}, "text": "long", "license": ""}
    sighting |= {"author": "", "credit": "", **more}
    dataset.catalog.put_finds([Find("mahq", images.item_id(sha256), sha256, "png", 1, sighting, 1.0)])


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """Two pages, a picture under two URLs, one that was redirected, two failures, and a picture of this machine."""
    root = tmp_path / "art"
    root.mkdir()
    (root / "manifest.toml").write_text(MANIFEST)
    with contextlib.closing(Dataset(root)) as made:
        put(made, "page", "/zaku.html", b"<html>zaku</html>", headers={**HTML, "etag": '"7"'})
        put(made, "page", "/data", b"{}")
        red = put(made, "image", "/a.png", picture("red"), headers={"content-type": "image/png"}, fetched_at=1_700_000_001.5)
        put(made, "image", "/copies/a.png", picture("red"), fetched_at=1_700_000_002.0)
        blue = put(made, "image", "/b.png", picture("blue"), final_url="https://files.example/b.png")
        see(made, red, f"{SITE}:443/a.png", license="CC BY 4.0", author="Ann")
        see(made, blue, f"{SITE}/b.png", page_url=f"{SITE}/other.html", credit="Ben")
        signal = {"signal": "noai", "value": "noai", "where": "x-robots-tag", "overridden": False}
        made.catalog.put_responses(
            [
                replace(
                    ANSWER, url=f"{SITE}/dead.png", final_url=f"{SITE}/dead.png", kind="image", status=404, error="gone", detail="HTTP 404"
                ),
                replace(ANSWER, url=f"{SITE}/no.png", final_url=f"{SITE}/no.png", kind="image", error="opted_out", opt_outs=[signal]),
                replace(ANSWER, url="file:///home/c.png", kind="image", status=None, error="truncated"),
            ]
        )
        see(made, put(made, "image", "x", picture("grey"), url="file:///home/d.png"), "file:///home/d.png")
        yield made


def written(dataset: Dataset) -> dict[str, Any]:
    return archive.archive(dataset, None, SILENT)


def records(path: Path | str) -> list[Record]:
    """Type, headers and block of each record, every digest checked."""
    found = []
    with Path(path).open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            found.append((record.rec_type, dict(record.rec_headers.headers), record.content_stream().read()))
    return found


def fields(block: bytes) -> dict[str, str]:
    assert block.endswith(b"\r\n")
    return dict(line.split(": ", 1) for line in block.decode().removesuffix("\r\n").split("\r\n"))


def at(found: list[Record], url: str, kind: str) -> Record:
    (one,) = [record for record in found if record[0] == kind and record[1].get("WARC-Target-URI") == url]
    return one


def test_what_is_told(dataset: Dataset) -> None:
    told = written(dataset)
    path = dataset.root / "art.warc.gz"
    assert told == {
        "path": str(path),
        "bytes": path.stat().st_size,
        "records": {"metadata": 7, "resource": 4, "revisit": 1, "warcinfo": 1},
        "failures": 2,
        "lost": 0,
        "local": 1,
    }
    assert not list(dataset.root.rglob("*.tmp"))


def test_others_find_nothing_wrong(dataset: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    told = written(dataset)
    assert Checker(Namespace(inputs=[told["path"]], verbose=False)).process_all() == 0
    warcio.main(["index", "-f", "offset,warc-type,warc-target-uri", told["path"]])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(told["records"].values())
    assert f'"warc-target-uri": "{SITE}/zaku.html"' in "".join(lines)


def test_each_record_is_compressed_by_itself(dataset: Dataset) -> None:
    told, members = written(dataset), 0
    rest = Path(told["path"]).read_bytes()
    while rest:
        member = zlib.decompressobj(zlib.MAX_WBITS + 16)
        assert member.decompress(rest).startswith(b"WARC/1.1\r\n")
        rest, members = member.unused_data, members + 1
    assert members == sum(told["records"].values())


def test_the_first_record_says_who_and_how(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    kind, headers, block = found[0]
    assert kind == "warcinfo"
    assert headers["WARC-Filename"] == "art.warc.gz"
    assert headers["WARC-Date"] == "2023-11-14T22:13:22.000000Z"  # of the last fetch
    said = fields(block)
    assert said["software"] == f"art-pipeline/{__version__}"
    assert said["isPartOf"] == "art"
    assert said["operator"] == "me@example.org"
    assert "me@example.org" in said["http-header-user-agent"]
    assert said["robots"] == "obey"
    assert said["opt-outs-overridden"] == "noindex"
    assert {one[1].get("WARC-Warcinfo-ID") for one in found[1:]} == {headers["WARC-Record-ID"]}


def test_in_order_of_their_urls_each_id_once(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    urls = [headers["WARC-Target-URI"] for _, headers, _ in found[1:]]
    assert urls == sorted(urls)
    assert len({headers["WARC-Record-ID"] for _, headers, _ in found}) == len(found)


def test_a_page_and_what_is_known_of_it(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    _, headers, block = at(found, f"{SITE}/zaku.html", "resource")
    assert block == b"<html>zaku</html>"
    assert headers["Content-Type"] == HTML["content-type"]
    assert headers["WARC-Date"] == "2023-11-14T22:13:20.250000Z"
    assert headers["WARC-Payload-Digest"] == headers["WARC-Block-Digest"] == f"sha256:{images.digest(block)}"
    _, beside, block = at(found, f"{SITE}/zaku.html", "metadata")
    assert beside["WARC-Concurrent-To"] == headers["WARC-Record-ID"]
    assert fields(block) == {
        "kind": "page",
        "http-status": "200",
        "final-url": f"{SITE}/zaku.html",
        "http-content-type": HTML["content-type"],
        "http-etag": '"7"',
    }


def test_types_that_no_header_told(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    assert at(found, f"{SITE}/data", "resource")[1]["Content-Type"] == "application/octet-stream"
    assert at(found, f"{SITE}/b.png", "resource")[1]["Content-Type"] == "image/png"
    assert set(archive._MEDIA) == set(images.EXTENSIONS.values())


def test_sightings_stand_by_the_url_they_name(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    said = fields(at(found, f"{SITE}/a.png", "metadata")[2])
    assert said["via"] == f"{SITE}/zaku.html"
    known = {"author": "Ann", "license": "CC BY 4.0", "page_url": f"{SITE}/zaku.html", "source": "mahq", "title": "Zaku"}
    assert json.loads(said["sighting"]) == known
    other = fields(at(found, f"{SITE}/b.png", "metadata")[2])
    assert other["via"] == f"{SITE}/other.html"
    assert other["final-url"] == "https://files.example/b.png"
    assert "sighting" not in fields(at(found, f"{SITE}/copies/a.png", "metadata")[2])


def test_the_same_bytes_are_kept_once(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    _, first, body = at(found, f"{SITE}/a.png", "resource")
    _, again, block = at(found, f"{SITE}/copies/a.png", "revisit")
    assert body == picture("red")
    assert block == b""
    assert again["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert again["WARC-Refers-To"] == first["WARC-Record-ID"]
    assert again["WARC-Refers-To-Target-URI"] == f"{SITE}/a.png"
    assert again["WARC-Refers-To-Date"] == first["WARC-Date"]
    assert again["WARC-Payload-Digest"] == first["WARC-Payload-Digest"]
    assert at(found, f"{SITE}/copies/a.png", "metadata")[1]["WARC-Concurrent-To"] == again["WARC-Record-ID"]


def test_what_was_asked_for_in_vain(dataset: Dataset) -> None:
    found = records(written(dataset)["path"])
    _, headers, block = at(found, f"{SITE}/dead.png", "metadata")
    assert "WARC-Concurrent-To" not in headers
    assert fields(block) == {
        "kind": "image",
        "http-status": "404",
        "final-url": f"{SITE}/dead.png",
        "error": "gone",
        "error-detail": "HTTP 404",
    }
    assert '"signal": "noai"' in fields(at(found, f"{SITE}/no.png", "metadata")[2])["opt-out"]


def test_offloaded_pictures_are_in_it(dataset: Dataset, tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    here = Path(written(dataset)["path"]).read_bytes()
    (dataset.root / "images").rename(tmp_path / "away")
    dataset.image_store.mark.write_text((tmp_path / "away").as_uri())
    dataset.image_store = ImageStore(dataset.root)
    assert Path(written(dataset)["path"]).read_bytes() == here


@pytest.mark.parametrize("damage", [None, b"", b"other"], ids=["lost", "empty", "other bytes"])
def test_a_damaged_body_is_told(dataset: Dataset, damage: bytes | None) -> None:
    for path in (
        dataset.image_store.path(images.digest(picture("red")), "png"),
        images.stored_path(dataset.pages, images.digest(b"{}"), "html.gz"),
    ):
        path.unlink() if damage is None else path.write_bytes(damage)
    told = written(dataset)
    assert told["lost"] == 3  # the picture has two URLs
    assert told["records"] == {"metadata": 7, "resource": 2, "warcinfo": 1}
    found = records(told["path"])
    _, headers, block = at(found, f"{SITE}/copies/a.png", "metadata")
    assert "WARC-Concurrent-To" not in headers
    assert fields(block)["body"] == "lost"
    assert fields(block)["payload-digest"] == f"sha256:{images.digest(picture('red'))}"


def test_a_file_that_cannot_be_read(dataset: Dataset) -> None:
    path = images.stored_path(dataset.pages, images.digest(b"{}"), "html.gz")
    path.unlink()
    path.mkdir()
    assert written(dataset)["lost"] == 1


def test_a_body_that_was_not_to_be_had_is_not_kept(dataset: Dataset) -> None:
    put(dataset, "page", "/reserved", b"<html>reserved</html>", error="opted_out")
    told = written(dataset)
    assert told["failures"] == 3
    assert [kind for kind, headers, _ in records(told["path"]) if "/reserved" in headers.get("WARC-Target-URI", "")] == ["metadata"]


def test_odd_text_stays_on_its_line(dataset: Dataset) -> None:
    odd = replace(ANSWER, url="ftp://a b\r\nWARC-Type: x", error="refused", detail="a\x00b\x1b[1m\r\nerror: none", kind="image")
    dataset.catalog.put_responses([odd])
    _, _, block = at(records(written(dataset)["path"]), "ftp://a%20b%0D%0AWARC-Type:%20x", "metadata")
    assert fields(block)["error"] == "refused"
    assert fields(block)["error-detail"] == "ab[1m error: none"


def test_the_same_dataset_gives_the_same_bytes(dataset: Dataset) -> None:
    once = Path(written(dataset)["path"]).read_bytes()
    assert Path(written(dataset)["path"]).read_bytes() == once
    again = Dataset(dataset.root)
    with contextlib.closing(again):
        assert Path(written(again)["path"]).read_bytes() == once


def test_another_file(dataset: Dataset, tmp_path: Path) -> None:
    told = archive.archive(dataset, tmp_path / "elsewhere" / "x.warc.gz", SILENT)
    assert records(told["path"])[0][1]["WARC-Filename"] == "x.warc.gz"
    assert not (dataset.root / "art.warc.gz").exists()


def test_a_name_that_would_mislead(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.warc\.gz"):
        archive.archive(dataset, dataset.manifest_path, SILENT)
    (tmp_path / "folder.warc.gz").mkdir()
    with pytest.raises(UsageError):
        archive.archive(dataset, tmp_path / "folder.warc.gz", SILENT)
    assert dataset.manifest_path.read_text() == MANIFEST


def test_nothing_fetched_nothing_archived(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(MANIFEST)
    with contextlib.closing(Dataset(tmp_path)) as dataset, pytest.raises(PipelineError, match="nothing to archive"):
        archive.archive(dataset, tmp_path / "x.warc.gz", SILENT)
    assert not (tmp_path / "x.warc.gz").exists()


class Stopping(Reporter):
    """Stops at the third step, as Ctrl-C does."""

    @contextlib.contextmanager
    def bar(self, what: str, total: int | None = None) -> Iterator[Advance]:
        steps = iter(range(2))

        def advance(count: int) -> None:
            if next(steps, None) is None:
                raise KeyboardInterrupt

        yield advance


def test_an_archive_is_whole_or_as_it_was(dataset: Dataset) -> None:
    path = dataset.root / "art.warc.gz"
    path.write_bytes(b"an older one")
    with pytest.raises(KeyboardInterrupt):
        archive.archive(dataset, None, Stopping())
    assert path.read_bytes() == b"an older one"
    assert not list(dataset.root.rglob("*.tmp"))
    written(dataset)
    assert records(path)


def test_bodies_are_not_held_in_memory(dataset: Dataset) -> None:
    noise, size = random.Random(0), 1 << 20
    for number in range(12):
        put(dataset, "image", f"/large/{number}.png", noise.randbytes(size))
    written(dataset)  # what is loaded once
    tracemalloc.start()
    try:
        written(dataset)
        assert tracemalloc.get_traced_memory()[1] < 5 * size
    finally:
        tracemalloc.stop()


@settings(max_examples=20)
@given(detail=st.text(max_size=60), header=st.text(max_size=60), path=st.text(max_size=30))
def test_nothing_from_the_web_breaks_a_record(tmp_path_factory: pytest.TempPathFactory, detail: str, header: str, path: str) -> None:
    """Also a line that pretends to be another field, an end of the record, or an address with blanks."""
    root = tmp_path_factory.mktemp("art")
    (root / "manifest.toml").write_text(MANIFEST)
    with contextlib.closing(Dataset(root)) as dataset:
        put(dataset, "page", "/a", b"a", headers={"content-type": header, "x-robots-tag": f"{header}\r\n\r\nWARC/1.1"})
        failed = replace(ANSWER, url=f"ftp://{path}", final_url=f"ftp://{path}", error="refused", detail=f"{detail}\r\nerror: none\r\n\r\n")
        dataset.catalog.put_responses([failed])
        told = written(dataset)
        found = records(told["path"])
    assert Checker(Namespace(inputs=[told["path"]], verbose=False)).process_all() == 0
    assert [kind for kind, *_ in found] == ["warcinfo", "metadata", "resource", "metadata"]
    assert fields(found[1][2])["error"] == "refused"
    assert found[2][2] == b"a"
