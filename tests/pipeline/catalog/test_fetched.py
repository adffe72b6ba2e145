from __future__ import annotations

from pipeline.catalog import Catalog, Response


def test_responses_come_back_as_they_went_in(catalog: Catalog) -> None:
    response = Response("http://a/", "page", "http://a/b", 200, None, "", {"etag": '"x"'}, [{"signal": "noai"}], "00ff", 3, 12.5)
    image = Response("http://a/", "image", "http://a/b", 200, None, "", {}, [], "11ff", 3, 12.5)
    catalog.put_responses([response, image])
    assert (catalog.response("http://a/", "page"), catalog.response("http://a/", "image")) == (response, image)
    assert catalog.response("http://b/", "page") is None
    assert list(catalog.responses()) == [image, response]
    catalog.put_responses([Response("http://a/", "page", "http://a/", 500, "server_error", "oops", {}, [], None, None, 13.0)])
    assert catalog.failures().to_dict("records") == [
        {"url": "http://a/", "kind": "page", "status": 500, "error": "server_error", "detail": "oops"}
    ]


def test_crawls_and_failures(catalog: Catalog) -> None:
    assert catalog.crawl("mahq", "http://a/") is None
    catalog.put_crawl("mahq", "http://a/", 3, 9, {"pages": 1.0}, 5.0)
    catalog.put_crawl("mahq", "http://a/", 4, 12, {"pages": 1.0}, 6.0)
    assert catalog.crawl("mahq", "http://a/") == (4, 12)
    assert catalog.crawl("mahq", "http://b/") is None
    answers = [
        Response("http://a/", "page", "http://a/", 200, None, "", {}, [], "aa", 3, 1.0),
        Response("http://b/", "page", "http://b/", 404, "not-found", "gone", {}, [], None, None, 1.0),
        Response("file:///x.png", "image", "file:///x.png", None, "undecodable", "", {}, [], None, None, 1.0),
    ]
    catalog.put_responses(answers)
    assert catalog.page_digests() == ["aa"]
    assert list(catalog.failures()["url"]) == ["file:///x.png", "http://b/"]
    catalog.forget_files()
    assert list(catalog.failures()["url"]) == ["http://b/"]
