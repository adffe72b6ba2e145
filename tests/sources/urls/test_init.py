"""A list as sightings, and its keys in a manifest."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.manifest import Manifest, find
from sources import base
from sources.base import Page, Sighting
from sources.urls import Urls, UrlsSettings


def get(url: str) -> Page | None:
    raise AssertionError("a list asks for no page")


def read(path: Path, body: str, **keys: Any) -> list[Sighting]:
    path.write_text(body, encoding="utf-8", newline="")
    return list(Urls().visit(get, UrlsSettings(source="urls", path=path, **keys)))


def test_the_registry_knows_it() -> None:
    assert isinstance(base.load("urls"), Urls)


def test_rows_become_sightings_in_their_order(tmp_path: Path) -> None:
    body = (
        "Image URL;Page URL;Caption;Licence;Artist;Credit;Text;Series;Unit Type\n"
        "https://e.test/b.png;https://e.test/b;B;CC BY 4.0;Ann;by Ann;about B;wing;mobile suit\n"
        "https://e.test/a.png;;;;;;;;\n"
    )
    assert read(tmp_path / "list.csv", body) == [
        Sighting(
            "https://e.test/b",
            "https://e.test/b.png",
            "B",
            {"series": "wing", "unit_type": "mobile suit"},
            "about B",
            "CC BY 4.0",
            "Ann",
            "by Ann",
        ),
        Sighting("https://e.test/a.png", "https://e.test/a.png"),
    ]


def test_the_manifest_names_columns_and_fields(tmp_path: Path) -> None:
    body = "Bild,Serie,a,b\nhttp://e.test/1.png,wing,x,y\n"
    (found,) = read(tmp_path / "list.csv", body, columns={"image": "BILD", "series": "serie"}, fields=["b"])
    assert found == Sighting("http://e.test/1.png", "http://e.test/1.png", fields={"b": "y", "series": "wing"})


def test_each_json_row_has_its_own_columns(tmp_path: Path) -> None:
    lines = [
        {"url": "http://e.test/1.png", "license": "CC0", "tags": ["a", "b"], "size": {"w": 1}},
        {"image_url": "http://e.test/2.png", "url": "http://e.test/2", "width": 640, "safe": True},
        {"title": "without an address"},
        {"url": None},
        {"url": "  "},
    ]
    one, two = read(tmp_path / "list.jsonl", "\n".join(map(json.dumps, lines)))
    assert one == Sighting("http://e.test/1.png", "http://e.test/1.png", fields={"tags": "a, b"}, license="CC0")
    assert two == Sighting("http://e.test/2", "http://e.test/2.png", fields={"width": "640", "safe": "true"})


@pytest.mark.parametrize(
    ("image", "page", "wanted"),
    [
        (" http://e.test/a b.png ", "", "http://e.test/a b.png"),
        ("ftp://e.test/a.png", "", "ftp://e.test/a.png"),  # for the fetcher to refuse
        ("data:image/png;base64,AA", "http://e.test/x", "data:image/png;base64,AA"),
        ("no address", "", "no address"),
        ("//cdn.test/a.png", "https://e.test/x/y", "https://cdn.test/a.png"),
        ("a.png", "https://e.test/x/y", "https://e.test/x/a.png"),
        ("a.png", "y", "a.png"),
        ("http://e.test/\x01\x00", "", "http://e.test/\x01\x00"),
    ],
)
def test_addresses_are_passed_on_as_they_are(tmp_path: Path, image: str, page: str, wanted: str) -> None:
    (found,) = read(tmp_path / "list.jsonl", json.dumps({"url": image, "page": page}))
    assert (found.image_url, found.page_url) == (wanted, page or wanted)


@pytest.mark.parametrize("name", ["list.csv", "list.jsonl"])
def test_a_list_without_addresses_names_its_columns(tmp_path: Path, name: str) -> None:
    for body in ("a,b\n1,2\n", "a,b\n") if name == "list.csv" else ('{"a": 1, "b": 2}\n{"b": 3}\n',):
        with pytest.raises(ValueError, match=r"list\.\w+: no column gives the address of the picture \(it has a, b\); name it: columns = "):
            read(tmp_path / name, body)
    with pytest.raises(ValueError, match="it has none"):
        read(tmp_path / name, "")


@pytest.mark.parametrize(("name", "body"), [("list.csv", "url,b\nx,2\n"), ("list.jsonl", '{"url": "x"}\n{"url": "y", "b": 2}\n')])
def test_a_column_that_no_row_has_is_an_error(tmp_path: Path, name: str, body: str) -> None:
    assert read(tmp_path / name, body, columns={"title": "b"}, fields=["*"])
    with pytest.raises(ValueError, match=r"list\.\w+: scrape\.columns\.title: there is no column 'Titel' \(it has url, b\)"):
        read(tmp_path / name, body, columns={"title": "Titel"})
    with pytest.raises(ValueError, match=r"scrape\.fields, 'c': there is no column 'c'"):
        read(tmp_path / name, body, fields=["b", "c"])


def test_a_long_list_is_not_read_before_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("url\n" + "".join(f"http://e.test/{number}.png\n" for number in range(1000)) + '"broken')
    walk = Urls().visit(get, UrlsSettings(source="urls", path=path))
    assert [sighting.image_url for sighting in itertools.islice(walk, 3)] == [f"http://e.test/{number}.png" for number in range(3)]
    with pytest.raises(ValueError, match="line 1002"):
        list(walk)


VALUES = (
    st.none() | st.integers() | st.floats() | st.lists(st.text(max_size=3)) | st.text(st.characters(exclude_categories=()), max_size=20)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(["url", "title", "Serie"]) | st.text(max_size=5),
            st.none()
            | st.text(st.characters(exclude_categories=()), max_size=20)
            | st.integers()
            | st.floats()
            | st.lists(st.text(max_size=3)),
            max_size=5,
        ),
        max_size=5,
    )
)
def test_any_row_gives_a_sighting_that_can_be_stored(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    rows = [{"url": "http://e.test/first.png"}, *rows]
    for found in read(tmp_path / "list.jsonl", "\n".join(map(json.dumps, rows))):
        assert found.image_url
        for text in (found.page_url, found.image_url, found.title, found.license, *found.fields, *found.fields.values()):
            text.encode()


def manifest(keys: str) -> str:
    return f'[[scrape]]\nsource = "urls"\n{keys}\n'


def test_a_manifest_with_a_list() -> None:
    text = manifest('path = "list.csv"\nfields = []\nlimit = 5\n[scrape.columns]\nimage = "Bild"\nseries = "Serie"')
    (found,) = Manifest.parse(text).scrape
    assert found == UrlsSettings(
        source="urls", path=Path("list.csv"), fields=(), limit=5, columns={"image": "Bild", "series": "Serie"}, delay=1.0
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", r"scrape\.path: field required"),
        ('path = "l.csv"\ncolumn = "a"', r"unknown key `scrape\.column`; did you mean `columns`"),
        ('path = "l.csv"\ncolumns = "a"', r"scrape\.columns: input should be a valid dict"),
        ('path = "l.csv"\ncolumns = { image = 3 }', r"scrape\.columns\.image: input should be a valid string \(it is 3\)"),
        ('path = "l.csv"\ncolumns = { "Unit Type" = "x" }', r"scrape\.columns: 'Unit Type' cannot name a field; use small letters"),
        ('path = "l.csv"\ncolumns = { image = " " }', r"scrape\.columns: image: give the name of a column"),
        ('path = "l.csv"\nfields = "*"', r"scrape\.fields: input should be a valid tuple"),
        ("path = 3", r"scrape\.path: input is not a valid path"),
    ],
)
def test_keys_that_do_not_fit_are_refused_in_words(keys: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Manifest.parse(manifest(keys), "recipe.toml")


def test_a_path_holds_from_the_recipes_own_folder(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(manifest('path = "lists/all.csv"'))
    _, text, _ = find(str(tmp_path / "recipe.toml"))
    (found,) = Manifest.parse(text).scrape
    assert isinstance(found, UrlsSettings)
    assert found.path == (tmp_path / "lists" / "all.csv").resolve()
