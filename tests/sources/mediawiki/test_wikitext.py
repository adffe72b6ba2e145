"""What is read off an article's wikitext. The articles are hand-built for tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base import TEXT_CAP
from sources.mediawiki.wikitext import VALUE, Article, read

SUIT = """{{Stub}}
<!-- hand-built for tests -->
{{Infobox Mobile Suit
| image         = <gallery>
RX-78-2 front.png|Front
File:RX-78-2_rear.jpg|Rear, with [[beam saber]]
</gallery>
| emblem        = [[File:Federation.png|100px]]
| Unit type     = [[Mobile suit|Prototype mobile suit]]<br />close combat<ref>Manual, p. 3 {{cite book|title=x}}</ref>
| height        = {{convert|18.0|m}}<!-- overall -->
| armour        = ''Luna titanium'' alloy&nbsp;&amp; ceramics
| operator      = [[File:Flag.png|20px]] [[Earth Federation]]
| Known Pilot(s)= * [[Amuro Ray]]
* {{nihongo|Sayla|セイラ}}
| equipment     = {{ubl|beam rifle|shield}}
| lineart       = {{PAGENAME}} lineart.png
| views         = <tabber>Front=[[File:Tab 1.png]]|-|Rear=[[File:Tab 2.png]]</tabber>
| empty         =
| 1             = unnamed
}}
{{Quote|Amuro, ikimasu!}}
[[File:Scene.jpg|thumb|A caption with a [[link]].]]
The '''RX-78-2 Gundam''' ({{nihongo|ガンダム}}) is a [[mobile suit (weapon)|mobile suit]] of the [[Federation]].<ref name="a" />
{| class="wikitable"
| a table
|}
It was built by [https://example.org the Federation]. [[Category:Suits]] [[de:Gundam]]

== History ==
[[Datei:Old.png|mini]] [[Image:scene.jpg]] {{Icon|Small.png}}
"""


def suit() -> Article:
    return read(SUIT, "RX-78-2", files=("datei",), away=("category",))


def test_an_infobox_in_plain_text() -> None:
    assert suit().infobox == "Infobox Mobile Suit"
    assert suit().fields == {
        "unit_type": "Prototype mobile suit; close combat",
        "height": "18.0 m",
        "armor": "Luna titanium alloy & ceramics",
        "operator": "Earth Federation",
        "known_pilots": "Amuro Ray; Sayla セイラ",
        "equipment": "beam rifle; shield",
    }


def test_the_first_words() -> None:
    assert suit().lead == (
        "The RX-78-2 Gundam (ガンダム) is a mobile suit of the Federation. It was built by the Federation."
    )  # fmt: skip


def test_pictures_in_the_infobox_and_elsewhere() -> None:
    assert suit().shown == ("RX-78-2 front.png", "RX-78-2 rear.jpg", "RX-78-2 lineart.png", "Tab 1.png", "Tab 2.png")
    assert suit().others == ("Scene.jpg", "Old.png", "scene.jpg", "Small.png")


@pytest.mark.parametrize(
    ("wikitext", "wanted", "name", "fields"),
    [
        ("{{Infobox x|a=1}}", "", "Infobox x", {"a": "1"}),
        ("{{Tabs|{{infobox_y|a=1}}}}", "", "infobox_y", {"a": "1"}),
        ("{{Ficha de personaje|a=1}}", "", "Ficha de personaje", {"a": "1"}),
        ("{{About|x}}{{Box|a=1|b=2|c=3}}{{Nav|a=1|b=2}}\n== H ==\n{{Other|a=1|b=2|c=3|d=4}}", "", "Box", {"a": "1", "b": "2", "c": "3"}),
        ("{{About|x}}{{MS data|a=1}}{{Nav|a=1|b=2|c=3}}", "MS data", "MS data", {"a": "1"}),
        ("{{Infobox z|a=1}}{{MS data|a=2}}", "Template:ms_data", "MS data", {"a": "2"}),
        ("{{Infobox z|a=1}}", "MS data", "", {}),
        ("{{Infobox/style|x=1}}{{Infobox|a=1}}", "", "Infobox", {"a": "1"}),
        ("{{Two|a=1|b=2}} text", "", "", {}),
        ("== H ==\n{{Late|a=1|b=2|c=3}}", "", "", {}),
        ("Plain text", "", "", {}),
        ("", "", "", {}),
    ],
)  # fmt: skip
def test_which_template_is_the_infobox(wikitext: str, wanted: str, name: str, fields: dict[str, str]) -> None:
    article = read(wikitext, "T", infobox=wanted)
    assert (article.infobox, article.fields) == (name, fields)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("[[a|b]] [[c]] [[:Category:d]]", "b c Category:d"),
        ("'''''x'''''", "x"),
        ("* a\n* b\n** c", "a; b; c"),
        ("x {{cite|Manual}} z{{!}}", "x z"),
        ("{{color|red|Zaku}} II", "red Zaku II"),
        ("&lt;b&gt; &#233; &eacute; &#xD800;&#0;&nosuch;", "<b> é é &#0;&nosuch;"),
        ("<span style='x'>a</span><small>b</small>", "ab"),
        ("http://example.org/x", ""),
        ("a\x00b", "ab"),
        ("x" * 5000, "x" * VALUE),
    ],
)
def test_values(value: str, plain: str) -> None:
    from sources.mediawiki.trees import text

    assert read(text(f"{{{{Infobox|v={value}|w=1}}}}"), "T").fields.get("v", "") == plain


@pytest.mark.parametrize(
    ("box", "shown"),
    [
        ("image=A.png", ["A.png"]),
        ("image=File:A b.PNG", ["A b.PNG"]),
        ("image = [[File:A_b.png|250px|caption|link=x]]", ["A b.png"]),
        ("image=[[File:A.png|250px]]<br>''In space''", ["A.png"]),
        ("image1=A.png|image2=B.jpeg|image3=A.png", ["A.png", "B.jpeg"]),
        ("anything=[[File:A.png]]", ["A.png"]),
        ("portrait=A.webp", ["A.webp"]),
        ("image=A &amp; B.png", ["A & B.png"]),
        ("image={{#tag:gallery|\nA.png{{!}}Front\nB.png{{!}}Rear}}", ["A.png", "B.png"]),
        ("image={{{image|A.png}}}", ["A.png"]),
        ("image=https://example.org/A.png", []),
        ("image=A.svg|x=1", []),
        ("logo=A.png|signature=[[File:B.png]]", []),
        ("pilot=[[File:Flag.png|20px]] Amuro|crew=[[File:X.png]] Bright", []),
        ("image=[[:File:A.png]]", []),
        ("image=none", []),
    ],
)
def test_pictures_of_an_infobox(box: str, shown: list[str]) -> None:
    assert list(read(f"{{{{Infobox\n|{box}\n}}}}", "T").shown) == shown


def test_a_page_that_begins_with_a_heading() -> None:
    assert read("== Overview ==\nA '''suit'''.", "T").lead == "Overview A suit."


def test_the_first_words_are_bounded() -> None:
    assert 1000 < len(read("Many words. " * 5000, "T").lead) <= TEXT_CAP


@given(st.text(alphabet="{}[]|=<>!-/'*#:;\n &File:.pngInfobox\x00\ud800ア", max_size=200))
def test_anything_can_be_read(wikitext: str) -> None:
    from sources.mediawiki.trees import text

    for written in (wikitext, f"{{{{Infobox|image=A.png|b={wikitext}|c=2}}}}{wikitext}"):
        article = read(text(written), "T")
        "".join([article.infobox, *article.fields, *article.fields.values(), article.lead, *article.shown, *article.others]).encode()
        assert not any("\n" in name for name in article.shown + article.others)
