"""Whole crawls of a small wiki in memory: what is yielded, in which order, and what is asked for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.base import Page, Sighting
from sources.mediawiki import MediaWiki, MediaWikiSettings

NewWiki = Callable[..., Any]
FREE = {
    "LicenseShortName": {"value": "CC BY-SA 4.0", "source": "commons-desc-page", "hidden": ""},
    "LicenseUrl": {"value": "https://creativecommons.org/licenses/by-sa/4.0", "source": "commons-desc-page", "hidden": ""},
    "Artist": {"value": '<a href="//commons.wikimedia.org/wiki/User:Jane">Jane</a>', "source": "commons-desc-page"},
    "Credit": {"value": '<span class="int-own-work" lang="en">Own work</span>', "source": "commons-desc-page"},
    "ImageDescription": {"value": "A <b>suit</b> of armour", "source": "commons-desc-page"},
}


def crawl(wiki: Any, **keys: Any) -> list[Sighting]:
    return list(MediaWiki().visit(wiki, settings_of(wiki, **keys)))


def settings_of(wiki: Any, **keys: Any) -> MediaWikiSettings:
    return MediaWikiSettings(source="mediawiki", **{"start": wiki.api, **keys})


def names(found: list[Sighting]) -> list[tuple[str, str]]:
    return [(one.title, one.image_url.rpartition("/")[2]) for one in found]


def stocked(wiki: Any) -> Any:
    """Articles and files in one category, a sub-category, and what may go wrong with either."""
    wiki.category("Suits")
    wiki.category("Zeon suits", ["Suits"])
    wiki.category("Suits of one year", ["Zeon suits"])
    wiki.article(
        "RX-78-2", "{{Infobox MS\n|image=RX-78-2.png\n|unit type=[[Mobile suit]]\n|pilot=Amuro\n}}\nA '''suit'''.", ["Suits", "White"]
    )
    wiki.article("GM", "{{Infobox MS|image=GM front.png|unit type=mass produced|pilot=-}} A GM.", ["Suits", "Hidden things"])
    wiki.article("Ball", "No box. [[File:Ball.png|thumb]] [[File:Ball 2.png]]", ["Suits"])
    wiki.article("Shoe", "Nothing to see.", ["Suits"])
    wiki.article("User page", "x", ["Suits"])
    wiki.article("Zaku II", "{{Infobox MS|image=Zaku.jpg|unit type=suit|pilot=Char}}", ["Zeon suits", "Suits"])
    wiki.article("Gelgoog", "{{Infobox MS|image=Gelgoog.jpg|unit type=suit|pilot=Char|series=MSV}}", ["Zeon suits"])
    wiki.article("Dom", "{{Infobox MS|image=Dom.jpg|unit type=suit|pilot=Gaia}}", ["Suits of one year"])
    for name in ("RX-78-2.png", "GM front.png", "Ball.png", "Ball 2.png", "Zaku.jpg", "Gelgoog.jpg", "Dom.jpg"):
        wiki.file(name, templates=["Fairuse"])
    wiki.file("Plate.png", ["Suits", "Zeon suits"], metadata=FREE)
    wiki.file("Drawing.svg", ["Suits"], mime="image/svg+xml")
    return wiki


def test_an_article_gives_its_infobox_and_the_picture_in_it(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    first = crawl(wiki, categories=["Suits"])[0]
    assert first == Sighting(
        page_url="https://wiki.example.org/wiki/RX-78-2",
        image_url="https://files.example.org/a/ab/RX-78-2.png",
        title="RX-78-2",
        fields={
            "unit_type": "Mobile suit",
            "pilot": "Amuro",
            "series": "Suits",
            "category": "Suits",
            "categories": "Suits; White",
            "wiki_page": "article",
            "file": "RX-78-2.png",
            "file_page": "https://wiki.example.org/wiki/File:RX-78-2.png",
        },
        text="A suit.",
        license="Fair use",
    )


def test_a_file_gives_its_terms_and_description(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    plate = crawl(wiki, categories=["Suits"])[-1]
    assert plate == Sighting(
        page_url="https://wiki.example.org/wiki/File:Plate.png",
        image_url="https://files.example.org/a/ab/Plate.png",
        title="Plate",
        fields={"series": "Suits", "category": "Suits", "categories": "Suits; Zeon suits", "wiki_page": "file", "file": "Plate.png"},
        text="A suit of armour",
        license="CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0)",
        author="Jane",
        credit="Own work",
    )


def test_both_kinds_of_pages_in_one_category(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    found = crawl(wiki, categories=["Suits"])
    assert names(found) == [
        ("RX-78-2", "RX-78-2.png"),
        ("GM", "GM_front.png"),
        ("Ball", "Ball.png"),
        ("Shoe", ""),
        ("User page", ""),
        ("Zaku II", "Zaku.jpg"),
        ("Plate", "Plate.png"),
    ]
    assert [one.fields.get("categories") for one in found[1:3]] == ["Suits", "Suits"]  # hidden categories are not told


@pytest.mark.parametrize("member_limit", [1, 2, 500])
@pytest.mark.parametrize("prop_limit", [1, 3, 500])
def test_however_an_answer_is_cut_the_outcome_is_the_same(new_wiki: NewWiki, member_limit: int, prop_limit: int) -> None:
    whole = crawl(stocked(new_wiki()), categories=["Suits"], depth=2)
    wiki = stocked(new_wiki(member_limit=member_limit, prop_limit=prop_limit))
    assert crawl(wiki, categories=["Suits"], depth=2) == whole
    continued = {name for params in wiki.asked for name in params if name.endswith("continue")}
    assert ("cmcontinue" in continued) == (member_limit < 500)
    if (member_limit, prop_limit) == (500, 1):
        assert continued == {"continue", "clcontinue", "iicontinue", "tlcontinue"}


@pytest.mark.parametrize(("depth", "last"), [(0, []), (1, ["Gelgoog"]), (2, ["Gelgoog", "Dom"]), (9, ["Gelgoog", "Dom"])])
def test_sub_categories_are_read_as_deep_as_asked(new_wiki: NewWiki, depth: int, last: list[str]) -> None:
    wiki = stocked(new_wiki())
    wiki.pages["Category:Suits"]["categories"] = ["Suits of one year", "Suits"]  # a circle, and a category in itself
    found = crawl(wiki, categories=["Suits"], depth=depth)
    assert [one.title for one in found if one.title in ("Gelgoog", "Dom")] == last
    assert len({one.page_url for one in found}) == len(found)
    assert {one.fields["category"] for one in found} == {"Suits"}
    assert sum(params.get("list") == "categorymembers" for params in wiki.asked) == min(depth + 1, 3)


def test_what_two_categories_share_is_read_once_under_the_first(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    found = crawl(wiki, categories=["Zeon suits", "Suits"], depth=1)
    assert [
        (one.title, one.fields["series"], one.fields["category"]) for one in found if one.title in ("Zaku II", "Gelgoog", "Plate", "GM")
    ] == [
        ("Zaku II", "Zeon suits", "Zeon suits"),
        ("Gelgoog", "MSV", "Zeon suits"),  # the infobox knows its series
        ("Plate", "Zeon suits", "Zeon suits"),
        ("GM", "Suits", "Suits"),
    ]


@pytest.mark.parametrize("written", ["Suits", "Category:Suits", "category:suits", "Kategorie:Suits", "Cat:Suits", ":Kategorie:_Suits_"])
def test_a_category_by_any_name(new_wiki: NewWiki, written: str) -> None:
    wiki = stocked(new_wiki(names={6: "Datei", 14: "Kategorie"}))
    wiki.article("Guntank", "{{Infobox|image=Datei:Ball.png|a=1|b=2}}", ["Suits"])
    found = crawl(wiki, categories=[written])
    assert found[0].fields["series"] in ("Suits", "suits")
    assert names(found)[6] == ("Guntank", "Ball.png")
    assert found[6].fields["file"] == "Ball.png"


def test_a_category_named_like_a_page_of_another_namespace(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.category("Gundam: The Origin")
    wiki.article("X", "", ["Gundam: The Origin"])
    assert crawl(wiki, categories=["Gundam:_The_Origin"])[0].fields["category"] == "Gundam: The Origin"


def test_single_pages_come_first_and_once(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    found = crawl(wiki, categories=["Suits"], pages=["gM", "File:Ball 2.png", "No such page"])
    assert names(found)[:3] == [("GM", "GM_front.png"), ("Ball 2", "Ball_2.png"), ("RX-78-2", "RX-78-2.png")]
    assert [one.title for one in found].count("GM") == 1
    assert "category" not in found[0].fields


def test_redirects_lead_to_the_page_itself(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    wiki.redirect("Gundam", "RX-78-2", ["Suits"])
    for keys in ({}, {"pages": ["Gundam"]}):
        found = crawl(wiki, categories=["Suits"], **keys)
        assert [one.title for one in found].count("RX-78-2") == 1
        assert found[0].title == "RX-78-2"


def test_the_infobox_may_be_named(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.article("P", "{{Infobox other|a=1|b=2|c=3}}{{MS data|image=A.png|height=18}}")
    wiki.file("A.png")
    (found,) = crawl(wiki, pages=["P"], infobox="MS data")
    assert (found.fields["height"], found.fields.get("a"), found.fields["file"]) == ("18", None, "A.png")


def test_all_pictures_of_an_article(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.article(
        "Zeta",
        "{{Infobox|image=Z 1.png|a=1|b=2}}\n[[File:Z 2.jpg|thumb]]\n<gallery>\nZ 3.png|side\nFile:Z 1.png\nMissing.png\n</gallery>"
        "[[File:Icon.png|20px]] [[File:Z.svg]] [[:File:Linked.png]]",
        pageimage="Z_4.png",
    )
    for name in ("Z 1.png", "Z 2.jpg", "Z 3.png", "Z 4.png", "Icon.png", "Linked.png"):
        wiki.file(name)
    wiki.file("Z.svg", mime="image/svg+xml")
    found = crawl(wiki, pages=["Zeta"], pictures="all")
    assert [name for _, name in names(found)] == ["Z_1.png", "Z_2.jpg", "Z_3.png", "Z_4.png"]
    assert {one.page_url for one in found} == {"https://wiki.example.org/wiki/Zeta"}


@pytest.mark.parametrize(
    ("box", "body", "main", "wanted"),
    [
        ("image=A.png", "[[File:C.png]]", "B.png", ["A.png"]),
        ("image=<gallery>\nA.png|Front\nB.png|Rear\n</gallery>", "", "C.png", ["A.png", "B.png"]),
        ("image=Gone.png", "[[File:C.png]]", "B.png", ["B.png"]),
        ("image=Vector.svg", "[[File:C.png]]", "", ["C.png"]),
        ("logo=A.png", "[[File:Gone.png]] [[File:C.png]] [[File:B.png]]", "", ["C.png"]),
        ("x=1", "", "", [""]),
    ],
)
def test_which_picture_leads(new_wiki: NewWiki, box: str, body: str, main: str, wanted: list[str]) -> None:
    wiki = new_wiki()
    wiki.article("P", f"{{{{Infobox\n|{box}\n|a=1|b=2}}}}\n{body}", **({"pageimage": main} if main else {}))
    for name in "ABC":
        wiki.file(f"{name}.png")
    wiki.file("Vector.svg", mime="image/svg+xml")
    assert [name for _, name in names(crawl(wiki, pages=["P"]))] == wanted


def test_a_main_picture_without_a_name(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.article(
        "P", original={"source": "https://static.wikia.nocookie.net/g/images/a/ab/P.png/revision/latest?cb=2", "width": 3, "height": 3}
    )
    (found,) = crawl(wiki, pages=["P"])
    assert found.image_url == "https://static.wikia.nocookie.net/g/images/a/ab/P.png/revision/latest?cb=2&format=original"
    assert (found.license, found.fields.get("file")) == ("", None)


def test_only_files_that_may_be_needed_are_asked_about(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    crawl(wiki, categories=["Suits"])
    asked = [title for params in wiki.asked for title in params.get("titles", "").split("|") if title.startswith("File:")]
    wiki.article("RX-78-2", "{{Infobox MS\n|image=RX-78-2.png\n|a=1|b=2\n}}[[File:Scene.png]]", ["Suits"], pageimage="Other.png")
    wiki.asked.clear()
    crawl(wiki, categories=["Suits"])
    again = [title for params in wiki.asked for title in params.get("titles", "").split("|") if title.startswith("File:")]
    assert again == asked


def test_one_picture_on_two_pages(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.category("Suits")
    for title in ("A", "B"):
        wiki.article(title, "{{Infobox|image=Same.png|x=1|y=2}}", ["Suits"])
    wiki.file("Same.png", ["Suits"])
    assert names(crawl(wiki, categories=["Suits"])) == [("A", "Same.png"), ("B", "Same.png"), ("Same", "Same.png")]
    assert sum("File:Same.png" in params.get("titles", "") for params in wiki.asked) == 2  # for the articles, and as a page


def test_files_that_are_no_pictures_to_take(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.category("Suits")
    wiki.file("Vector.svg", ["Suits"], mime="image/svg+xml")
    wiki.file("Book.pdf", ["Suits"], mime="application/pdf")
    wiki.file("Film.webm", ["Suits"], mime="video/webm")
    wiki.file("Gone.png", ["Suits"], info={"filemissing": True, "descriptionurl": "https://wiki.example.org/wiki/File:Gone.png"})
    wiki.file("Secret.png", ["Suits"], info={"filehidden": True})
    wiki.file("No info.png", ["Suits"])
    wiki.pages["File:No info.png"]["imageinfo"] = []
    wiki.file("Bad.png", ["Suits"], info={"url": "javascript:alert(1)", "mime": "image/png"})
    wiki.file("Shared.png", ["Suits"], shared=True, metadata=FREE)
    assert names(crawl(wiki, categories=["Suits"])) == [
        ("Gone", ""),
        ("Secret", ""),
        ("No info", ""),
        ("Bad", ""),
        ("Shared", "Shared.png"),
    ]


def test_older_versions_of_a_file_are_not_asked_for(new_wiki: NewWiki) -> None:
    wiki = new_wiki()
    wiki.file("Old.png", versions=5)
    assert names(crawl(wiki, pages=["File:Old.png"])) == [("Old", "Old.png")]
    assert len(wiki.asked) == 2
    wiki = new_wiki(prop_limit=1)
    wiki.file("Old.png", ["A", "B"], versions=5)
    assert names(crawl(wiki, pages=["File:Old.png"])) == [("Old", "Old.png")]


def test_the_start_may_be_a_page(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki("https://gundam.fandom.com/de/api.php", names={14: "Kategorie"}))
    assert names(crawl(wiki, start="https://gundam.fandom.com/de/wiki/RX-78-2")) == [("RX-78-2", "RX-78-2.png")]
    wiki = stocked(new_wiki("https://commons.wikimedia.org/w/api.php"))
    found = crawl(wiki, start="https://commons.wikimedia.org/wiki/Category:Zeon_suits")
    assert names(found) == [("Zaku II", "Zaku.jpg"), ("Gelgoog", "Gelgoog.jpg"), ("Plate", "Plate.png")]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"categories": ["No such thing"]}, "has no category 'No such thing'"),
        ({"categories": ["Empty", "No such thing"]}, "has no category 'No such thing'"),
        ({"categories": ["Holder"]}, "sub-categories: set scrape.depth"),
        ({"pages": ["Not here", "User page?"]}, "has no page 'Not here'"),
        ({"pages": ["Category:Suits"]}, "is a category; name it in scrape.categories"),
        ({}, "nothing to read is named"),
        ({"start": ""}, "scrape.start: it is missing; give the address of the wiki's api.php"),
        ({"start": "gopher://x", "categories": ["Suits"]}, "gopher://x' is no http or https address"),
    ],
)
def test_what_makes_a_crawl_senseless_is_said_in_one_line(new_wiki: NewWiki, keys: dict[str, Any], complaint: str) -> None:
    wiki = stocked(new_wiki())
    wiki.category("Empty")
    wiki.category("Holder")
    wiki.category("Held", ["Holder"])
    with pytest.raises(ValueError, match=complaint) as caught:
        crawl(wiki, **keys)
    assert "\n" not in str(caught.value)


def test_an_empty_category_is_no_fault(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    wiki.category("Empty")
    assert crawl(wiki, categories=["Empty"]) == []
    assert crawl(stocked(new_wiki()), categories=["White", "Suits"])[0].fields["category"] == "White"  # has members, though no page


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b'{"error": {"code": "maxlag", "info": "Waiting for 10.64.32.58: 7 seconds lagged.", "lag": 7}}', "an error, maxlag: Waiting for"),
        (
            b'{"errors": [{"code": "readapidenied", "text": "You need read permission.", "module": "main"}]}',
            "an error, readapidenied: You need",
        ),
        (b'{"error": 3}', "an error that cannot be read"),
        (b"<!DOCTYPE html><title>Just a moment", "no answer of a MediaWiki API .it begins '<!DOCTYPE html>"),
        (b'{"batchcomplete": true, "query": {"pa', "no answer of a MediaWiki API"),
        (b"", "no answer of a MediaWiki API"),
        (b"[]", "no answer of a MediaWiki API"),
        (b"[" * 100_000, "no answer of a MediaWiki API"),
    ],
)
@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_answers_that_are_none_end_the_crawl_in_one_line(new_wiki: NewWiki, body: bytes, complaint: str, number: int) -> None:
    wiki = stocked(new_wiki())
    wiki.broken[number] = body
    with pytest.raises(ValueError, match=complaint) as caught:
        crawl(wiki, categories=["Suits"])
    assert "\n" not in str(caught.value)
    assert wiki.api in str(caught.value)


def test_a_page_that_cannot_be_had_costs_no_more_than_itself(new_wiki: NewWiki) -> None:
    whole = crawl(stocked(new_wiki(member_limit=3)), categories=["Suits"], depth=1)
    probe = stocked(new_wiki(member_limit=3))
    crawl(probe, categories=["Suits"], depth=1)
    for number in range(len(probe.asked)):
        wiki = stocked(new_wiki(member_limit=3))
        wiki.broken[number] = None
        found = crawl(wiki, categories=["Suits"], depth=1)
        assert {one.title for one in found} <= {one.title for one in whole}
        assert found or number < 2


def test_questions_are_told_in_advance(new_wiki: NewWiki) -> None:
    wiki = stocked(new_wiki())
    for number in range(60):
        wiki.article(f"Suit {number}", f"{{{{Infobox|image=Suit {number}.png|a=1|b=2}}}}", ["Suits"])
        wiki.file(f"Suit {number}.png")
    told: list[str] = []

    class Get:
        def __call__(self, url: str) -> Page | None:
            return wiki(url)

        def ahead(self, urls: list[str]) -> None:
            told.extend(urls)

    found = list(MediaWiki().visit(Get(), settings_of(wiki, categories=["Suits"])))
    assert sum(bool(one.image_url) for one in found) == 65
    assert len(told) == len(set(told)) > 4
    assert set(told) < set(wiki.urls)
    assert len(wiki.asked) < 14


def test_the_same_questions_in_the_same_words(new_wiki: NewWiki) -> None:
    first, second = stocked(new_wiki()), stocked(new_wiki())
    crawl(first, categories=["Suits"])
    crawl(second, categories=["Suits"])
    assert first.urls == second.urls
    assert len(set(first.urls)) == len(first.urls)
    assert first.urls[0] == (
        "https://wiki.example.org/w/api.php?action=query&format=json&formatversion=2&maxlag=5&meta=siteinfo"
        "&siprop=general%7Cnamespacealiases%7Cnamespaces"
    )


def paths(tree: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    held = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [here, *(path for name, value in held for path in paths(value, (*here, name)))]


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["\ud800", "\x00", "x" * 3000, "||"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_an_answer_only_value_errors_come_of_it(new_wiki: NewWiki, data: st.DataObject) -> None:
    wiki = stocked(new_wiki(member_limit=4, prop_limit=3))
    answer = wiki.answer

    def mangled(params: dict[str, str]) -> Any:
        try:
            tree = json.loads(json.dumps(answer(params)))
        except (ValueError, IndexError):  # the last answer's junk has come back as a question
            tree = {"batchcomplete": True}
        for _ in range(data.draw(st.integers(0, 2))):
            path = data.draw(st.sampled_from(paths(tree)))
            junk = data.draw(JUNK)
            if not path:
                return junk
            holder = tree
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = junk
        return tree

    wiki.answer = mangled
    try:
        found = list(MediaWiki().visit(wiki, settings_of(wiki, categories=["Suits"], pages=["GM"], depth=2, pictures="all")))
    except ValueError as error:
        assert type(error) is not UnicodeEncodeError
        assert "\n" not in str(error)
        return
    finally:
        assert len(wiki.asked) < 2000
    for one in found:
        assert one.page_url.startswith("http")
        json.dumps([one.page_url, one.title, dict(one.fields), one.text, one.license, one.author, one.credit], ensure_ascii=False).encode()
        assert all(isinstance(value, str) and value for value in one.fields.values())
