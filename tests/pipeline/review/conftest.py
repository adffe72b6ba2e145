"""Datasets for the review page, its server, and a browser to look at it with."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.curate.filters import photo
from pipeline.dataset import Dataset
from pipeline.measure import registry

ROOT = Path(__file__).parents[3]
HOSTILE = '</script><script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'"> <b>{{name}}</b> \u2028'
RECIPE = """schema = 1
name = "many"
[[scrape]]
source = "folder"
path = "."
# sizes are counted in pixels
[filter.size]
[filter.photo]
likeness = 0.3
[dedup]
"""
Maker = Callable[..., Path]


@pytest.fixture(scope="session")
def make_dataset(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Make a dataset of `count` items without scraping: 40 pictures under many names, measured once and varied by numbers.

    Of each ten items the last two are copies of the first, as dedup has decided it; measured columns make some too like a photograph.
    Without `signatures` (six kilobytes each) dedup takes every item for itself when it decides anew.
    """

    def make(count: int, signatures: bool = True) -> Path:
        root = tmp_path_factory.mktemp("datasets") / "many"
        (root / "images").mkdir(parents=True)
        (root / "manifest.toml").write_text(RECIPE)
        pictures = [_draw(root / f"{number}.png", number) for number in range(40)]
        rows = [registry.measure_file(path, "") for path in pictures]
        names = [f"{number:05x}" + "0" * 59 for number in range(count)]
        ids = ["i" + name[:16] for name in names]
        dataset = Dataset(root)
        with dataset.writing("test"), dataset.catalog.transaction():
            sightings = []
            for number, (id, name) in enumerate(zip(ids, names, strict=True)):
                path = dataset.image_store.path(name, "png")
                if number % 4096 == 0:
                    path.parent.mkdir(exist_ok=True)
                os.link(pictures[number % 40], path)
                sightings.append((id, "folder", "javascript:document.title='owned'", f"https://art.example/{number}.png", _title(number)))
            # as put_item and put_sighting do, but fifty thousand at a time
            insert = dataset.catalog._db.executemany
            insert("INSERT INTO items VALUES (?, ?, 'png', 900, 1.0)", zip(ids, names, strict=True))
            insert("INSERT INTO sightings VALUES (?1, ?3, ?4, ?2, ?5, '{}', '', '', '', '', 1.0)", sightings)
            drop = () if signatures else ("signature", "signature_subject")
            columns = {name: kind for name, kind in registry.COLUMNS.items() if name not in drop}
            measured = (rows[number % 40] | _varied(number, id) for number, id in enumerate(ids))
            dataset.catalog.put_measurements(registry.VERSION, columns, measured)
            if drop:
                dataset.catalog.put_measurements(registry.VERSION, registry.COLUMNS, [])
            _decide(dataset, ids)
        for picture in pictures:
            picture.unlink()
        return root

    return make


def _title(number: int) -> str:
    return HOSTILE if number == 3 else f"Robot {number:05}"


def _varied(number: int, id: str) -> dict[str, Any]:
    """What differs from the picture that was measured: hashes far from all others, and pixels shared by an item's copies."""
    first = number - number % 10 if number % 10 > 7 else number
    code = f"{first * 0x9E3779B97F4A7C15 % 2**64:016x}"
    hashes = dict.fromkeys(("phash", "phash_mirror", "phash_subject", "phash_subject_mirror"), code)
    return {"id": id, **hashes, "pixels": f"{first:064x}", "border_flat": 0.0} | _photographic(first * 7919 % 3400 / 10000)


def _photographic(likeness: float) -> dict[str, float]:
    """Measured columns by which the photo filter gives this score."""
    columns = {name: mean for name, (mean, _, _) in photo.WEIGHTS.items()}
    columns |= {name: math.expm1(columns[name]) for name in photo.LOGARITHMS}
    wanted = max(likeness, 0.001)
    name = max(photo.WEIGHTS, key=lambda name: abs(photo.WEIGHTS[name][2]) * (name not in photo.LOGARITHMS))
    mean, spread, weight = photo.WEIGHTS[name]
    return columns | {name: mean + spread * (math.log(wanted / (1 - wanted)) - photo.BIAS) / weight}


def _draw(path: Path, number: int) -> Path:
    """Coloured squares on white; no two are alike, so that dedup has few pairs to look at."""
    squares = Image.fromarray(np.random.default_rng(number).integers(0, 230, (5, 5, 3), dtype=np.uint8))
    picture = Image.new("RGB", (120, 90 + number), "white")
    picture.paste(squares.resize((100, 70 + number), Image.Resampling.NEAREST), (10, 10))
    picture.save(path)
    return path


def _decide(dataset: Dataset, ids: list[str]) -> None:
    from pipeline.curate import filter

    dataset.catalog.put_decisions("filter", filter.decide(dataset.catalog.measurements(blobs=False), dataset.manifest.filter))
    keeper = [ids[number - number % 10] if number % 10 > 7 else id for number, id in enumerate(ids)]
    copies = [one != other for one, other in zip(ids, keeper, strict=True)]
    frame = pd.DataFrame({"id": ids, "cluster": keeper, "keeper": keeper, "kind": ["exact" if copy else "" for copy in copies]})
    frame["decision"] = ["drop" if copy else "keep" for copy in copies]
    frame["rule"] = ["duplicate" if copy else "" for copy in copies]
    frame["score"], frame["threshold"], frame["reason"] = 0.0, 6.0, "the same pixels in other bytes"
    dataset.catalog.put_clusters(frame)
    dataset.catalog.put_decisions("dedup", frame[["id", "decision", "rule", "score", "threshold", "reason"]])


class Served:
    """`pipeline review --serve` as a process of its own."""

    def __init__(self, root: Path, port: int | None = None) -> None:
        pytest.importorskip("starlette", reason="the page is served with starlette and uvicorn (pip install 'art-pipeline[review]')")
        pytest.importorskip("uvicorn", reason="the page is served with starlette and uvicorn (pip install 'art-pipeline[review]')")
        command = [sys.executable, str(ROOT / "cli.py"), "review", str(root), "--serve", "--json", *(["--port", str(port)] if port else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        self.url: str = json.loads(line)["url"]
        self.port = int(self.url.split(":")[2].split("/")[0])
        self.token = self.url.split("token=")[1]

    def ask(self, path: str, method: str = "GET", value: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One request as the page would make it; a header given as an empty string is left out."""
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": f"review-{self.port}={self.token}", **headers}
        if method == "POST":
            sent = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"} | sent
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True)
            body = b"" if value is None else json.dumps(value).encode()
            for name, text in ({"Content-Length": str(len(body))} | sent).items():
                if text:
                    connection.putheader(name.replace("_", "-"), text)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()

    def stop(self, with_signal: int = signal.SIGINT) -> tuple[int, str]:
        """End it; exit code and what it said on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Served]]:
    """Start servers; they are ended with the module."""
    started: list[Served] = []

    def start(root: Path, port: int | None = None) -> Served:
        started.append(Served(root, port))
        return started[-1]

    yield start
    for one in started:
        one.stop(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


PIPES = """import os, sys
read, write = (os.dup(int(number)) for number in sys.argv[1:3])
os.dup2(read, 3), os.dup2(write, 4), os.set_inheritable(3, True), os.set_inheritable(4, True)
os.execv(sys.argv[3], sys.argv[3:])"""
"""Starts Chromium with the pipes where it looks for them."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"]
CODES = {"Enter": 13, "Escape": 27, "Tab": 9, "PageDown": 34, "End": 35, "Home": 36}
CODES |= {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


class Browser:
    """Headless Chromium, driven by the DevTools protocol over two pipes; needs no package."""

    def __init__(self, binary: str, profile: Path, width: int = 1280, height: int = 800) -> None:
        theirs, self._out = os.pipe()
        self._in, answers = os.pipe()
        self.errors: list[str] = []
        self._numbers = itertools.count(1)
        self._rest = b""
        more = ["--remote-debugging-pipe", f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"]
        command = [sys.executable, "-c", PIPES, str(theirs), str(answers), binary, *FLAGS, *more]
        self._process = subprocess.Popen(command, pass_fds=(theirs, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs)
        os.close(answers)
        self.session = ""
        self.tab()

    def tab(self) -> str:
        """Open another tab and look at it; `session` is which one is looked at."""
        self.session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)  # keys go to a page that has the focus
        return self.session

    def call(self, method: str, **parameters: Any) -> Any:
        """One command of the protocol, answered."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": self.session} if self.session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._note(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._in], [], [], 60)[0], "the browser does not answer"
            piece = os.read(self._in, 1 << 16)
            assert piece, "the browser is gone"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(event["params"]["exceptionDetails"])[:500])
        elif event.get("method") == "Page.javascriptDialogOpening":
            self.errors.append(f"a dialog: {event['params']['message']}")
            answer = {"id": next(self._numbers), "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
            os.write(self._out, json.dumps(answer | {"sessionId": event["sessionId"]}).encode() + b"\0")
        elif event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.errors.append(event["params"]["entry"]["text"] + " " + event["params"]["entry"].get("url", ""))

    def open(self, url: str) -> None:
        """Go to an address."""
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Evaluate a script in the page (promises are awaited) and return its value."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 20) -> Any:
        """Evaluate until the value is truthy."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(AssertionError):
                if value := self.run(script):
                    return value
            time.sleep(0.03)
        raise AssertionError(f"never true: {script}; status: {self.run('document.body.innerText.slice(0, 600)')!r}; {self.errors}")

    def press(self, *keys: str) -> None:
        """Press keys one after the other; a name such as Enter, or a character."""
        for key in keys:
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            code = CODES.get(key, ord(key.upper()) if len(key) == 1 else 0)
            named = {"key": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": text} if text else {}))
            self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def picture(self, path: Path) -> None:
        """Save what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError, AssertionError):
            self.session = ""
            self.call("Browser.close")
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._out)
        os.close(self._in)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; skips where there is none."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if os.name != "posix" or binary is None:
        missing = "no Chromium here; the test of the page drives one (CI installs Debian's)"
        (pytest.fail if os.environ.get("REQUIRE_CHROMIUM") else pytest.skip)(missing)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        opened = Browser(binary, Path(profile))
        yield opened
        opened.close()
