from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline import workers
from pipeline.errors import PipelineError

TWO = workers.Processes(2)
DEADLY = "__import__('os')._exit(9)"


def test_every_part_is_done_once_and_comes_back_in_order(tmp_path: Path) -> None:
    parts = [tmp_path / str(number) for number in range(6)]
    assert list(TWO.each(Path.touch, parts)) == [(part, None) for part in parts]
    assert sorted(tmp_path.iterdir()) == parts


def test_no_more_parts_are_drawn_than_are_worked_on() -> None:
    drawn: list[int] = []
    found = TWO.each(abs, (drawn.append(number) or number for number in range(50)))
    assert next(found) == (0, 0)
    assert len(drawn) <= 2 * workers.AHEAD
    assert [result for _, result in found] == list(range(1, 50))


def test_an_error_in_a_part_arrives_here(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(TWO.each(Path.unlink, [tmp_path / "none", tmp_path / "either"]))


def test_a_part_that_kills_its_process_is_named_and_the_others_are_done() -> None:
    parts = ["True", DEADLY, "2 + 2", "[]"]
    found = list(TWO.outcomes(eval, parts, lambda part: f"part {parts.index(part)}"))
    assert [part for part, _ in found] == parts
    assert isinstance(found[1][1], workers.Lost)
    assert str(found[1][1]).startswith("part 1: its worker process was killed")
    assert [outcome for _, outcome in found if not isinstance(outcome, workers.Lost)] == [True, 4, []]
    with pytest.raises(PipelineError, match="part 1: "):
        list(TWO.each(eval, parts, lambda part: f"part {parts.index(part)}"))


def test_a_part_whose_process_was_killed_once_is_tried_again(tmp_path: Path) -> None:
    once = f"__import__('pathlib').Path({str(tmp_path / 'once')!r})"
    part = f"2 if {once}.exists() else {once}.touch() or {DEADLY}"
    assert list(TWO.each(eval, [part])) == [(part, 2)]


BEATING = """
import sys, time
from pipeline import workers

def work(job):
    with open(job, "ab", buffering=0) as heart:
        for _ in range(1500):
            heart.write(b".")
            time.sleep(0.02)

if __name__ == "__main__":
    list(workers.Processes(2).each(work, sys.argv[1:]))
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
    time.sleep(float(sys.argv[1]))
    os.kill(os.getpid(), signal.SIGINT)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in a job that ignores it
    threading.Thread(target=interrupt, daemon=True).start()
    list(workers.Processes(2).each(nap, [1, 2, 3]))
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to oneself on Windows")
def test_two_interrupts_end_it_at_once(tmp_path: Path) -> None:
    (tmp_path / "impatient.py").write_text(IMPATIENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    began = time.monotonic()
    command = [sys.executable, str(tmp_path / "impatient.py")]
    gaps = ("0", "0.001", "0.002", "0.01")  # the second one finds the pool at another piece of its housekeeping each time
    started = [subprocess.Popen([*command, gap], env=environment, stderr=subprocess.DEVNULL) for gap in gaps]
    try:
        assert all(process.wait(25) != 0 for process in started)
        assert time.monotonic() - began < 20
    finally:
        for process in started:
            process.kill()
            process.wait()
