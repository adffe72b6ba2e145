"""`kill -9` at random moments: is anything lost, and does the next run end with the same bytes?

Kills `pipeline scrape` of the demo site and `pipeline shard` many times, lets the same commands finish, and compares images,
pages, reports and shards byte by byte, and the catalog row by row but for times, with a dataset that was made undisturbed.

    python bench/kill.py [--quick] [--scrapes N] [--shards N] [--seed N]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TIMES = {"fetched_at", "added_at", "seen_at", "finished_at"}
PORT = 8917


def command(*words: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "cli.py"), *map(str, words), "--quiet"]


def run(*words: str | Path) -> float:
    began = time.monotonic()
    subprocess.run(command(*words), check=True)
    return time.monotonic() - began


def killed(words: list[str | Path], after: float) -> bool:
    """Start a command and kill it, and what it started, after so many seconds; False if it was done before."""
    process = subprocess.Popen(command(*words), start_new_session=True)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    if process.returncode:
        raise SystemExit(f"{words}: failed with exit code {process.returncode}")
    return False


def tree(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows(catalog: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(catalog) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        found = {}
        for table in tables:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in TIMES]
            found[table] = db.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {', '.join(columns[:3])}").fetchall()
    return found


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two datasets, a line each."""
    found = []
    for part in ("images", "pages", "reports", "shards"):
        mine, theirs = tree(one / part), tree(other / part)
        found += [f"{part}/{name}" for name in sorted(set(mine) | set(theirs)) if mine.get(name) != theirs.get(name)]
    mine_rows, their_rows = rows(one / "catalog.sqlite"), rows(other / "catalog.sqlite")
    return found + [f"catalog: {table}" for table in mine_rows if mine_rows[table] != their_rows.get(table)]


def kills(count: int, words: list[str | Path], span: tuple[float, float], done: Path, chance: random.Random) -> tuple[int, int]:
    """Kill a command `count` times; where it finishes first, `done` is removed and it starts anew. Kills, and finished runs."""
    so_far = finished = 0
    while so_far < count:
        if killed(words, chance.uniform(*span)):
            so_far += 1
        else:
            finished += 1
            shutil.rmtree(done)
    return so_far, finished


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 and 3 kills instead of 20 and 10")
    parser.add_argument("--scrapes", type=int, default=20, help="how often a scrape is killed")
    parser.add_argument("--shards", type=int, default=10, help="how often sharding is killed")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    scrapes, shards = (5, 3) if options.quick else (options.scrapes, options.shards)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        calm, rough = Path(folder) / "calm" / "demo", Path(folder) / "rough" / "demo"
        settings = ["--set", f"scrape.port={PORT}", "--set", "shard.shards=6"]
        scrape = run("scrape", "demo", "--into", calm, *settings)
        run("run", calm, "--until", "review")
        shard = run("shard", calm)
        print(f"undisturbed: scrape {scrape:.1f} s, shard {shard:.1f} s", flush=True)
        # Every restart walks again over what is remembered, so the later kills come later.
        begun = kills(scrapes, ["scrape", "demo", "--into", rough, *settings], (0.5, max(3.0, scrape * 0.4)), rough, chance)
        run("scrape", "demo", "--into", rough, *settings)
        run("run", rough, "--until", "review")
        cut = kills(shards, ["shard", rough], (0.5, shard), rough / "shards", chance)
        run("shard", rough)
        different = differences(calm, rough)
        checked = subprocess.run([*command("verify", rough)[:-1], "--json"], capture_output=True, text=True, check=False)
        left = [path.name for path in rough.rglob("*") if "tmp" in path.name or "partial" in path.name]
    for line in different:
        print("differs:", line)
    result = {
        "scrape": {"kills": begun[0], "finished before the kill": begun[1]},
        "shard": {"kills": cut[0], "finished before the kill": cut[1]},
        "different": len(different),
        "verify": json.loads(checked.stdout)["problems"],
        "left over": left,
        "seed": options.seed,
    }
    print(json.dumps(result))
    sys.exit(bool(different or result["verify"]))


if __name__ == "__main__":
    main()
