from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.train import journal, presets
from pipeline.train.config import RunConfig
from pipeline.train.watch import guardian, page


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with 30 rows, evaluations at 10, 20 and 30 kimg, 40 grids, and two warnings, one of which is over."""
    run = tmp_path / "<i>run"
    (run / "samples").mkdir(parents=True)
    settings = presets.load("dcgan").model_validate({"kimg": 60})
    RunConfig(settings, "<b>dots</b>", "ab" * 32, images=500, size=32, batch=50, precision="float32").write(run)
    names = [*journal.COLUMNS, *journal.SCORES]
    lines = [",".join(names)]
    for kimg in range(1, 31):
        scored = {"kid": 0.5 / kimg, "color": 0.1} if kimg % 10 == 0 else {}
        values = dict.fromkeys(journal.COLUMNS, 0.5) | {"step": kimg * 20, "kimg": kimg} | scored
        lines.append(",".join(str(values.get(name, "")) for name in names))
    (run / "metrics.csv").write_text("\n".join(lines) + "\n")
    (run / guardian.EVIDENCE).write_text(",".join(guardian.LOOK_COLUMNS) + "\n20,1,0.4,0.5,,1.5,,\n40,2,0.5,0.5,0.9,1.4,0.6,0.1\n")
    rows = ["20,1,seen,few pictures,<script>alert(1)</script> {{name}} {{styles}},collect", "40,2,seen,collapse,alike,lower"]
    (run / guardian.WARNINGS).write_text("\n".join([",".join(guardian.WARNING_COLUMNS), *rows, "60,3,over,collapse,alike,lower"]) + "\n")
    for number in range(40):
        Image.new("RGB", (8, 8)).save(run / "samples" / f"step-{number * 20:09d}.png")
    return run


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value for name, value in attrs if name in ("src", "href") and value]


def test_every_link_leads_to_a_file_of_the_run_and_nothing_runs(run: Path) -> None:
    (run / "timelapse.gif").write_bytes(b"GIF")
    links = Links()
    text = page.write(run).read_text()
    links.feed(text)
    assert "script" not in links.tags
    assert not re.search(r"https?://", text)
    assert all((run / target).exists() for target in links.targets)
    assert "default-src 'none'" in text


def test_words_from_elsewhere_are_words(run: Path) -> None:
    text = page.write(run).read_text()
    assert "<i>run" not in text
    assert "&lt;i&gt;run" in text
    assert "<b>dots" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{name}} {{styles}}" in text


def test_warnings_in_force_stand_apart_from_those_that_are_over(run: Path) -> None:
    before, after = page.write(run).read_text().split("Over: 1")
    assert '<div class="warning"><b>few pictures</b>' in before
    assert "collapse, 2 to 3 kimg: alike" in after
    assert "<b>collapse</b>" not in before


def test_scores_curves_and_samples_are_there(run: Path) -> None:
    text = page.write(run).read_text()
    assert "30 of 60 thousand images" in text
    assert 'value="0.5000"' in text
    assert re.search(r"<tr class=best><td>30 \(least KID\)</td><td>16.7</td>", text)
    assert text.count("<polyline") == 11  # KID, colour, two losses, two scores, accuracy, three of the looks, speed
    assert text.count("<img") == 1 + page.GRIDS
    assert "Samples at 39 kimg" in text
    assert "Samples at 0 kimg" in text
    assert "<dt>learning_rate_g</dt><dd>0.0002</dd>" in text


def test_a_run_that_only_begins_has_a_page(run: Path) -> None:
    for name in ("metrics.csv", guardian.EVIDENCE, guardian.WARNINGS):
        (run / name).unlink()
    for grid in (run / "samples").iterdir():
        grid.unlink()
    text = page.write(run).read_text()
    assert "None in force" in text
    assert "0 of 60 thousand images" in text


def test_what_is_no_run_has_none(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="not a training run"):
        page.write(tmp_path)
