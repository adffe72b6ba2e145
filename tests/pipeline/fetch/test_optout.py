"""What a site says against being in a dataset, in every place and spelling."""

from __future__ import annotations

import json
import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import optout
from pipeline.fetch.optout import RobotsUsage, Signal, TdmRep
from sources.base import OptOut

US = "art-pipeline"


def names(signals: list[Signal]) -> list[str]:
    return [signal.name for signal in signals]


def test_the_names_are_those_that_a_manifest_may_override() -> None:
    assert {*optout.DIRECTIVES, optout.USAGE, optout.RESERVATION} == set(get_args(OptOut))


# --- robots directives


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("noai", ["noai"]),
        ("noai, noimageai", ["noai", "noimageai"]),
        ("NOAI,NoImageAI", ["noai", "noimageai"]),
        ("noindex,nofollow,noarchive", ["noindex"]),
        ("none", ["none"]),
        ("noml", ["noml"]),
        ("noimageindex", ["noimageindex"]),
        ("noai noimageai", ["noai", "noimageai"]),
        ("noai; noimageai;", ["noai", "noimageai"]),
        ("noai, noai", ["noai"]),
        ("index, follow", []),
        ("all", []),
        ("", []),
        ("noaix, no-ai, no ai, xnoai", []),
        ("googlebot: noindex", []),
        ("googlebot: noindex, noimageindex", []),  # the robot's name holds for the rest of the line
        ("googlebot: noindex, Art-Pipeline: noai", ["noai"]),
        ("noai, googlebot: noindex", ["noai"]),
        ("art-pipeline: noai", ["noai"]),
        ("ART-PIPELINE/1.0 : noai, noml", ["noai", "noml"]),
        ("art-pipeline-2: noai", []),
        ("art: noai", []),
        ("*: noai", ["noai"]),
        ("360Spider: noai", []),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST", []),
        ("unavailable_after: Monday, 25-Jun-30 15:00:00 GMT, noai", ["noai"]),
        ("noai, unavailable_after: 2030-06-25T15:00:00+02:00, noindex", ["noai", "noindex"]),
        ("max-snippet:-1, max-image-preview:large, max-video-preview: 3, noimageai", ["noimageai"]),
        ("otherbot: noindex\nnoai", ["noai"]),
        ("noai\notherbot: noindex", ["noai"]),
    ],
)
def test_robots_directives(line: str, said: list[str]) -> None:
    assert names(optout.in_headers({"x-robots-tag": line}, US)) == said
    assert names(optout.in_headers({"x-archive-orig-x-robots-tag": line}, US)) == said
    if "\n" not in line:
        assert names(optout.in_page(f'<meta name="ROBOTS" content="{line}">'.encode(), US)) == said
        assert names(optout.in_page(f"<meta http-equiv='X-Robots-Tag' content='{line}'>".encode(), US)) == said


def test_a_signal_says_what_was_written_and_where() -> None:
    long = "noai, " + "x" * 500
    assert optout.in_headers({"x-robots-tag": "otherbot: none\nnoindex,\tnofollow"}, US) == [
        Signal("noindex", "noindex, nofollow", "X-Robots-Tag")
    ]
    (signal,) = optout.in_headers({"x-robots-tag": long}, US)
    assert signal.value == long[:200]
    assert optout.in_page(b"<p><meta name=art-pipeline content=noai></p>", US) == [Signal("noai", "noai", "meta art-pipeline")]
    assert optout.in_page(b"<meta name=googlebot content=noai>", US) == []
    assert optout.in_page(b"<!-- <meta name=robots content=noai> --><script>'<meta name=robots content=noai>'</script>", US) == []


# --- AIPREF

PREFERENCES = [
    ("train-ai=n", True),
    ("train-ai=y", False),
    ("search=n", False),
    ("ai-use=n, search=y", False),
    ("train-ai=n, search=y", True),
    ("train-genai=n, train-ai=y", True),
    ("train-genai=y, train-ai=n", False),
    ("genai=n", True),
    ("ai=n", True),
    ("ai=n, genai=y", False),
    ("tdm=n", True),
    ("bots=n", True),
    ("bots=n, train-ai=y", False),
    ("all=n", True),
    ("train-ai=n;exceptions=cc-cr", True),
    ("train-ai=n, train-ai=y", False),  # the last one counts
    ("train-ai=?0", False),
    ('train-ai="n"', False),
    ("train-ai=no", False),  # neither of the two words: no statement
    ("train-ai=maybe, ai=n", True),
    ("Train-AI=n", False),  # RFC 9651: no dictionary
    ("train-ai=n,", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "reserved"), PREFERENCES)
def test_a_preference_in_every_place(text: str, reserved: bool) -> None:
    places = [
        optout.in_headers({"content-usage": text}, US),
        optout.in_headers({"x-archive-orig-content-usage": text}, US),
        RobotsUsage.parse(f"User-agent: *\nContent-Usage: / {text}", US).signals("/a.jpg"),
        RobotsUsage.parse(f"User-agent: *\nContent-Usage: {text}", US).signals("/a.jpg"),  # as the first drafts had it
    ]
    if '"' not in text:
        places.append(optout.in_page(f'<meta http-equiv="Content-Usage" content="{text}">'.encode(), US))
    assert [names(signals) for signals in places] == [["content-usage"] * reserved] * len(places)


def test_a_repeated_field_is_one_dictionary() -> None:
    assert names(optout.in_headers({"content-usage": "search=y\ntrain-ai=n"}, US)) == ["content-usage"]
    assert optout.in_headers({"content-usage": "train-ai=n\ntrain-ai=y"}, US) == []


def test_content_signal_says_it_in_other_words() -> None:
    text = "User-Agent: *\nContent-signal: search=yes,ai-train=no\nAllow: /\n\nUser-agent: GPTBot\nDisallow: /\n"
    (signal,) = RobotsUsage.parse(text, US).signals("/")
    assert signal == Signal("content-usage", "search=yes,ai-train=no", "Content-Signal in robots.txt")
    assert RobotsUsage.parse(text.replace("ai-train=no", "ai-train=yes"), US).signals("/") == []
    assert names(optout.in_headers({"content-signal": "ai-train=no, search=yes"}, US)) == ["content-usage"]


DRAFT = """\ufeff
User-Agent: *   # everybody
Allow: /
Disallow: /never/
Content-Usage: / train-ai=n
content-usage :\t/ai-ok/\t train-ai=y
Content-Usage: /ai-ok/*.jpg$ train-ai=n   # but not these

User-Agent: ExampleBot
User-agent: OtherBot/2.0
Crawl-delay: 5
Allow: /
Content-Usage: / train-ai=y

User-agent: Art-Pipeline
Content-Usage: /mine train-ai=n
"""


@pytest.mark.parametrize(
    ("agent", "path", "reserved"),
    [
        ("anybot", "/test", True),
        ("anybot", "", True),
        ("anybot", "/ai-ok/test", False),
        ("anybot", "/ai-ok/a.jpg", True),
        ("anybot", "/ai-ok/a.jpg?big", False),
        ("anybot", "/%61i-ok/test", False),
        ("ExampleBot", "/test", False),
        ("examplebot", "/ai-ok/a.jpg", False),
        ("otherbot", "/test", False),
        (US, "/test", False),  # our own group says nothing of it
        (US, "/mine/a?b=c", True),
        ("art", "/test", True),  # a name that is a part of ours is another's
    ],
)
def test_robots_txt_by_group_and_path(agent: str, path: str, reserved: bool) -> None:
    for text in (DRAFT, DRAFT.replace("\n", "\r\n"), DRAFT.replace("\n", "\r")):
        assert names(RobotsUsage.parse(text, agent).signals(path)) == ["content-usage"] * reserved


def test_robots_txt_details() -> None:
    def reserved(text: str, path: str = "/x") -> bool:
        return bool(RobotsUsage.parse(text, US).signals(path))

    assert reserved("Content-Usage: train-ai=n")  # before any group: for everybody
    assert not reserved("Content-Usage: train-ai=n\nUser-agent: art-pipeline\nAllow: /")
    assert reserved("User-agent: a\nUser-agent: *\nContent-Usage: train-ai=n")
    assert not reserved("User-agent: *\nDisallow:\nUser-agent: a\nContent-Usage: train-ai=n")
    assert reserved(
        "User-agent: *\nContent-Usage: / train-ai=y\nUser-agent: a\nAllow: /\nUser-agent: *\nContent-Usage: /x train-ai=n"
    )  # merged
    # the longest path decides even where it says nothing of training; of two as long, the one that reserves
    assert not reserved("User-agent: *\nContent-Usage: / train-ai=n\nContent-Usage: /x search=n")
    assert reserved("User-agent: *\nContent-Usage: /x train-ai=y\nContent-Usage: /x train-ai=n")
    assert reserved("User-agent: *\nContent-Usage: /x train-ai=n\nContent-Usage: /x train-ai=y")
    assert reserved("user-agent: *\nCONTENT-USAGE: *.jpg train-ai=n", "/a/b.jpg")
    assert not reserved("user-agent: *\ncontent-usage train-ai=n")
    assert not reserved("")


# --- TDM reservation


@pytest.mark.parametrize(
    ("value", "reserved"), [("1", True), (" 1 ", True), ("0", False), ("2", False), ("", False), ("true", False), ("1, 1", True)]
)
def test_a_reservation_in_header_and_page(value: str, reserved: bool) -> None:
    assert names(optout.in_headers({"tdm-reservation": value}, US)) == ["tdm-reservation"] * reserved
    assert names(optout.in_headers({"x-archive-orig-tdm-reservation": value}, US)) == ["tdm-reservation"] * reserved
    assert names(optout.in_page(f'<meta name="TDM-Reservation" content="{value}">'.encode(), US)) == ["tdm-reservation"] * reserved


RULES = [
    {"location": "/directory-a/", "tdm-reservation": 1},
    {"location": "/directory-b/html/", "tdm-reservation": 1, "tdm-policy": "https://provider.test/policies/policy.json"},
    {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0},
    {"location": "/directory-b/", "tdm-reservation": 1},
]


@pytest.mark.parametrize(
    ("path", "reserved"),
    [
        ("/directory-a/x.pdf", True),
        ("/directory-b/html/x", True),
        ("/directory-b/images/x.jpg", False),  # the first rule that matches
        ("/directory-b/images/x.png", True),
        ("/Directory-a/x", False),
        ("/other", False),
        ("", False),
    ],
)
def test_tdmrep_json(path: str, reserved: bool) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        rules = TdmRep.parse(json.dumps(RULES).encode(encoding))
        assert names(rules.signals(path)) == ["tdm-reservation"] * reserved
    if path == "/directory-a/x.pdf":
        assert rules.signals(path) == [Signal("tdm-reservation", '{"location": "/directory-a/", "tdm-reservation": 1}', "tdmrep.json")]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"null",
        b"1",
        b'"x"',
        b"[1, null, []]",
        b"{",
        b"<html>",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'[{"location": 1, "tdm-reservation": 1}]',
    ]
    + [b'[{"tdm-reservation": 1}]', b'[{"location": "/"}]', b'[{"location": "/", "tdm-reservation": %s}]' % (b"9" * 5000)]
    + [b'[{"location": "/", "tdm-reservation": %s}]' % value for value in (b"true", b"2", b"null", b"[]", b"{}", b'"yes"', b"NaN", b"-1")],
    ids=lambda document: repr(document[:40]),
)
def test_hostile_rules_reserve_nothing(document: bytes) -> None:
    assert TdmRep.parse(document).signals("/") == []


@pytest.mark.parametrize(
    "document",
    [
        b'{"location": "/", "tdm-reservation": 1}',
        b'[{"location": "/", "tdm-reservation": "1"}]',
        b'[{"location": "/", "tdm-reservation": 1.0}]',
    ],
)
def test_what_is_meant_is_heard(document: bytes) -> None:
    assert len(TdmRep.parse(document).signals("/")) == 1


def test_what_is_kept_can_be_stored() -> None:
    signals = [
        *optout.in_headers({"x-robots-tag": "noai, a\x00b \ud800c"}, US),
        *TdmRep.parse(b'[{"location": "/\\ud800\\u0000\\n", "tdm-reservation": 1}]').signals("/%3F%00%0A"),
    ]
    assert names(signals) == ["noai", "tdm-reservation"]
    assert signals[0].value == "noai, a b c"
    assert all(signal.value.isprintable() for signal in signals)


# --- anything at all

WORDS = st.sampled_from(
    [
        "noai",
        "none",
        "train-ai=n",
        "1",
        "0",
        ",",
        ":",
        ";",
        " ",
        "\n",
        "\r",
        "/",
        "*",
        "$",
        "#",
        "%",
        "=",
        "art-pipeline",
        "User-agent:",
        "Content-Usage:",
        "\ud800",
        "\0",
        "é",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=30).map("".join))
HEADERS = ["x-robots-tag", "content-usage", "content-signal", "tdm-reservation", "x-archive-orig-x-robots-tag"]


@given(st.dictionaries(st.sampled_from(HEADERS), TEXTS), TEXTS, st.binary(max_size=80), TEXTS)
def test_nothing_raises_and_every_signal_is_sound(headers: dict[str, str], text: str, body: bytes, path: str) -> None:
    found = [
        *optout.in_headers(headers, US),
        *optout.in_page(b"<meta name=robots content='" + text.encode("utf-8", "replace") + b"'>" + body, US),
        *RobotsUsage.parse(text, US).signals(path),
        *TdmRep.parse(body).signals(path),
    ]
    for signal in found:
        assert signal.name in get_args(OptOut)
        assert 0 < len(signal.value) <= 200
        assert signal.value.isprintable()


UNITS = [
    "noai,",
    "a:",
    ": ",
    "1",
    "noai\n",
    "User-agent: a\n",
    "User-agent: *\nContent-Usage: /*a*a train-ai=n\n",
    "Content-Usage: /\n",
    "User-agent: a\nContent-Usage: x\n",
    "a=n,",
]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_texts_take_linear_time(unit: str) -> None:
    text = unit * (500_000 // len(unit))
    begun = time.process_time()
    for header in HEADERS:
        optout.in_headers({header: text}, US)
    RobotsUsage.parse(text, US).signals("/" + "a" * 2000)
    TdmRep.parse(text.encode()).signals("/")
    assert time.process_time() - begun < 5
