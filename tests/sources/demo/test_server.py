from __future__ import annotations

import http.client

import pytest

from sources.demo import server
from sources.demo.plan import START
from sources.demo.site import Site


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(200, 0)


def _ask(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.HOST, port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_pages_come_with_length_and_without_a_date(site: Site) -> None:
    with server.serving(site) as port:
        status, headers, body = _ask(port, START)
        assert status == 200
        assert int(headers["content-length"]) == len(body)
        assert "date" not in headers
        assert _ask(port, START, "HEAD")[2] == b""
        assert _ask(port, "/")[1]["location"] == START
        assert _ask(port, "/missing.htm")[0] == 404


def test_one_connection_serves_many_requests_without_waiting(site: Site) -> None:
    with server.serving(site) as port:
        connection = http.client.HTTPConnection(server.HOST, port, timeout=10)
        for unit in site.units[:50]:
            connection.request("GET", unit.path)
            assert connection.getresponse().read()
        connection.close()


def test_a_second_site_finds_another_port(site: Site) -> None:
    with server.serving(site) as first, server.serving(site) as second:
        assert first != second
        assert _ask(second, START)[0] == 200


def test_a_port_that_was_named_and_is_taken_is_an_error(site: Site) -> None:
    with (
        server.serving(site) as port,
        pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is in use by another program; free it"),
        server.serving(site, port),
    ):
        pass


def test_the_port_is_free_again_afterwards(site: Site) -> None:
    with server.serving(site) as port:
        _ask(port, START)
    with server.serving(site, port) as again:
        assert again == port
