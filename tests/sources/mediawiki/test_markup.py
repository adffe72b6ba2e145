"""Wikitext is made safe before it is parsed: nothing is left open, and nothing of what matters is lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.mediawiki import markup, wikitext
from sources.mediawiki.markup import CAP, DEEPEST, Span, safe, without_tables


def cleaned(text: str) -> str:
    return safe(text, "Title").text


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("a <!-- {{ -->b<!-- open", "a b&lt;!-- open"),
        ("a<ref>{{cite}}</ref>b<ref name=x />c<REF name='y'>d</REF >e", "abce"),
        ("a<references/>b<nowiki>{{</nowiki>c<math>x</math>", "abc"),
        ("a<ref>never closed", "anever closed"),
        ("a<br>b<br />c<BR/>d</p>e", "a\nb\nc\nd\ne"),
        ("<b>bold</b> <span class='x'>s</span> 1 < 2 <3", "bold s 1 &lt; 2 &lt;3"),
        ("[https://x.org/a?b=c the site] and [//x.org] and [http://x.org", "the site and  and  http://x.org"),
        ("{{PAGENAME}}.png {{ FULLPAGENAME }} {{PAGENAMES}}", "Title.png Title {{PAGENAMES}}"),
        ("a\r\nb", "a\nb"),
        ("<gallery a=9>\nA b.png|{{x|y}} [[z]]\nFile:C.jpg\n\nno picture\n|\n</gallery>z", "\n[[File:A b.png]]\n[[File:C.jpg]]\nz"),
        ("<gallery>\n Datei:D.gif | x</gallery>", "\n[[File:D.gif]]\n"),
        ("<tabber>\nA=[[File:a.png]]\n|-|\nB=[[File:b.png]]</tabber>", "\nA=[[File:a.png]]\n\n\nB=[[File:b.png]]"),
    ],
)  # fmt: skip
def test_what_is_no_template_link_or_text_goes(written: str, left: str) -> None:
    assert cleaned(written) == left


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("{{a|b}} {{c", "{{a|b}}  c"),
        ("}} {{a}} ]]", "  {{a}}  "),
        ("{{a|[[b}} c]]", "{{a| b}} c "),
        ("{{a|[[b|c]]}}", "{{a|[[b|c]]}}"),
        ("{{{a|b}}} {{{{c}}}}", "{{a|b}} {{{{c}}}}"),
        ("{{a {{b}}", " a {{b}}"),
        ("[[a [[b]] c]]", "[[a [[b]] c]]"),
        ("{{a}}}}{{b}}", "{{a}} {{b}}"),
        ("{]]{a}[[}", "{ {a} }"),
        ("[[a {{b ]] }}", " a {{b   }}"),
    ],
)
def test_brackets_without_a_partner_go(written: str, left: str) -> None:
    assert cleaned(written) == left


def test_spans_say_where_templates_and_links_are() -> None:
    text = "x {{a|[[b]]|{{c}}}} [[d]] }} {{e}}"
    found = safe(text, "T")
    assert found.spans == (Span(2, 19, "{{", 0), Span(6, 11, "[[", 1), Span(12, 17, "{{", 1), Span(20, 25, "[[", 0), Span(28, 33, "{{", 0))
    assert [found.text[span.start : span.end] for span in found.spans] == ["{{a|[[b]]|{{c}}}}", "[[b]]", "{{c}}", "[[d]]", "{{e}}"]


def test_what_stands_too_deep_loses_its_brackets() -> None:
    found = safe("{{a|" * 100 + "x" + "}}" * 100, "T")
    assert len(found.spans) == DEEPEST
    assert max(span.depth for span in found.spans) == DEEPEST - 1
    assert found.text.count("{{") == found.text.count("}}") == DEEPEST


def test_only_so_much_is_read() -> None:
    assert len(cleaned("x" * (CAP + 1000))) == CAP


def test_tables_are_left_out_of_prose() -> None:
    assert without_tables('a\n{| class="x"\n| b\n:{|\n| c\n|}\n|}\nd\n|} e') == "a\nd\n|} e"
    assert without_tables("a\n{|\n| never closed") == "a"


@given(
    st.lists(
        st.sampled_from(["{{", "}}", "[[", "]]", "{", "}", "|", "a", "\n", "<b>", "<ref>", "</ref>", "<!--", "-->", "[http://a ", "]"]),
        max_size=60,
    )
)
def test_whatever_is_written_brackets_have_partners(pieces: list[str]) -> None:
    found = safe("".join(pieces), "T")
    assert found.text.count("{{") == found.text.count("}}")
    for span in found.spans:
        assert found.text[span.start : span.start + 2] == span.kind
        assert found.text[span.end - 2 : span.end] == ("}}" if span.kind == "{{" else "]]")
    assert markup._balanced(found.text) == found


UNITS = [
    *("{{", "{{a|", "[[", "{{a|[[", "{{a|b={{c|d}}}}", "{", "{{{a|", "''", "<b>", "<ref>a", "<div {{a|", "{|\n|-\n|", "{|\n", "[http://a "),
    *("\n== a", "&amp", "&#x", ";:", "\n*", "<gallery>\nA.png|{{x\n", "<!--", '<div a="', "http://a", "|", "=", " ", "\t", "\xa0"),
    *("x.png", "|x.png", "{]]{a|", "[[http://", "<br", "}}", "|}", "'''''a'' ", "{{" * 39 + "x" + "}}" * 39, "[[File:", "</ref>"),
    *("a" * 500 + "\n", "=a= ", "__"),
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_no_wikitext_keeps_it_busy(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    box = "{{Infobox X\n|a=" + unit * (20_000 // len(unit)) + "\n|b=2|c=3}}\n"
    begun = time.perf_counter()
    wikitext.read(text, "T")
    wikitext.read(box + text, "T")
    assert time.perf_counter() - begun < 10  # milliseconds as a rule; the bare parser takes minutes for several of these


def test_ten_megabytes_are_no_burden() -> None:
    begun = time.perf_counter()
    article = wikitext.read("{{Infobox|a=1|b=2|c=3}}\n" + "Prose with a [[link]] and a {{template|x}}.\n" * 250_000, "T")
    assert time.perf_counter() - begun < 10
    assert article.fields == {"a": "1", "b": "2", "c": "3"}
    assert markup.CAP < 1_000_000
