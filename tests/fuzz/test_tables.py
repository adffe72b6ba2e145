"""Files that people or spreadsheets write: the folder's CSV, review.csv, the reports' overrides, manifests. One clear line, or the data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline import verdicts
from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import Manifest, with_settings
from sources.folder import Folder, FolderSettings

FOLDER_IS_SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

CELLS = st.sampled_from(
    [
        *("file", "id", "aspect", "value", "override", "title", "keep", "drop", "clear", "same", "facing", "left", "yes", "yes  "),
        *("yes i0000000000000001", "i0000000000000000", "a.png", "b/c.png", "../a.png", "/a.png", "", " ", '"', '""', '"\n"', "'"),
        *("\x00", "\ufeff", "é", "\u2028", "=1"),
    ]
) | st.text(max_size=8)
TABLES = st.lists(st.lists(CELLS, max_size=5), max_size=6)


def written(table: list[list[str]], delimiter: str, ending: str) -> bytes:
    """As a careless program would write it: quoted only now and then."""
    return ending.join(delimiter.join(row) for row in table).encode("utf-8", "surrogatepass")


FORMS = st.builds(written, TABLES, st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n", "\r"])) | st.binary(max_size=120)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "b").mkdir()
    for name in ("a.png", "b/c.png"):
        Image.new("RGB", (9, 9)).save(folder / name)
    return folder


@FOLDER_IS_SHARED
@given(data=FORMS, column=st.sampled_from(["", "file", "id", "é"]))
@example(data=b"file,title\na.png,x", column="")
@example(data=b'file\n"a.png', column="")
@example(data=b"file\na.png\0", column="")
@example(data=b"file,file\na.png,b/c.png", column="")
@example(data=b"file\n" + b"x" * 200_000, column="")
def test_a_folders_csv(pictures: Path, data: bytes, column: str) -> None:
    path = pictures / "about.csv"
    path.write_bytes(data)
    try:
        found = list(Folder().items(FolderSettings(source="folder", path=pictures, csv=path, column=column)))
    except ValueError as error:
        assert "about.csv" in str(error)
        assert not isinstance(error, UnicodeError)
        return
    assert [file.name for file, _ in found] == ["a.png", "c.png"]


@FOLDER_IS_SHARED
@given(data=FORMS)
@example(data=b"id,aspect,value\ni0,keep,keep")
@example(data=b"id,aspect,value\ni0,same,yes i1\ni0,same,clear i1")
@example(data=b'id,aspect,value\n"i0,keep,keep')
@example(data=b"id,aspect,value\n" + b"x" * 200_000)
@example(data=b"id;aspect;value\ni0;keep;keep;more;cells")
def test_review_csv(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(data)
    try:
        found = verdicts.read(path)
    except PipelineError as error:
        assert "review.csv" in str(error)
        return
    assert set(found.keep.values()) <= {"keep", "drop"}
    assert set(found.facing.values()) <= {"left", "right"}
    assert set(found.same.values()) <= {"yes", "no"}


@FOLDER_IS_SHARED
@given(data=FORMS, id=st.sampled_from(["i0000000000000000", "", "i0"]))
@example(data=b"id,override\ni0000000000000000,keep\ni0000000000000000,drop", id="i0")
@example(data=b"id,override\r\ni0000000000000000, KEEP \r\n", id="i0")
@example(data=b'id,override,title\ni0000000000000000,keep,"' + b"x" * 200_000 + b'"', id="i0")
def test_overrides_of_a_report(tmp_path: Path, data: bytes, id: str) -> None:
    reports, review = tmp_path / "reports", tmp_path / "review.csv"
    reports.mkdir(exist_ok=True)
    review.unlink(missing_ok=True)
    (reports / "filter.csv").write_bytes(data)
    try:
        verdicts.collect(reports, review, {"i0000000000000000", id})
    except PipelineError as error:
        assert "filter.csv" in str(error) or "review.csv" in str(error)
        assert not review.exists() or verdicts.read(review)
        return
    for value in verdicts.read(review).keep.values():
        assert value in ("keep", "drop")


@FOLDER_IS_SHARED
@given(note=st.text(max_size=40), value=st.sampled_from(["keep", "drop"]), id=st.from_regex(r"i[0-9a-f]{16}", fullmatch=True))
def test_a_verdict_is_read_as_it_was_written(tmp_path: Path, note: str, value: str, id: str) -> None:
    path = tmp_path / "review.csv"
    path.unlink(missing_ok=True)
    try:
        verdicts.append(path, id, "keep", value, note.encode("utf-8", "replace").decode())
    finally:
        assert not path.exists() or verdicts.read(path).keep == {id: value}


WORDS = [
    *(
        "[[scrape]]",
        "[scrape]",
        "source =",
        '"folder"',
        '"everything"',
        "path =",
        '"x"',
        "[filter.size]",
        "min_side =",
        "[shard]",
        "size =",
    ),
    *(
        "[train]",
        "preset =",
        '"dcgan"',
        "schema =",
        "name =",
        "=",
        "\n",
        "\n",
        "\n",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        '"""',
        "1",
        "-1",
        "1e999",
    ),
    *(
        "nan",
        "inf",
        "true",
        "1979-05-27",
        "[1, 2]",
        "[[1]]",
        "#",
        "\\ud800",
        "\\u0000",
        "\x00",
        "\ufeff",
        "é",
        "delay =",
        "[a.b.c]",
        "a.b = 1",
    ),
    "0x7fffffffffffffffffff",
]
RECIPES = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=16).map(" ".join)


@given(RECIPES)
@example('[[scrape]]\nsource = "folder"\npath = "x"')
@example("[[scrape]]\nsource = 5")
@example("scrape = 5")
@example("scrape = [[]]")
@example('[[scrape]]\nsource = "folder"\npath = "\\u0000"')
@example("schema = nan")
@example("schema = []")
@example('[train]\npreset = ["x"]\n[[scrape]]\nsource = "folder"\npath = "x"')
@example('[train]\npreset = {}\n[[scrape]]\nsource = "folder"\npath = "x"')
@example("a = " + "[" * 5000)
@example("a." * 3000 + "b = 1")
@example("[" + "a." * 3000 + "b]")
@example("a = " + "9" * 5000)
def test_any_manifest(text: str) -> None:
    try:
        Manifest.parse(text, "recipe.toml")
    except PipelineError as error:
        assert "recipe.toml" in str(error) or "source" in str(error)


BASE = '[[scrape]]\nsource = "folder"\npath = "x"\n'


PARTS = st.sampled_from([*WORDS, "shard.size", "scrape.path", "filter.size.min_side", ".", "train.preset"])


@given(st.lists(st.lists(PARTS, max_size=4).map("".join), max_size=3))
@example(["shard.size=128"])
@example(["shard=1", "shard.size=2"])
@example(["scrape.0.path=x"])
@example(["scrape=1"])
@example(["scrape.path=\x00"])
@example(["scrape.path=~nosuchuser/x"])
@example(["a=" + "[" * 3000])
@example(["[=1"])
@example(['scrape.path="\\ud800"'])
def test_any_set(assignments: list[str]) -> None:
    try:
        changed = with_settings(BASE, assignments)
    except UsageError as error:
        assert str(error)
        return
    except PipelineError:
        return
    Manifest.parse(changed)
