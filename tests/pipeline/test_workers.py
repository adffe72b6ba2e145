from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline import workers
from pipeline.errors import PipelineError


def test_every_job_is_done_once(tmp_path: Path) -> None:
    jobs = [tmp_path / str(number) for number in range(6)]
    assert sorted(workers.each(Path.touch, jobs, 2)) == jobs
    assert sorted(tmp_path.iterdir()) == jobs


def test_an_error_in_a_job_arrives_here(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(workers.each(Path.unlink, [tmp_path / "none", tmp_path / "either"], 2))


def test_a_killed_worker_is_one_line() -> None:
    with pytest.raises(PipelineError, match="worker process was killed"):
        list(workers.each(os._exit, [1, 1], 2))


BEATING = """
import sys, time
from pipeline import workers

def work(job):
    with open(job, "ab", buffering=0) as heart:
        for _ in range(1500):
            heart.write(b".")
            time.sleep(0.02)

if __name__ == "__main__":
    list(workers.each(work, sys.argv[1:], 2))
"""


def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    (tmp_path / "beating.py").write_text(BEATING)
    hearts = [tmp_path / name for name in ("a", "b")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "beating.py"), *map(str, hearts)], env=environment)
    try:
        until = time.monotonic() + 25
        while not all(heart.exists() and heart.stat().st_size for heart in hearts):
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        parent.kill()
        parent.wait()
    beats = [-1]
    until = time.monotonic() + 10
    while beats != (now := [heart.stat().st_size for heart in hearts]):
        assert time.monotonic() < until, "the workers outlive their parent"
        beats = now
        time.sleep(0.5)


IMPATIENT = """
import os, signal, sys, threading, time
from pipeline import workers

def nap(job):
    time.sleep(30)

def interrupt():
    time.sleep(3)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)

if __name__ == "__main__":
    threading.Thread(target=interrupt, daemon=True).start()
    list(workers.each(nap, [1, 2, 3], 2))
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to oneself on Windows")
def test_two_interrupts_end_it_at_once(tmp_path: Path) -> None:
    (tmp_path / "impatient.py").write_text(IMPATIENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    began = time.monotonic()
    done = subprocess.run([sys.executable, str(tmp_path / "impatient.py")], env=environment, capture_output=True, timeout=25, check=False)
    assert done.returncode != 0
    assert time.monotonic() - began < 20
