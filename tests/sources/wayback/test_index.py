"""What is asked, how seldom, and which capture is chosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.wayback import cdx, index
from sources.wayback.cdx import Row
from sources.wayback.index import Index, Nearest

ROOT = "http://archive.test"
SITE = "http://www.e.test"
Make = Callable[..., Any]


def dated(found: index.Capture | None) -> str | None:
    return found.timestamp[:6] if found else None


def over(archive: Any, at: str = "") -> Index:
    return Index(archive.get, ROOT, at)


def test_one_question_tells_all_of_a_folder(make: Make, shot: Make) -> None:
    archive = make(*(shot("20100501000000", f"{SITE}/s/{folder}/{name}.htm") for folder in "abc" for name in "xyz"))
    one = over(archive)
    assert one.known(f"{SITE}/s/a/x.htm") is None
    assert one.find(f"{SITE}/s/index.htm") is None
    found = [one.find(f"https://e.test/S/{folder}/{name}.HTM") for folder in "abc" for name in "xyz"]
    assert all(found)
    assert one.known(f"{SITE}/s/a/x.htm") == index.Capture("20100501000000", f"{SITE}/s/a/x.htm")
    assert not any(one.find(f"{SITE}/s/a/{number}.htm") for number in range(20)), "what is not there costs no question"
    assert [question["url"] for question in archive.questions] == [f"{SITE}/s"]


def test_a_url_with_the_content_of_the_one_before_it_is_found(make: Make, shot: Make) -> None:
    archive = make(*(shot("20100501000000", f"{SITE}/s/{name}.jpg", type="image/jpeg", digest="SAME") for name in "abc"))
    assert all(over(archive).find(f"{SITE}/s/{name}.jpg") for name in "abc")


@pytest.mark.parametrize(
    ("at", "wanted"),
    [("", "201206"), ("2001", "200406"), ("2008", "200806"), ("2009", "200806"), ("20100607", "201206"), ("2099", "201206")],
)
def test_the_capture_nearest_to_the_time(make: Make, shot: Make, at: str, wanted: str) -> None:
    archive = make(
        *(shot(f"{year}0601000000", f"{SITE}/s/a.htm") for year in (2004, 2008, 2012)),
        shot("20150601000000", f"{SITE}/s/a.htm", status="404"),
        shot("20050601000000", f"{SITE}/s/a.htm", status="301"),
    )
    assert dated(over(archive, at).find(f"{SITE}/s/a.htm")) == wanted


def test_an_error_page_in_the_place_of_a_picture_comes_last(make: Make, shot: Make) -> None:
    picture = shot("20040601000000", f"{SITE}/s/a.jpg", type="image/jpeg")
    nothing = shot("20050601000000", f"{SITE}/s/a.jpg", type="image/jpeg", length="0")
    parked = shot("20200601000000", f"{SITE}/s/a.jpg")
    assert dated(over(make(picture, nothing, parked)).find(f"{SITE}/s/a.jpg")) == "200406"
    assert dated(over(make(nothing, parked)).find(f"{SITE}/s/a.jpg")) == "200506"
    assert dated(over(make(parked)).find(f"{SITE}/s/a.jpg")) == "202006"


def test_long_indexes_come_in_pieces(make: Make, shot: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdx, "ROWS", 3)
    archive = make(*(shot(f"{year}0601000000", f"{SITE}/s/{name}%20b.htm") for name in "abcd" for year in (2004, 2008)))
    one = over(archive, "2004")
    assert [dated(one.find(f"{SITE}/s/{name} b.htm")) for name in "abcdx"] == ["200406"] * 4 + [None]
    assert len(archive.questions) == 3


def test_beyond_an_index_that_is_too_long_folders_are_asked_then_urls(make: Make, shot: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdx, "ROWS", 2)
    monkeypatch.setattr(index, "REQUESTS", 2)
    years = (2004, 2008, 2012)
    archive = make(*(shot(f"{year}0601000000", f"{SITE}/s/{folder}/{name}.htm") for folder in "abc" for name in "xy" for year in years))
    one = over(archive)
    assert one.find(f"{SITE}/s/index.htm") is None  # reads a/x whole and the first of a/y's captures; index.htm sorts after both
    read = len(archive.questions)
    assert (read, archive.questions[-1]["url"]) == (2 + 1, f"{SITE}/s/index.htm")
    assert dated(one.find(f"{SITE}/s/a/x.htm")) == "201206"
    assert one.find(f"{SITE}/s/a/dead.htm") is None
    assert len(archive.questions) == read, "the part that was read is known"
    assert dated(one.find(f"{SITE}/s/a/y.htm")) == "201206", "not the first of its captures, where reading had stopped"
    assert [question["url"][len(SITE) :] for question in archive.questions[read:]] == ["/s/a", "/s/a", "/s/a/y.htm", "/s/a/y.htm"]
    assert dated(one.find(f"{SITE}/s/c/x.htm")) == "201206"
    count = len(archive.questions)
    assert one.find(f"{SITE}/s/index.htm") is None
    assert len(archive.questions) == count, "what was not there is remembered"


def test_many_folders_of_their_own_are_asked_as_one(make: Make, shot: Make) -> None:
    archive = make(*(shot("20220601000000", f"{SITE}/{name}/") for name in "abcdefgh"))
    one = over(archive)
    assert all(one.find(f"{SITE}/{name}/") for name in "abcdefgh")
    assert [question["url"] for question in archive.questions] == [f"{SITE}/a", f"{SITE}/b", f"{SITE}/c", f"{SITE}/"]


def test_a_folder_does_not_speak_for_its_neighbour(make: Make, shot: Make) -> None:
    archive = make(shot("20220601000000", f"{SITE}/wing/a.htm"), shot("20220601000000", f"{SITE}/wing-2/b.htm"))
    one = over(archive)
    assert one.find(f"{SITE}/wing/a.htm")
    assert one.find(f"{SITE}/wing-2/c.htm") is None
    assert len(archive.questions) == 2


def test_a_full_memory_asks_for_one_url_at_a_time(make: Make, shot: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "KEPT", 2)
    archive = make(*(shot("20220601000000", f"{SITE}/{folder}/{name}.htm") for folder in "ab" for name in "xyz"))
    one = over(archive)
    assert all(one.find(f"{SITE}/{folder}/{name}.htm") for folder in "ab" for name in "xyz")
    assert [question.get("matchType", "exact") for question in archive.questions] == ["prefix", "exact", "exact", "exact"]


def test_what_is_no_web_address_is_not_asked_for(make: Make) -> None:
    archive = make()
    assert [over(archive).find(url) for url in ("", "mailto:a@b.test", "data:image/png;base64,AA", "http://[::1")] == [None] * 4
    assert archive.asked == []


@pytest.mark.parametrize(("says", "told"), [(None, "it gives no answer"), (b"<h1>Blocked site</h1>", "it says 'Blocked site'")])
def test_an_archive_that_cannot_be_asked_is_an_error_in_one_line(make: Make, says: bytes | None, told: str) -> None:
    archive = make()
    archive.broken["/cdx/"] = says
    with pytest.raises(ValueError, match=r"scrape\.archive: http://archive\.test cannot be asked what it captured") as caught:
        over(archive).find(f"{SITE}/a/b.htm")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_later_question_without_an_answer_is_a_url_without_a_capture(make: Make, shot: Make) -> None:
    archive = make(shot("20220601000000", f"{SITE}/a/x.htm"), shot("20220601000000", f"{SITE}/b/x.htm"))
    archive.broken["%2Fb"] = None
    one = over(archive)
    assert one.find(f"{SITE}/a/x.htm")
    assert one.find(f"{SITE}/b/x.htm") is None
    assert len(archive.questions) == 3
    assert one.find(f"{SITE}/b/x.htm") is None
    assert len(archive.questions) == 3, "it is not asked again"


def test_an_index_that_breaks_off_counts_up_to_there(make: Make, shot: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdx, "ROWS", 2)
    archive = make(*(shot("20220601000000", f"{SITE}/a/{name}.htm") for name in "vwxyz"))
    archive.broken["resumeKey"] = b"overloaded"
    one = over(archive)
    assert one.find(f"{SITE}/a/v.htm")
    assert one.find(f"{SITE}/a/z.htm"), "asked for by itself"
    assert one.find(f"{SITE}/a/a.htm") is None
    assert [question.get("matchType", "exact") for question in archive.questions] == ["prefix", "prefix", "exact"]


def test_an_archive_that_falls_silent_ends_the_scrape(make: Make, shot: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make(shot("20220601000000", f"{SITE}/a/x.htm"))
    one = over(archive)
    assert one.find(f"{SITE}/a/x.htm")
    archive.broken["/cdx/"] = None
    with pytest.raises(ValueError, match="cannot be asked"):
        for number in range(9):
            one.find(f"{SITE}/{number}/x.htm")
    assert len(archive.questions) == 1 + index.PATIENCE


def test_a_resume_key_that_goes_in_a_circle_ends_the_reading(make: Make, shot: Make) -> None:
    archive = make()
    archive.broken["matchType=prefix"] = (
        b'[["urlkey","timestamp","original"],["k","20220601000000","http://www.e.test/a/x.htm"],[],["same"]]'
    )
    assert over(archive).find(f"{SITE}/a/y.htm") is None
    assert [question.get("matchType", "exact") for question in archive.questions] == ["prefix", "prefix", "exact"]


DAYS = st.datetimes(datetime(1996, 1, 1), datetime(2030, 12, 31))


@given(st.lists(DAYS, min_size=1, max_size=6), DAYS)
def test_the_nearest_is_nearest(days: list[datetime], at: datetime) -> None:
    rows = [Row(day.strftime("%Y%m%d%H%M%S"), "http://e.test/", "text/html", False) for day in days]
    best = datetime.strptime(max(rows, key=Nearest(at.strftime("%Y%m%d%H%M%S"))).timestamp, "%Y%m%d%H%M%S")
    assert abs(best - at) <= min(abs(day - at) for day in days) + timedelta(days=14), (
        "months of 31 days tell apart what lies that far apart"
    )
    assert max(rows, key=Nearest("")).timestamp == max(row.timestamp for row in rows)
    within = [day for day in days if day.year == at.year]
    if within:
        assert max(rows, key=Nearest(str(at.year))).timestamp == max(within).strftime("%Y%m%d%H%M%S")
