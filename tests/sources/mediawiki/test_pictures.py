"""Which files are pictures, and where their originals are."""

from __future__ import annotations

from typing import Any

import pytest

from sources.mediawiki.pictures import ABOUT, Picture, categories, is_other, original, picture
from sources.mediawiki.terms import TEMPLATES, Terms

BASE = "https://wiki.example.org/w/api.php"
CDN = "https://static.wikia.nocookie.net/gundam/images/7/77/MSZ-006.jpg"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (f"{CDN}/revision/latest?cb=20180630134003", f"{CDN}/revision/latest?cb=20180630134003&format=original"),
        (f"{CDN}/revision/latest?cb=1&format=original", f"{CDN}/revision/latest?cb=1&format=original"),
        (f"{CDN}/revision/latest?cb=1&path-prefix=de", f"{CDN}/revision/latest?cb=1&path-prefix=de&format=original"),
        (f"{CDN}/revision/latest/scale-to-width-down/268?cb=1", f"{CDN}/revision/latest?cb=1&format=original"),
        (CDN, f"{CDN}?format=original"),
        ("https://vignette.wikia.nocookie.net/g/images/a.png/revision/latest", "https://vignette.wikia.nocookie.net/g/images/a.png/revision/latest?format=original"),
        ("https://upload.wikimedia.org/a/ab/X.png?utm_source=en&utm_campaign=api", "https://upload.wikimedia.org/a/ab/X.png"),
        ("https://example.org/X.png?93d6ef", "https://example.org/X.png?93d6ef"),
        ("//example.org/Ä b.png", "https://example.org/%C3%84%20b.png"),
        ("/images/X.png", "https://wiki.example.org/images/X.png"),
        ("https://nocookie.net.example.org/X.png", "https://nocookie.net.example.org/X.png"),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,x", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_originals(url: str, wanted: str) -> None:
    assert original(BASE, url) == wanted


def page(**info: Any) -> dict[str, Any]:
    return {"title": "File:A b.png", "imageinfo": [{"url": "https://example.org/A_b.png", "mime": "image/png", **info}]}


def test_a_picture() -> None:
    told = page(descriptionurl="https://commons.wikimedia.org/wiki/File:A_b.png", extmetadata={"LicenseShortName": {"value": "CC0"}})
    assert picture(told, "A b.png", BASE) == Picture(
        "https://example.org/A_b.png", "A b.png", "https://commons.wikimedia.org/wiki/File:A_b.png", Terms("CC0")
    )
    told = page() | {
        "templates": [{"ns": 10, "title": "Vorlage:Fairuse"}, {"title": 3}],
        "categories": [{"ns": 14, "title": "Kategorie:X"}],
    }
    assert picture(told, "A b.png", BASE) == Picture("https://example.org/A_b.png", "A b.png", "", Terms("Fair use"))


@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "IMAGE/PNG"])
def test_kinds_that_are_kept(mime: str) -> None:
    assert picture(page(mime=mime), "", BASE)
    assert not is_other(page(mime=mime))


@pytest.mark.parametrize(
    "mime", ["image/svg+xml", "application/pdf", "image/vnd.djvu", "video/webm", "audio/ogg", "image/x-xcf", "text/html"]
)
def test_kinds_that_are_not(mime: str) -> None:
    assert picture(page(mime=mime), "", BASE) is None
    assert is_other(page(mime=mime))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"imageinfo": None},
        {"imageinfo": []},
        {"imageinfo": [None]},
        {"imageinfo": [{"filemissing": True}]},
        {"imageinfo": [{"filehidden": True, "suppressed": True}]},
        {"imageinfo": [{"url": "https://example.org/A.png"}]},
        {"imageinfo": [{"mime": "image/png"}]},
        {"imageinfo": [{"mime": "image/png", "url": 7}]},
    ],
)
def test_files_that_are_not_there(told: dict[str, Any]) -> None:
    assert picture(told, "A.png", BASE) is None


def test_categories_each_once() -> None:
    listed = [{"title": "Category:A: B"}, {"title": "Category:A: B"}, {"title": None}, 3, {"title": "Kategorie:C"}]
    assert categories({"categories": listed}) == ["A: B", "C"]


def test_no_more_templates_are_asked_for_than_a_wiki_takes() -> None:
    assert len(TEMPLATES) <= 50
    assert len(ABOUT["tltemplates"]) < 1000
