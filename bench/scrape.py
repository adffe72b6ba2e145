"""How fast, and in how much memory, against Scrapy and img2dataset, each on the same pictures from the same loopback server.

    python bench/scrape.py [--quick] [--peers PYTHON]

Each contender is a process of its own, in turns (A B C, A B C, …); time is the wall clock from its start to its exit. What one
page with one picture takes is measured too, so that time to start can be told from time to fetch. Peers are run as someone who
knows them would (`peers.py`), with the concurrency and format that are fastest in a trial beforehand. Memory is read from /proc:
Linux only.

    crawl          `pipeline scrape`, a source that walks lists and unit pages (`artsource.py`)    against scrapy
    crawl-soup     the same, its pages read with Beautiful Soup
    urls           `pipeline scrape`, the same pictures from a list of addresses                   against img2dataset
    scrapy         ImagesPipeline: pictures decoded and saved anew as JPEG
    scrapy-files   FilesPipeline: bytes as they came, as ours are
    img2dataset    bytes as they came, no pages, SHA-256 as ours

Ours alone write each file durably (fsync, rename) and remember every answer; img2dataset asks no robots.txt.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artsite import Plan

HERE = Path(__file__).parent
LONGEST = 900.0
"""Seconds after which a contender is stopped and counted with what it has stored."""
SAMPLED = 0.2
"""Seconds between two readings of memory."""
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Work:
    """One amount of work: the page to start at, and the same pictures' addresses, as lines and as a CSV with the column `url`."""

    start: str
    lines: Path
    csv: Path
    pictures: int


@dataclass(frozen=True)
class Outcome:
    """One run. Seconds of wall clock and of CPU; MB (10⁶) at the peak, of all its processes together and of the largest one."""

    seconds: float
    cpu: float
    together: float
    largest: float
    stored: int
    asked: int
    requests: int


@dataclass
class Contender:
    """Who runs: `command` for some work and a folder, `stored` counts the pictures there afterwards."""

    name: str
    command: Callable[[Work, Path], list[str | Path]]
    stored: Callable[[Path], int]
    settings: str = ""
    starts: list[float] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def per_second(self) -> list[float]:
        """Pictures a second, in each round."""
        return [outcome.stored / outcome.seconds for outcome in self.outcomes]

    def start(self) -> float:
        """Seconds for one page with its pictures, or for those pictures."""
        return statistics.median(self.starts)

    def once_started(self) -> float:
        """Pictures a second without the time to start."""
        return self.median("stored") / max(0.01, self.median("seconds") - self.start())

    def median(self, name: str) -> float:
        """The median of one of the outcomes' numbers."""
        values: list[float] = [getattr(outcome, name) for outcome in self.outcomes]
        return statistics.median(values)


class Bench:
    """The server's address, the disk to work on, and how to run a contender there."""

    def __init__(self, address: str, folder: Path, environment: dict[str, str]) -> None:
        self.address = address
        self.folder = folder
        self._environment = environment

    def run(self, contender: Contender, work: Work) -> Outcome:
        """Run it once in an empty folder, which is removed again."""
        self._ask("reset")
        target = self.folder / contender.name
        target.mkdir()
        with (self.folder / f"{contender.name}.log").open("wb") as log:
            seconds, cpu, together, largest, code = _timed(contender.command(work, target), self._environment, self.folder, log.fileno())
        asked = self._ask("log")
        stored = contender.stored(target)
        shutil.rmtree(target)
        if code or stored < work.pictures:
            tail = (self.folder / f"{contender.name}.log").read_text(errors="replace")[-1500:]
            print(f"{contender.name}: exit code {code}, {stored:,} of {work.pictures:,} pictures stored\n{tail}", file=sys.stderr)
        pictures = sum(path.startswith("/art/") for path in asked)
        return Outcome(seconds, cpu, together, largest, stored, pictures, sum(asked.values()))

    def _ask(self, what: str) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.address}/-/{what}") as reply:
            found: dict[str, int] = json.load(reply)
        return found


def _timed(command: list[str | Path], environment: dict[str, str], folder: Path, log: int) -> tuple[float, float, float, float, int]:
    """Run to the end: wall and CPU seconds, peak MB of all processes together and of the largest, exit code."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*map(str, command)], env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    over, peak = threading.Event(), [0]

    def watch() -> None:
        while not over.wait(SAMPLED):
            peak[0] = max(peak[0], _resident(process.pid))
            if time.monotonic() - began > LONGEST:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    over.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left behind
    largest = usage.ru_maxrss * 1024
    return seconds, usage.ru_utime + usage.ru_stime, max(peak[0], largest) / 1e6, largest / 1e6, process.returncode


def _resident(root: int) -> int:
    """Bytes of memory that a process and its descendants hold; pages they share count for each."""
    children: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
                pages[int(entry.name)] = int(fields[21])
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        total += pages.get(process, 0)
        waiting += children.get(process, [])
    return total * PAGE


def ours(name: str, root: Path, block: Callable[[Work], dict[str, Any]]) -> Contender:
    """`pipeline scrape` of the checkout at `root`, with a manifest of one block."""

    def command(work: Work, folder: Path) -> list[str | Path]:
        manifest = folder / "bench.toml"
        lines = [f"{key} = {json.dumps(value)}" for key, value in block(work).items()]
        manifest.write_text("\n".join(['name = "bench"', "[[scrape]]", *lines, ""]))
        return [sys.executable, root / "cli.py", "scrape", manifest, "--into", folder / "data", "--quiet"]

    return Contender(name, command, lambda folder: sum(path.is_file() for path in (folder / "data" / "images").rglob("*.*")))


def scrapy(python: str, pipeline: str, concurrency: int) -> Contender:
    """Scrapy with one of its media pipelines."""
    name = "scrapy" if pipeline == "images" else "scrapy-files"
    return Contender(
        name,
        lambda work, folder: [python, HERE / "peers.py", "scrapy", work.start, folder, pipeline, str(concurrency)],
        lambda folder: sum(path.is_file() for path in (folder / "full").glob("*")),
        f"concurrency {concurrency}",
    )


def img2dataset(python: str, form: str, threads: int) -> Contender:
    """img2dataset with two processes."""

    def stored(folder: Path) -> int:
        if form == "files":
            return sum(1 for _ in folder.glob("data/*/*.jpg"))
        count = 0
        for path in folder.glob("data/*.tar"):
            with tarfile.open(path) as tar:
                count += sum(name.endswith(".jpg") for name in tar.getnames())
        return count

    return Contender(
        "img2dataset",
        lambda work, folder: [python, HERE / "peers.py", "img2dataset", work.lines, folder / "data", form, str(threads)],
        stored,
        f"{form}, 2 × {threads} threads",
    )


def fastest(bench: Bench, candidates: list[Contender], work: Work) -> Contender:
    """The candidate that does the trial soonest."""
    times = []
    for candidate in candidates:
        outcome = bench.run(candidate, work)
        times.append(outcome.seconds if outcome.stored == work.pictures else float("inf"))
        print(f"trial: {candidate.name}, {candidate.settings}: {outcome.seconds:.2f} s, {outcome.stored:,} stored", flush=True)
    return candidates[times.index(min(times))]


def entrants(bench: Bench, python: str, have: dict[str, str], root: Path, only: list[str], trial: Work) -> list[Contender]:
    """Ours and the peers that are there, each at its best."""
    told = subprocess.run([sys.executable, root / "cli.py", "sources", "--json"], capture_output=True, text=True, check=True).stdout
    known = {source["name"] for source in json.loads(told)["sources"]}
    private = [bench.address.removeprefix("http://")]
    candidates = {
        "crawl": [ours("crawl", root, lambda work: {"source": "artsite", "start": work.start, "delay": 0.0})],
        "crawl-soup": [ours("crawl-soup", root, lambda work: {"source": "artsoup", "start": work.start, "delay": 0.0})],
        "scrapy": [scrapy(python, "images", number) for number in (16, 32)] if "scrapy" in have else [],
        "scrapy-files": [scrapy(python, "files", number) for number in (16, 32)] if "scrapy" in have else [],
        "urls": [
            ours("urls", root, lambda work: {"source": "urls", "path": str(work.csv), "delay": 0.0, "private": private}),
        ]
        if "urls" in known
        else [],
        "img2dataset": [img2dataset(python, form, threads) for form, threads in itertools.product(("files", "webdataset"), (16, 32, 64))]
        if "img2dataset" in have
        else [],
    }
    return [
        few[0] if len(few) == 1 else fastest(bench, few, trial) for name, few in candidates.items() if few and (not only or name in only)
    ]


def works(bench: Bench, plan: Plan) -> tuple[Work, Work, Work]:
    """The whole site, a part for trials, and one picture."""

    def work(start: str, count: int) -> Work:
        lines, csv = bench.folder / f"{count}.txt", bench.folder / f"{count}.csv"
        addresses = [bench.address + plan.picture(number) for number in range(count)]
        lines.write_text("\n".join([*addresses, ""]))
        csv.write_text("\n".join(["url", *addresses, ""]))
        return Work(bench.address + start, lines, csv, count)

    return work("/", plan.pictures), work("/some.html", plan.trial.pictures), work("/one.html", len(plan.shown(0)))


@contextlib.contextmanager
def served(plan: Plan, latency: float) -> Iterator[dict[str, Any]]:
    """The site in a process of its own; yields what it says of itself."""
    words = ["--pages", str(plan.pages), "--pictures", str(plan.pictures), "--latency", str(latency)]
    command = [sys.executable, str(HERE / "artsite.py"), *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.stdin.close()


def environment(folder: Path) -> dict[str, str]:
    """With the bench's source announced as an installed package would, without installing one."""
    package = folder / "plugin"
    info = package / "artsource-0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(HERE / "artsource.py", package)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: artsource\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[pipeline.sources]\nartsite = artsource:ArtSite\nartsoup = artsource:ArtSoup\n")
    return {**os.environ, "PYTHONPATH": str(package)}


def peers(python: str) -> dict[str, str]:
    """Versions of the peers that a Python can import."""
    done = subprocess.run([python, str(HERE / "peers.py"), "has"], capture_output=True, text=True, check=False)
    found: dict[str, str] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found


def version(root: Path) -> str:
    """What the pipeline of a checkout calls itself."""
    return subprocess.run([sys.executable, root / "cli.py", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]


def disk(folder: Path) -> str:
    """The type of file system that a folder is on: on one in memory, durable writes cost nothing."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    under = [(len(place), kind) for _, place, kind, *_ in mounts if folder.resolve().is_relative_to(place)]
    return max(under)[1]


def ratios(speed: dict[str, float]) -> dict[str, float]:
    """Our pictures a second over theirs."""
    pairs = {
        "scrapy": ("crawl", "scrapy"),
        "scrapy_files": ("crawl", "scrapy-files"),
        "img2dataset": ("urls", "img2dataset"),
        "crawl_vs_img2dataset": ("crawl", "img2dataset"),
    }
    return {name: round(speed[us] / speed[they], 2) for name, (us, they) in pairs.items() if us in speed and speed.get(they)}


def show(entered: dict[str, Contender]) -> None:
    """A line for each contender."""
    titles = {
        "": -13,
        "pictures/s": 11,
        "(min–max)": 14,
        "s": 8,
        "CPU s": 8,
        "start s": 9,
        "MB": 7,
        "largest": 9,
        "stored": 8,
        "requests": 10,
    }
    print("".join(f"{title:>{width}}" if width > 0 else f"{title:<{-width}}" for title, width in titles.items()))
    for name, contender in entered.items():
        speeds = contender.per_second()
        print(
            f"{name:<13}{statistics.median(speeds):>11.0f}{f'({min(speeds):.0f}–{max(speeds):.0f})':>14}{contender.median('seconds'):>8.2f}"
            f"{contender.median('cpu'):>8.2f}{contender.start():>9.2f}{contender.median('together'):>7.0f}{contender.median('largest'):>9.0f}"
            f"{min(outcome.stored for outcome in contender.outcomes):>8,}{contender.median('requests'):>10,.0f}  {contender.settings}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="400 pages and 1,000 pictures, one round")
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="the Python that has scrapy and img2dataset")
    parser.add_argument("--rounds", type=int, help="by default 3, with --quick 1")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that the server waits before each answer")
    parser.add_argument("--only", metavar="NAMES", default="", help="some of the contenders, as in crawl,scrapy")
    parser.add_argument("--root", type=Path, default=HERE.parent, help="another checkout of the pipeline to measure")
    parser.add_argument("--folder", type=Path, help="where to write, in a folder that is removed again; the disk matters")
    options = parser.parse_args()
    plan = Plan(400, 1000) if options.quick else Plan(2000, 5000)
    have = peers(options.peers)
    for name in ("scrapy", "img2dataset"):
        if name not in have:
            print(f"{options.peers} cannot import {name}; left out (--peers PYTHON names one that can)")
    with tempfile.TemporaryDirectory(dir=options.folder) as name, served(plan, options.latency) as site:
        folder = Path(name).resolve()
        bench = Bench(site["address"], folder, environment(folder))
        whole, trial, one = works(bench, plan)
        only = [word for word in options.only.split(",") if word]
        contenders = entrants(bench, options.peers, have, options.root.resolve(), only, trial)
        for _ in range(options.rounds or (1 if options.quick else 3)):
            for contender in contenders:
                contender.starts.append(bench.run(contender, one).seconds)
                contender.outcomes.append(bench.run(contender, whole))
                print(f"{contender.name}: {contender.outcomes[-1].seconds:.2f} s", flush=True)
        kind = disk(folder)
    entered = {contender.name: contender for contender in contenders}
    show(entered)
    result = {
        "pages": plan.pages,
        "pictures": plan.pictures,
        "picture bytes": site["picture bytes"],
        "page bytes": site["page bytes"],
        "latency": options.latency,
        "disk": kind,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version(), "pipeline": version(options.root), **have},
        "settings": {name: contender.settings for name, contender in entered.items() if contender.settings},
        "per second": {name: [round(speed, 1) for speed in contender.per_second()] for name, contender in entered.items()},
        "seconds": {name: round(contender.median("seconds"), 2) for name, contender in entered.items()},
        "cpu seconds": {name: round(contender.median("cpu"), 2) for name, contender in entered.items()},
        "start": {name: round(contender.start(), 2) for name, contender in entered.items()},
        "memory": {name: round(contender.median("together")) for name, contender in entered.items()},
        "largest process": {name: round(contender.median("largest")) for name, contender in entered.items()},
        "stored": {name: min(outcome.stored for outcome in contender.outcomes) for name, contender in entered.items()},
        "asked": {name: min(outcome.asked for outcome in contender.outcomes) for name, contender in entered.items()},
        "ratio once started": ratios({name: contender.once_started() for name, contender in entered.items()}),
        "ratio": ratios({name: statistics.median(contender.per_second()) for name, contender in entered.items()}),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
