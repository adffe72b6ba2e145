"""Other words for one series: where they hold, what they move, and how they say so."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.curate.exceptions import Court, with_exceptions
from pipeline.curate.judge import Opinion
from pipeline.errors import UsageError
from pipeline.manifest import ClassifySettings, Manifest

RECIPE = """
[[scrape]]
source = "mahq"

[classify]
field = "unit_type"
keep = ["mobile suit", "mobile worker"]
drop = ["mobile horse", "carrier"]

[[classify.except]]
field = "series"
value = "G-Gundam"
keep = ["mobile horse"]

[[classify.except]]
field = "series"
value = "*orphans*"
drop = ["mobile worker"]

[[classify.except]]
field = "title"
value = "Freeden?"
keep = ["carrier"]
"""
SETTINGS = Manifest.parse(RECIPE).classify


def judged(unit_type: str, settings: ClassifySettings = SETTINGS, title: str = "", **fields: str) -> Opinion:
    sighting: dict[str, Any] = {"fields": {"unit_type": unit_type, **fields}, "title": title, "text": "", "page_url": "http://m/1"}
    return Court(settings)(sighting)


@pytest.mark.parametrize(
    ("unit_type", "series", "title", "kept"),
    [
        ("mobile horse", "", "", False),
        ("mobile horse", "g-gundam", "", True),
        ("mobile horse", "G  GUNDAM", "", True),  # case, blanks and hyphens do not count
        ("mobile horse", "g-gundam 2", "", False),  # the whole value
        ("Mobile Horses", "g-gundam", "", True),
        ("mobile suit", "g-gundam", "", True),  # the usual words still hold
        ("carrier", "g-gundam", "", False),
        ("mobile worker", "", "", True),
        ("mobile worker", "iron-blooded orphans, season 2", "", False),
        ("carrier", "gundam x", "Freeden", False),
        ("carrier", "gundam x", "Freeden2", True),
    ],
)
def test_where_exceptions_hold(unit_type: str, series: str, title: str, kept: bool) -> None:
    assert judged(unit_type, title=title, series=series).keep is kept


def test_the_reason_names_the_exception_that_turned_it() -> None:
    assert judged("mobile horse", series="g-gundam").reason == (
        'unit_type says "mobile horse": mobile horse (by the exception for series "G-Gundam")'
    )
    assert judged("mobile suit", series="g-gundam").reason == 'unit_type says "mobile suit": mobile suit'


def test_a_later_exception_overrules_an_earlier() -> None:
    more = RECIPE + '\n[[classify.except]]\nfield = "unit_type"\nvalue = "mobile horse"\ndrop = ["mobile-horse"]\n'
    settings = Manifest.parse(more).classify
    assert not judged("mobile horse", settings, series="g-gundam").keep
    assert with_exceptions(settings, settings.exceptions).keep == ("mobile suit", "carrier")


def test_a_value_is_no_regular_expression() -> None:
    settings = Manifest.parse(RECIPE.replace("G-Gundam", "a.b(c")).classify
    assert judged("mobile horse", settings, series="A.B(C").keep
    assert not judged("mobile horse", settings, series="axb(c").keep


@pytest.mark.parametrize(
    ("value", "series", "holds"),
    [
        ("*a*b", "xxaxxab", True),
        ("*a*b", "xxaxxac", False),
        ("a*", "a\nb", True),
        ("a**c", "abc", True),
        ("?b?", "abc", True),
        ("?b", "abc", False),
        ("ab*ab", "ab", False),
        ("*", "anything", True),
    ],
)
def test_stars_and_question_marks(value: str, series: str, holds: bool) -> None:
    assert judged("mobile horse", Manifest.parse(RECIPE.replace("G-Gundam", value)).classify, series=series).keep is holds


def test_many_stars_do_not_cost_much() -> None:
    settings = Manifest.parse(RECIPE.replace("G-Gundam", "*a" * 12 + "*b")).classify
    assert not judged("mobile horse", settings, series="a" * 3000).keep  # with backtracking: more steps than there are atoms


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('value = "x"\nkeep = ["a"]', "classify.except.0.field"),
        ('field = ""\nvalue = "x"\nkeep = ["a"]', "classify.except.0.field"),
        ('field = "series"\nvalue = "x"\nkep = ["a"]', "classify.except.0.kep`; did you mean `keep`"),
        ('field = "series"\nvalue = "x"\nwords = ["a"]', "valid here: field, value, keep, drop"),
    ],
)
def test_a_wrong_key_is_named(lines: str, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Manifest.parse(f'[[scrape]]\nsource = "mahq"\n[[classify.except]]\n{lines}\n')
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [({}, "give it `keep` or `drop` words"), ({"keep": ["!"]}, "holds no word"), ({"keep": ["a"], "drop": ["A"]}, "both keep and drop")],
)
def test_impossible_words_are_refused(words: dict[str, list[str]], complaint: str) -> None:
    settings = ClassifySettings.model_validate({"except": [{"field": "series", "value": "x", **words}]})
    with pytest.raises(UsageError, match=f"classify.except 1 .series 'x'.*{complaint}"):
        Court(settings)
