"""Words from the web on their way to people: spreadsheets, the gallery, the terminal. They come out inert, and of bounded length."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import shutil
import subprocess
from typing import Any

import pytest

CANARY = "document.title='pwned'"

WORDS = {
    "formula": "=cmd|' /C calc'!A0",
    "formula-plus": "+1+cmd|' /C calc'!A0",
    "formula-minus": "-1+cmd|' /C calc'!A0",
    "formula-at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula-after-tab": "\t=1+1",
    "formula-after-return": "\r=1+1",
    "formula-after-line-break": "a\n=1+1",
    "formula-after-blank": " =1+1",
    "formula-after-escape": "\x1b=1+1",
    "formula-after-mark": "\u200b=1+1",
    "formula-after-semicolon": "a;=1+1",
    "formula-after-quote": 'a";"=1+1',
    "formula-of-full-width": "\uff1d1+1",
    "formula-of-hyperlink": '=HYPERLINK("http://127.0.0.1/?"&A1,"click")',
    "script": f"<script>{CANARY}</script>",
    "script-closing": f"</script><script>{CANARY}</script>",
    "comment-opening": "<!--<script>",
    "image-handler": f'<img src=x onerror="{CANARY}">',
    "svg": f"<svg/onload={CANARY}>",
    "attribute": f'" onmouseover="{CANARY}" x="',
    "template": "{{data}}{{script}}${1+1}",
    "json": '"}]};//',
    "line-separators": "a\u2028b\u2029c",
    "escape": "\x1b[31m\x1b]0;pwned\x07\x1b[2J",
    "c1": "\x9b31m\x90\x9d",
    "nul": "a\0b",
    "bell": "\x07\x08\x7f",
    "right-to-left": "photo\u202egnp.exe\u2066\u2069\u200f",
    "invisible": "a\u200b\u2060\ufeff\u00adb",
    "zalgo": "a" + "\u0301" * 5000,
    "private": "\ue000\U000f0000\ufffe\uffff",
    "emoji": "👩‍👩‍👧‍👦" * 10,
    "quotes": "\"',;\t|",
    "rich-markup": "[bold red]x[/bold red] [link=file:///etc/passwd]y[/link]",
    "percent": "%s %n %x {0} $(id) `id` && id",
    "megabyte": "x" * 1_000_000,
    "megabyte-of-words": "word " * 200_000,
}


@pytest.fixture(scope="module")
def walked(attack_together: Any, serve: Any, bombs: Any) -> Any:
    """A page for every entry, with it as title, alt text, caption, class name, text and part of an address."""
    for number, (name, words) in enumerate(WORDS.items()):
        said = html.escape(words, quote=True).replace("\0", "&#0;")
        short = said[:20_000]  # a tag of more words is refused with its page
        address = words[:500].replace('"', "%22").replace("<", "%3c").replace(">", "%3e").replace("\0", "%00")
        page = f'<meta charset=utf-8><title>{said}</title><p>{said}</p><a href="/nowhere-{name}?{address}">x</a>'
        page += f'<img src="/{name}.png?{address}" alt="{short}" title="{short}"><img src="/lost-{name}.png?{address}" alt="{short}">'
        attack_together.on(f"/{name}", serve.says(page.encode("utf-8", "surrogatepass")))
        attack_together.on(f"/{name}.png", serve.says(bombs.drawing((60 + number, 60)), "image/png"))
    outcome = attack_together.run(*(f"/{name}" for name in WORDS))
    assert all(command.code == 0 for command in outcome.commands), [command.err for command in outcome.commands]
    assert len(outcome.table("items")) == len(WORDS) + 1
    return outcome


def reports(outcome: Any) -> list[str]:
    return sorted(path.stem for path in (outcome.dataset / "reports").glob("*.csv"))


def cells(outcome: Any, delimiter: str) -> list[tuple[str, str]]:
    """Every cell of every report, as a spreadsheet that parts columns at `delimiter` reads it, with the report's name."""
    found = []
    for name in reports(outcome):
        text = (outcome.dataset / "reports" / f"{name}.csv").read_text(encoding="utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            found += [(name, cell) for cell in row]
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_no_cell_is_a_formula(walked: Any, delimiter: str) -> None:
    dangerous = re.compile(r"\s*[=+@\uff1d\uff0b\uff20]|\s*-(?![\d.]+(e[+-]\d+)?$)")
    assert [cell for cell in cells(walked, delimiter) if dangerous.match(cell[1])] == []


def test_no_cell_holds_what_is_not_seen(walked: Any) -> None:
    assert [cell for cell in cells(walked, ",") if not cell[1].isprintable()] == []


def test_no_cell_is_longer_than_a_spreadsheet_takes(walked: Any) -> None:
    """32,767 characters; a longer one is cut or shifts the columns."""
    assert max(len(cell) for _, cell in cells(walked, ",")) < 32_767


def test_every_report_has_a_row_for_every_item(walked: Any) -> None:
    """No line break or quote in a title makes two rows of one."""
    ids = sorted(row["id"] for row in walked.table("items"))
    for name in ("classify", "filter", "dedup", "summary"):
        assert sorted(row["id"] for row in walked.report(name)) == ids


@pytest.mark.parametrize("name", WORDS)
def test_words_stay_with_their_picture(walked: Any, name: str) -> None:
    """Nothing is lost but what cannot be shown: each picture's row still begins with its words."""
    (row,) = [row for row in walked.report("summary") if f"/{name}.png" in row["image_url"]]
    shown = "".join(re.findall(r"[A-Za-z0-9]", WORDS[name]))[:20]
    assert shown in "".join(re.findall(r"[A-Za-z0-9]", row["title"]))


def test_the_catalog_stays_small(walked: Any) -> None:
    """A megabyte in a title is not a megabyte in every row."""
    assert (walked.dataset / "catalog.sqlite").stat().st_size < 5_000_000
    for row in walked.table("sightings"):
        assert sum(len(str(value)) for value in row.values()) < 50_000


def test_the_terminal_is_left_alone(attack: Any, serve: Any, bombs: Any) -> None:
    """Not in --json mode (every other test checks that): tables, notes and the summary of a scrape, with hostile words all over."""
    bad = "\x1b[31m\x1b]0;pwned\x07\x9b2J\u202e"
    attack.on(f"/{bad}", serve.says(b"", f"text/{bad}"))
    attack.on("/types", serve.says(b"x", f"application/{bad}".encode().decode("latin-1")))
    attack.on("/status", serve.says(b"x", status=f"500 {bad}".encode().decode("latin-1")))
    attack.on("/later", serve.says(b"x", status="503 x", headers=[("Retry-After", bad.encode().decode("latin-1"))]))
    attack.on("/away", serve.redirects(f"http://{bad}/".encode().decode("latin-1")))
    attack.run("/types", "/status", "/later", "/away", f"http://{bad}/", f"/{bad}", pictures=[f"/{bad}.png"], as_json=False)


def test_a_start_page_of_escapes(attack: Any, serve: Any) -> None:
    """The one failure whose own words end the command: it is printed."""
    attack.on("/start", serve.says(b"x", "application/\x1b[31mred\x9b2J"))
    outcome = attack.run(commands=["scrape"], honest=False)
    assert outcome.commands[0].code == 1
    assert "not_a_page" in outcome.commands[0].err


def gallery(outcome: Any) -> str:
    return str((outcome.dataset / "reports" / "index.html").read_text(encoding="utf-8"))


def test_the_gallery_is_one_script_and_one_piece_of_data(walked: Any) -> None:
    page = gallery(walked)
    assert len(re.findall(r"<script\b", page, re.I)) == 2
    assert len(re.findall(r"</script", page, re.I)) == 2
    assert "<!--" not in page
    data = page.partition('id="data">')[2].partition("</script>")[0]
    assert len(json.loads(data)["items"]) == len(WORDS) + 1


def test_no_script_runs_in_the_gallery(walked: Any, tmp_path: Any) -> None:
    """In a real browser, with every queue opened."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium on this machine")
    shutil.copytree(walked.dataset, tmp_path / "dataset")
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-sandbox",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=2000",
    ]
    page = (tmp_path / "dataset" / "reports" / "index.html").as_uri()
    done = subprocess.run(
        [*command, "--dump-dom", page], capture_output=True, timeout=60, check=False, env={**os.environ, "HOME": str(tmp_path)}
    )
    dom = done.stdout.decode("utf-8", "replace")
    assert "<title>dataset: review</title>" in dom, done.stderr[-500:]
    assert 'class="card' in dom
    assert "pwned</title>" not in dom
