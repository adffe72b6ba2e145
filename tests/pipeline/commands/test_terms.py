"""`pipeline credits` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from pipeline import steps
from pipeline.commands import terms
from pipeline.dataset import Dataset

app = typer.Typer()
app.callback()(lambda: None)  # a Typer app with one command takes no command's name
terms.register(app)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two pictures, one under CC BY 4.0 and one without terms, scraped and not curated."""
    pictures, made = tmp_path / "pictures", tmp_path / "art"
    pictures.mkdir()
    made.mkdir()
    for number in range(2):
        Image.new("RGB", (60, 60), (number * 90, 40, 200)).save(pictures / f"{number}.png")
    (tmp_path / "terms.csv").write_text("file,license,author\n0.png,CC BY 4.0,Ann\n")
    block = f"source = 'folder'\npath = '{pictures.as_posix()}'\ncsv = '{(tmp_path / 'terms.csv').as_posix()}'\n"
    (made / "manifest.toml").write_text(f"[[scrape]]\n{block}")
    dataset = Dataset(made)
    with dataset.writing("test"):
        steps.scrape(dataset, steps.Options(1))
    return made


def test_a_table_and_the_files(root: Path) -> None:
    done = CliRunner().invoke(app, ["credits", str(root)])
    assert done.exit_code == 0, done.stderr
    assert "CC BY 4.0" in done.stdout
    assert "1 without stated terms: see the first section of CREDITS.md" in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("wrote ")] == [
        f"wrote {root / 'credits' / name}" for name in ("CREDITS.md", "credits.csv", "croissant.json")
    ]
    assert "not curated yet" in done.stderr


def test_json_elsewhere(root: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["credits", str(root), "--all", "--out", str(tmp_path / "out"), "--json"])
    said = json.loads(done.stdout)
    assert (said["pictures"], said["unstated"], said["licences"], said["note"]) == (2, 1, {"CC-BY-4.0": 1, "NOASSERTION": 1}, "")
    assert said["files"] == [str(tmp_path / "out" / name) for name in ("CREDITS.md", "credits.csv", "croissant.json")]
    assert not (root / "credits").exists()
    assert all(Path(path).exists() for path in said["files"])


def test_quiet_and_wrong_usage(root: Path, tmp_path: Path) -> None:
    quiet = CliRunner().invoke(app, ["credits", str(root), "--quiet", "--all"])
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
    lost = CliRunner().invoke(app, ["credits", str(tmp_path / "nowhere")])
    assert lost.exit_code == 2
    assert lost.stderr.count("\n") == 1


def test_a_dataset_in_use_is_left_alone(root: Path) -> None:
    with Dataset(root).writing("pipeline scrape"):
        done = CliRunner().invoke(app, ["credits", str(root)])
    assert done.exit_code == 1
    assert "in use by `pipeline scrape`" in done.stderr
