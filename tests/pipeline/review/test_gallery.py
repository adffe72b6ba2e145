"""The gallery holds every item, and text from the web stays text."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from pipeline.dataset import Dataset
from pipeline.review import gallery

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)"> {{script}} \u2028'


class Scripts(html.parser.HTMLParser):
    """Collects the script elements as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.tags: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data


@pytest.fixture
def page(tmp_path: Path) -> str:
    dataset = Dataset(tmp_path)
    catalog = dataset.catalog
    for id in ("i1", "i2"):
        catalog.put_item(id, id * 20, "png", 5, 1.0)
        sighting = {
            "page_url": "javascript:alert(3)",
            "image_url": "u",
            "title": HOSTILE,
            "fields": {},
            "text": "",
            "license": "",
            "author": "",
            "credit": "",
        }
        catalog.put_sighting(id, "folder", sighting, 1.0)
    catalog.put_measurements(1, {"width": "INTEGER", "height": "INTEGER"}, [{"id": "i1", "detail": "", "width": 3, "height": 4}])
    columns = ["id", "decision", "rule", "score", "threshold", "reason"]
    catalog.put_decisions(
        "filter", pd.DataFrame([["i1", "keep", "", None, None, ""], ["i2", "drop", "size", 3.0, 64.0, HOSTILE]], columns=columns)
    )
    path = gallery.write(dataset)
    dataset.close()
    return path.read_text(encoding="utf-8")


def test_hostile_text_is_data(page: str) -> None:
    parser = Scripts()
    parser.feed(page)
    data, script = parser.scripts
    items = json.loads(data)["items"]
    assert [item["title"] for item in items] == [HOSTILE, HOSTILE]
    assert [item["decision"] for item in items] == ["keep", "drop"]
    assert items[0]["image"].startswith("../images/")
    assert "alert" not in script
    assert "img" not in parser.tags


def test_only_the_page_s_own_script_may_run(page: str) -> None:
    parser = Scripts()
    parser.feed(page)
    (allowed,) = re.findall(r"script-src 'sha256-([^']+)'", page)
    assert allowed == base64.b64encode(hashlib.sha256(parser.scripts[1].encode()).digest()).decode()
    assert "default-src 'none'" in page
