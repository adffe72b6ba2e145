from __future__ import annotations

import pytest

from sources.mahq.site import Site

HOME = "https://www.mahq.net"
SITE = Site.at(HOME + "/mecha/gundam/index.htm")


@pytest.mark.parametrize(
    ("url", "from_old", "from_new"),
    [
        ("/mecha/gundam/wing/index.htm", True, True),
        ("/mecha/gundam/wing/", True, True),
        ("/MECHA/GUNDAM/WING/INDEX.HTM", True, True),
        ("/mecha/gundam/wing/w.jpg", False, False),
        ("/mecha/gundam/wing/art.zip", False, False),
        ("/mecha/gundam/index.htm", False, False),  # it is visited as an entrance
        ("/gundammain/", False, False),
        ("/mecha/macross/index.htm", False, False),
        ("/", False, False),
        ("/moongundam/", False, True),
        ("/rx-78-2", False, True),
        ("/?p=12", False, False),
        ("/x/?p=12", False, True),
        ("/x/?share=mail", False, False),
        ("/tag/gundam/", False, False),
        ("/2022/02/06/news/", False, False),
        ("/feed/", False, False),
        ("/wp-content/uploads/2022/02/a.jpg", False, False),
        ("/wp-login.php", False, False),
    ],
)
def test_which_links_are_walked(url: str, from_old: bool, from_new: bool) -> None:
    assert (SITE.follows(HOME + url, wide=False), SITE.follows(HOME + url, wide=True)) == (from_old, from_new)


@pytest.mark.parametrize("other", ["http://elsewhere.test/mecha/gundam/a.htm", "https://www.mahq.net.evil.test/mecha/gundam/a.htm"])
def test_other_hosts_are_left_alone(other: str) -> None:
    found = SITE.url(HOME + "/", other)
    assert found is not None
    assert not SITE.follows(found, wide=True)


def test_all_names_of_the_site_are_one() -> None:
    for written in ("http://mahq.net/a.htm", "http://www.mahq.net:80/a.htm?x=1#y", "//MAHQ.net/a.htm", "/a.htm"):
        assert SITE.url(HOME + "/b/c.htm", written) == HOME + "/a.htm"
    copy = Site.at("http://127.0.0.1:81/copy/mecha/gundam/")
    assert copy.entrances == ("http://127.0.0.1:81/copy/mecha/gundam/", "http://127.0.0.1:81/copy/gundammain/")
    assert copy.url(copy.entrances[0], "https://www.mahq.net/a.htm") == "http://127.0.0.1:81/copy/a.htm"
    assert copy.url(copy.entrances[0], "http://127.0.0.1:82/a.htm") == "http://127.0.0.1:82/a.htm"


def test_entrances() -> None:
    assert Site.at("").entrances == (HOME + "/gundammain/", HOME + "/mecha/gundam/index.htm")
    assert Site.at(HOME + "/moongundam/").entrances == (HOME + "/moongundam/",)


def test_series() -> None:
    wing = HOME + "/mecha/gundam/wing/"
    assert SITE.series(wing + "a.htm", HOME + "/mecha/gundam/seed/index.htm") == "wing"
    assert SITE.series(wing + "variants/a.htm", wing + "variants/index.htm") == "wing"
    assert SITE.series(HOME + "/rx-78-2/", HOME + "/moongundam/") == "moongundam"
    assert SITE.series(HOME + "/rx-78-2/", HOME + "/gundammain/") == ""
    assert SITE.series(HOME + "/rx-78-2/", "") == ""
