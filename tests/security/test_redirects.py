"""Redirects that lead nowhere, elsewhere, or round and round."""

from __future__ import annotations

import itertools
from typing import Any

import pytest


def test_a_redirect_loop(attack: Any, serve: Any) -> None:
    attack.on("/one", serve.redirects("/two"))
    attack.on("/two", serve.redirects("/one"))
    outcome = attack.run("/one")
    assert outcome.error("/one") == "redirects"
    assert attack.server.asked("/one") == 1


def test_an_endless_redirect_chain(attack: Any, serve: Any) -> None:
    number = itertools.count()
    attack.on("/on", serve.redirects(lambda visit: f"/on?{next(number)}"))
    outcome = attack.run("/on", pictures=["/on?picture"])
    assert outcome.error("/on") == outcome.error("/on?picture") == "redirects"
    assert len(attack.server.visits) < 40


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/picture.png",
        "data:text/html,<img src=x>",
        "gopher://127.0.0.1:70/_GET",
        "javascript:alert(1)",
        "jar:http://127.0.0.1/x.zip!/x",
        "//",
        "http://",
        "http:///etc/passwd",
        "\\\\127.0.0.1\\share",
        "",
    ],
    ids=["file", "ftp", "data", "gopher", "javascript", "jar", "slashes", "no-host", "no-host-but-path", "unc", "nothing"],
)
def test_a_redirect_to_another_scheme(attack: Any, serve: Any, target: str) -> None:
    attack.on("/away", serve.redirects(target))
    outcome = attack.run("/away", pictures=["/away"], commands=["scrape"])
    classes = {row["error"] for row in outcome.rows if row["url"].endswith("/away")}
    assert classes <= {"refused", "redirects", "not_an_image", "gone"}
    assert None not in classes
    assert {port for _, port in outcome.connections} == {attack.server.port}


def test_a_redirect_with_two_targets(attack: Any, serve: Any) -> None:
    other = attack.another()
    attack.on("/away", serve.says(status="302 Found", headers=[("Location", f"{other.root}/"), ("Location", "/honest")]))
    outcome = attack.run("/away", commands=["scrape"])
    assert outcome.error("/away") in ("refused", "redirects", "gone", "broken")
    assert not other.visits


def test_a_redirect_whose_body_never_ends(attack: Any, serve: Any) -> None:
    attack.on("/away", serve.writes(b"HTTP/1.1 302 Found\r\nLocation: /honest\r\n\r\n", forever=b"x" * 65_536))
    outcome = attack.run("/away")
    assert outcome.error("/away") == ""
    assert outcome.seconds < 10
