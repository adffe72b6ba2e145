"""A command line that runs in this process, and datasets in every sorry state."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from pipeline.commands import app

RECIPE = """
schema = 1
name = "shapes"

[[scrape]]
source = "folder"
path = "{path}"

[filter.size]
min_side = 40

[dedup]

[shard]
size = 32
validation = 0.2
"""


class Outcome:
    """What a command did: exit code, standard output and standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def error_lines(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("pipeline: ")]


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run the command line in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Outcome:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of small drawings: 24 different ones, a copy of one, a tiny one, a text that calls itself a picture."""
    folder = tmp_path / "pictures"
    for number in range(24):
        image = Image.new("RGB", (64 + number, 60 + number), "white")
        draw = ImageDraw.Draw(image)
        for step in range(4):
            left, top = (number * 7 + step * 13) % 36 + 4, (number * 11 + step * 17) % 36 + 4
            colour = ((number * 53 + step * 91) % 256, (number * 101 + step * 29) % 256, (number * 17 + step * 151) % 256)
            [draw.rectangle, draw.ellipse][(number + step) % 2]((left, top, left + 12 + number % 8, top + 14), fill=colour, outline="black")
        path = folder / f"series {number % 3}" / f"shape {number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    shutil.copy(folder / "series 0" / "shape 00.png", folder / "copy.png")
    Image.new("RGB", (20, 20), "red").save(folder / "tiny.png")
    (folder / "lie.png").write_text("<html>not a picture</html>")
    return folder


@pytest.fixture
def recipe(pictures: Path, tmp_path: Path) -> Path:
    path = tmp_path / "shapes.toml"
    path.write_text(RECIPE.format(path=pictures.as_posix()))
    return path


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], Path]]:
    """Make a directory read-only: by its permissions, or, for root, whom those do not bind, by a read-only mount."""
    mounted: list[Path] = []
    changed: list[Path] = []

    def freeze(folder: Path) -> Path:
        if not hasattr(os, "geteuid"):
            pytest.skip("read-only directories are made with POSIX permissions")
        if os.geteuid() != 0:
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o555 if path.is_dir() else 0o444)
                changed.append(path)
            return folder
        bound = subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False)
        if bound.returncode:
            pytest.skip("running as root and not allowed to mount: nothing can be made read-only")
        mounted.append(folder)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        return folder

    yield freeze
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    for path in changed:
        path.chmod(0o755 if path.is_dir() else 0o644)
