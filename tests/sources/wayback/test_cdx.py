"""The query's address, and answers of every kind."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.wayback.cdx import FIELDS, Answer, Row, query, read

HEAD = list(FIELDS)
LINE = ["net,mahq)/a", "20100501000000", "http://www.mahq.net:80/a", "text/html", "200", "1234"]
ROW = Row("20100501000000", "http://www.mahq.net:80/a", "text/html", False)


def answer(*lines: object) -> Answer:
    return read(json.dumps(lines).encode())


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def test_the_query_for_a_folder_loses_no_url() -> None:
    url = query("https://web.archive.org", "http://www.mahq.net/a?b=c&d", below=True)
    assert url.startswith("https://web.archive.org/cdx/search/cdx?url=http%3A%2F%2Fwww.mahq.net%2Fa%3Fb%3Dc%26d&")
    given = asked(url)
    assert given["matchType"] == "prefix"
    assert "collapse" not in given  # over several URLs, any collapsing loses some
    assert given["fl"].split(",")[0] == "urlkey"  # without it, the server's resume keys go astray
    assert (given["filter"], given["output"], given["showResumeKey"]) == ("statuscode:200", "json", "true")


def test_the_query_for_one_url_is_exact() -> None:
    given = asked(query("https://web.archive.org", "http://www.mahq.net/a", below=False))
    assert "matchType" not in given
    assert given["collapse"] == "timestamp:8"


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("org%2Carchive%29%2F+19980109140106%21", "org,archive)/ 19980109140106!"),  # encoded already
        ("eJxLzs_V-A==", "eJxLzs_V-A=="),  # a token
    ],
)
def test_a_resume_key_reaches_the_server_once_encoded(key: str, sent: str) -> None:
    assert asked(query("http://a.test", "http://e.test/", below=True, resume=key))["resumeKey"] == sent


def test_rows_and_what_comes_next() -> None:
    assert answer(HEAD, LINE) == Answer([ROW], "")
    assert answer(HEAD, LINE, [], ["next%21"]) == Answer([ROW], "next%21")
    assert answer(HEAD, [], ["next"]) == Answer([], "next")
    assert answer([], ["next"]) == Answer([], "next")
    assert answer(["original", "timestamp"], [LINE[2], LINE[1]]).rows == [ROW._replace(type="")]  # other fields, another order
    assert answer(LINE) == Answer([ROW], "")  # no header


@pytest.mark.parametrize("body", [b"", b"  \n", b"[]", b"[[]]", json.dumps([HEAD]).encode(), json.dumps([HEAD, []]).encode()])
def test_nothing_is_an_answer(body: bytes) -> None:
    assert read(body) == Answer([], "")


@pytest.mark.parametrize(
    "line",
    [
        LINE[:4],
        [*LINE, "more"],
        [LINE[0], "2010", *LINE[2:]],
        [LINE[0], "2010050100000x", *LINE[2:]],
        [*LINE[:2], "mailto:someone@mahq.net", *LINE[3:]],
        [*LINE[:2], "http://www.mahq.net/a b", *LINE[3:]],
        [*LINE[:4], "404", "1"],
        [*LINE[:4], "-", "1"],
        [None] * 6,
        [{}] * 6,
    ],
)
def test_unusable_rows_are_left_out(line: list[object]) -> None:
    assert answer(HEAD, line, LINE).rows == [ROW]


def test_a_capture_of_nothing_is_told() -> None:
    assert [row.empty for row in answer(HEAD, [*LINE[:5], "0"], [*LINE[:5], "-"]).rows] == [True, False]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><title>429 Too Many</title><p>slow   down", "it says '429 Too Many slow down'"),
        (b"org.archive.util.io.RuntimeIOException: Blocked Site Error", "Blocked Site Error"),
        (b'{"error": "no"}', "error"),
        (b'["a"]', "a"),
        (b"\xff\xfe\xfd", "it says"),
        (b"[" * 100_000, "it says"),
    ],
    ids=["html", "text", "object", "list", "bytes", "deep"],
)
def test_what_is_no_answer_is_quoted(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match="it says") as caught:
        read(body)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 130


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*HEAD, *LINE]),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=20,
)


@given(st.lists(st.lists(JSON, max_size=7), max_size=5) | JSON)
def test_any_json_is_read_or_refused(data: object) -> None:
    try:
        found = read(json.dumps(data).encode())
    except ValueError:
        return
    assert all(row.timestamp.isdigit() and row.original.startswith("http") for row in found.rows)
    assert isinstance(found.resume, str)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read(body)
    except ValueError as error:
        assert "it says" in str(error)
