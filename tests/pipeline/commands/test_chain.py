"""scrape, run, status on a folder of drawings; what is stale is redone and nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pipeline.shards.reader import read


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def states(outcome) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {name: entry["state"] for name, entry in json.loads(outcome.out)["stages"].items()}


@pytest.fixture
def done(pipeline: Callable, recipe: Path, tmp_path: Path) -> Path:  # type: ignore[type-arg]
    outcome = pipeline("run", recipe, "--until", "shard")
    assert outcome.code == 0, outcome.err
    return tmp_path / "datasets" / "shapes"


def test_the_chain_on_a_folder(done: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    summary = rows(done / "reports" / "summary.csv")
    assert len(summary) == 25  # the copy has the same bytes: one item, two sightings
    assert {row["title"] for row in summary if row["decision"] == "drop"} == {"tiny"}
    assert [row["error"] for row in rows(done / "reports" / "failures.csv")] == ["not_an_image"]
    assert (done / "reports" / "index.html").stat().st_size > 5000
    assert (done / "shards" / "tfrecord-32" / "SHA256SUMS").exists()
    assert pipeline("verify", "shapes").out.endswith("all sound\n")


def test_status_names_what_is_stale_and_run_redoes_just_that(done: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    fresh = states(pipeline("status", "shapes", "--json"))
    assert fresh.pop("train") == "missing"
    assert set(fresh.values()) == {"fresh"}
    outcome = pipeline("run", "shapes", "--until", "shard", "--set", "filter.size.min_side=70", "--json")
    stages = json.loads(outcome.out)["stages"]
    assert {name for name, summary in stages.items() if summary is None} == {"scrape", "measure", "classify"}
    assert len([row for row in rows(done / "reports" / "summary.csv") if row["rule"] == "size"]) > 1
    assert "min_side = 70" in (done / "manifest.toml").read_text()


def test_a_changed_seed_makes_only_the_shards_stale(done: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    pipeline("review", "shapes", "--set", "shard.seed=5")
    now = json.loads(pipeline("status", "shapes", "--json").out)["stages"]
    assert {name for name, entry in now.items() if entry["state"] == "stale"} == {"shard"}
    assert now["shard"]["why"] == "the manifest changed"


def test_an_override_is_honoured_everywhere_after(done: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    report = done / "reports" / "filter.csv"
    table = rows(report)
    victim = next(row for row in table if row["decision"] == "keep")
    tiny = next(row for row in table if row["decision"] == "drop")
    victim["override"], tiny["override"] = "drop", "keep"
    lines = [",".join(table[0])] + [",".join(f'"{value}"' for value in row.values()) for row in table]
    report.write_text("\n".join(lines), encoding="utf-8")
    outcome = pipeline("run", "shapes", "--until", "shard")
    assert outcome.code == 0, outcome.err
    final = {row["id"]: row for row in rows(done / "reports" / "summary.csv")}
    assert (final[victim["id"]]["decision"], final[victim["id"]]["stage"]) == ("drop", "verdict")
    assert final[tiny["id"]]["decision"] == "keep"
    assert not any(row["override"] for row in rows(report))
    assert len(rows(done / "review.csv")) == 2
    kept = {row["id"] for split in ("train", "validation") for row in read(done / "shards" / "tfrecord-32", split)}
    assert tiny["id"].encode() in kept or tiny["id"] in kept
    assert victim["id"].encode() not in kept
    assert victim["id"] not in kept


def test_new_pictures_in_the_folder_are_found_and_the_rest_is_kept(done: Path, pipeline: Callable, pictures: Path) -> None:  # type: ignore[type-arg]
    (pictures / "series 1" / "shape 01.png").unlink()
    Image.effect_mandelbrot((90, 90), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(pictures / "new.png")
    assert json.loads(pipeline("status", "shapes", "--json").out)["stages"]["scrape"]["why"] == "files changed"
    stages = json.loads(pipeline("run", "shapes", "--until", "review", "--json").out)["stages"]
    assert stages["scrape"]["new"] == 1
    assert {"shape 01", "new"} <= {row["title"] for row in rows(done / "reports" / "summary.csv")}


def test_a_mended_picture_leaves_the_list_of_failures(done: Path, pipeline: Callable, pictures: Path) -> None:  # type: ignore[type-arg]
    Image.new("RGB", (80, 80), "green").save(pictures / "lie.png")
    assert pipeline("run", "shapes", "--until", "review").code == 0
    assert rows(done / "reports" / "failures.csv") == []


def test_an_override_written_while_a_command_runs_is_taken_up(done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline import chain, steps
    from pipeline.verdicts import read

    plan = chain.existing("shapes", [])
    with chain.opened(plan, print) as dataset:
        report = done / "reports" / "filter.csv"
        table = rows(report)
        table[0]["override"] = "drop"
        lines = [",".join(table[0])] + [",".join(f'"{value}"' for value in row.values()) for row in table]
        report.write_text("\n".join(lines), encoding="utf-8")
        steps.filter(dataset, steps.Options(1))
    assert read(done / "review.csv").keep == {table[0]["id"]: "drop"}


def test_a_deleted_report_or_shard_is_made_again(done: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    (done / "reports" / "filter.csv").unlink()
    assert json.loads(pipeline("status", "shapes", "--json").out)["stages"]["review"]["why"] == "reports/filter.csv is gone"
    assert pipeline("run", "shapes", "--until", "review").code == 0
    assert (done / "reports" / "filter.csv").exists()


def test_shards_of_pictures_that_were_not_judged_are_refused(done: Path, pipeline: Callable, pictures: Path) -> None:  # type: ignore[type-arg]
    Image.effect_mandelbrot((90, 90), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(pictures / "new.png")
    assert pipeline("scrape", "shapes").code == 0
    assert pipeline("classify", "shapes").code == 0
    outcome = pipeline("shard", "shapes")
    assert outcome.code == 1
    assert "have not been through every stage; run `pipeline run" in outcome.err


def test_a_built_in_recipe_is_not_run_on_another_s_dataset(done: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    outcome = pipeline("demo", "--into", done)
    assert outcome.code == 2
    assert "is a dataset of folder, not of demo" in outcome.err
    assert pipeline("run", done / "manifest.toml", "--until", "dedup").code == 0


def test_limit_stops_early_and_says_so(pipeline: Callable, recipe: Path) -> None:  # type: ignore[type-arg]
    assert json.loads(pipeline("scrape", recipe, "--limit", "5", "--json").out)["pictures"] == 5
    assert states(pipeline("status", "shapes", "--json"))["scrape"] == "missing"
    assert pipeline("measure", "shapes").code == 0
    assert json.loads(pipeline("scrape", recipe, "--json").out)["pictures"] == 26


def test_a_changed_recipe_replaces_an_untouched_one_only(pipeline: Callable, recipe: Path, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("scrape", recipe).code == 0
    own = tmp_path / "datasets" / "shapes" / "manifest.toml"
    recipe.write_text(recipe.read_text().replace("min_side = 40", "min_side = 41"))
    assert pipeline("scrape", recipe).code == 0
    assert "min_side = 41" in own.read_text()
    assert pipeline("classify", "shapes", "--set", "shard.seed=9").code == 0
    recipe.write_text(recipe.read_text().replace("min_side = 41", "min_side = 42"))
    outcome = pipeline("scrape", recipe)
    assert outcome.code == 2
    assert "both have been changed" in outcome.err
    assert "seed = 9" in own.read_text()


def test_quiet_and_json(pipeline: Callable, recipe: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("scrape", recipe, "--quiet").out == ""
    assert json.loads(pipeline("measure", "shapes", "--json").out)["items"] == 25
