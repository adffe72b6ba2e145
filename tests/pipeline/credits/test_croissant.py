from __future__ import annotations

import fnmatch
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.credits import croissant, table


def frame(*rows: dict[str, str]) -> pd.DataFrame:
    base = {**dict.fromkeys(table.COLUMNS, ""), "spdx": "NOASSERTION", "changes": "none", "file": "images/ab/ab12.png"}
    return pd.DataFrame([{**base, **row} for row in rows], columns=list(table.COLUMNS))


def described(rows: pd.DataFrame, name: str = "robots", **more: Any) -> dict[str, Any]:
    given = {"csv_sha256": "0" * 64, "folder": "../images", "includes": ["ab/*"], "published": "2026-01-02", **more}
    return croissant.document(name, "Robots: the curated set.", rows, **given)


def test_what_the_document_says() -> None:
    document = described(
        frame(
            {"id": "i1", "spdx": "CC-BY-4.0", "license": "CC BY 4.0", "page_url": "https://a.test/1"},
            {"id": "i2", "spdx": "CC-BY-SA-4.0 OR CC-BY-SA-3.0", "license": "x", "page_url": "https://b.test/2"},
            {"id": "i2", "spdx": "LicenseRef-All-Rights-Reserved", "license": "x", "page_url": "https://b.test/3"},
            {"id": "i3", "file": "images/cd/cd.webp"},
        )
    )
    json.dumps(document)
    assert document["license"] == [
        *(f"https://creativecommons.org/licenses/{kind}/" for kind in ("by/4.0", "by-sa/3.0", "by-sa/4.0")),
        *("LicenseRef-All-Rights-Reserved", "NOASSERTION"),
    ]
    assert document["url"] == "https://b.test/"
    assert "https://b.test/, https://a.test/" in document["rai:dataCollection"]
    assert document["rai:dataLimitations"] == ["1 of 3 pictures come without stated terms; by default all rights are reserved."]
    assert document["datePublished"] == "2026-01-02"
    csv, folder, pictures = document["distribution"]
    assert (csv["contentUrl"], csv["sha256"]) == ("credits.csv", "0" * 64)
    assert folder["contentUrl"] == "../images"
    assert (pictures["includes"], pictures["encodingFormat"]) == (["ab/*"], ["image/png", "image/webp"])
    (records,) = document["recordSet"]
    assert [field["name"] for field in records["field"]] == [*table.COLUMNS, "image"]


def test_where_nothing_can_be_said_nothing_is() -> None:
    document = described(frame({"id": "i1", "license": "MIT", "spdx": "MIT", "file": "images/ab/ab.tif"}))
    assert not {"url", "rai:dataLimitations"} & set(document)
    assert "files on a disk" in document["rai:dataCollection"]
    odd = described(frame(*({"id": "i1", "page_url": url} for url in ("https://[x/", "javascript:x", "HTTPS://A.test?x", "https://"))))
    assert odd["url"] == "https://[x/"
    assert "https://a.test/." in odd["rai:dataCollection"]
    assert document["distribution"][2]["encodingFormat"] == ["image/png"]
    bare = described(frame({"id": "i1"}), includes=[])
    assert [one["@id"] for one in bare["distribution"]] == ["credits.csv"]
    assert "image" not in [field["name"] for field in bare["recordSet"][0]["field"]]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["robots", "My robots", "mahq-2", "Käfer & Co (1)", "a.b_c", "機械", 'say "x"'])
@pytest.mark.parametrize("includes", [["ab/*"], []], ids=["pictures", "table only"])
def test_mlcroissant_finds_nothing_wrong(name: str, includes: list[str]) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    rows = frame({"id": "i1", "spdx": "CC-BY-4.0", "license": "CC BY 4.0", "page_url": "https://a.test/1"}, {"id": "i2"})
    dataset = mlcroissant.Dataset(jsonld=described(rows, name, includes=includes))
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    assert dataset.metadata.conforms_to[0] == "http://mlcommons.org/croissant/1.0"


def test_globs_are_few() -> None:
    assert croissant.globs(["ab/ab1.png", "ab/ab2.png", "cd/cd1.png"], []) == ["ab/*", "cd/*"]
    assert croissant.globs(["ab/ab1.png", "ab/ab2.png"], ["cd/cd1.png"]) == ["ab/*"]
    assert croissant.globs(["ab/ab12.png", "ab/ab34.png"], ["ab/ab13.png"]) == ["ab/ab12*", "ab/ab3*"]
    assert croissant.globs([], ["ab/ab1.png"]) == []


DIGESTS = st.sets(st.text(alphabet="ab", min_size=6, max_size=6).map(lambda digest: f"{digest[:2]}/{digest}.png"), max_size=20)


@given(DIGESTS, DIGESTS)
def test_globs_match_all_that_is_wanted_and_nothing_else(wanted: set[str], others: set[str]) -> None:
    others -= wanted
    found = croissant.globs(wanted, others)
    matched = {path for path in wanted | others if any(fnmatch.fnmatchcase(path, glob) for glob in found)}
    assert matched == wanted
    assert len(found) <= len(wanted)
    assert all(len(glob) >= 4 for glob in found)
