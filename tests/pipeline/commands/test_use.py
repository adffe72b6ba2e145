"""generate, interpolate, directions and export on a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="drawing needs TensorFlow")

from PIL import Image

Command = Callable  # type: ignore[type-arg]


@pytest.fixture
def run(drawable: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawable, tmp_path / "runs" / "robots"))


def test_favourites_are_kept_and_drawn_again(run: Path, pipeline: Command, tmp_path: Path) -> None:
    assert pipeline("generate", "robots", "--favourites").code == 2
    outcome = pipeline("generate", "robots", "--keep", "3,17", "--seed", "4")
    assert outcome.code == 0, outcome.err
    assert "2 new" in outcome.out
    assert not (run / "generated").exists()
    outcome = pipeline("generate", "robots", "--favourites", "--json")
    assert [Path(path).name for path in json.loads(outcome.out)["files"]] == ["seed4-00003.png", "seed4-00017.png"]
    outcome = pipeline("generate", "robots", "--numbers", "4:17,2", "--out", "chosen")
    assert outcome.code == 0, outcome.err
    again = (run / "generated" / "favourites" / "seed4-00017.png").read_bytes()
    assert (tmp_path / "chosen" / "seed4-00017.png").read_bytes() == again
    assert {path.name for path in (tmp_path / "chosen").iterdir()} == {"seed4-00017.png", "seed0-00002.png"}
    assert pipeline("generate", "robots", "--favourites", "--numbers", "3").code == 2
    assert pipeline("generate", "robots", "--labels").code == 2
    assert pipeline("generate", "robots", "--numbers", "a").code == 2


def test_sums_truncation_and_labels(run: Path, pipeline: Command, tmp_path: Path) -> None:
    outcome = pipeline("generate", "robots", "--sum", "3 - 5 + 1:8", "--truncation", "0.8")
    assert outcome.code == 0, outcome.err
    assert [path.name for path in (run / "generated").rglob("*.png")] == ["sum0.3-0.5+1.8-t0.8.png"]
    outcome = pipeline("generate", "robots", "--count", "4", "--grid", "--labels", "--out", "grid.png")
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.size == (64, 2 * (32 + 14))
    assert pipeline("generate", "robots", "--numbers", "3", "--out", "one.png").code == 0
    with Image.open(tmp_path / "one.png") as one:
        assert one.size == (32, 32)
    outcome = pipeline("generate", "robots", "--count", "4", "--out", "four.png")
    assert (outcome.code, "4 pictures need a folder" in outcome.err) == (2, True)


def test_sheets_of_other_pictures_do_not_overwrite_each_other(run: Path, pipeline: Command) -> None:
    for choice in ((), ("--truncation", "0.7"), ("--numbers", "3,17"), ("--numbers", "0-60"), ("--numbers", "0-61")):
        assert pipeline("generate", "robots", "--count", "2", "--grid", *choice).code == 0
    names = sorted(path.name for path in (run / "generated").iterdir())
    assert len(names) == 5
    assert {"grid-0.png", "grid-0-t0.7.png", "grid-0_3-0_17.png"} < set(names)


def test_a_film(run: Path, pipeline: Command) -> None:
    outcome = pipeline("interpolate", "robots", "--through", "3,5,1:2", "--frames", "2", "--once", "--out", "walk.gif")
    assert outcome.code == 0, outcome.err
    assert "walk.gif, through 0:3, 0:5, 1:2" in outcome.out
    assert pipeline("interpolate", "robots", "--through", "3,5:0", "--frames", "1").code == 0
    assert (run / "generated" / "walk-0_3-5_0-1.gif").exists()
    assert pipeline("interpolate", "robots", "--through", "3").code == 2
    assert pipeline("interpolate", "robots", "--through", "3,4", "--favourites").code == 2


def test_directions_are_learnt_listed_and_used(run: Path, pipeline: Command, tmp_path: Path) -> None:
    assert "no directions yet" in pipeline("directions", "robots").out
    labels = tmp_path / "sides.csv"
    labels.write_text("number,label\n" + "".join(f"{number},{'left' if number % 2 else 'right'}\n" for number in range(12)))
    outcome = pipeline(
        "directions", "robots", "--sefa", "1", "--colour", "red", "--samples", "64", "--labels", labels, "--pictures", "2", "--json"
    )
    assert outcome.code == 0, outcome.err
    found = {one["name"]: one for one in json.loads(outcome.out)["directions"]}
    assert list(found) == ["sefa-1", "red", "right", "left"]
    assert found["red"]["effects"]["red"] > 0
    with Image.open(run / "directions" / "red.png") as sheet:
        assert sheet.width == 7 * 32
    listed = pipeline("directions", "robots").out
    assert all(name in listed for name in found)
    outcome = pipeline("generate", "robots", "--count", "2", "--move", "red=1.5", "--move", "left=-1")
    assert outcome.code == 0, outcome.err
    assert [path.name for path in sorted((run / "generated").rglob("*.png"))] == [
        f"seed0-0000{number}-red+1.5-left-1.png" for number in (0, 1)
    ]
    outcome = pipeline("generate", "robots", "--move", "blue=1")
    assert outcome.code == 2
    assert "blue: no direction of" in outcome.err
    assert pipeline("directions", "robots", "--port", "9000").code == 2


def test_export_says_what_it_wrote(run: Path, pipeline: Command) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    outcome = pipeline("export", "robots", "--out", "robots.onnx")
    assert outcome.code == 0, outcome.err
    assert "wrote robots.onnx, whose pictures differ from ours by" in outcome.out
    outcome = pipeline("export", "robots", "--format", "tflite")
    assert outcome.code == 2
    assert "give one of onnx, savedmodel" in outcome.err
