from __future__ import annotations

import pytest

from pipeline import drift
from pipeline.tally import Tally
from sources.base import Expectation, Source, Subject, WebsiteSettings, per_value, with_field, with_picture


class Units(Source):
    name = "units"
    home = "http://a/"
    health = (
        Expectation("picture", "share with a picture", 0.5, "img in a.py", with_picture),
        Expectation("unit_type", "share with a unit type", 0.6, "the label Unit type in a.py", with_field("unit_type")),
        Expectation("per_series", "units per series", 3, "the links in a.py", per_value("series")),
    )
    Settings = WebsiteSettings


def crawl(count: int = 30, pictures: int = 1, unit_type: str = "suit", series: int = 3, pages: int = 40) -> Tally:
    fields = [{"unit_type": unit_type, "series": str(n % series)} for n in range(count)]
    return Tally(pages=pages, subjects={str(n): Subject(pictures, one) for n, one in enumerate(fields)})


def judged(tally: Tally, last: tuple[int, int] | None = None, whole: bool = True, **expect: float) -> list[str]:
    settings = WebsiteSettings(source="units", expect=expect)
    verdict = drift.judge(Units(), settings, tally, last, whole=whole)
    return [line.partition("(`")[2].partition("`")[0] for line in verdict.complaints]


def test_a_healthy_crawl() -> None:
    verdict = drift.judge(Units(), WebsiteSettings(source="units"), crawl(), (40, 50), whole=True)
    assert verdict.complaints == ()
    assert verdict.values == {"picture": 1.0, "unit_type": 1.0, "per_series": 10.0}


@pytest.mark.parametrize(
    ("tally", "found"),
    [
        (crawl(pictures=0), ["picture"]),
        (crawl(unit_type=""), ["unit_type"]),
        (crawl(series=20), ["per_series"]),
        (crawl(pictures=0, unit_type=""), ["picture", "unit_type"]),
    ],
)
def test_each_number_that_is_far_below(tally: Tally, found: list[str]) -> None:
    assert judged(tally) == found
    assert judged(tally, whole=False) == found


def test_a_few_pages_prove_nothing() -> None:
    assert judged(crawl(count=drift.ENOUGH - 1, pictures=0)) == []


def test_no_page_about_a_thing_at_all() -> None:
    verdict = drift.judge(Units(), WebsiteSettings(source="units"), crawl(count=0), None, whole=True)
    assert verdict.complaints == ("not one page about a thing among 40 pages (read by img in a.py)",)
    assert judged(crawl(count=0), whole=False) == []
    failed = crawl(count=0)
    failed.failures["gone"] = 40
    assert judged(failed) == []


def test_far_fewer_pages_than_last_time() -> None:
    assert judged(crawl(count=30), last=(61, 90)) == ["history"]
    assert judged(crawl(count=30), last=(60, 90)) == []
    assert judged(crawl(count=30), last=(61, 90), whole=False) == []


def test_a_site_that_is_ill_has_not_changed() -> None:
    ill = crawl(count=30)
    ill.failures["timeout"] = 20
    assert judged(ill, last=(61, 90)) == []


def test_a_manifest_may_expect_something_else() -> None:
    bare = crawl(unit_type="")
    assert judged(bare, unit_type=0.0) == []
    assert judged(crawl(), picture=1.5) == ["picture"]
    assert judged(crawl(count=30), last=(300, 90), history=0.0) == []


def test_the_message_names_the_selector_and_the_way_out() -> None:
    verdict = drift.judge(Units(), WebsiteSettings(source="units"), crawl(unit_type=""), None, whole=True)
    said = drift.message(Units(), verdict.complaints, "datasets/a", kept_back=True)
    assert "share with a unit type: 0.00, at least 0.6 expected (`unit_type`, read by the label Unit type in a.py)" in said
    assert "the old sightings are left as they were" in said
    assert "`pipeline scrape datasets/a --offline`" in said
    assert "--set scrape.expect.unit_type=0`" in said
