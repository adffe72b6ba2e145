from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from sources import html
from sources.labels import Labels, field_name

LABELS = Labels(["Model number", "Code name", "Unit type", "Operator", "Weight", "Armor materials"])
WANTED = {"model_number": "MS-06S", "unit_type": "custom mobile suit", "operator": "Zeon"}


def fields(markup: str) -> dict[str, str]:
    return {pair.name: pair.value for pair in LABELS.pairs(html.lines(BeautifulSoup(markup, "lxml")))}


@pytest.mark.parametrize(
    "markup",
    [
        "<p><b>Model number:</b> MS-06S</p><p><b>Unit type:</b> custom mobile suit</p><p><b>Operator:</b> Zeon</p>",
        "<p><strong>Model number</strong>: MS-06S<br><strong>Unit type</strong>: custom mobile suit<br><strong>Operator</strong>: Zeon",
        "<P><B>Model number: </B>MS-06S<BR><B>Unit type: </B>custom\n  mobile   suit<BR><B>Operator: </B>Zeon</P>",
        "<p><b>Model number:</b> MS-06S <b>Unit type:</b> custom mobile suit <b>Operator:</b> Zeon</p>",
        "<p>Model number: MS-06S<br>Unit type: custom mobile suit<br>Operator: Zeon</p>",
        "<p>Model number: MS-06S Unit type: custom mobile suit Operator: Zeon</p>",
        "<p>Model&nbsp;number:&nbsp;MS-06S<br>Unit&nbsp;type:&nbsp;custom&nbsp;mobile suit<br>Operator:&nbsp;Zeon</p>",
        "<p>Model number&nbsp;&nbsp; MS-06S<br>Unit type&nbsp; custom mobile suit<br><b>Operator</b> Zeon</p>",
        "<p><b>Unit <i>type</i>:</b> custom mobile<br>suit</p><p><b>Model</b> <b>number:</b> MS-06S</p><p><b>OPERATOR:</b> Zeon",
        "<table><tr><td>Model number</td><td>MS-06S</td></tr><tr><td>Unit type:<td>custom mobile suit<tr><th>Operator<td>Zeon</table>",
        "<dl><dt>Model number<dd>MS-06S<dt>Unit Type<dd>custom mobile<br>suit<dt>Operator<dd>Zeon</dl>",
        "<ul><li><strong>Model number:</strong> MS-06S<li><strong>Unit type:</strong> custom mobile suit"
        "<li><strong>Operator:</strong> Zeon</ul>",
        "<div><h4>Model number</h4><p>MS-06S</p><h4>Unit type</h4><p>custom mobile suit</p><h4>Operator</h4><p>Zeon</p></div>",
        "<p><b>Model number</b><br>MS-06S<br><b>Unit type</b><br>custom mobile<br>suit<br><b>Operator</b><br>Zeon</p>",
        "<pre>Model number: MS-06S\nUnit type:    custom mobile suit\nOperator:     Zeon</pre>",
        "<p><span style='font-weight: bold'>Model number</span>: MS-06S<br>Unit-type - custom mobile suit<br>Operator : Zeon</p>",
        "<p><b>Model number: MS-06S</b></p><p><b>Unit type: custom mobile suit</b></p><p><b>Operator(s): Zeon</b></p>",
        "<p><font><b><font>Model number:</font></b></font> <a href=x>MS-06S</a><br>"
        "<b>Unit type:</b> custom <!-- x -->mobile suit<br><b>Operator:</b> Zeon",
    ],
)
def test_every_markup_says_the_same(markup: str) -> None:
    found = fields(markup)
    if "operators" in found:
        found["operator"] = found.pop("operators")
    assert found == WANTED


def test_a_value_ends_with_its_block_or_an_empty_line() -> None:
    assert fields("<p><b>Weight:</b> 56.2 tons<br>(empty)</p><p>It is red.</p>") == {"weight": "56.2 tons (empty)"}
    assert fields("<p><b>Weight:</b> 56.2 tons<br><br>It is red.</p>") == {"weight": "56.2 tons"}


def test_unknown_labels_need_strong_type_and_a_colon() -> None:
    assert fields("<p><b>Pilot(s):</b> Char Aznable<br><b>Red:</b> yes<p>He said: no<p><b>Three times faster</b> than others") == {
        "pilots": "Char Aznable",
        "red": "yes",
    }


def test_labels_without_value_are_left_out_and_take_nothing_from_the_next() -> None:
    assert fields("<table><tr><td>Code name</td><td></td></tr><tr><td>Unit type</td><td>tank</td></tr></table>") == {"unit_type": "tank"}
    assert fields("<p><b>Code name:</b></p><p><b>Unit type:</b> tank</p>") == {"unit_type": "tank"}


def test_prose_is_not_data() -> None:
    prose = "<p>Its armor materials are unknown; the combined weight: 3 t. Weight matters. The operator is Zeon.</p>"
    assert fields(prose) == {}


def test_field_name() -> None:
    assert field_name(" Armour\xa0Materials : ") == "armor_materials"
    assert field_name("Mechanical designer(s):") == "mechanical_designers"
