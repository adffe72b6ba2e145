from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from sources import base
from sources.base import Sighting
from sources.folder import Folder, FolderSettings


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"not looked at here")


def read(path: Path, csv: str | None = None, column: str = "") -> list[tuple[str, Sighting]]:
    table = None
    if csv is not None:
        table = path.parent / "texts.csv"
        table.write_text(csv, encoding="utf-8")
    settings = FolderSettings(source="folder", path=path, csv=table, column=column)
    return [(file.relative_to(path.resolve()).as_posix(), sighting) for file, sighting in Folder().items(settings)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pictures"
    put(root, "b.PNG", "a/z.jpg", "a/deep/y.webp", "a.jpeg", ".hidden.png", ".git/x.png", "notes.txt", "B/c.tiff", "noextension")
    return root


def test_pictures_in_the_order_of_their_relative_paths(folder: Path) -> None:
    found = read(folder)
    assert [name for name, _ in found] == ["B/c.tiff", "a.jpeg", "a/deep/y.webp", "a/z.jpg", "b.PNG"]
    assert [sighting.fields.get("series") for _, sighting in found] == ["B", None, "a/deep", "a", None]
    sighting = found[1][1]
    assert sighting.title == "a"
    assert sighting.image_url == sighting.page_url == (folder.resolve() / "a.jpeg").as_uri()


def test_the_registry_knows_it_and_path_is_needed() -> None:
    assert isinstance(base.load("folder"), Folder)
    with pytest.raises(ValidationError, match="path"):
        FolderSettings(source="folder")  # type: ignore[call-arg]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_gives_text_fields_by_file(folder: Path, separator: str) -> None:
    table = [
        ["Unit Type", "filename", "Title", "license", "Author", "credit", "text", "page_url", "empty"],
        ["mobile suit", "a\\z.jpg", '"Z, the last; really"', "CC0", "Ann", "Ann of A", '"two\nlines"', "https://a.test/z", ""],
        ["", "./b.PNG", "B", "", "", "", "", "", ""],
    ]
    found = dict(read(folder, "\ufeff" + "\n".join(separator.join(row) for row in table) + "\n\n"))
    z = found["a/z.jpg"]
    assert (z.title, z.license, z.text, z.page_url) == ("Z, the last; really", "CC0", "two\nlines", "https://a.test/z")
    assert (z.author, z.credit) == ("Ann", "Ann of A")
    assert dict(z.fields) == {"unit_type": "mobile suit", "series": "a"}
    assert found["b.PNG"].title == "B"
    assert dict(found["b.PNG"].fields) == {}
    assert found["a.jpeg"].title == "a"


def test_the_csv_may_name_the_series_and_the_column_may_be_chosen(folder: Path) -> None:
    found = dict(read(folder, f"file,picture,series\nnonsense,{folder / 'a' / 'z.jpg'},Zeta\n", column="Picture"))
    assert dict(found["a/z.jpg"].fields) == {"file": "nonsense", "series": "Zeta"}


@pytest.mark.parametrize(
    ("csv", "column", "message"),
    [
        ("title,licence\nx,y\n", "", r"no column file or filename or image or path names the files \(it has title, licence\)"),
        ("file,title\na.jpeg,x\n", "picture", "no column picture names the files"),
        ("", "", "it has none"),
        ("file\na.jpeg\ngone.png\n", "", "texts.csv, line 3: 'gone.png' is no picture in .*pictures"),
        ("file\nnotes.txt\n", "", "line 2: 'notes.txt' is no picture"),
        ("file,title\na.jpeg,x\n./a.jpeg,y\n", "", "line 3: 'a.jpeg' was described on line 2"),
    ],
)
def test_a_csv_that_does_not_fit_is_refused_in_words(folder: Path, csv: str, column: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(folder, csv, column)


def test_what_is_missing_or_not_text_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"scrape\.path: .*nowhere is no folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"scrape\.csv: .*nothing\.csv is no file"):
        list(Folder().items(FolderSettings(source="folder", path=folder, csv=tmp_path / "nothing.csv")))
    (tmp_path / "latin.csv").write_bytes("file,title\na.jpeg,Käfer\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"latin\.csv: not UTF-8 text .* at byte 19.*save it as UTF-8"):
        list(Folder().items(FolderSettings(source="folder", path=folder, csv=tmp_path / "latin.csv")))


def test_links_that_leave_the_folder_are_left_out(folder: Path, tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.png")
    try:
        (folder / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
        (folder / "inside.png").symlink_to(folder / "b.PNG")
        (folder / "loop").symlink_to(folder, target_is_directory=True)
        (folder / "dead.png").symlink_to(folder / "nothing.png")
    except OSError:
        pytest.skip("this system makes no links")
    assert [name for name, _ in read(folder)] == ["B/c.tiff", "a.jpeg", "a/deep/y.webp", "a/z.jpg", "b.PNG", "inside.png"]


def test_a_dataset_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    for place in ("art/images/ab", "mine"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.png").write_bytes(b"x")
    (tmp_path / "art" / "catalog.sqlite").write_bytes(b"")
    found = [path.relative_to(tmp_path).as_posix() for path, _ in Folder().items(FolderSettings(source="folder", path=tmp_path))]
    assert found == ["mine/a.png"]


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names are Unicode on this system")
def test_a_name_that_is_no_utf8_still_makes_a_title(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/bad\xff.png", "wb") as file:  # noqa: PTH123 - a name in bytes
        file.write(b"x")
    ((_, sighting),) = Folder().items(FolderSettings(source="folder", path=tmp_path))
    assert sighting.title == "bad\N{REPLACEMENT CHARACTER}"
    sighting.image_url.encode()
