from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from sources import html
from sources.mahq import unit


def soup(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "lxml")


def read(markup: str) -> unit.Unit | None:
    page = soup(markup)
    return unit.read(page, unit.surroundings(page))


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Model number: RX-78<br>Unit type: mobile suit",
        "<p>General and Technical Data<p><b>Unit type:</b> trailer truck",
        "<p>Code name: Zaku<p>Manufacturer: Zeonic<p>Armour materials: steel",
        "<p><b>Model no.:</b> RX-78<p><b>Type:</b> mobile suit<p><b>Weight:</b> 60 t",
        "<div class=menu><h1 class=entry-title>X</h1><p>Model number: RX-78<br>Unit type: mobile suit</div>",
        "<p>Model number: A<br>Unit type: tank<br>Operator: X<p>Model number: B<br>Unit type: tank<br>Operator: X",
    ],
)
def test_unit_pages(markup: str) -> None:
    assert read(markup) is not None


@pytest.mark.parametrize(
    "markup",
    [
        "<p>The mobile suits of this series: <a href=a.htm>RX-78</a>",
        "<p><b>Name:</b> Char<br><b>Height:</b> 175 cm<br><b>Weight:</b> 65 kg<br><b>Series:</b> all<br><b>Pilot:</b> yes",
        "<table><tr><th>Model number<th>Unit type</tr><tr><td><a href=a.htm>RX-78</a><td>mobile suit</tr></table>",
        "<ul><li><a href=a.htm>RX-78</a><br>Unit type: mobile suit<li><a href=b.htm>RX-77</a><br>Unit type: mobile suit</ul>",
        "<p>Unit type: see each page</p>",
        "<script>'Model number: RX-78<br>Unit type: x'</script><!-- <p>Unit type: x<br>Operator: y -->",
        "",
    ],
)
def test_pages_that_describe_no_unit(markup: str) -> None:
    assert read(markup) is None


def test_other_words_for_the_same_labels() -> None:
    found = read(
        "<p><b>Model no.:</b> RX-78<br><b>Type:</b> mobile  suit<br><b>Pilot(s):</b> Amuro<br><b>Operators:</b> EFF<br><b>Crew:</b> one"
    )
    assert found is not None
    assert found.fields["model_number"] == "RX-78"
    assert found.fields["unit_type"] == "mobile suit"
    assert (found.fields["pilots"], found.fields["operator"]) == ("Amuro", "EFF")


def test_the_first_value_of_a_label_counts_and_unit_type_beats_type() -> None:
    found = read("<p>Type: attack use<br>Unit type: mobile suit<br>Operator: Zeon<br>Operator: Titans")

    assert found is not None
    assert (found.fields["unit_type"], found.fields["operator"]) == ("mobile suit", "Zeon")


def test_text_is_the_content_without_what_stands_around_it() -> None:
    data = "<p>Model number: RX-78<br>Unit type: mobile suit</p>"
    around = "<nav>menu</nav><div class=sidebar-left>side</div><form><input type=radio value=Yes>poll</form><div id=footer>foot</div>"
    for page in (f"{around}<div>{data}</div>", f"outside<table><tr><td>x<td class=shadow-horizontal>{data}</table>{around}"):
        found = read(page)
        assert found is not None
        assert found.text == "Model number: RX-78 Unit type: mobile suit"


def test_surroundings_go_by_what_a_class_says_and_not_by_what_it_mentions() -> None:
    page = soup(
        "<div class='wrap has-sidebar'>one</div><div id=no-menu>two</div><div class='left sidebar2'>three</div><ul id=main-menu>four</ul>"
    )
    assert html.text(page, unit.surroundings(page)) == "one two"
    assert html.text(page, unit.surroundings(page, by_name=False)) == "one two three four"


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ("<title>x</title><h1>no</h1><span class=mahqtitle><strong><u>MSN-06S  Sinanju</u></strong></span>", "MSN-06S Sinanju"),
        ("<h1 class=site-title>Gundam!</h1><article><h1>RX-78</h1></article>", "RX-78"),
        ("<h1>Mecha and Anime HQ</h1><title>MAHQ: RX-78 Gundam</title>", "RX-78 Gundam"),
        ("<title>RX-78 Gundam | MAHQ</title>", "RX-78 Gundam"),
        ("<title>MAHQ - Mobile Suit Gundam: Char's Counterattack</title>", "Mobile Suit Gundam: Char's Counterattack"),
        ("<title>Mecha & Anime Headquarters</title>", ""),
        ("<p>nothing", ""),
    ],
)
def test_title(markup: str, wanted: str) -> None:
    assert unit.title(soup(markup), frozenset()) == wanted


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        (
            "<footer>Original content &copy;2000 to by <a href=/>Accidental Pilot, Inc.</a> Powered by x</footer>",
            "All rights reserved (Original content ©2000 to by Accidental Pilot, Inc.)",
        ),
        ("<p>Copyright 1999-2004 Accidental Pilot", "All rights reserved (Copyright 1999-2004 Accidental Pilot)"),
        ("<p>© Sotsu, Sunrise", "default"),
    ],
)
def test_license(markup: str, wanted: str) -> None:
    assert unit.license(soup(markup), "default") == wanted
