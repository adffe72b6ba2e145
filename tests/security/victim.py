"""Runs the command line under attack: a process that has loaded the libraries, and forks a child for every job.

A job is a line of JSON on standard input, its result a line of JSON on standard output. The child is cut off from everything but
loopback, may use so much address space and so much time, and writes down

- every connection that it makes, and every process that it starts;
- every path outside the dataset (and this test's own records) that it opens for writing, makes, moves or removes,

as the interpreter's own audit events tell, which no library goes round. `limits` of a job replace the defaults of the fetcher's
`Limits` (tests cannot wait 300 s for a drip to end); `names` are the answers that a name gives to each look-up in turn.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import resource
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOADED = (
    "pipeline.commands pipeline.chain pipeline.scrape pipeline.steps pipeline.measure.registry pipeline.curate.classify"
    " pipeline.curate.filter pipeline.curate.dedup pipeline.review.gallery pipeline.review.reports"
    " bs4 imagehash lxml.etree pandas rich.table scipy.fftpack"
)
"""What the commands load when they run; a child that had to would need twice its time for that."""

ADDRESS_SPACE = 4 << 30
"""Bytes. An attack that succeeds must not take the machine with it."""

WRITES = ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.chmod", "os.truncate", "shutil.rmtree")
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn")


def main() -> None:
    """Serve jobs until standard input ends."""
    sys.path.insert(0, str(ROOT))
    for name in LOADED.split():
        importlib.import_module(name)
    from PIL import Image

    Image.init()
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _child(job)
        _, status, usage = os.wait4(child, 0)
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        print(json.dumps({"peak": peak, "killed": killed, "seconds": time.monotonic() - began}), flush=True)


def _child(job: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, job["seconds"])
        with contextlib.suppress(ValueError, OSError):  # macOS does not take it
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        os.environ.clear()
        os.environ.update(job["environment"])
        os.chdir(job["cwd"])
        sys.path[:0] = [path for path in job["path"] if path not in sys.path]
        sys.dont_write_bytecode = True
        seen = _watch([job["dataset"], job["output"]])
        _settle(job["limits"], job["names"])
        done = []
        for number, command in enumerate(job["commands"]):
            done.append(_command(command, Path(job["output"]) / str(number)))
            (Path(job["output"]) / "result.json").write_text(json.dumps({"commands": done, **seen}))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _command(arguments: list[str], output: Path) -> dict[str, Any]:
    began, worked = time.monotonic(), time.process_time()
    for number, suffix in ((1, ".out"), (2, ".err")):
        handle = os.open(output.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    from pipeline.commands import app

    sys.argv = ["pipeline", *arguments]
    try:
        app()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    return {"command": arguments, "code": code, "seconds": time.monotonic() - began, "cpu": time.process_time() - worked}


def _watch(allowed: list[str]) -> dict[str, list[Any]]:
    """Start the audit; the lists fill as the program runs."""
    seen: dict[str, list[Any]] = {"connections": [], "processes": [], "outside": []}
    inside = tuple(f"{folder}{os.sep}" for folder in allowed)

    def outside(event: str, path: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  # a Path would raise on a NUL
        if not f"{full}{os.sep}".startswith(inside) and full != os.devnull:
            seen["outside"].append([event, full])

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
                outside(event, path)
        elif event == "socket.connect":
            address = arguments[1]
            seen["connections"].append(list(address[:2]) if isinstance(address, tuple) else [str(address), 0])
            if not isinstance(address, tuple) or not (address[0].startswith("127.") or address[0] == "::1"):
                raise OSError(errno.ENETUNREACH, "the tests let nothing out")
        elif event == "sqlite3.connect":
            outside(event, str(arguments[0]).removeprefix("file://").partition("?")[0])
        elif event in WRITES:
            outside(event, arguments[0])
            if event in ("os.rename", "os.link", "os.symlink"):
                outside(event, arguments[1])
        elif event in STARTS:
            seen["processes"].append(event)

    sys.addaudithook(hook)
    return seen


def _settle(limits: dict[str, float], names: dict[str, list[list[str]]]) -> None:
    from pipeline.fetch.limits import Limits

    given = dict(zip(Limits.__dataclass_fields__, Limits.__init__.__defaults__ or (), strict=True))
    unknown = set(limits) - set(given)
    if unknown:
        raise KeyError(f"Limits has no {', '.join(sorted(unknown))}")
    Limits.__init__.__defaults__ = tuple({**given, **limits}.values())
    real, turns = socket.getaddrinfo, dict.fromkeys(names, 0)

    def lookup(host: Any, port: Any, *further: Any, **named: Any) -> Any:
        if host not in names:
            return real(host, port, *further, **named)
        answers = names[host]
        turn = turns[host] = turns[host] + 1
        found = answers[min(turn, len(answers)) - 1]
        return [entry for address in found for entry in real(address, port, type=socket.SOCK_STREAM)]

    socket.getaddrinfo = lookup


if __name__ == "__main__":
    main()
