"""Every key of a recipe is checked, and errors say where and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import manifest
from pipeline.errors import UsageError
from pipeline.manifest import Manifest

GOOD = """
schema = 1
name = "art"  # a comment

[[scrape]]
source = "folder"
path = "pictures"

[filter.photo]
[filter.size]
"""


def test_a_recipe_loads_with_defaults_and_keeps_filter_order() -> None:
    recipe = Manifest.parse(GOOD)
    assert recipe.name == "art"
    assert recipe.shard.size == 64
    assert list(recipe.filter) == ["photo", "size"]
    assert [name for name, _ in recipe.section("filter")] == ["photo", "size"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD + "[shards]\nsize = 3", "unknown key `shards`; did you mean `shard`"),
        (GOOD + "[shard]\nsise = 64", "unknown key `shard.sise`; did you mean `size`"),
        (GOOD + "[shard]\nsize = 3", r"shard.size: .*greater than or equal to 32 \(it is 3\)"),
        (GOOD + "[shard]\npad = 'red'", "shard.pad: give `background`, `flat` or a colour"),
        (GOOD + "[shard]\nformat = 'zip'", r"shard.format: give one or several of tfrecord, .*stylegan \(it is 'zip'\)"),
        (GOOD + "[shard]\nformat = ['tfrecord', 3]", "shard.format: give one or several of tfrecord"),
        (GOOD + "[shard]\nformat = []", "shard.format: give one or several of tfrecord"),
        (GOOD + "[shard]\nformat = 'stylegan'\nsize = 96", r"shard.size: for the format stylegan give 32, 64, .*\(it is 96\)"),
        (GOOD + "[filter.fotos]", "unknown key `filter.fotos`; did you mean `photo`"),
        (GOOD + "[augment]\nbrightness = [2, 1]", "augment.brightness: give"),
        (GOOD + "[augment]\nzoom = [0.1, 1]", "augment.zoom: give \\[low, high\\] with 0.5 <= low <= high <= 2"),
        (GOOD + "[augment]\nrotate = 90", "augment.rotate: .*less than or equal to 45"),
        (GOOD + "[shard]\nalpha = 'flat'", "shard.alpha: give a colour such as #ffffff"),
        (GOOD + "[shard]\nmode = 'rgba'\nencoding = 'jpeg'", "shard: encoding `jpeg` holds no transparency"),
        (GOOD + "[shard]\nmode = 'rgba'\nalpha = '#ffffff'", "shard: mode `rgba` keeps transparency"),
        (GOOD + "[augment]\nfacing = 'right'\nmirror = true", "augment: mirror adds the other side, and facing turns all to one"),
        (GOOD + "[facing]\nconfidence = 0.4", "facing.confidence"),
        (GOOD + "[train]\npreset = 'dcgam'", "no preset 'dcgam'; did you mean `dcgan`"),
        (GOOD + "[train]\nlatnet = 3", "unknown key `train.latnet`; did you mean `latent`"),
        (GOOD.replace('"folder"', '"foldr"'), "no source 'foldr'; did you mean `folder`"),
        (GOOD.replace("path =", "paht ="), "scrape.p"),
        (GOOD.replace("[[scrape]]", "[scrape]"), "two brackets"),
        (GOOD.replace("schema = 1", "schema = 7"), "schema 7 is not known"),
        ("schema = 1", "no \\[\\[scrape\\]\\] block"),
        ("a = [", "not valid TOML"),
        ("classify = 3\n" + GOOD, "`classify` must be a table"),
    ],
)
def test_what_is_wrong_is_named(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        Manifest.parse(text, "art.toml")
    assert str(caught.value).startswith("art.toml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", manifest.built_in())
def test_built_in_recipes_are_sound(name: str) -> None:
    found, text, where = manifest.find(name)
    assert found == name
    assert Manifest.parse(text, where).name == name


def test_there_are_built_in_recipes() -> None:
    assert {"mahq", "demo"} <= set(manifest.built_in())


def test_set_reads_toml_then_text_and_keeps_comments() -> None:
    changed = manifest.with_settings(GOOD, ["shard.size=128", "shard.label=unit type", "filter.size.min_side=20", "name=other"])
    recipe = Manifest.parse(changed)
    assert (recipe.shard.size, recipe.shard.label, recipe.name) == (128, "unit type", "other")
    assert "# a comment" in changed
    assert list(recipe.filter) == ["photo", "size"]


def test_set_reaches_every_scrape_block() -> None:
    two = '[[scrape]]\nsource = "mahq"\n[[scrape]]\nsource = "mahq"\nstart = "http://x/"\n'
    recipe = Manifest.parse(manifest.with_settings(two, ["scrape.delay=0", "scrape.start=http://127.0.0.1:8000/"]))
    assert [(block.delay, block.start) for block in recipe.scrape] == [(0, "http://127.0.0.1:8000/")] * 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("assignment", "complaint"),
    [
        ("shard.size", "give key=value"),
        ("=3", "give key=value"),
        ("shard.sise=3", "did you mean `size`"),
        ("name.x=3", "is a value, not a table"),
    ],
)
def test_set_refuses(assignment: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        manifest.with_settings(GOOD, [assignment])


def test_find_makes_paths_absolute(tmp_path: Path) -> None:
    path = tmp_path / "art.toml"
    path.write_text(GOOD)
    name, text, _ = manifest.find(str(path))
    assert name == "art"
    (block,) = Manifest.parse(text).scrape
    assert block.path == (tmp_path / "pictures").resolve()  # type: ignore[attr-defined]


@pytest.mark.parametrize("reference", ["mahk", "nothing.toml", "no/such/place"])
def test_find_refuses_what_is_not_there(reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=reference):
        manifest.find(reference)
