from __future__ import annotations

import pytest

from pipeline.fetch.reading import Ask, Reply, expect_text, failure, has_body, outcome, target
from pipeline.fetch.result import Failed


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (206, "broken"),
        (304, "broken"),
        (300, "redirects"),
        (400, "refused"),
        (401, "refused"),
        (402, "refused"),
        (403, "refused"),
        (404, "gone"),
        (408, "timeout"),
        (410, "gone"),
        (429, "busy"),
        (451, "refused"),
        (500, "server_error"),
        (502, "server_error"),
        (503, "busy"),
        (999, "refused"),
    ],
)
def test_statuses(status: int, error: str) -> None:
    failed = failure(status, {}, 0.0)
    assert (failed.error, failed.status, failed.detail) == (error, status, f"HTTP {status}")


def test_whatever_failed_may_ask_for_a_pause() -> None:
    assert failure(503, {"retry-after": "9"}, 0.0).wait == 9.0
    assert failure(403, {"retry-after": "9"}, 0.0).wait == 9.0
    assert failure(404, {}, 0.0).wait is None


@pytest.mark.parametrize("name", ["", "text/html; charset=utf-8", "TEXT/PLAIN", "application/json", "image/svg+xml", "application/ld+json"])
def test_text(name: str) -> None:
    expect_text({"content-type": name} if name else {})


@pytest.mark.parametrize("name", ["image/jpeg", "application/pdf", "application/octet-stream", "video/mp4"])
def test_not_text(name: str) -> None:
    with pytest.raises(Failed, match="not_a_page"):
        expect_text({"content-type": name})


def test_a_target_sent_as_raw_utf8_is_understood() -> None:
    assert target(Reply(301, {"location": " /caf\u00c3\u00a9.htm "})) == "/caf%C3%A9.htm"


def test_a_redirect_to_nowhere() -> None:
    with pytest.raises(Failed, match="redirects"):
        target(Reply(301, {}))


def test_bytes_that_are_no_text_are_no_page() -> None:
    assert outcome("page", "http://a/", "http://a/", Reply(200, {}, b"\x89PNG\r\n\x1a\n\0\0\0"), None, 9).error == "not_a_page"
    assert outcome("page", "http://a/", "http://a/", Reply(200, {}, "\ufeffhtml".encode("utf-16-le")), None, 9).error is None


def test_a_page_of_too_many_tags_is_not_parsed() -> None:
    assert outcome("page", "http://a/", "http://a/", Reply(200, {}, b"<b>" * 10), None, 10).error is None
    assert outcome("page", "http://a/", "http://a/", Reply(200, {}, b"<b>" * 11), None, 10).error == "too_large"


@pytest.mark.parametrize("error", ["maxlag", "ratelimited", "readonly"])
def test_a_wiki_that_is_busy_says_so_with_status_200(error: str) -> None:
    headers = {"mediawiki-api-error": error, "retry-after": "5", "content-type": "application/json"}
    with pytest.raises(Failed) as caught:
        has_body(Ask("http://a/api.php", "page", {}), 200, headers, 0.0)
    assert (caught.value.error, caught.value.wait, caught.value.again) == ("busy", 5.0, True)
    assert has_body(Ask("http://a/api.php", "page", {}), 200, {**headers, "mediawiki-api-error": "badtitle"}, 0.0)
