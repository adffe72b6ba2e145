from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.catalog import Catalog
from pipeline.errors import UsageError
from pipeline.fetch.client import Fetcher, user_agent
from pipeline.fetch.limits import Limits

Make = Callable[..., Fetcher]
DAY = 86_400.0


def picture(format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 90).convert("RGB").save(file, format, **options)
    return file.getvalue()


def pages(site: Any) -> list[str]:
    return [path for path in site.asked if path != "/robots.txt"]


# --- what comes back


def test_a_page(site: Any, fetcher: Make) -> None:
    url = site.on("/a", site.says(b"<p>Zaku", type="text/html; charset=latin-1", ETag='"1"', Set_Cookie="a=b"))
    got = fetcher().page(url + "#top")
    assert (got.url, got.final_url, got.status, got.error) == (url, url, 200, None)
    assert got.headers == {"content-type": "text/html; charset=latin-1", "etag": '"1"'}
    assert (got.body, got.size, got.extension, got.fresh) == (b"<p>Zaku", 7, "html.gz", True)


def test_a_compressed_page(site: Any, fetcher: Make) -> None:
    url = site.on("/a", site.says(gzip.compress(b"<p>Zaku"), Content_Encoding="gzip"))
    assert fetcher().page(url).body == b"<p>Zaku"


@pytest.mark.parametrize(("format", "extension"), [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp"), ("BMP", "bmp")])
def test_a_picture_is_kept_by_what_it_is(site: Any, fetcher: Make, tmp_path: Path, format: str, extension: str) -> None:
    body = picture(format)
    got = fetcher().image(site.on("/a.jpg", site.says(body, type="text/html")))
    assert (got.error, got.extension, got.size, got.body) == (None, extension, len(body), body)
    assert (tmp_path / "images" / str(got.sha256)[:2] / f"{got.sha256}.{extension}").read_bytes() == body


def test_a_large_picture_goes_to_the_disk_as_it_comes(site: Any, fetcher: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.fetch.transport.IN_MEMORY", 1_000)
    body = picture()
    assert len(body) > 2_000
    fetched = fetcher().image(site.on("/a", site.says(body, type="image/png")))
    assert (fetched.error, fetched.sha256, fetched.size) == (None, hashlib.sha256(body).hexdigest(), len(body))
    assert isinstance(fetched.content, Path)
    assert fetched.content.read_bytes() == body
    assert list(tmp_path.rglob("*.tmp")) == []


def test_a_jpeg_of_several_pictures_is_a_jpeg(site: Any, fetcher: Make) -> None:
    body = picture("MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    assert fetcher().image(site.on("/a.jpg", site.says(body, type="image/jpeg"))).extension == "jpg"


def test_a_truncated_jpeg_is_kept(site: Any, fetcher: Make) -> None:
    body = picture("JPEG")[:-900]
    got = fetcher().image(site.on("/a.jpg", site.says(body, type="image/jpeg")))
    assert (got.error, got.body) == (None, body)


@pytest.mark.parametrize("body", [b"<html>not found</html>", b"", b"\x89PNG\r\n\x1a\n", picture("JPEG")[:10]])
def test_what_is_no_picture_is_not_kept(site: Any, fetcher: Make, tmp_path: Path, body: bytes) -> None:
    got = fetcher().image(site.on("/a.jpg", site.says(body, type="image/jpeg")))
    assert (got.error, got.status, got.body, got.sha256, got.size) == ("not_an_image", 200, b"", None, None)
    assert not (tmp_path / "images").exists()


def test_a_picture_that_claims_too_many_pixels(site: Any, fetcher: Make) -> None:
    body = bytearray(picture("BMP"))
    body[18:26] = (30_000).to_bytes(4, "little") * 2
    assert fetcher().image(site.on("/a.bmp", site.says(bytes(body)))).error == "too_large"


def test_a_picture_is_no_page(site: Any, fetcher: Make) -> None:
    got = fetcher().page(site.on("/a", site.says(picture(), type="image/png")))
    assert (got.error, got.status, got.detail) == ("not_a_page", 200, "content-type image/png")


@pytest.mark.parametrize(("status", "error"), [(404, "gone"), (410, "gone"), (403, "refused"), (451, "refused"), (402, "refused")])
def test_a_final_no_is_asked_once(site: Any, fetcher: Make, status: int, error: str) -> None:
    url = site.on("/a", site.says(b"", status))
    got = fetcher().page(url)
    assert (got.error, got.status, got.detail, got.body) == (error, status, f"HTTP {status}", b"")
    assert pages(site) == ["/a"]


@pytest.mark.parametrize(
    "url", ["ftp://example.org/a", "data:image/png;base64,AA", "/a", "", "http://[bad", "http://x:y@h/", "x" * 9000, "\udc80"]
)
def test_what_cannot_be_asked_is_refused_and_remembered(fetcher: Make, catalog: Catalog, url: str) -> None:
    got = fetcher().image(url)
    assert (got.error, got.status) == ("refused", None)
    row = catalog.response(got.url, "image")
    assert row is not None
    assert row.error == "refused"


# --- caps


def test_an_endless_page_and_a_gzip_bomb(site: Any, fetcher: Make) -> None:
    endless = site.on("/endless", site.writes(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", forever=b"x" * 10_000))
    bomb = site.on("/bomb", site.says(gzip.compress(bytes(5_000_000)), Content_Encoding="gzip"))
    asking = fetcher(limits=Limits(page_bytes=100_000))
    for url in (endless, bomb):
        got = asking.page(url)
        assert (got.error, got.status, got.body) == ("too_large", 200, b"")
    assert pages(site) == ["/endless", "/bomb"]


def test_a_picture_has_a_cap_of_its_own(site: Any, fetcher: Make) -> None:
    body = picture()
    url = site.on("/a", site.says(body))
    assert fetcher(limits=Limits(page_bytes=1, image_bytes=len(body))).image(url).error is None
    assert fetcher(limits=Limits(image_bytes=len(body) - 1)).image(site.on("/b", site.says(body))).error == "too_large"


# --- attempts


def test_a_body_shorter_than_announced_is_asked_again(site: Any, fetcher: Make, time: Any) -> None:
    short = site.writes(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nshort")
    got = fetcher().page(site.on("/a", short, short, site.says(b"whole")))
    assert got.body == b"whole"
    assert time.slept == [1.0, 2.0]


def test_four_attempts_then_an_error(site: Any, fetcher: Make, time: Any, notes: list[str]) -> None:
    url = site.on("/a", site.says(b"", 500))
    got = fetcher(limits=Limits(backoff=3.0)).page(url)
    assert (got.error, got.status) == ("server_error", 500)
    assert pages(site) == ["/a"] * 4
    assert time.slept == [3.0, 6.0, 12.0]
    assert notes == [f"127.0.0.1: waiting {n} s (HTTP 500, attempt {k} of 4)" for n, k in ((6, 2), (12, 3))]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_and_as_a_date(site: Any, fetcher: Make, time: Any, notes: list[str], status: int) -> None:
    busy = site.says(b"", status, Retry_After="40")
    dated = site.says(b"", status, Retry_After=formatdate(time.now + 100.0, usegmt=True))
    got = fetcher().page(site.on("/a", busy, dated, site.says(b"whole")))
    assert got.error is None
    assert time.slept == [40.0, 60.0]
    assert notes[0] == f"127.0.0.1: waiting 40 s (HTTP {status} with Retry-After)"


def test_too_long_a_retry_after_is_an_error_and_leaves_the_host_alone(site: Any, fetcher: Make, time: Any) -> None:
    first = site.on("/a", site.says(b"", 503, Retry_After="7200"))
    second = site.on("/b", site.says(b"here"))
    asking = fetcher()
    got = asking.page(first)
    assert (got.error, got.status) == ("busy", 503)
    assert "7200 s" in got.detail
    assert asking.page(second).error == "busy"
    assert pages(site) == ["/a"]
    assert time.slept == []
    time.now += 7000.0
    assert fetcher().page(second).body == b"here"


def test_the_last_no_still_holds_the_host(site: Any, fetcher: Make, time: Any) -> None:
    busy = site.on("/a", site.says(b"", 429, Retry_After="50"))
    asking = fetcher(limits=Limits(attempts=1))
    assert asking.page(busy).error == "busy"
    asking.page(site.on("/b", site.says(b"here")))
    assert time.slept == [50.0]


# --- pace and robots


def test_every_attempt_and_every_hop_keeps_the_pace(site: Any, fetcher: Make, time: Any) -> None:
    start = site.on("/a", site.says(b"", 301, Location="/b"))
    site.on("/b", site.says(b"", 500), site.says(b"", 302, Location="c"))
    site.on("/c", site.says(b"here"))
    got = fetcher(delay=3.0).page(start)
    assert (got.url, got.final_url, got.body) == (start, f"{site.root}/c", b"here")
    assert site.asked == ["/robots.txt", "/a", "/b", "/b", "/c"]
    assert time.slept == [3.0] * 5


def test_robots_is_asked_once_and_obeyed(site: Any, fetcher: Make, time: Any) -> None:
    site.on("/robots.txt", site.says(b"User-agent: *\nDisallow: /private\nCrawl-delay: 9\n", type="text/plain"))
    site.on("/private/x", site.says(b"secret"))
    site.on("/go", site.says(b"", 302, Location="/private/x"))
    asking = fetcher()
    assert (asking.page(f"{site.root}/private/x").error, asking.image(f"{site.root}/private/y").error) == ("refused", "refused")
    through = asking.page(f"{site.root}/go")
    assert (through.error, through.final_url, through.detail) == ("refused", f"{site.root}/private/x", "robots.txt forbids it")
    asking.page(f"{site.root}/gone")
    assert site.asked == ["/robots.txt", "/go", "/gone"]
    assert sum(time.slept) == pytest.approx(3 * 9.0)  # one of the pauses is before tdmrep.json


def test_a_path_may_be_named_that_is_asked_for_in_spite_of_robots(site: Any, fetcher: Make, catalog: Catalog) -> None:
    site.on("/robots.txt", site.says(b"User-agent: *\nDisallow: /w/\n"))
    url = site.on("/w/api.php?a=1", site.says(b"{}", type="application/json"))
    other = site.on("/w/index.php", site.says(b"here"))
    asking = fetcher(pardoned=frozenset(["/w/api.php"]))
    assert (asking.page(url).body, asking.page(other).error) == (b"{}", "refused")
    row = catalog.response(url, "page")
    assert row is not None
    assert row.opt_outs == [{"signal": "robots", "value": "/w/api.php", "where": "robots.txt", "overridden": True}]
    assert fetcher().page(url).error == "opted_out"


def test_a_failing_robots_forbids_the_site_for_this_scrape(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", *[site.says(b"", 500)] * 4, site.says(b""))
    url = site.on("/a", site.says(b"here"))
    asking = fetcher()
    got = asking.page(url)
    assert (got.error, got.detail) == ("server_error", "robots.txt: HTTP 500; without it nothing is asked here")
    assert asking.page(f"{site.root}/b").error == "server_error"
    assert site.asked == ["/robots.txt"] * 4
    assert fetcher().page(url).body == b"here"


def test_only_the_beginning_of_a_huge_robots_counts(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", site.writes(b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /no\n", forever=b"# filler\n" * 1000))
    url = site.on("/a", site.says(b"here"))
    asking = fetcher()
    assert asking.page(url).body == b"here"
    assert asking.page(f"{site.root}/no").error == "refused"


# --- redirects and addresses


def test_a_circle_and_a_long_chain(site: Any, fetcher: Make) -> None:
    site.on("/a", site.says(b"", 302, Location="/b"))
    site.on("/b", site.says(b"", 302, Location="/a"))
    for n in range(12):
        site.on(f"/{n}", site.says(b"", 302, Location=f"/{n + 1}"))
    site.on("/9", site.says(b"here"))
    asking = fetcher()
    assert asking.page(f"{site.root}/a").error == "redirects"
    assert asking.page(f"{site.root}/1").body == b"here"
    assert asking.page(f"{site.root}/0").detail == "more than 8 redirects"


@pytest.mark.parametrize("location", ["ftp://example.org/x", "file:///etc/passwd", "http://me:pw@example.org/", "javascript:alert(1)"])
def test_a_redirect_to_another_scheme_is_refused(site: Any, fetcher: Make, location: str) -> None:
    assert fetcher().page(site.on("/a", site.says(b"", 302, Location=location))).error == "refused"


def test_a_redirect_to_a_private_host_is_refused(site: Any, elsewhere: Any, fetcher: Make) -> None:
    asking = fetcher()
    for n, host in enumerate(
        [elsewhere.root, f"http://localhost:{site.port}", "http://169.254.169.254", f"http://0x7f.1:{elsewhere.port}"]
    ):
        got = asking.page(site.on(f"/{n}", site.says(b"", 302, Location=f"{host}/x")))
        assert got.error in ("refused", "unreachable"), host  # some resolvers do not know 0x7f.1
        assert got.final_url == f"{host}/x"
    assert elsewhere.asked == []
    assert "/x" not in site.asked


def test_a_robots_that_redirects_to_a_private_host_is_refused(site: Any, elsewhere: Any, fetcher: Make) -> None:
    site.on("/robots.txt", site.says(b"", 302, Location=f"{elsewhere.root}/robots.txt"))
    assert fetcher().page(site.on("/a", site.says(b"here"))).error == "refused"
    assert elsewhere.asked == []


def test_a_name_that_turns_private_is_refused_although_it_was_public(site: Any, fetcher: Make) -> None:
    answers = {"cdn.invalid": ["192.168.7.7"]}
    asking = fetcher(lookup=lambda host, port: answers.get(host, ["127.0.0.1"]))
    got = asking.image(f"http://cdn.invalid:{site.port}/x")
    assert (got.error, "192.168.7.7" in got.detail) == ("refused", True)


def test_a_named_private_site_may_have_a_name(site: Any, fetcher: Make) -> None:
    site.on("/a", site.says(b"here"))
    root = f"http://nas.invalid:{site.port}"
    asking = fetcher(start_urls=[f"{root}/index.htm"], lookup=lambda host, port: ["127.0.0.1"])
    assert asking.page(f"{root}/a").body == b"here"
    assert asking.page(f"{site.root}/a").error == "refused"


# --- memory


def test_a_second_scrape_asks_nothing(site: Any, fetcher: Make, time: Any, tmp_path: Path) -> None:
    body = picture()
    page, image = site.on("/a", site.says(b"here")), site.on("/b", site.says(body))
    first = fetcher()
    before = first.page(page), first.image(image)
    site.asked.clear()
    time.now += 29 * DAY
    again = fetcher()
    for old, new in zip(before, (again.page(page), again.image(image)), strict=True):
        assert not new.fresh
        for name in ("url", "final_url", "status", "error", "headers", "sha256", "extension", "size", "body"):
            assert getattr(old, name) == getattr(new, name)
    assert site.asked == []


def test_within_one_scrape_nothing_is_asked_twice(site: Any, fetcher: Make) -> None:
    gone, here = f"{site.root}/gone", site.on("/a", site.says(b"here"))
    asking = fetcher(revisit_days=0.0)
    for _ in range(3):
        assert asking.page(gone).error == "gone"
        assert asking.page(here).body == b"here"
    assert pages(site) == ["/gone", "/a"]


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_new_scrape_asks_once_more_for_what_may_pass(site: Any, fetcher: Make, status: int) -> None:
    limits = Limits(attempts=1)
    url = site.on("/a", site.says(b"", status), site.says(b"here"))
    assert fetcher(limits=limits).page(url).error is not None
    assert fetcher(limits=limits).page(url).body == b"here"
    assert fetcher(limits=limits).page(url).fresh is False


@pytest.mark.parametrize(("status", "error"), [(404, "gone"), (403, "refused")])
def test_what_will_not_pass_is_asked_as_seldom_as_a_page(site: Any, fetcher: Make, time: Any, status: int, error: str) -> None:
    url = site.on("/a", site.says(b"", status), site.says(picture()))
    assert fetcher().image(url).error == error
    time.now += 29 * DAY
    assert fetcher().image(url).error == error
    assert pages(site) == ["/a"]
    time.now += 2 * DAY
    assert fetcher().image(url).error is None


def test_what_our_own_rules_refused_is_looked_at_anew(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", site.says(b"User-agent: *\nDisallow: /a\n"), site.says(b""))
    url = site.on("/a", site.says(b"here"))
    assert fetcher().page(url).error == "refused"
    assert fetcher().page(url).body == b"here"


def test_an_old_page_is_asked_whether_it_changed(site: Any, fetcher: Make, time: Any) -> None:
    stamp = "Tue, 14 Nov 2023 10:00:00 GMT"
    said = {"ETag": '"one"', "Last_Modified": stamp}
    same = site.says(b"", 304, type=None)
    url = site.on("/a", site.says(b"here", **said), same, site.says(b"changed", ETag='"two"'))
    fetcher().page(url)
    time.now += 31 * DAY
    second = fetcher().page(url)
    assert (second.error, second.body, second.fresh, second.status) == (None, b"here", True, 200)
    assert (site.headers[-1]["if-none-match"], site.headers[-1]["if-modified-since"]) == ('"one"', stamp)
    time.now += 29 * DAY
    assert not fetcher().page(url).fresh  # the 304 counts as a visit
    time.now += 2 * DAY
    assert fetcher().page(url).body == b"changed"


def test_the_condition_is_put_only_where_the_body_came_from(site: Any, fetcher: Make, time: Any) -> None:
    url = site.on("/a", site.says(b"", 302, Location="/b"))
    site.on("/b", site.says(b"here", ETag='"one"'), site.says(b"", 304, type=None))
    fetcher().page(url)
    time.now += 31 * DAY
    assert fetcher().page(url).body == b"here"
    assert ["if-none-match" in headers for headers in site.headers] == [False] * 5 + [True]


def test_a_304_nobody_asked_for_is_broken(site: Any, fetcher: Make) -> None:
    assert fetcher().page(site.on("/a", site.says(b"", 304, type=None))).error == "broken"


def test_an_old_picture_is_not_asked_for_again(site: Any, fetcher: Make, time: Any) -> None:
    url = site.on("/a", site.says(picture()))
    fetcher().image(url)
    time.now += 400 * DAY
    assert not fetcher(revisit_days=0.0).image(url).fresh


@pytest.mark.parametrize("folder", ["pages", "images"])
def test_a_lost_file_is_fetched_again(site: Any, fetcher: Make, tmp_path: Path, folder: str) -> None:
    url = site.on("/a", site.says(picture() if folder == "images" else b"here", ETag='"one"'))
    kind = folder.removesuffix("s")
    sha256 = getattr(fetcher(), kind)(url).sha256
    (lost,) = (path for path in (tmp_path / folder).rglob("*") if path.is_file())
    lost.unlink()
    got = getattr(fetcher(), kind)(url)
    assert (got.fresh, got.sha256) == (True, sha256)
    assert "if-none-match" not in site.headers[-1]
    assert lost.exists()


def test_no_cookie_is_sent_back(site: Any, fetcher: Make) -> None:
    asking = fetcher()
    asking.page(site.on("/a", site.says(b"here", Set_Cookie="id=1")))
    asking.page(site.on("/b", site.says(b"here")))
    assert "cookie" not in site.headers[-1]


# --- who asks


def test_the_user_agent_is_honest() -> None:
    assert user_agent("") == "art-pipeline/0.1.0 (collects pictures for an art dataset)"
    assert user_agent(" me@example.org ") == "art-pipeline/0.1.0 (collects pictures for an art dataset; +me@example.org)"


@pytest.mark.parametrize("contact", ["me\r\nX-Evil: 1", "mé@example.org", "a) (b"])
def test_a_contact_that_no_header_can_carry(contact: str) -> None:
    with pytest.raises(UsageError, match=r"scrape\.contact"):
        user_agent(contact)


def test_the_user_agent_is_sent_and_its_name_is_what_robots_sees(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", site.says(b"User-agent: art-pipeline\nDisallow: /a\n"))
    url = site.on("/a", site.says(b"here"))
    assert fetcher(user_agent=user_agent("")).page(url).error == "refused"
    assert site.headers[0]["user-agent"] == user_agent("")


def test_a_start_that_is_no_address(fetcher: Make) -> None:
    with pytest.raises(UsageError, match="full address"):
        fetcher(start_urls=["www.example.org/index.htm"])
    with pytest.raises(UsageError, match="host:port"):
        fetcher(private=["my nas"])
