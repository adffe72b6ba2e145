"""Who is answered and who is not, asked of a real server."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import verdicts

PATHS = [
    "/",
    "/page/main.js",
    "/page/style.css",
    "/api/items",
    "/api/state",
    "/api/verdicts",
    "/api/facing",
    "/api/items/ID",
    "/thumb/ID",
    "/image/ID",
]


@pytest.fixture(scope="module")
def served(make_dataset: Callable[..., Path], serve: Callable[[Path], Any]) -> Any:
    found = serve(make_dataset(60))
    found.ids = json.loads(found.ask("/api/items")[2])["columns"]["id"]
    return found


def refused(answer: tuple[int, dict[str, str], bytes]) -> bool:
    status, _, body = answer
    return status in (400, 403, 421) and len(body) < 100 and b"Robot" not in body


@pytest.mark.parametrize("path", PATHS)
def test_every_address_asks_for_host_token_and_origin(served: Any, path: str) -> None:
    path = path.replace("ID", served.ids[0])
    status, headers, body = served.ask(path)
    assert status == 200
    assert body
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert served.ask(path, Host=f"localhost:{served.port}")[0] == 200
    assert refused(served.ask(path, Cookie=""))
    assert refused(served.ask(path, Cookie=f"review-{served.port}=x{served.token[1:]}"))
    for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1", f"127.0.0.1.evil.example:{served.port}", ""):
        assert refused(served.ask(path, Host=host)), host
    assert refused(served.ask(path, Sec_Fetch_Site="cross-site"))
    assert refused(served.ask(path, Sec_Fetch_Site="same-site"))  # another port of this machine


def test_the_token_opens_the_page_once_and_stays_in_a_strict_cookie(served: Any) -> None:
    status, headers, _ = served.ask(f"/?token={served.token}", Cookie="", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")
    assert status == 200
    assert headers["set-cookie"] == f"review-{served.port}={served.token}; HttpOnly; SameSite=Strict; Path=/"
    assert headers["referrer-policy"] == "no-referrer"
    assert refused(served.ask("/?token=wrong", Cookie=""))
    assert refused(served.ask(f"/api/items?token={served.token}", Cookie=""))
    assert refused(served.ask(f"/?token={served.token}", Cookie="", Host="evil.example"))
    assert refused(served.ask(f"/?token={served.token}", Cookie="", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors"))


@pytest.mark.parametrize("path", ["/api/verdicts", "/api/preview", "/api/manifest"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Cookie": ""},
        {"Host": "evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
    ids=str,
)
def test_writes_need_their_own_origin(served: Any, path: str, headers: dict[str, str]) -> None:
    value = {"verdicts": [{"id": served.ids[0], "aspect": "keep", "value": "drop"}], "values": {"filter.photo.likeness": 0.1}}
    assert refused(served.ask(path, "POST", value, **headers))


def test_odd_bodies_are_refused(served: Any) -> None:
    assert served.ask("/api/verdicts", "POST", {"verdicts": []}, Content_Type="text/plain")[0] == 415
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may hang up before it has been told all
        assert served.ask("/api/verdicts", "POST", {"verdicts": ["x" * (1 << 20)]})[0] == 413
    for value in ([], {}, {"verdicts": 3}, {"verdicts": [3]}, None):
        assert served.ask("/api/verdicts", "POST", value)[0] == 400, value
    status, _, body = served.ask("/api/verdicts", "POST", {"verdicts": [{"id": "i9", "aspect": "keep", "value": "keep"}]})
    assert status == 409
    assert "no item" in json.loads(body)["error"]
    assert served.ask("/api/manifest", "POST", {"values": {"scrape.path": 3}})[0] == 409


UP = "..%2f..%2f"


@pytest.mark.parametrize(
    "path",
    [
        f"/page/{UP}desk.py",
        "/page/index.html",
        f"/image/{UP}manifest.toml",
        "/image/x",
        "/thumb/x",
        "/thumb/ID?side=99",
        "/thumb/ID?side=../x",
        "/docs",
        "/api/items/x",
    ],
)
def test_nothing_else_is_served(served: Any, path: str) -> None:
    status, _, body = served.ask(path.replace("ID", served.ids[0]))
    assert status == 404
    assert b"scrape" not in body


def test_pictures_are_small_until_opened(served: Any) -> None:
    _, headers, small = served.ask(f"/thumb/{served.ids[0]}")
    assert headers["content-type"] == "image/webp"
    assert small[:4] == b"RIFF"
    assert served.ask(f"/thumb/{served.ids[0]}?side=320")[0] == 200
    _, headers, large = served.ask(f"/image/{served.ids[0]}")
    assert headers["content-type"] == "image/png"
    assert large[:4] == b"\x89PNG"


def test_verdicts_do_not_wait_for_pictures_or_previews(served: Any, make_dataset: Callable[..., Path]) -> None:
    generation = json.loads(served.ask("/api/state")[2])["generation"]
    stop = threading.Event()

    def busy(path: str, value: Any) -> None:
        while not stop.is_set():
            served.ask(path, "POST" if value else "GET", value)

    works = [("/api/preview", {"generation": generation, "values": {"dedup.distance": 9}, "exact": True}), ("/api/items", None)]
    threads = [threading.Thread(target=busy, args=work) for work in works]
    for thread in threads:
        thread.start()
    took = []
    for id in served.ids[:10]:
        began = time.monotonic()
        assert served.ask("/api/verdicts", "POST", {"verdicts": [{"id": id, "aspect": "facing", "value": "left"}]})[0] == 200
        took.append(time.monotonic() - began)
    stop.set()
    for thread in threads:
        thread.join()
    assert max(took) < 1, took


def test_what_was_refused_was_not_written(served: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    keep = json.loads(served.ask("/api/verdicts")[2])["keep"]
    assert keep == verdicts.Verdicts().keep
