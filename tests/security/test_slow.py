"""Servers that take their time. The limits are lowered, see `limits` in victim.py; what is tested is that they bind."""

from __future__ import annotations

from typing import Any

import pytest

LIMITS = {"connect": 0.4, "read": 0.3, "total": 0.5}
SOON = 6.0
"""Seconds in which a whole command may pass over an attack that would last for ever; the limits sum up to far less."""


def passed(outcome: Any, path: str, *classes: str) -> None:
    """The attack was given up, in time, for one of these reasons."""
    assert outcome.error(path) in classes
    assert outcome.commands[0].seconds < SOON


@pytest.mark.parametrize("kind", ["page", "picture"])
def test_no_answer_at_all(attack: Any, serve: Any, kind: str) -> None:
    attack.on("/silent", serve.writes(hold=True))
    outcome = attack.run(*["/silent"] * (kind == "page"), pictures=["/silent"] * (kind == "picture"), limits=LIMITS, commands=["scrape"])
    passed(outcome, "/silent", "timeout")


def test_a_dripping_header(attack: Any, serve: Any) -> None:
    attack.on("/drip", serve.writes(b"HTTP/1.1 200 OK\r\nX-Drip: ", forever=b"x", pause=0.05))
    passed(attack.run("/drip", limits=LIMITS, commands=["scrape"]), "/drip", "timeout")


def test_headers_that_never_end(attack: Any, serve: Any) -> None:
    attack.on("/headers", serve.writes(b"HTTP/1.1 200 OK\r\n", forever=b"X-More: " + b"x" * 1000 + b"\r\n"))
    passed(attack.run("/headers", limits=LIMITS, commands=["scrape"]), "/headers", "broken", "timeout", "too_large")


def test_a_header_line_that_never_ends(attack: Any, serve: Any) -> None:
    attack.on("/line", serve.writes(b"HTTP/1.1 200 OK\r\nX-Long: ", forever=b"x" * 65_536))
    passed(attack.run("/line", limits=LIMITS, commands=["scrape"]), "/line", "broken", "timeout", "too_large")


def test_a_status_line_that_never_ends(attack: Any, serve: Any) -> None:
    attack.on("/status", serve.writes(b"HTTP/1.1 200 ", forever=b"O" * 65_536))
    passed(attack.run("/status", limits=LIMITS, commands=["scrape"]), "/status", "broken", "timeout", "too_large")


def test_interim_answers_without_end(attack: Any, serve: Any) -> None:
    attack.on("/continue", serve.writes(forever=b"HTTP/1.1 100 Continue\r\n\r\n"))
    passed(attack.run("/continue", limits=LIMITS, commands=["scrape"]), "/continue", "broken", "timeout", "too_large")


def test_interim_answers_that_drip(attack: Any, serve: Any) -> None:
    attack.on("/hints", serve.writes(forever=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", pause=0.05))
    passed(attack.run("/hints", limits=LIMITS, commands=["scrape"]), "/hints", "broken", "timeout", "not_a_page")


@pytest.mark.parametrize("kind", ["page", "picture"])
def test_a_dripping_body(attack: Any, serve: Any, kind: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
    attack.on("/drip", serve.writes(head, forever=b"x", pause=0.05))
    outcome = attack.run(*["/drip"] * (kind == "page"), pictures=["/drip"] * (kind == "picture"), limits=LIMITS, commands=["scrape"])
    passed(outcome, "/drip", "timeout")


def test_dripping_chunks(attack: Any, serve: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    attack.on("/drip", serve.writes(head, forever=b"1\r\nx\r\n", pause=0.05))
    passed(attack.run("/drip", limits=LIMITS, commands=["scrape"]), "/drip", "timeout")


def test_a_dripping_chunk_size(attack: Any, serve: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    attack.on("/drip", serve.writes(head, forever=b"0", pause=0.05))
    passed(attack.run("/drip", limits=LIMITS, commands=["scrape"]), "/drip", "timeout", "broken")


def test_trailers_that_drip(attack: Any, serve: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\n"
    attack.on("/drip", serve.writes(head, forever=b"X-Trailer: x\r\n", pause=0.05))
    passed(attack.run("/drip", limits=LIMITS, commands=["scrape"]), "/drip", "timeout", "broken", "")


def test_trailers_without_end(attack: Any, serve: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\n"
    attack.on("/drip", serve.writes(head, forever=b"X-Trailer: x\r\n" * 1000))
    passed(attack.run("/drip", limits=LIMITS, commands=["scrape"]), "/drip", "timeout", "broken", "")


def test_a_dripping_robots_txt(attack: Any, serve: Any) -> None:
    attack.on("/robots.txt", serve.writes(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", forever=b"#", pause=0.05))
    outcome = attack.run(limits=LIMITS, commands=["scrape"], honest=False)
    passed(outcome, "/start", "timeout")
    assert outcome.commands[0].code == 1
    assert "robots.txt" in outcome.commands[0].err


def test_a_pause_asked_for_without_end(attack: Any, serve: Any) -> None:
    attack.on("/busy", serve.says(b"later", "text/plain", "503 Busy", [("Retry-After", "9" * 400)]))
    passed(attack.run("/honest", "/busy", limits=LIMITS, commands=["scrape"], honest=False), "/busy", "busy")


def test_a_pause_until_the_end_of_time(attack: Any, serve: Any) -> None:
    attack.on("/busy", serve.says(b"later", "text/plain", "503 Busy", [("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")]))
    passed(attack.run("/honest", "/busy", limits=LIMITS, commands=["scrape"], honest=False), "/busy", "busy")
