"""`pipeline archive` as a person types it."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline import files, images
from pipeline.catalog import Response
from pipeline.commands import keep
from pipeline.dataset import Dataset

app = typer.Typer()
app.callback()(lambda: None)  # a Typer app with one command takes no command's name
keep.register(app)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "art"
    made.mkdir()
    (made / "manifest.toml").write_text('[[scrape]]\nsource = "mahq"\n')
    with contextlib.closing(Dataset(made)) as dataset:
        for number in range(2):
            body = b"<html>%d</html>" % number
            sha256, url = images.digest(body), f"https://art.example/{number}"
            files.write(images.stored_path(dataset.pages, sha256, "html.gz"), gzip.compress(body))
            dataset.catalog.put_responses([Response(url, "page", url, 200, None, "", {}, (), sha256, len(body), 1.0)])
    return made


def test_a_table(root: Path) -> None:
    done = CliRunner().invoke(app, ["archive", str(root)])
    assert done.exit_code == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["resource", "2"] in rows
    assert ["asked", "for", "in", "vain", "0"] in rows
    assert f"wrote {root / 'art.warc.gz'} (" in done.stdout


def test_json_and_what_is_lost(root: Path, tmp_path: Path) -> None:
    next((root / "pages").rglob("*.gz")).unlink()
    done = CliRunner().invoke(app, ["archive", str(root), "--out", str(tmp_path / "x.warc.gz"), "--json"])
    told = json.loads(done.stdout)
    assert told["records"] == {"metadata": 2, "resource": 1, "warcinfo": 1}
    assert told["lost"] == 1
    assert "lost or damaged: 1 bodies" in done.stderr
    assert told["bytes"] == (tmp_path / "x.warc.gz").stat().st_size


def test_quiet(root: Path) -> None:
    done = CliRunner().invoke(app, ["archive", str(root), "--quiet"])
    assert (done.exit_code, done.output) == (0, "")


def test_a_wrong_name(root: Path) -> None:
    done = CliRunner().invoke(app, ["archive", str(root), "--out", str(root / "catalog.sqlite")])
    assert done.exit_code == 2
    assert "ends in .warc.gz" in done.stderr


def test_forget_names_what_it_did_and_refuses_what_is_not_there(pipeline: Callable[..., Any], recipe: Path) -> None:
    assert pipeline("run", recipe, "--until", "shard", "-q").code == 0
    root = Path("datasets/shapes")
    id = (root / "reports" / "summary.csv").read_text(encoding="utf-8-sig").splitlines()[1].partition(",")[0]
    (file,) = root.glob(f"images/{id[1:3]}/{id[1:]}*")
    dry = pipeline("forget", id, "--dry-run")
    assert (dry.code, file.exists()) == (0, True)
    assert f"would be erased: {id}" in dry.out
    done = pipeline("forget", id, "--reason", "asked by the artist", "--json")
    assert (done.code, file.exists()) == (0, False)
    assert json.loads(done.out)["ids"][0] == id
    assert f"was erased before: {id}" in pipeline("forget", id).out
    assert "1 taken down" in pipeline("status").out or "2 taken down" in pipeline("status").out
    refused = pipeline("forget", "i123")
    assert (refused.code, len(refused.error_lines)) == (2, 1)
    assert "i123: no item of" in refused.err


def test_facing_asks_for_verdicts_until_there_are_enough(pipeline: Callable[..., Any], recipe: Path) -> None:
    assert pipeline("run", recipe, "--until", "measure", "-q").code == 0
    first = pipeline("facing")
    assert first.code == 0
    assert "10 more verdicts needed: write left or right under `override` in" in first.out
    path = Path("datasets/shapes/reports/facing.csv")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    sides = [line + side for line, side in zip(lines[1:], ["left", "right"] * 6, strict=False)]
    path.write_text("\n".join([lines[0], *sides, *lines[13:]]) + "\n", encoding="utf-8")
    second = pipeline("facing", "--json")
    assert second.code == 0
    found = json.loads(second.out)
    assert (sum(found["verdicts"].values()), found["missing"]) == (12, 0)
    assert sum(found["suggested"].values()) == found["pictures"] - 12
