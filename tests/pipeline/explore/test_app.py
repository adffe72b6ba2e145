"""The page's addresses, asked as a browser would and as nobody may."""

from __future__ import annotations

import http.client
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from pipeline.train import load
from pipeline.train.latent import Pick
from pipeline.train.use import directions, favourites


def ask(address: str, path: str, method: str = "GET", value: Any = None, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    port, token = address.split(":")[2].split("/")[0], address.split("token=")[1]
    body = b"" if value is None else json.dumps(value).encode()
    sent = {
        "Host": f"127.0.0.1:{port}",
        "Cookie": f"explore-{port}={token}",
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/json",
    }
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, text in ({"Content-Length": str(len(body))} | sent | headers).items():
            if text:
                connection.putheader(name, text)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def _pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data))).astype(int)


def test_strangers_see_nothing(address: str) -> None:
    for wrong in ({"Cookie": ""}, {"Cookie": "explore-1=x"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for path in ("/", "/api/state", "/picture?seed=0&number=0&truncation=1", "/page/main.js"):
            status, _, body = ask(address, path, **wrong)
            assert status in (403, 421)
            assert b"sefa" not in body
    assert ask(address, "/api/favourites", "POST", {"seed": 0, "number": 1, "truncation": 1}, Origin="http://evil.example")[0] == 403


def test_state_and_files(address: str, run: Path) -> None:
    status, headers, body = ask(address, "/api/state")
    state = json.loads(body)
    assert status == 200
    assert "script-src 'self'" in headers["content-security-policy"]
    assert (state["run"], state["size"], state["passed_over"]) == ("robots", 32, ["old"])
    assert [one["name"] for one in state["directions"]] == ["sefa-1", "sefa-2"]
    assert ask(address, "/page/main.js")[1]["content-type"].startswith("text/javascript")
    for hidden in ("/page/index.html", "/page/..%2fapp.py", "/page/nothing.js", "/api"):
        assert ask(address, hidden)[0] == 404


def test_a_picture_is_the_one_that_generate_draws(address: str, run: Path) -> None:
    generator = load(run)
    _, headers, plain = ask(address, "/picture?seed=3&number=5&truncation=0.8&sefa-1=0")
    assert headers["content-type"] == "image/png"
    assert np.abs(_pixels(plain) - generator.generate(seed=3, numbers=[5], truncation=0.8)[0]).max() <= 1
    _, headers, moved = ask(address, "/picture?seed=3&number=5&truncation=0.8&sefa-1=2.5&save")
    noise = directions.moved(generator.latents([Pick(3, 5)], 0.8), [(directions.read(run, "sefa-1"), 2.5)])
    assert np.abs(_pixels(moved) - generator.draw(noise)[0]).max() <= 1
    assert np.abs(_pixels(moved) - _pixels(plain)).max() > 10
    assert headers["content-disposition"] == 'attachment; filename="seed3-00005-sefa-1+2.5.png"'


@pytest.mark.parametrize(
    "query",
    ["", "seed=0", "seed=x&number=0&truncation=1", "seed=-1&number=0&truncation=1", "seed=0&number=0&truncation=9"]
    + [f"seed=0&number=0&truncation=1&{more}" for more in ("sefa-1=6", "sefa-1=nan", "old=1", "../x=1", "sefa-1=")],
)
def test_what_cannot_be_drawn_is_refused(address: str, query: str) -> None:
    status, _, body = ask(address, f"/picture?{query}")
    assert status == 400
    assert "error" in json.loads(body)


def test_favourites_go_to_the_file(address: str, run: Path) -> None:
    status, _, body = ask(address, "/api/favourites", "POST", {"seed": 2, "number": 7, "truncation": 0.5})
    assert (status, json.loads(body)) == (200, {"favourites": [{"seed": 2, "number": 7, "truncation": 0.5}]})
    assert favourites.read(run) == [favourites.Favourite(Pick(2, 7), 0.5)]
    for wrong in ({}, [], {"seed": 2, "number": -7, "truncation": 1}, {"seed": "x", "number": 1, "truncation": 1}):
        assert ask(address, "/api/favourites", "POST", wrong)[0] == 400
    (run / favourites.FILE).unlink()
