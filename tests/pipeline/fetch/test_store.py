from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalog import Catalog
from pipeline.fetch.result import Fetched
from pipeline.fetch.store import Store, kept

URL = "http://a.org/x"


def had(body: bytes, extension: str) -> Fetched:
    sha256 = hashlib.sha256(body).hexdigest()
    return Fetched(URL, "http://a.org/y", 200, None, "", {"etag": '"1"'}, sha256, extension, len(body), content=body)


def put(store: Store, kind: Any, fetched: Fetched) -> None:
    """What a fetcher does with an outcome."""
    store.put_rows([(kind, store.keep(kind, fetched) if fetched.error is None else fetched)])


def only_file(folder: Path) -> Path:
    (path,) = (path for path in folder.rglob("*") if path.is_file())
    return path


def test_a_page_comes_back_as_it_was(store: Store, tmp_path: Path, time: Any) -> None:
    page = had(b"<html>", "html.gz")
    put(store, "page", page)
    time.now += 90.0
    remembered = store.recall(URL, "page")
    assert remembered is not None
    assert remembered.age == 90.0
    got = remembered.fetched
    assert not got.fresh
    assert got.body == b"<html>"
    for name in ("url", "final_url", "status", "error", "headers", "sha256", "extension", "size"):
        assert getattr(got, name) == getattr(page, name)
    assert page.sha256 is not None
    path = only_file(tmp_path / "pages")
    assert path == tmp_path / "pages" / page.sha256[:2] / f"{page.sha256}.html.gz"
    assert path.read_bytes()[4:8] == bytes(4)  # no time in the gzip header: same page, same file


def test_a_picture_is_named_by_its_bytes_and_not_read_to_be_recalled(store: Store, tmp_path: Path) -> None:
    picture = had(b"\x89PNG...", "png")
    put(store, "image", picture)
    path = only_file(tmp_path / "images")
    assert path == tmp_path / "images" / str(picture.sha256)[:2] / f"{picture.sha256}.png"
    remembered = store.recall(URL, "image")
    assert remembered is not None
    assert remembered.fetched.content == path
    assert (remembered.fetched.sha256, remembered.fetched.extension, remembered.fetched.size) == (picture.sha256, "png", 7)
    assert remembered.fetched.body == b"\x89PNG..."


def test_a_failure_is_remembered_and_has_no_file(store: Store, tmp_path: Path) -> None:
    put(store, "page", Fetched(URL, URL, 404, "gone", "HTTP 404"))
    remembered = store.recall(URL, "page")
    assert remembered is not None
    assert (remembered.fetched.error, remembered.fetched.status, remembered.fetched.body) == ("gone", 404, b"")
    assert not (tmp_path / "pages").exists()


def test_files_that_are_there_are_not_written_again(store: Store, tmp_path: Path) -> None:
    for kind, extension, folder in (("page", "html.gz", "pages"), ("image", "png", "images")):
        put(store, kind, had(b"body", extension))
        before = only_file(tmp_path / folder).stat()
        put(store, kind, had(b"body", extension))
        after = only_file(tmp_path / folder).stat()
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"not gzip at all", gzip.compress(b"another page", mtime=0), None])
def test_a_lost_or_damaged_page_is_forgotten_and_can_be_put_again(store: Store, tmp_path: Path, damage: bytes | None) -> None:
    put(store, "page", had(b"<html>", "html.gz"))
    path = only_file(tmp_path / "pages")
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    assert store.recall(URL, "page") is None
    put(store, "page", had(b"<html>", "html.gz"))
    remembered = store.recall(URL, "page")
    assert remembered is not None
    assert remembered.fetched.body == b"<html>"


@pytest.mark.parametrize("damage", [b"", b"pict", None])
def test_a_lost_or_shortened_picture_is_forgotten_and_can_be_put_again(store: Store, tmp_path: Path, damage: bytes | None) -> None:
    put(store, "image", had(b"picture", "png"))
    path = only_file(tmp_path / "images")
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    assert store.recall(URL, "image") is None
    put(store, "image", had(b"picture", "png"))
    assert path.read_bytes() == b"picture"
    assert store.recall(URL, "image") is not None


def test_a_page_and_an_image_of_one_address_are_two_things(store: Store) -> None:
    put(store, "page", had(b"<html>", "html.gz"))
    assert store.recall(URL, "image") is None
    assert store.recall("http://a.org/other", "page") is None
    put(store, "image", Fetched(URL, URL, 200, "not_an_image", "HTML"))
    page, image = store.recall(URL, "page"), store.recall(URL, "image")
    assert page is not None
    assert image is not None
    assert (page.fetched.error, image.fetched.error) == (None, "not_an_image")


def test_a_pause_asked_for_is_remembered(store: Store, time: Any) -> None:
    store.hold("a.org", 4000.0)
    time.now += 1000.0
    assert (store.held("a.org"), store.held("b.org")) == (3000.0, 0.0)
    time.now += 5000.0
    assert store.held("a.org") == 0.0


@pytest.mark.parametrize(("kind", "extension"), [("page", "html.gz"), ("image", "png")])
def test_the_file_is_there_before_the_row(
    store: Store, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, extension: str
) -> None:
    def killed(responses: object) -> None:
        assert only_file(tmp_path / f"{kind}s").stat().st_size
        raise KeyboardInterrupt

    monkeypatch.setattr(catalog, "put_responses", killed)
    with pytest.raises(KeyboardInterrupt):
        put(store, kind, had(b"body", extension))
    assert store.recall(URL, kind) is None


def test_few_headers_are_kept_on_one_line_each() -> None:
    headers = {"content-type": "text/html;\r\n charset=utf-8", "date": "today", "set-cookie": "a=b", "x-robots-tag": "noai, " * 1000}
    assert kept(headers)["content-type"] == "text/html; charset=utf-8"
    assert set(kept(headers)) == {"content-type", "x-robots-tag"}
    assert len(kept(headers)["x-robots-tag"]) == 2000
