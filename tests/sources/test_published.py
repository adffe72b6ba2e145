"""A published folder as sightings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.manifest import Manifest
from sources import base
from sources.base import Page, Sighting
from sources.published import Published, PublishedSettings, plain

ITEMS = "id,decision\ni1,keep\ni2,drop\n"
SIGHTINGS = """id,image_url,page_url,title,fields,text,source,license,author,credit
i1,https://e.test/1.png,https://e.test/1,'=One,"{""series"": ""wing""}",,mahq,CC0,Ann,by Ann
i2,https://e.test/2.png,,Two,not json,,mahq,,,
i3,,https://e.test/3,Three,,,folder,,,
"""


def get(url: str) -> Page | None:
    raise AssertionError("a folder asks for no page")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "sightings.csv").write_text(SIGHTINGS, encoding="utf-8-sig")
    return tmp_path


def test_the_registry_knows_it() -> None:
    assert isinstance(base.load("published"), Published)


def test_rows_with_an_address_become_sightings(folder: Path) -> None:
    one, two = Published().visit(get, PublishedSettings(source="published", path=folder))
    assert one == Sighting("https://e.test/1", "https://e.test/1.png", "=One", {"series": "wing"}, "", "CC0", "Ann", "by Ann")
    assert two == Sighting("https://e.test/2.png", "https://e.test/2.png", "Two")


def test_only_what_was_kept(folder: Path) -> None:
    found = Published().visit(get, PublishedSettings(source="published", path=folder, kept=True))
    assert [one.title for one in found] == ["=One"]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="sightings.csv is no file"):
        list(Published().visit(get, PublishedSettings(source="published", path=tmp_path)))
    with pytest.raises(UsageError, match=r"scrape\.path"):
        Manifest.parse('[[scrape]]\nsource = "published"\n')


@pytest.mark.parametrize(("cell", "wanted"), [("'=a", "=a"), ("''=a", "'=a"), ("'a", "'a"), ("a;'-b", "a;-b"), ("it's", "it's"), (5, 5)])
def test_guarded_cells(cell: object, wanted: object) -> None:
    assert plain(cell) == wanted
