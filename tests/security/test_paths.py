"""Addresses that want to be paths: nothing is ever named after what a site says."""

from __future__ import annotations

from typing import Any

import pytest

PATHS = {
    "dots": "/../../../../../../canary/x.png",
    "dots-encoded": "/%2e%2e/%2e%2e/%2e%2e%2fcanary%2fx.png",
    "dots-encoded-twice": "/%252e%252e%252fcanary.png",
    "dots-backslash": "/..\\..\\..\\canary\\x.png",
    "dots-overlong": "/%c0%ae%c0%ae/x.png",
    "dots-full-width": "/\uff0e\uff0e/x.png",
    "absolute": "//etc/passwd",
    "absolute-windows": "/C:/Windows/System32/drivers/etc/hosts",
    "absolute-windows-backslash": "/C:\\Windows\\win.ini",
    "device": "/CON",
    "device-with-ending": "/aux.png",
    "device-port": "/COM1:",
    "unc": "/\\\\host\\share\\x.png",
    "stream": "/x.png::$DATA",
    "home": "/~root/.ssh/authorized_keys",
    "null": "/x.png%00.sh",
    "line-break": "/x%0d%0aX-Injected:%201.png",
    "line-break-raw": "/x\r\nX-Injected: 1.png",
    "semicolons": "/x;rm -rf ~;.png",
    "dollar": "/$(touch canary).png",
    "long-name": "/" + "n" * 5000 + ".png",
    "long-path": "/d" * 2500 + "/x.png",
    "longest": "/" + "n" * 9000,
    "query": "/x.png?../../../../canary",
    "fragment": "/x.png#../../../canary",
    "dot": "/.",
    "hidden": "/.bashrc",
    "catalog": "/catalog.sqlite",
    "manifest": "/manifest.toml",
    "trailing-dot": "/x.png.",
    "trailing-blank": "/x.png%20",
    "case": "/X.PnG",
}


@pytest.fixture(scope="module")
def named(attack_together: Any, serve: Any, bombs: Any) -> Any:
    """Each as a page and as a picture; whatever path arrives, the server gives a page or a picture of its own."""
    numbers = iter(range(10_000))

    def answer(visit: Any) -> None:
        number = next(numbers)
        if b"Accept: image" in visit.head:
            serve.says(bombs.drawing((60 + number % 60, 60 + number // 60)), "image/png")(visit)
        else:
            serve.says(b"<title>%d</title>" % number)(visit)

    attack_together.server.otherwise = answer
    quoted = [path.replace("\r", "&#13;").replace("\n", "&#10;") for path in PATHS.values()]
    links = "".join(f'<a href="{path}">x</a><img src="{path}">' for path in quoted)
    disposed = serve.says(
        bombs.drawing((200, 60)), "image/png", headers=[("Content-Disposition", 'attachment; filename="../../canary.sh"')]
    )
    attack_together.on("/disposed.png", disposed)
    return attack_together.run(pictures=["/disposed.png"], html=links.encode())


def test_files_have_only_names_of_our_own(named: Any) -> None:
    """`Outcome.hold` has compared every path; here: there were files to compare."""
    assert len([path for path in (named.dataset / "images").rglob("*.*") if path.is_file()]) > 20
    assert len([path for path in (named.dataset / "pages").rglob("*.*") if path.is_file()]) > 20


def test_headers_cannot_be_injected(named: Any, attack_together: Any) -> None:
    assert not any(line.startswith(b"X-Injected") for head in attack_together.server.heads for line in head.split(b"\r\n"))


def test_addresses_are_kept_in_one_plain_spelling(named: Any) -> None:
    for row in named.rows:
        assert row["url"].isascii()
        assert row["url"].isprintable()
        assert len(row["url"]) <= 8192


def test_the_longest_is_refused(named: Any) -> None:
    assert {row["error"] for row in named.rows if len(row["url"]) == 8192} == {"refused"}


STRANGE = {
    "user-and-password": "http://user:password@{host}/secret",
    "user": "http://user@{host}/secret",
    "empty-user": "http://@{host}/secret",
    "port-0": "http://127.0.0.1:0/",
    "port-99999": "http://127.0.0.1:99999/",
    "port-negative": "http://127.0.0.1:-1/",
    "port-no-number": "http://127.0.0.1:http/",
    "port-huge": "http://127.0.0.1:{nines}/",
    "port-not-ascii": "http://127.0.0.1:８０/",
    "host-of-300-characters": "http://{h300}/",
    "label-of-64-characters": "http://{h64}.test/",
    "host-empty-label": "http://a..test/",
    "host-blank": "http://a b.test/",
    "host-percent": "http://a%00b.test/",
    "host-homograph": "http://еxample.test/",
    "host-mixed-scripts": "http://exаmple.test/",
    "host-invisible": "http://exam\u00adple\u200b.test/",
    "host-right-to-left": "http://a\u05d0\u0661.test/",
    "host-emoji": "http://💩.test/",
    "host-broken-punycode": "http://xn--\u00e9.test/",
    "host-punycode-bomb": "http://xn--{nines}.test/",
    "host-bracket": "http://[/",
    "host-bracket-text": "http://[x]/",
    "host-ipv6-future": "http://[v1.x]/",
    "host-wildcard": "http://*.test/",
    "host-slash": "http://\u2044etc/",
    "scheme-upper": "HTTP://127.0.0.1:1/",
    "scheme-twice": "http:http://127.0.0.1:1/",
    "mail": "mailto:a@b.test",
    "websocket": "ws://127.0.0.1:1/",
    "view-source": "view-source:http://127.0.0.1:1/",
    "blanks": "   ",
    "megabyte": "http://127.0.0.1:1/{megabyte}",
}


def test_strange_addresses(attack: Any, serve: Any) -> None:
    """As links, pictures and redirects: each is a row (or nothing), and none is sent where it should not."""
    more = {"host": f"127.0.0.1:{attack.server.port}", "nines": "9" * 3000, "h300": "h" * 300, "h64": "h" * 64, "megabyte": "m" * 1_000_000}
    attack.on("/secret", serve.says(b"secret"))
    urls = {name: url.format(**more) for name, url in STRANGE.items()}
    for name, url in urls.items():
        attack.on(f"/away-{name}", serve.redirects(url[:50_000].encode().decode("latin-1")))
    everything = "".join(f'<a href="{url}">x</a><img src="{url}">' for url in urls.values())
    names = {host: [["192.0.2.1"]] for host in ("xn--xample-2of.test", "xn--exmple-4nf.test", "xn--ls8h.test", "example.test")}
    outcome = attack.run(
        *(f"/away-{name}" for name in urls), html=f"<meta charset=utf-8>{everything}".encode(), names=names, commands=["scrape", "review"]
    )
    assert not attack.server.asked("/secret")
    for name in urls:
        assert outcome.error(f"/away-{name}") in ("refused", "redirects", "unreachable", "gone"), name
    assert not any(b"authorization" in head.lower() for head in attack.server.heads)
    assert {port for _, port in outcome.connections} <= {attack.server.port, 1}


def test_a_picture_at_the_address_of_its_page(attack: Any, serve: Any, bombs: Any) -> None:
    """One address, two kinds: neither answer takes the other's place."""

    def answer(visit: Any) -> None:
        if b"Accept: image" in visit.head:
            serve.says(bombs.drawing((90, 90)), "image/png")(visit)
        else:
            serve.says(b"<img src=/both>")(visit)

    attack.on("/both", answer)
    outcome = attack.run("/both")
    assert outcome.error("/both", "page") == outcome.error("/both", "image") == ""
