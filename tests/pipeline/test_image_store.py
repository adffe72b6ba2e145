from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pipeline import image_store
from pipeline.errors import UsageError
from pipeline.image_store import ImageStore

SHA = "ab" * 32


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """A folder that stands for another place, with one picture in it."""
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    path = tmp_path / "away" / "ab" / f"{SHA}.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"there")
    return tmp_path / "away"


def offloaded(tmp_path: Path, away: Path) -> ImageStore:
    root = tmp_path / "set"
    root.mkdir()
    (root / image_store.MARK).write_text(f"{away.as_uri()}/\n")
    return ImageStore(root)


def test_without_a_mark_all_pictures_are_here(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    assert store.place(SHA, "png") == tmp_path / "images" / "ab" / f"{SHA}.png"
    assert (store.url, store.remote, store.size(SHA, "png")) == ("", None, None)
    with pytest.raises(FileNotFoundError):
        image_store.read(store.place(SHA, "png"))
    store.remove(SHA, "png")


def test_what_is_not_here_is_read_there_and_what_is_here_here(tmp_path: Path, away: Path) -> None:
    store = offloaded(tmp_path, away)
    assert store.place(SHA, "png") == store.link(SHA, "png") == f"{away.as_uri()}/ab/{SHA}.png"
    assert image_store.read(store.place(SHA, "png")) == b"there"
    assert (store.size(SHA, "png"), store.size(SHA, "jpg")) == (5, None)
    assert image_store.extension(store.place(SHA, "png")) == "png"
    store.path(SHA, "png").parent.mkdir(parents=True)
    store.path(SHA, "png").write_bytes(b"here as well")
    assert store.link(SHA, "png") == f"images/ab/{SHA}.png"
    assert image_store.read(store.place(SHA, "png")) == b"here as well"
    assert store.size(SHA, "png") == 12


def test_removed_is_removed_in_both_places(tmp_path: Path, away: Path) -> None:
    store = offloaded(tmp_path, away)
    store.path(SHA, "png").parent.mkdir(parents=True)
    store.path(SHA, "png").write_bytes(b"here")
    store.remove(SHA, "png")
    assert not [*away.rglob("*.png"), *store.folder.rglob("*.png")]
    store.remove(SHA, "png")


def test_a_mark_that_holds_no_single_line_is_refused(tmp_path: Path) -> None:
    for text in ("", "memory://a\nmemory://b\n"):
        (tmp_path / image_store.MARK).write_text(text)
        with pytest.raises(UsageError, match="should hold one line"):
            _ = ImageStore(tmp_path).url


def test_pictures_elsewhere_are_asked_for_several_at_a_time_and_come_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=20)

    def read(place: image_store.Place) -> bytes:
        if isinstance(place, str):
            together.wait()  # passed only by four at once
        return str(place).encode()

    monkeypatch.setattr(image_store, "read", read)
    places: list[image_store.Place] = [tmp_path / "a.png", *(f"s3://x/{number}.png" for number in range(8)), tmp_path / "b.png"]
    assert [give() for give in image_store.readers(places)] == [str(place).encode() for place in places]


def test_a_fault_comes_with_the_picture_that_has_it(tmp_path: Path, away: Path) -> None:
    store = offloaded(tmp_path, away)
    first, second, third = list(image_store.readers([store.place("cd" * 32, "png"), tmp_path / "none.png", store.place(SHA, "png")]))
    for lost in (first, second):
        with pytest.raises(FileNotFoundError):
            lost()
    assert third() == b"there"
