"""Attacks: a hostile server, a victim that runs the real commands on it, and what must hold whatever the server does."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from pipeline.fetch.limits import Limits

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Five minutes on two cores are too many for every change: the attacks are run by hand."""
    if not os.environ.get("ART_ATTACKS"):
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="ART_ATTACKS is not set; with it the attack suite takes five minutes"))


ROOT = HERE.parents[1]
CHAIN = ("scrape", "measure", "classify", "filter", "dedup", "review")
MOST_MEMORY = 300_000_000
"""Bytes that the program may take, whatever it is sent. With every library loaded it stands at half of that."""

SECONDS = 40
"""The longest that an attack may hold the program up. (Each test's own bound is its limits'; this one keeps a failed test short.)"""

QUICK = {"attempts": 1, "backoff": 0.01, "connect": 2.0, "read": 5.0, "total": 10.0}
"""What tests lower of the fetcher's limits: repeated attempts would only repeat the attack, and nobody waits 300 s in a test."""

RECIPE = """
[[scrape]]
source = "everything"
start = "{start}"
delay = 0
{settings}
[filter.size]
min_side = 8
[dedup]
"""

PLUGIN = {
    "METADATA": "Metadata-Version: 2.1\nName: everything\nVersion: 0\n",
    "entry_points.txt": "[pipeline.sources]\neverything = attacked_crawler:Everything\n",
}
"""What makes a folder on PYTHONPATH an installed package that offers a source."""

OWN_FILES = re.compile(
    r"manifest\.toml|catalog\.sqlite(-wal|-shm)?|review\.csv|\.lock(\.json)?|images|pages|reports|\.scratch"
    r"|(images|pages)/[0-9a-f]{2}(/[0-9a-f]{64}\.(jpg|png|gif|webp|bmp|tif|html\.gz))?"
    r"|reports/(classify|filter|dedup|summary|failures)\.csv|reports/index\.html"
)
"""Every path that may be in a dataset after these commands: not one of them holds a word from the web."""

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""What must not reach a terminal: control characters (an escape moves the cursor, or worse) and what turns text around."""


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"security_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


hostile = _module("hostile")
bombs_module = _module("bombs")


class Victim:
    """The process that forks a child for every attack; started again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Peak memory, the signal that ended it (0: none), seconds."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        return dict(json.loads(process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.communicate()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "victim.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE
            )
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == "ready\n"
        return self._process


@dataclass
class Command:
    """One command of the chain: exit code, what it printed, seconds passed, seconds of processor time."""

    name: str
    code: int
    out: str
    err: str
    seconds: float
    cpu: float


@dataclass
class Outcome:
    """What an attack came to."""

    dataset: Path
    commands: list[Command]
    peak: int
    killed: int
    seconds: float
    connections: list[tuple[str, int]]
    processes: list[str]
    outside: list[list[str]]
    changed: list[str]
    root: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = self.table("responses")

    def table(self, name: str) -> list[dict[str, Any]]:
        """The rows of a catalog's table."""
        path = self.dataset / "catalog.sqlite"
        if not path.exists():
            return []
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]

    def error(self, path: str, kind: str = "") -> str:
        """The class of what became of a URL (a path of the server's, or a whole URL): "" if it was had. Fails if nothing is known.

        `kind` (page or image) is needed only for one that was asked for as both.
        """
        return str(self._row(path, kind)["error"] or "")

    def detail(self, path: str, kind: str = "") -> str:
        """What the catalog says of a failure."""
        return str(self._row(path, kind)["detail"])

    def _row(self, path: str, kind: str) -> dict[str, Any]:
        url = path if "://" in path else self.root + path
        (row,) = [row for row in self.rows if row["url"] == url and kind in ("", row["kind"])]
        return row

    def measured(self, path: str) -> str:
        """The error class of a stored picture's measurement; "" if it could be measured."""
        (sha256,) = [row["sha256"] for row in self.rows if row["url"] == self.root + path]
        (row,) = [row for row in self.table("measurements") if row["id"] == f"i{sha256[:16]}"]
        return str(row["error"] or "")

    @property
    def said(self) -> str:
        """Everything that was printed."""
        return "".join(command.out + command.err for command in self.commands)

    def report(self, name: str) -> list[dict[str, str]]:
        """A report's rows."""
        text = (self.dataset / "reports" / f"{name}.csv").read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def hold(self) -> None:
        """What every attack must leave standing."""
        assert self.killed == 0, (
            f"ended by signal {self.killed} after {self.seconds:.0f} s, at {self.peak / 1e6:.0f} MB:\n{self.said[-2000:]}"
        )
        for command in self.commands:
            assert command.code in (0, 1), f"{command.name}: exit code {command.code}\n{command.err[-3000:]}"
            assert "Traceback" not in command.out + command.err, command.err[-3000:]
            assert "unexpected" not in command.err, command.err[-3000:]
            assert "Warning" not in command.err, command.err[-3000:]
        assert not UNSEEN.search(self.said), repr(self.said)
        assert self.outside == []
        assert self.changed == []
        assert self.processes == []
        paths = [path.relative_to(self.dataset).as_posix() for path in self.dataset.rglob("*")]
        assert [path for path in paths if not OWN_FILES.fullmatch(path)] == []
        if sys.platform == "linux":
            assert self.peak < MOST_MEMORY, f"took {self.peak / 1e6:.0f} MB"


class Attack:
    """A site that serves an attack beside one honest page, and the command line that walks it."""

    def __init__(self, tmp: Path, victim: Victim) -> None:
        self.tmp = tmp
        self.server = hostile.Server()
        self.on = self.server.on
        self.servers = [self.server]
        self.home = tmp / "home"
        self.environment = {"HOME": str(self.home), "TMPDIR": str(tmp / "tmp"), "PATH": os.defpath, "LANG": "C.UTF-8"}
        self._victim = victim
        self._honest = io.BytesIO()
        Image.effect_mandelbrot((80, 80), (-2, -1.2, 0.8, 1.2), 40).save(self._honest, "PNG")

    default_limits = Limits()
    limits_there_are: Collection[str] = Limits.__dataclass_fields__

    def another(self, tls: Any = None) -> Any:
        """A second server, on another port."""
        self.servers.append(hostile.Server(tls))
        return self.servers[-1]

    def close(self) -> None:
        """Take the servers down."""
        for server in self.servers:
            server.close()

    def run(
        self,
        *links: str,
        pictures: Sequence[str] = (),
        html: bytes = b"",
        limits: dict[str, float] | None = None,
        names: dict[str, list[list[str]]] | None = None,
        settings: str = "",
        start: str = "",
        commands: Sequence[str] = CHAIN,
        honest: bool = True,
        seconds: float = SECONDS,
        as_json: bool = True,
    ) -> Outcome:
        """Scrape a start page that leads to `links` and shows `pictures` (and then an honest page and picture), run the other stages,
        and check what must hold. `names`: see the victim. `honest`: the honest picture must be had, attack or not.
        """
        job = self.prepare(*links, pictures=pictures, html=html, settings=settings, start=start, commands=commands, as_json=as_json)
        outcome = self._run({**job, "limits": {**QUICK, **(limits or {})}, "names": names or {}, "seconds": seconds})
        outcome.hold()
        if honest:
            assert outcome.commands[0].code == 0, outcome.commands[0].err
            assert outcome.error("/honest.png") == ""
        return outcome

    def prepare(
        self,
        *links: str,
        pictures: Sequence[str] = (),
        html: bytes = b"",
        settings: str = "",
        start: str = "",
        commands: Sequence[str] = CHAIN,
        as_json: bool = True,
    ) -> dict[str, Any]:
        """Lay everything out for a run, and say what is to be run: commands, environment, folders."""
        page = "".join(f'<a href="{link}">link</a>' for link in links) + "".join(f'<img src="{url}" alt="attack">' for url in pictures)
        says = hostile.says
        self.server.acts.setdefault("/robots.txt", says(b"", "text/plain", "404 Not Found"))
        self.server.acts.setdefault(
            "/start", says(b"<title>start</title>" + page.encode() + html + b'<a href="/honest">an honest page</a>')
        )
        self.server.acts.setdefault("/honest", says(b'<title>honest</title><img src="/honest.png">'))
        self.server.acts.setdefault("/honest.png", says(self._honest.getvalue(), "image/png"))
        for name in ("home", "cwd", "tmp", "canary", "output", "plugin/everything-0.dist-info"):
            (self.tmp / name).mkdir(parents=True, exist_ok=True)
        (self.tmp / "canary" / "canary.txt").write_text("sings")
        plugin = self.tmp / "plugin"
        shutil.copy(HERE / "crawler.py", plugin / "attacked_crawler.py")
        for name, text in PLUGIN.items():
            (plugin / "everything-0.dist-info" / name).write_text(text)
        recipe, dataset = self.tmp / "recipe.toml", self.tmp / "dataset"
        recipe.write_text(RECIPE.format(start=start or f"{self.server.root}/start", settings=settings))
        told = ["--json"] if as_json else []
        return {
            "commands": [[name, *([str(recipe), "--into"] if name == "scrape" else []), str(dataset), *told] for name in commands],
            "cwd": str(self.tmp / "cwd"),
            "dataset": str(dataset),
            "output": str(self.tmp / "output"),
            "path": [str(ROOT), str(plugin)],
            "environment": self.environment,
        }

    def _run(self, job: dict[str, Any]) -> Outcome:
        output, dataset = Path(job["output"]), Path(job["dataset"])
        before = _snapshot(self.tmp, dataset)
        ended = self._victim.run(job)
        result = output / "result.json"
        told = json.loads(result.read_text()) if result.exists() else {"commands": [], "connections": [], "processes": [], "outside": []}
        done = []
        for number, (command, *_) in enumerate(job["commands"]):
            out, err = (_text(output / f"{number}.{stream}") for stream in ("out", "err"))
            ran = told["commands"][number] if number < len(told["commands"]) else {"code": -1, "seconds": 0.0, "cpu": 0.0}
            if number < len(told["commands"]) or out or err:
                done.append(Command(command, ran["code"], out, err, ran["seconds"], ran["cpu"]))
        return Outcome(
            dataset,
            done,
            ended["peak"],
            ended["killed"],
            ended["seconds"],
            [(host, port) for host, port in told["connections"]],
            told["processes"],
            told["outside"],
            sorted(set(before.items()) ^ set(_snapshot(self.tmp, dataset).items())),
            self.server.root,
        )


def _snapshot(folder: Path, *without: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file below, but for the dataset and the test's own records."""
    left_out = (*without, folder / "output")
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not any(path.is_relative_to(other) for other in left_out) and not path.is_dir()
    }


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "backslashreplace") if path.exists() else ""


@pytest.fixture(scope="session")
def victim() -> Iterator[Victim]:
    if not hasattr(os, "fork"):
        pytest.skip("the attacks are made on forked children, which Windows has not")
    victim = Victim()
    yield victim
    victim.close()


@pytest.fixture
def attack(tmp_path: Path, victim: Victim) -> Iterator[Attack]:
    """One attack alone."""
    attack = Attack(tmp_path, victim)
    yield attack
    attack.close()


@pytest.fixture(scope="module")
def attack_together(tmp_path_factory: pytest.TempPathFactory, victim: Victim) -> Iterator[Attack]:
    """Many small attacks in one crawl; the tests of a module then look at one each."""
    attack = Attack(tmp_path_factory.mktemp("together"), victim)
    yield attack
    attack.close()


@pytest.fixture(scope="module")
def another_attack_together(tmp_path_factory: pytest.TempPathFactory, victim: Victim) -> Iterator[Attack]:
    """A second crawl of the kind."""
    attack = Attack(tmp_path_factory.mktemp("together"), victim)
    yield attack
    attack.close()


@pytest.fixture(scope="session")
def serve() -> Any:
    """The acts of a hostile server: says, redirects, writes, streams."""
    return hostile


@pytest.fixture(scope="session")
def bombs() -> Any:
    """Makers of hostile bytes."""
    return bombs_module
