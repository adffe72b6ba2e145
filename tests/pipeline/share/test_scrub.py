from __future__ import annotations

import tomllib
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field

import sources.base
from pipeline.share import scrub
from sources.base import WebsiteSettings, WebsiteSource


def test_what_is_private_goes_and_the_rest_stays() -> None:
    text = """# for Bob, bob@example.org
name = "x"
[[scrape]]
source = "mahq"
contact = "me@example.org"
private = ["10.0.0.5:80"]
start = "https://me:secret@www.mahq.net/mecha/"
delay = 3
override_opt_outs = ["noai"]
[[scrape]]
source = "folder"
path = '/home/me/art\\x'
csv = "C:\\\\Users\\\\me\\\\list.csv"
[shard]
size = 128  # good enough
"""
    found = scrub.manifest(text)
    assert tomllib.loads(found) == {
        "name": "x",
        "scrape": [
            {"source": "mahq", "delay": 3, "override_opt_outs": ["noai"]},
            {"source": "folder", "path": "x", "csv": "list.csv"},
        ],
        "shard": {"size": 128},
    }


class KeyedSettings(WebsiteSettings):
    api_key: str = ""
    author: str = ""
    place: Path = Field(Path())


class Keyed(WebsiteSource):
    name: ClassVar[str] = "keyed"
    home: ClassVar[str] = "https://example.org"
    Settings: ClassVar[type[WebsiteSettings]] = KeyedSettings

    def visit(self, get, settings):  # type: ignore[no-untyped-def]
        return iter(())


def test_secrets_of_other_peoples_sources_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources.base.BUILT_IN, "keyed", "keyed_source:Keyed")
    module = type(sources)("keyed_source")
    module.Keyed = Keyed  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "keyed_source", module)
    found = scrub.manifest('[[scrape]]\nsource = "keyed"\napi_key = "abc"\nauthor = "Ann"\nplace = "/srv/x/"\n')
    assert tomllib.loads(found)["scrape"] == [{"source": "keyed", "author": "Ann", "place": "x"}]


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://e.test/a?b=c@d", True),
        ("HTTP://e.test/", True),
        ("file:///home/me/a.png", False),
        ("https://me:pass@e.test/a", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_addresses(url: str, wanted: bool) -> None:
    assert scrub.address(url) == (url if wanted else "")
