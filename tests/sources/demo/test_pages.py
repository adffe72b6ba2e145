from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from sources.demo import pages, plan
from sources.demo.plan import Unit


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    return plan.plan(200, 0)


def _soup(body: pages.Body) -> BeautifulSoup:
    return BeautifulSoup(body[0].decode("utf-8" if "utf-8" in body[1] else "latin-1"), "lxml")


def test_every_page_says_that_it_is_hand_built(units: list[Unit]) -> None:
    made = [pages.index(["a"]), pages.new_index(["b"]), pages.series_list("aurora", units[:30]), pages.lost()]
    for body, _ in [*made, *(pages.unit_page(unit) for unit in (units[0], units[-1]))]:
        assert body.startswith(b"<!-- Hand-built")


def test_an_old_unit_page_has_the_old_layout(units: list[Unit]) -> None:
    unit = next(unit for unit in units if len(unit.pictures) > 1 and not unit.new)
    soup = _soup(pages.unit_page(unit))
    assert soup.select_one("span.mahqtitle strong u").get_text() == unit.title  # type: ignore[union-attr]
    first = next(img for img in soup.select("td.shadow-horizontal img") if "spacer" not in str(img["src"]))
    assert str(first["src"]).rpartition("/")[2] == unit.pictures[0][1].path.rpartition("/")[2]
    radios = [str(radio["value"]) for radio in soup.select("td.shadow-horizontal input[type=radio]")]
    assert len(radios) == len(unit.pictures)
    assert [str(radio["value"]) for radio in soup.select("td.shadow-left input[type=radio]")] == ["Yes", "No", "Only by day"]
    assert "Model number:" in [tag.get_text() for tag in soup.select("p.mahqbody strong")]


def test_a_picture_of_another_folder_is_reached_by_the_folder_above(units: list[Unit]) -> None:
    carrier = next(unit for unit in units if unit.kind == "carrier" and len(unit.pictures) > 1)
    others = [str(radio["value"]) for radio in _soup(pages.unit_page(carrier)).select("td.shadow-horizontal input[type=radio]")]
    picture = carrier.pictures[1][1]
    expected = picture.path.rpartition("/")[2] if f"/{carrier.series}/" in picture.path else picture.path.replace(plan.SECTION, "..")
    assert others[1] == expected


@pytest.mark.parametrize("charset", ["meta", "header", "none"])
def test_a_latin_page_declares_itself_in_one_way_only(units: list[Unit], charset: str) -> None:
    unit = next(unit for unit in units if unit.charset == charset)
    body, kind = pages.unit_page(unit)
    assert unit.title.encode("latin-1") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert (b"charset=iso-8859-1" in body) == (charset == "meta")
    assert ("iso-8859-1" in kind) == (charset == "header")


def test_spread_words_are_split_in_the_source(units: list[Unit]) -> None:
    split = {unit.spread: pages.unit_page(unit)[0] for unit in units}
    assert b"<strong>Unit type:</strong>" in split["break"]
    for spread, gap in (("blanks", b" \n "), ("break", b"<br>\n")):
        line = split[spread].partition(b"Unit type:</strong> ")[2].partition(b"<strong>")[0].removesuffix(b"<br>\n")
        assert gap in line


def test_a_series_list_holds_its_traps(units: list[Unit]) -> None:
    members = [unit for unit in units if unit.series == "basalt"]
    soup = _soup(pages.series_list("basalt", members))
    links = [str(link["href"]) for link in soup.select("td.shadow-horizontal a")]
    robots = [unit.slug for unit in members if unit.kind == "robot"]
    assert links.count(f"{robots[0]}.htm") == 2
    assert f"{pages.moved_slug(members[[unit.slug for unit in members].index(robots[1])])}.htm" in links
    assert f"{robots[2].upper()}.htm" in links
    assert b"<A HREF=" in pages.series_list("basalt", members)[0]
    assert "ba-lost.htm" in links
    named = {link.lower().removesuffix(".htm").removesuffix("_old") for link in links}
    assert named >= {unit.slug for unit in members}


def test_a_new_page_offers_scaled_forms_first(units: list[Unit]) -> None:
    unit = units[-1]
    soup = _soup(pages.unit_page(unit))
    image = soup.select_one(".entry-content img")
    assert image is not None
    assert str(image["src"]).endswith("-300x300.png")
    assert unit.pictures[0][1].path in str(image["srcset"])
    assert f"Unit type: {unit.figures['Unit type']}" in [tag.get_text() for tag in soup.select(".entry-content li")]
