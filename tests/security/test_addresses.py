"""The way to other machines: private addresses in every spelling, names that resolve to them, names that change their mind."""

from __future__ import annotations

from typing import Any

import pytest

PUBLIC = "93.184.216.34"
"""Stands for any public address; the victim is let out to none."""

INWARD = {
    "loopback": "127.0.0.1",
    "loopback-other": "127.8.8.8",
    "short": "127.1",
    "decimal": "2130706433",
    "octal": "0177.0.0.01",
    "hexadecimal": "0x7f.0.0.1",
    "hexadecimal-whole": "0x7f000001",
    "zero": "0",
    "any": "0.0.0.0",
    "localhost": "localhost",
    "loopback-6": "[::1]",
    "any-6": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped-hexadecimal": "[::ffff:7f00:1]",
    "compatible": "[::127.0.0.1]",
    "nat64": "[64:ff9b::7f00:1]",
    "nat64-local": "[64:ff9b:1::7f00:1]",
    "translated": "[::ffff:0:127.0.0.1]",
    "6to4": "[2002:7f00:1::]",
    "zone": "[fe80::1%25lo]",
    "full-width": "１２７.０.０.１",
    "circled": "①②⑦.⓪.⓪.①",
    "percent": "%31%32%37.0.0.1",
    "final-dot": "127.0.0.1.",
    "user": "example.org@127.0.0.1",
    "backslash": "example.org\\@127.0.0.1",
}


@pytest.fixture(scope="module")
def inward(attack_together: Any, serve: Any) -> tuple[Any, Any]:
    """A crawl of links, pictures and redirects to another port of this machine; and who listens there."""
    attack, inner = attack_together, attack_together.another()
    inner.otherwise = serve.says(b'<img src="/honest.png">secret')
    links, pictures = [], []
    for name, host in INWARD.items():
        there = f"http://{host}:{inner.port}/{name}"
        links += [f"{there}/link", f"/{name}"]
        pictures.append(f"{there}/picture")
        attack.on(f"/{name}", serve.redirects(f"{there}/redirect".encode().decode("latin-1")))
    return attack.run(*links, pictures=pictures, names={"example.org": [[PUBLIC]]}, commands=["scrape"]), inner


@pytest.mark.parametrize("name", INWARD)
def test_another_port_of_this_machine(inward: tuple[Any, Any], name: str) -> None:
    outcome, inner = inward
    assert not [path for path, _ in inner.visits if path.startswith(f"/{name}/")]
    # With a backslash it is `http://example.org/@…`, as in browsers: another host, and a public one.
    right = "unreachable" if name == "backslash" else "refused"
    assert outcome.error(f"/{name}") == right
    assert {row["error"] for row in outcome.rows if f"/{name}/" in row["url"]} <= {right}


def test_not_even_an_attempt_is_made(inward: tuple[Any, Any]) -> None:
    outcome, inner = inward
    assert [host for host, port in outcome.connections if port == inner.port] == []


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_a_redirect_to_a_private_address(attack: Any, serve: Any, address: str) -> None:
    attack.on("/away", serve.redirects(f"http://{address}/latest/meta-data/"))
    outcome = attack.run("/away", commands=["scrape"])
    assert outcome.error("/away") == "refused"
    assert {port for _, port in outcome.connections} == {attack.server.port}


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["169.254.169.254"], ["::1"], ["fd00::1", "10.1.1.1"]], ids=str)
def test_a_name_that_resolves_to_a_private_address(attack: Any, serve: Any, answers: list[str]) -> None:
    inner = attack.another()
    outcome = attack.run(f"http://inner.test:{inner.port}/secret", names={"inner.test": [answers]}, commands=["scrape"])
    assert outcome.error(f"http://inner.test:{inner.port}/secret") == "refused"
    assert not inner.heads
    assert {port for _, port in outcome.connections} == {attack.server.port}


def test_dns_rebinding(attack: Any) -> None:
    """The name is public when it is checked, and this machine when it is asked again: the connection goes to what was checked."""
    inner = attack.another()
    names = {"rebind.test": [[PUBLIC], ["127.0.0.1"]]}
    outcome = attack.run(f"http://rebind.test:{inner.port}/secret", names=names, commands=["scrape"])
    assert not inner.heads
    assert (PUBLIC, inner.port) in outcome.connections
    assert ("127.0.0.1", inner.port) not in outcome.connections


def test_a_name_with_a_public_and_a_private_address(attack: Any) -> None:
    inner = attack.another()
    names = {"both.test": [["127.0.0.1", PUBLIC]]}
    outcome = attack.run(f"http://both.test:{inner.port}/secret", names=names, commands=["scrape"])
    assert not inner.heads
    assert ("127.0.0.1", inner.port) not in outcome.connections


def test_the_start_opens_only_its_own_port(attack: Any) -> None:
    """The person named 127.0.0.1 and one port of it; a page that links to another gains nothing, not even by the name of the start."""
    inner = attack.another()
    outcome = attack.run(f"http://127.0.0.1:{inner.port}/", commands=["scrape"])
    assert outcome.error(f"http://127.0.0.1:{inner.port}/") == "refused"
    assert not inner.heads


def test_picture_addresses_are_checked_too(attack: Any) -> None:
    inner = attack.another()
    outcome = attack.run(pictures=[f"{inner.root}/a.png", "http://169.254.169.254/a.png"], commands=["scrape"])
    assert outcome.error(f"{inner.root}/a.png") == outcome.error("http://169.254.169.254/a.png") == "refused"
    assert not inner.heads


def test_robots_txt_cannot_lead_inward(attack: Any, serve: Any) -> None:
    inner = attack.another()
    attack.on("/robots.txt", serve.redirects(f"{inner.root}/robots.txt"))
    attack.run(commands=["scrape"], honest=False)
    assert not inner.heads


def test_a_proxy_in_the_environment_is_not_used(attack: Any) -> None:
    proxy = attack.another()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        attack.environment[name] = proxy.root
    attack.run(commands=["scrape"])
    assert not proxy.heads


def test_credentials_of_this_machine_are_not_sent(attack: Any) -> None:
    attack.home.mkdir(parents=True)
    (attack.home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    attack.run(commands=["scrape"])
    assert not any(b"authorization" in head.lower() for head in attack.server.heads)


def test_cookies_are_not_kept(attack: Any, serve: Any) -> None:
    attack.on("/track", serve.says(b"<p>hello", headers=[("Set-Cookie", "id=1; Path=/")]))
    outcome = attack.run("/track", commands=["scrape"])
    assert outcome.error("/track") == ""
    assert not any(b"cookie" in head.lower() for head in attack.server.heads)


def test_the_page_is_not_told_to_others(attack: Any) -> None:
    attack.run(commands=["scrape"])
    assert not any(b"referer" in head.lower() for head in attack.server.heads)
