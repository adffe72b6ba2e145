from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from sources.mahq import pictures, unit
from sources.mahq.site import Site

ROOT = "https://www.mahq.net"
OLD_PAGE = ROOT + "/mecha/gundam/wing/xxxg-01w.htm"
NEW_PAGE = ROOT + "/xxxg-01w/"
SITE = Site.at(ROOT + "/mecha/gundam/index.htm")
UP = "/wp-content/uploads/2022/02/"


def found(markup: str, page: str = OLD_PAGE, common: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    soup = BeautifulSoup(markup, "lxml")
    base = page.rpartition("/")[0] + "/"
    shown = pictures.on_page(soup, page, unit.surroundings(soup), SITE, common)
    return [(picture.url.removeprefix(base).removeprefix(ROOT), picture.view) for picture in shown]


def urls(markup: str, page: str = OLD_PAGE) -> list[str]:
    return [url for url, _ in found(markup, page)]


@pytest.mark.parametrize(
    "furniture",
    [
        "<img src=/images/spacer.gif>",
        "<IMG SRC=SPACER.GIF>",
        "<img src=mahq_logo.gif>",
        "<img src=top-banner.jpg>",
        "<img src=/picts/gray/corner_tl.gif>",
        "<img src=cornerimage.gif>",
        "<img src=bar2.gif>",
        "<img src=nav_home.gif>",
        "<img src=bullet.gif>",
        "<img src=gundam_header.jpg>",
        "<img src=arrow-left.gif>",
        "<img src=x.jpg alt='MAHQ logo'>",
        "<img src=rule.jpg width=600 height=4>",
        "<img src=strip.jpg width=728 height=90>",
        "<img src=http://ads.test/gundam.jpg>",
        "<img src=data:image/gif;base64,R0lGOD>",
        "<img>",
        "<a href=xxxg-01d.htm><img src=xxxg-01d.jpg></a>",
        "<a href=/><img src=mecha.jpg></a>",
        "<img src=/artwork/site.jpg>",
        "<div class=sidebar><img src=poll-girl.jpg></div>",
    ],
)
def test_the_first_picture_that_is_no_furniture(furniture: str) -> None:
    assert urls(f"{furniture}<p><img src=xxxg-01w.jpg></p><img src=scene.jpg>") == ["xxxg-01w.jpg"]


@pytest.mark.parametrize(
    "name",
    [
        "silver-bullet.jpg",
        "sinanju_back.jpg",
        "top-12.jpg",
        "barzam.jpg",
        "sparrow.jpg",
        "ms-06s-top.gif",
        "logon.jpg",
        "../msgundam/rx-78.jpg",
    ],
)
def test_units_with_names_like_furniture(name: str) -> None:
    assert len(urls(f"<img src={name}>")) == 1


def test_a_page_without_a_picture_has_none() -> None:
    assert urls("<img src=spacer.gif><input type=radio value=Yes>Yes") == []


def test_pictures_known_from_many_index_pages_are_passed_over() -> None:
    page = "<img src=/mecha/gundam/emblem.jpg><img src=xxxg-01w.jpg>"
    assert found(page, common=frozenset({ROOT + "/mecha/gundam/emblem.jpg"})) == [("xxxg-01w.jpg", "")]


def test_index_pages_teach_only_pictures_that_lead_nowhere_else() -> None:
    page = BeautifulSoup("<a href=/><img src=mark.jpg></a><img src=dress.jpg><a href=xxxg-01w.htm><img src=xxxg-01w.jpg></a>", "lxml")
    assert pictures.all_urls(page, ROOT + "/mecha/gundam/wing/index.htm", SITE) == {
        ROOT + "/mecha/gundam/wing/mark.jpg",
        ROOT + "/mecha/gundam/wing/dress.jpg",
    }


def test_a_small_picture_gives_way_to_the_bigger_one_it_links_to() -> None:
    assert urls("<a href=big/xxxg-01w.jpg><img src=small/xxxg-01w.jpg></a>") == ["big/xxxg-01w.jpg"]
    assert urls("<a href=xxxg-01w-large.htm><img src=xxxg-01w.jpg></a>") == ["xxxg-01w.jpg"]
    assert urls("<a href='javascript:pop()'><img src=xxxg-01w.jpg></a>") == ["xxxg-01w.jpg"]


@pytest.mark.parametrize(
    "buttons",
    [
        "<input type=radio name=v value=w.jpg>Front<input type=radio name=v value=w-back.jpg>Rear<br>",
        "<INPUT TYPE=Radio VALUE=w.jpg> <b>Front</b> <INPUT TYPE=Radio VALUE='w-back.jpg'> Rear",
        "<label><input type=radio value=w.jpg>Front</label><label><input type=radio value=w-back.jpg>Rear</label>",
        "<input id=a type=radio value=w.jpg><input id=b type=radio value=w-back.jpg><label for=a>Front</label><label for=b>Rear</label>",
        "<table><tr><td><input type=radio value=w.jpg><td>Front</td><tr><td><input type=radio value=w-back.jpg><td>Rear</table>",
        "<input type=radio value=1 onclick=\"show('w.jpg')\">Front <input type=radio value=2 onclick=\"show('w-back.jpg')\">Rear",
        "<input type=radio value=/mecha/gundam/wing/w.jpg>Front<input type=radio value=http://www.mahq.net/mecha/gundam/wing/w-back.jpg>Rear",
        "<input type=radio value=w>Front<input type=radio value=w-back>Rear",
    ],
)
def test_alternate_pictures_and_what_they_are_called(buttons: str) -> None:
    poll = "<form>Do you like it? <input type=radio value=Yes>Yes <input type=radio value=No>No</form>"
    assert found(f"{poll}<form><img src=w.jpg>{buttons}</form>") == [("w.jpg", "Front"), ("w-back.jpg", "Rear")]


def test_a_script_may_put_a_folder_before_the_values() -> None:
    page = "<img src=pics/w.jpg><input type=radio value=w.jpg>Front<input type=radio value=w-back.jpg>Rear"
    assert urls(page) == ["pics/w.jpg", "pics/w-back.jpg"]


def test_base_href_counts() -> None:
    assert urls("<base href=http://mahq.net/mecha/gundam/seed/><img src=x.jpg>") == ["/mecha/gundam/seed/x.jpg"]


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        (f"<img src={UP}a-300x300.jpg>", "a.jpg"),
        (f"<img src={UP}a-300x300.jpg srcset='{UP}a-300x300.jpg 300w, {UP}a-1024x768.jpg 1024w'>", "a.jpg"),
        (f"<img src={UP}a-300x300.jpg srcset='{UP}a-300x300.jpg 300w, {UP}a-scaled.jpg 2560w'>", "a-scaled.jpg"),
        (f"<img src={UP}a-800x600.jpg srcset='{UP}a-800x600.jpg 800w, {UP}a-800x600-300x225.jpg 300w'>", "a-800x600.jpg"),
        (f"<img class='size-full wp-image-7' src={UP}a-800x600.jpg>", "a-800x600.jpg"),
        (f"<img src='data:image/svg+xml,x' data-lazy-src={UP}a-150x150.png><noscript><img src={UP}a-150x150.png></noscript>", "a.png"),
        (f"<a href={UP}a.jpg><img src={UP}a-300x300.jpg></a>", "a.jpg"),
        (f"<a href={UP}a-1024x768.jpg><img src={UP}a-300x300.jpg></a>", "a.jpg"),
        (f"<a href=/xxxg-01w/attachment/a/><img src={UP}a-300x300.jpg></a>", "a.jpg"),
        (f"<img src=https://i1.wp.com/www.mahq.net{UP}a-300x300.jpg?resize=300%2C300&ssl=1>", "a.jpg"),
        (f"<img src=https://mahq.net{UP}a.jpg?ver=2>", "a.jpg"),
    ],
)
def test_the_original_of_an_upload(markup: str, wanted: str) -> None:
    assert urls(f"<main>{markup}</main>", NEW_PAGE) == [UP + wanted]


def test_every_upload_in_the_content_and_none_around_it() -> None:
    page = (
        f"<header><img src={UP}mark.png></header><nav><img src={UP}n.jpg></nav>"
        f"<main><img src=/wp-content/themes/x/art.jpg><img src={UP}a.jpg>"
        f"<img src={UP}b-300x300.jpg><img src={UP}site-banner.jpg><a href=/other/><img src={UP}other.jpg></a></main>"
        f"<aside><img src={UP}s.jpg></aside><div id=comments><img src={UP}c.jpg></div><footer><img src={UP}f.jpg></footer>"
    )
    assert urls(page, NEW_PAGE) == [UP + "a.jpg", UP + "b.jpg"]


def test_a_size_in_a_name_is_part_of_it_outside_the_uploads() -> None:
    assert urls("<img src=w-300x300.jpg>") == ["w-300x300.jpg"]
