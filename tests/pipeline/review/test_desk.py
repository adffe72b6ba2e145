"""The desk: verdicts go to review.csv and come back, beside commands and other tabs."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import verdicts
from pipeline.dataset import Dataset
from pipeline.errors import InUse, PipelineError, UsageError
from pipeline.review.desk import Desk, Outdated


@pytest.fixture(scope="module")
def made(make_dataset: Callable[..., Path]) -> Path:
    return make_dataset(60)


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Desk:
    shutil.copytree(made, tmp_path / "many")
    return Desk(tmp_path / "many")


def said(desk: Desk) -> verdicts.Verdicts:
    return verdicts.read(desk.root / "review.csv")


def one(id: str, aspect: str, value: str, **more: object) -> dict[str, object]:
    return {"id": id, "aspect": aspect, "value": value, **more}


def test_the_page_is_json_and_whole(desk: Desk) -> None:
    page = json.loads(json.dumps(desk.page(), allow_nan=False))
    lengths = {name: len(column) for name, column in page["columns"].items()}
    assert set(lengths.values()) == {60}, lengths
    ids, queues = page["columns"]["id"], page["queues"]
    assert sorted(queues["dropped"] + queues["kept"]) == list(range(60))
    assert [ids[group[0]] for group in queues["clusters"]] == ids[0::10]
    assert all(len(group) == 3 for group in queues["clusters"])
    stages = [page["words"]["stages"][number] for number in page["columns"]["drop"]]
    assert stages[8] in ("dedup", "filter")
    assert page["words"]["kinds"][page["columns"]["kind"][8]] == "exact"


def test_a_verdict_is_on_disk_when_said_returns(desk: Desk) -> None:
    ids = desk.page()["columns"]["id"]
    tag = desk.say([one(ids[0], "keep", "drop"), one(ids[1], "facing", "left"), one(ids[8], "same", f"no {ids[0]}")])
    assert said(desk).keep == {ids[0]: "drop"}
    assert said(desk).facing == {ids[1]: "left"}
    assert said(desk).same == {(ids[0], ids[8]): "no"}
    assert desk.verdicts()["tag"] == tag == desk.state()["verdicts"]


def test_a_verdict_holds_for_copies_of_the_same_pixels_and_is_cleared_for_all(desk: Desk) -> None:
    ids = desk.page()["columns"]["id"]
    desk.say([one(ids[0], "keep", "drop")])
    assert desk.verdicts()["keep"] == dict.fromkeys((ids[0], ids[8], ids[9]), "drop")
    desk.say([one(ids[8], "keep", "clear", alone=True)])  # an undo takes back what was said of this one
    assert desk.verdicts()["keep"] == dict.fromkeys((ids[0], ids[8], ids[9]), "drop")
    desk.say([one(ids[8], "keep", "clear")])
    assert desk.verdicts()["keep"] == {}
    assert said(desk).keep == {}


def test_what_is_no_verdict_is_refused_and_nothing_written(desk: Desk) -> None:
    ids = desk.page()["columns"]["id"]
    wrong = [
        one("i9", "keep", "keep"),
        one(ids[0], "keep", "left"),
        one(ids[0], "size", "keep"),
        one(ids[0], "same", "yes"),
        one(ids[0], "same", f"yes {ids[0]}"),
        one(ids[0], "same", "yes i9"),
        one(ids[0], "keep", f"keep {ids[1]}"),
        one(ids[0], "keep", "keep\ni1,keep,drop"),
        {"id": [ids[0]], "aspect": "keep", "value": "keep"},
        {},
    ]
    for bad in wrong:
        with pytest.raises(UsageError):
            desk.say([one(ids[1], "keep", "keep"), bad])
    assert not (desk.root / "review.csv").exists()


def test_two_tabs_and_a_command_append_side_by_side(desk: Desk) -> None:
    ids = desk.page()["columns"]["id"]
    other = Desk(desk.root)

    def speak(who: Desk, some: list[str]) -> None:
        for id in some:
            who.say([one(id, "keep", "keep")])

    with Dataset(desk.root).writing("a command"):
        threads = [threading.Thread(target=speak, args=(who, ids[at::2])) for at, who in enumerate((desk, other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert said(desk).keep == dict.fromkeys(ids, "keep")
    lines = (desk.root / "review.csv").read_text().splitlines()
    assert len(lines) == 61
    assert desk.verdicts()["keep"] == other.verdicts()["keep"]


def test_a_broken_review_file_is_named(desk: Desk) -> None:
    (desk.root / "review.csv").write_text("id,aspect,value\ni1,keep,perhaps\n")
    with pytest.raises(PipelineError, match=r"review\.csv row 2"):
        desk.verdicts()


def test_the_manifest_is_written_as_set_does(desk: Desk) -> None:
    before = desk.state()["generation"]
    assert desk.write({"filter.photo.likeness": 0.25, "dedup.distance": 10}) == ["filter.photo.likeness=0.25"]
    text = (desk.root / "manifest.toml").read_text()
    assert "likeness = 0.25" in text
    assert "# sizes are counted in pixels" in text
    assert desk.state()["generation"] != before
    with pytest.raises(Outdated):
        desk.preview(before, {}, exact=False)
    assert desk.now().manifest.filter["photo"].model_dump() == {"likeness": 0.25}


def test_the_manifest_waits_for_a_command_and_says_which(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.review.desk.WAIT", 0.05)
    text = (desk.root / "manifest.toml").read_text()
    with Dataset(desk.root).writing("pipeline scrape many"), pytest.raises(InUse, match="pipeline scrape many"):
        desk.write({"filter.photo.likeness": 0.25})
    assert (desk.root / "manifest.toml").read_text() == text


def test_only_the_newest_question_is_answered_exactly(desk: Desk) -> None:
    generation = desk.state()["generation"]
    answers: dict[float, object] = {}

    def ask(value: float) -> None:
        answers[value] = desk.preview(generation, {"filter.photo.likeness": value}, exact=True)

    with desk._exactly:
        threads = [threading.Thread(target=ask, args=(value,)) for value in (0.1, 0.2)]
        for thread in threads:
            thread.start()
            while desk._newest < threads.index(thread) + 1:
                pass
        quick = desk.preview(generation, {"filter.photo.likeness": 0.15}, exact=False)  # does not wait
    for thread in threads:
        thread.join()
    assert quick is not None
    assert answers == {0.1: None, 0.2: None}


def test_details_name_every_stage_and_sighting(desk: Desk) -> None:
    ids = desk.page()["columns"]["id"]
    known = desk.details(ids[8])
    assert [stage["stage"] for stage in known["stages"]] == ["filter", "dedup"]
    assert known["stages"][1]["rule"] == "duplicate"
    assert known["sightings"][0]["image_url"] == "https://art.example/8.png"
    assert (desk.root / known["path"]).is_file()
    with pytest.raises(KeyError):
        desk.details("i9")


def test_nothing_scraped_is_one_line(tmp_path: Path, made: Path) -> None:
    (tmp_path / "manifest.toml").write_text((made / "manifest.toml").read_text())
    with pytest.raises(PipelineError, match="nothing scraped yet"):
        Desk(tmp_path)
