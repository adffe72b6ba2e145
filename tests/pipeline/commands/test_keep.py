"""`pipeline archive` as a person types it."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path

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
