"""A published dataset made again from its sites, which have changed meanwhile."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import chain, stages, steps, verdicts
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.fetch.limits import Limits
from pipeline.manifest import Manifest
from pipeline.review import reports
from pipeline.shards import checksums
from pipeline.share import folder, rebuild
from pipeline.steps import Options


def final(dataset: Dataset) -> dict[str, str]:
    table = reports.summary(dataset)
    return dict(zip(table["id"], table["decision"], strict=True))


def report(dataset: Dataset) -> pd.DataFrame:
    table = pd.read_csv(dataset.reports / "rebuild.csv", encoding="utf-8-sig", keep_default_na=False)
    table["path"] = [url.split("/", 3)[-1] for url in table["image_url"]]
    return table


def test_an_unchanged_site_gives_the_same_dataset(dataset: Dataset, published: Path, again: Any, site: Any) -> None:
    made, summary = again(published)
    assert summary["pictures"] == {"same bytes": 15}
    assert summary["verdicts"] == 3
    assert summary["decided otherwise"] == 0
    assert sorted(site.asked) == sorted(site.pages)
    assert final(made) == final(dataset)
    assert Counter(final(made).values()) == {"keep": 11, "drop": 4}
    for name in ("filter", "dedup"):
        pd.testing.assert_frame_equal(made.catalog.decisions(name), dataset.catalog.decisions(name))
    pd.testing.assert_frame_equal(made.catalog.clusters(), dataset.catalog.clusters())
    here, there = verdicts.read(made.review_path), verdicts.read(dataset.review_path)
    assert here == there
    assert [state.state for state in stages.state(made)][:5] == ["fresh"] * 5


def test_each_kind_of_loss_is_told_and_what_is_here_is_decided_as_published(
    dataset: Dataset, published: Path, again: Any, site: Any, drawn: Callable[[int, int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.fetch.network.Limits", lambda: Limits(attempts=1))
    before = final(dataset)
    id_of = {url.split("/", 3)[-1]: id for id, url in dataset.catalog.sightings(texts=False)[["id", "image_url"]].itertuples(index=False)}
    whole = dict(site.pages)
    del site.pages["/0.png"], site.pages["/1.png"]
    site.pages["/2.png"] = (301, {"Location": "/moved/2.png"}, b"")
    site.put("/moved/2.png", whole["/2.png"][2])
    site.put("/3.png", drawn(3, 1))
    site.put("/4.png", drawn(44, 6))
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /5.png\n")
    site.pages["/6.png"] = (403, {}, b"")
    site.pages["/7.png"] = (500, {}, b"")
    site.put("/8.png", whole["/8.png"][2], X_Robots_Tag="noai")
    site.pages["/9.png"] = (200, {"Content-Type": "text/html"}, b"<html>moved away</html>")

    made, summary = again(published)
    table = report(made).set_index("published")
    status = {path: table.loc[id_of[path], "status"] for path in [f"{number}.png" for number in range(12)]}
    assert status == {
        "0.png": "gone",
        "1.png": "same bytes",  # at its other address
        "2.png": "same bytes",
        "3.png": "same pixels, other bytes",
        "4.png": "changed",
        "5.png": "refused by robots.txt",
        "6.png": "refused",
        "7.png": "failed, may pass",
        "8.png": "opted out",
        "9.png": "gone",
        "10.png": "same bytes",
        "11.png": "same bytes",
    }
    assert sum(summary["pictures"].values()) == len(table) == 15
    assert "of 64 bits" in table.loc[id_of["4.png"], "detail"]
    assert "/5.png" not in site.asked

    now = final(made)
    assert id_of["3.png"] not in now
    for path in ("1.png", "2.png", "10.png", "tiny.png", "truck.png"):
        assert now[id_of[path]] == before[id_of[path]]
    again_3, other_4 = table.loc[id_of["3.png"], "id"], table.loc[id_of["4.png"], "id"]
    assert now[again_3] == before[id_of["3.png"]] == "keep"
    assert now[other_4] == "drop"
    reason = made.catalog.decisions("classify").set_index("id").loc[other_4]
    assert (reason["rule"], reason["reason"].split(";")[0]) == ("not_published", f"published as {id_of['4.png']}")
    # The keeper is gone: its smaller copy, which was dropped for it, stands for it now.
    assert (before[id_of["copy.png"]], now[id_of["copy.png"]]) == ("drop", "keep")
    assert summary["decided otherwise"] == 1
    said = verdicts.read(made.review_path)
    assert said.keep == {id_of["2.png"]: "drop"}
    assert said.facing == {again_3: "left"}
    assert said.same == {}  # of those two nothing is left

    # What a person says here stays said, and another call asks only for what may have passed.
    verdicts.append(made.review_path, id_of["2.png"], "keep", "clear")
    site.pages.update(whole)
    del site.pages["/robots.txt"]
    site.asked.clear()
    made, summary = again(published)
    assert sorted(site.asked) == ["/5.png", "/7.png"]
    assert final(made)[id_of["2.png"]] == "keep"
    assert final(made)[id_of["7.png"]] == "keep"
    assert summary["verdicts"] == 0


def test_the_same_shards_come_out(dataset: Dataset, published: Path, again: Any) -> None:
    made, _ = again(published)
    with made.writing("test"):
        assert dict(chain.run(made, Options(1), until="shard"))["classify"] is None
    one, two = (root / "shards" / "tfrecord-32" for root in (dataset.root, made.root))
    files = {path.relative_to(one) for path in one.rglob("*") if path.is_file() and path.name not in ("README.md", "SHA256SUMS")}
    assert len(files) >= 4
    for name in files:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_published_decisions_stand_whatever_the_keywords_and_thresholds_may_change(published: Path, again: Any) -> None:
    made, _ = again(published)
    before = made.catalog.decisions("classify")
    again.settings += ['classify.keep=["nothing of the kind"]', "filter.size.min_side=2000"]
    made, _ = again(published)  # as published, though the manifest says otherwise
    assert (made.catalog.decisions("filter")["decision"] == "keep").sum() == 14
    assert {one.name: one.why for one in stages.state(made)}["filter"] == "the manifest changed"
    with made.writing("test"):
        text = made.manifest_path.read_text(encoding="utf-8")
        made.write_manifest(text.replace("min_side = 2000", "min_side = 110").replace("nothing", "none"))
        ran = dict(chain.run(made, Options(1), until="dedup"))
        assert ran["classify"]
        assert ran["filter"]["dropped"] > 1  # numbers can be judged anew,
        pd.testing.assert_frame_equal(made.catalog.decisions("classify"), before)  # pages that are not here cannot


def test_what_comes_later_is_judged_too(dataset: Dataset, published: Path, again: Any, site: Any, drawn: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("pipeline.fetch.network.Limits", lambda: Limits(attempts=1))
    whole = dict(site.pages)
    site.pages["/7.png"] = site.pages["/8.png"] = (500, {}, b"")
    made, summary = again(published)
    assert summary["pictures"] == {"same bytes": 13, "failed, may pass": 2}
    site.pages.update(whole)
    site.put("/8.png", drawn(44, 6))
    with made.writing("test"):
        assert dict(chain.run(made, Options(1), until="dedup"))["scrape"]["new"] == 2  # without another rebuild
        decided = made.catalog.decisions("classify").set_index("id")
    there = final(dataset)
    (other,) = set(decided.index) - set(there)
    assert decided.loc[other, ["decision", "rule", "reason"]].tolist() == ["drop", "not_published", "no published picture"]
    assert {id: said for id, said in final(made).items() if id != other} == {id: there[id] for id in decided.index if id != other}


def test_with_texts_other_keywords_decide_anew(put: Any, again: Any, tmp_path: Path) -> None:
    made, summary = again(put(tmp_path / "folder", texts=True, parquet=True))
    assert summary["decided otherwise"] == 0
    assert set(made.catalog.sightings()["text"]) == {"The page says so."}
    with made.writing("test"):
        text = made.manifest_path.read_text(encoding="utf-8")
        made.write_manifest(text.replace('drop = ["truck"]', 'drop = ["mobile"]').replace('keep = ["suit"]', 'keep = ["truck"]'))
        chosen = dict(chain.run(made, Options(1), until="classify"))["classify"]
    assert chosen["kept"] == 1


def test_only_the_kept_are_asked_for(published: Path, again: Any, site: Any) -> None:
    made, summary = again(published, kept=True)
    assert summary["pictures"] == {"same bytes": 11, "not asked for": 4}
    assert not {"/tiny.png", "/truck.png", "/copy.png", "/2.png"} & set(site.asked)
    assert set(final(made).values()) == {"keep"}


def test_a_folder_opens_no_way_into_a_private_network(published: Path, again: Any, site: Any) -> None:
    again.settings = []
    with pytest.raises(PipelineError, match="not one of 15 published pictures could be had; http://127.* refused"):
        again(published)
    assert site.asked == []
    again.settings = [f'scrape.private=["{site.host}"]', "scrape.delay=0"]
    assert again(published)[1]["pictures"] == {"same bytes": 15}


def test_nothing_is_written_over(dataset: Dataset, published: Path, again: Any, tmp_path: Path) -> None:
    again.root = dataset.root
    with pytest.raises(UsageError, match="holds another dataset"):
        again(published)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    again.root = tmp_path / "full"
    with pytest.raises(UsageError, match="not empty and not a dataset"):
        again(published)
    again.root = tmp_path / "again" / "shapes"
    again(published)
    meta = json.loads((published / "publish.json").read_text())
    (published / "publish.json").write_text(json.dumps(meta | {"name": "other"}))
    checksums.write(published, [path.name for path in published.iterdir() if path.name != "SHA256SUMS"])
    with pytest.raises(UsageError, match="holds another dataset"):
        again(published)


def test_other_peoples_rules_are_not_taken_over(published: Path, again: Any, site: Any) -> None:
    text = (published / "manifest.toml").read_text(encoding="utf-8")
    more = f'override_opt_outs = ["noai"]\nprivate = ["{site.host}"]\ndelay = 0\n'
    text = text.replace("\ndelay = 0\n", "\n").replace('source = "urls"\n', f'source = "urls"\n{more}')
    (published / "manifest.toml").write_text(text, encoding="utf-8")
    checksums.write(published, [path.name for path in published.iterdir() if path.name != "SHA256SUMS"])
    made = rebuild.plan(folder.read(published), again.root, [], kept=False)
    (block,) = Manifest.parse(made.text).scrape
    assert block.model_dump(exclude_defaults=True, exclude={"path"}) == {"source": "published"}
    assert block.delay == 1.0


def test_a_kill_in_the_middle_loses_nothing(published: Path, site: Any, tmp_path: Path) -> None:
    root = tmp_path / "again" / "shapes"
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r}); from pipeline.commands import app; app()"
    arguments = [published, "--into", root, "--set", f'scrape.private=["{site.host}"]', "--workers", "1", "--json"]
    command = [sys.executable, "-c", code, "rebuild", *map(str, arguments)]
    process = subprocess.Popen([*command, "--set", "scrape.delay=0.15"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while len(site.asked) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    asked = len(site.asked)
    assert 4 <= asked < 15
    done = subprocess.run([*command, "--set", "scrape.delay=0"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["pictures"] == {"same bytes": 15}
    assert len(site.asked) <= 16 + 1  # but for the one that was under way


def test_an_end_while_decisions_are_applied_is_made_good(published: Path, again: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = steps.decided

    def dies(dataset: Dataset, stage: str, *arguments: Any) -> dict[str, Any]:
        if stage == "dedup":
            raise KeyboardInterrupt
        return whole(dataset, stage, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(steps, "decided", dies)
        with pytest.raises(KeyboardInterrupt):
            again(published)
    shutil.rmtree(again.root / "published")  # as if it had ended while the copy was made
    made, summary = again(published)
    assert summary["pictures"] == {"same bytes": 15}
    assert (summary["requests"], summary["verdicts"]) == (0, 0)
    assert verdicts.read(made.review_path).keep
    assert list(final(made).values()).count("keep") == 11


def test_an_address_less_picture_is_told(dataset: Dataset, put: Any, again: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(b"")
    with dataset.writing("test"):
        row = dataset.catalog.items().iloc[0]
        seen = dataset.catalog.sightings().iloc[0].to_dict()
        dataset.catalog._db.execute("DELETE FROM sightings WHERE id = ?", (row["id"],))
        dataset.catalog.put_sighting(row["id"], "folder", {**seen, "image_url": path.as_uri(), "page_url": path.as_uri()}, 0.0)
    made, summary = again(put(tmp_path / "folder"))
    assert summary["pictures"]["no address"] == 1
    assert str(tmp_path) not in (made.root / "published" / "sightings.csv").read_text(encoding="utf-8")
