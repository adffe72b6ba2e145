"""The real thing: `python cli.py …` six times, on a site of many attacks. The other tests run the same commands in forked children."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

MEASURED = """
import os, sys
child = os.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print("peak", usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command and adds its peak memory. In between, since a child begins with the peak of the process that started it."""


def test_the_whole_chain_on_a_hostile_site(attack: Any, serve: Any, bombs: Any) -> None:
    if sys.platform != "linux":
        pytest.skip("peak memory is measured as Linux counts it")
    attack.on("/loop", serve.redirects("/loop"))
    attack.on("/file", serve.redirects("file:///etc/passwd"))
    attack.on("/bomb", serve.streams(lambda: bombs.gzipped(b"<p>" + b"x" * 999_997, 500), "text/html", "Content-Encoding: gzip"))
    attack.on("/tags", serve.says(bombs.tags(b"<b>", 9)))
    attack.on("/words", serve.says(b"<title>\x1b[31m=cmd|</title><img src=/words.png alt='&#x202e;=1+1'>"))
    attack.on("/words.png", serve.says(bombs.drawing((70, 70)), "image/png"))
    attack.on("/pixels.png", serve.says(bombs.pixel_bomb(), "image/png"))
    attack.on("/html.jpg", serve.says(b"<script>", "image/jpeg"))
    attack.on("/cut.png", serve.says(bombs.drawing((99, 99))[:400], "image/png"))
    pictures = ["/pixels.png", "/html.jpg", "/cut.png", "http://169.254.169.254/a.png"]
    job = attack.prepare("/loop", "/file", "/bomb", "/tags", "/words", pictures=pictures)
    environment = {**job["environment"], "PYTHONPATH": os.pathsep.join(job["path"]), "PYTHONDONTWRITEBYTECODE": "1"}
    told: dict[str, Any] = {}
    for command in job["commands"]:
        run = [sys.executable, "-S", "-c", MEASURED, sys.executable, str(ROOT / "cli.py"), *command]
        done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False, cwd=job["cwd"], env=environment)
        *errors, peak = done.stderr.splitlines()
        assert done.returncode == 0, done.stderr
        assert errors == []
        assert int(peak.removeprefix("peak ")) * 1024 < 300_000_000, command
        told[command[0]] = json.loads(done.stdout)
    assert told["scrape"]["pictures"] == 3
    assert sum(told["scrape"]["failures"].values()) == 7
    assert told["measure"]["errors"] == {"truncated": 1}
    assert told["review"]["kept"] == 2
