"""One wiki's API: addresses, continuation, and what answers mean. The answers are in the shapes that mediawiki.org documents."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sources.base import Page
from sources.mediawiki.api import TITLES_LENGTH, Api, Circle, Member, Pages, batches, is_there, read

HERE = "https://wiki.example.org/w/api.php"
# As under API:Imageinfo: a single file, of which older versions are offered.
FILE = """{
    "continue": {"iistart": "2010-04-16T22:53:21Z", "continue": "||"},
    "query": {
        "normalized": [{"fromencoded": false, "from": "File:Commons-logo.svg", "to": "File:Commons logo.svg"}],
        "pages": [{
            "ns": 6, "title": "File:Commons logo.svg", "missing": true, "known": true, "imagerepository": "shared",
            "imageinfo": [{
                "size": 932, "width": 1024, "height": 1376,
                "url": "https://upload.wikimedia.org/wikipedia/commons/4/4a/Commons-logo.svg",
                "descriptionurl": "https://commons.wikimedia.org/wiki/File:Commons-logo.svg",
                "descriptionshorturl": "https://commons.wikimedia.org/w/index.php?curid=317966",
                "mime": "image/svg+xml"
            }]
        }]
    }
}"""
# As under API:Continue: a generator whose pages' categories take three answers, and the generator's next lot.
BATCH = [
    {
        "continue": {"clcontinue": "16283969|All_disambiguation_pages", "continue": "gaccontinue||info"},
        "query": {"pages": [{"pageid": 1, "ns": 0, "title": "A", "fullurl": "https://x/A"}, {"pageid": 2, "ns": 0, "title": "B"}]},
    },
    {
        "continue": {"clcontinue": "2|Z", "continue": "gaccontinue||info"},
        "query": {"pages": [{"pageid": 1, "ns": 0, "title": "A", "categories": [{"ns": 14, "title": "Category:X"}]}]},
    },
    {
        "batchcomplete": True,
        "continue": {"gaccontinue": "C", "continue": "gaccontinue||"},
        "query": {
            "pages": [
                {"pageid": 1, "ns": 0, "title": "A", "categories": [{"ns": 14, "title": "Category:Y"}]},
                {"pageid": 2, "ns": 0, "title": "B", "categories": [{"ns": 14, "title": "Category:X"}]},
            ]
        },
    },
    {"batchcomplete": True, "query": {"pages": [{"pageid": 3, "ns": 0, "title": "C"}]}},
]


class Script:
    """Answers in their order, and what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []

    def __call__(self, url: str) -> Page | None:
        self.asked.append({name: values[0] for name, values in parse_qs(urlsplit(url).query).items()})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return None if answer is None else Page(url, answer.encode() if isinstance(answer, str) else json.dumps(answer).encode())


def test_an_address_is_always_the_same() -> None:
    api = Api(lambda url: None, HERE)
    url = api.url({"titles": "Ä|B&C", "prop": "info"})
    assert url == f"{HERE}?action=query&format=json&formatversion=2&maxlag=5&prop=info&titles=%C3%84%7CB%26C"
    assert url == api.url({"prop": "info", "titles": "Ä|B&C"})
    assert api.url({"titles": "\ud800"}).endswith("titles=%3F")


def test_all_parts_of_all_pages_are_put_together() -> None:
    script = Script(*BATCH)
    pages = Api(script, HERE).pages(["A", "B"], {"prop": "categories|info"})
    assert [list(page) for page in pages.found.values()] == [
        ["pageid", "ns", "title", "fullurl", "categories"],
        ["pageid", "ns", "title", "categories"],
        ["pageid", "ns", "title"],
    ]
    assert [entry["title"] for entry in pages.found["A"]["categories"]] == ["Category:X", "Category:Y"]
    # Each question repeats the first one, with the last answer's continuation and no other's.
    continued = [{name: value for name, value in asked.items() if name.endswith("continue")} for asked in script.asked]
    assert continued == [{}, *(answer["continue"] for answer in BATCH[:3])]
    assert {(asked["titles"], asked["prop"], asked["redirects"]) for asked in script.asked} == {("A|B", "categories|info", "1")}


def test_older_versions_are_not_followed_once_the_file_is_known() -> None:
    script = Script(FILE)
    page = Api(script, HERE).pages(["File:Commons-logo.svg"], {"prop": "imageinfo"}).of("File:Commons-logo.svg")
    assert page is not None
    assert is_there(page)
    assert page["imageinfo"][0]["width"] == 1024
    assert len(script.asked) == 1


def test_a_file_that_did_not_fit_is_asked_for_again() -> None:
    unfit = {
        "continue": {"iistart": "2010-04-16T22:54:28Z", "continue": "||"},
        "query": {"pages": [{"ns": 6, "title": "File:Commons logo.svg"}]},
    }
    script = Script(unfit, FILE)
    page = Api(script, HERE).pages(["File:Commons logo.svg"], {"prop": "imageinfo"}).of("File:Commons logo.svg")
    assert page is not None
    assert page["imageinfo"]
    assert script.asked[1]["iistart"] == "2010-04-16T22:54:28Z"


def test_the_current_version_counts_when_older_ones_come_too() -> None:
    pages = Pages()
    for number in (1, 2):
        pages.add({"pages": [{"title": "File:A", "imageinfo": [{"url": f"https://x/{number}"}], "categories": [{"title": f"C:{number}"}]}]})
    assert pages.found["File:A"] == {
        "title": "File:A",
        "imageinfo": [{"url": "https://x/1"}],
        "categories": [{"title": "C:1"}, {"title": "C:2"}],
    }


def test_other_names_lead_to_the_page() -> None:
    pages = Pages()
    pages.add(
        {
            "normalized": [{"from": "a_b", "to": "A b"}],
            "redirects": [
                {"from": "A b", "to": "C", "tofragment": "x"},
                {"from": "C", "to": "D"},
                {"from": "round", "to": "about"},
                "junk",
            ],
            "pages": [{"title": "D"}],
        }
    )
    pages.add({"redirects": [{"from": "about", "to": "round"}]})
    assert pages.of("a_b") == pages.of("D") == {"title": "D"}
    assert pages.of("round") is None


def test_pages_in_the_older_form() -> None:
    pages = Pages()
    pages.add({"pages": {"-1": {"ns": 0, "title": "Gone", "missing": ""}, "7": {"pageid": 7, "ns": 0, "title": "Here"}}})
    assert [is_there(page) for page in pages.found.values()] == [False, True]


@pytest.mark.parametrize(
    ("page", "there"),
    [
        ({"missing": True}, False),
        ({"missing": True, "known": True}, True),
        ({"invalid": True, "invalidreason": "…"}, False),
        ({"special": True}, False),
        ({"missing": False}, True),
        ({}, True),
    ],
)
def test_is_there(page: dict[str, Any], there: bool) -> None:
    assert is_there(page) == there


def test_a_categorys_members_come_in_lots() -> None:
    first = {
        "batchcomplete": True,
        "continue": {"cmcontinue": "page|4f|9", "continue": "-||"},
        "query": {"categorymembers": [{"ns": 0, "title": "A", "type": "page"}, {"ns": "0", "title": "B"}, {"title": 3}, None]},
    }
    script = Script(first, {"query": {"categorymembers": [{"ns": 6, "title": "File:C.png", "type": "file"}]}})
    lots = list(Api(script, HERE).members("Category:X", "page|file"))
    assert lots == [[Member("A", 0)], [Member("File:C.png", 6)]]
    assert (script.asked[0]["cmtitle"], script.asked[0]["cmtype"], script.asked[1]["cmcontinue"]) == (
        "Category:X",
        "page|file",
        "page|4f|9",
    )


def test_a_listing_in_a_circle_is_an_error_and_a_page_in_one_is_not() -> None:
    listing = {"continue": {"cmcontinue": "same", "continue": "-||"}, "query": {"categorymembers": []}}
    with pytest.raises(Circle, match="do not come to an end"):
        list(Api(Script(listing), HERE).members("Category:X", "page"))
    script = Script({"continue": {"clcontinue": "same", "continue": "||"}, "query": {"pages": [{"title": "A", "categories": []}]}})
    assert Api(script, HERE).pages(["A"], {}).of("A") == {"title": "A", "categories": []}
    assert len(script.asked) == 2


def test_a_continuation_that_never_ends_is_left() -> None:
    class Endless(Script):
        def __call__(self, url: str) -> Page | None:
            self.answers = [{"continue": {"clcontinue": str(len(self.asked))}, "query": {"pages": [{"title": "A"}]}}]
            return super().__call__(url)

    script = Endless(None)
    assert Api(script, HERE).pages(["A"], {}).of("A") == {"title": "A"}
    assert len(script.asked) == 200


def test_a_wiki_that_has_moved_is_followed() -> None:
    asked: list[str] = []

    def get(url: str) -> Page:
        asked.append(url)
        return Page(url.replace("http://old.example.org", "https://new.example.org"), b'{"query": {}}')

    api = Api(get, "http://old.example.org/api.php")
    api.ask({})
    api.ask({})
    assert asked[1].startswith("https://new.example.org/api.php?action=query")


def test_batches_are_bounded_in_number_and_length() -> None:
    assert batches([]) == []
    assert [len(batch) for batch in batches([f"T{n}" for n in range(120)])] == [50, 50, 20]
    assert [len(batch) for batch in batches([f"T{n}" for n in range(5)], 2)] == [2, 2, 1]
    long = batches([f"{'機動戦士ガンダム' * 3} {n}" for n in range(60)])
    assert sum(map(len, long)) == 60
    api = Api(lambda url: None, HERE)
    assert max(len(api.url(api.asking(batch, {}))) for batch in long) < TITLES_LENGTH + 200
    assert batches(["a|b", "x" * 9000, "fine"]) == [["fine"]]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (
            b'{"error":{"code":"ratelimited","info":"You\'ve exceeded your rate limit.\\nPlease wait.","docref":"See https://x"}}',
            "reports an error, ratelimited: You've exceeded your rate limit. Please wait.; if that has passed",
        ),
        (b'{"errors":[{"code":"badcontinue","html":"Invalid continue param.","module":"query"}],"docref":"x"}', "badcontinue: Invalid"),
        (b'{"error":{"*":"old words"}}', "an error, unknown: old words"),
        (b'{"error":{"code":17}}', "an error, 17: "),
        (b'{"error":[]}', None),
        (b'{"error":null,"query":{}}', None),
        (b'{"error":"x"}', "an error that cannot be read"),
        (b"<html>\n<head>", "no answer of a MediaWiki API .it begins '<html> <head>'.; give the address of the wiki's api.php"),
        (b'{"query":', "no answer"),
        (b'"query"', "no answer"),
        (b"\xff\xfe\x00", "no answer"),
        (b'{"query":' + b"9" * 5000 + b"}", "no answer"),
    ],
)
def test_errors_in_answers(body: bytes, complaint: str | None) -> None:
    page = Page(HERE + "?action=query", body)
    if complaint is None:
        assert read(page) == json.loads(body)
        return
    with pytest.raises(ValueError, match=complaint) as caught:
        read(page)
    assert str(caught.value).startswith(HERE + ": ")
    assert "\n" not in str(caught.value)
    assert "--set scrape.revisit_days=0" in str(caught.value)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read(Page(HERE, b'\xef\xbb\xbf{"warnings": {"main": {"warnings": "Unrecognized parameter: x"}}, "query": {}}'))["query"] == {}
