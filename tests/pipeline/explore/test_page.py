"""The page in a real browser, by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

from pipeline.train.latent import Pick
from pipeline.train.use import favourites

SHOWN = "document.documentElement.dataset.shown"
UNNAMED = """[...document.querySelectorAll('button, input, select, a')].filter(
  (e) => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.getAttribute('aria-label')).length"""


def test_by_keyboard(browser: Any, address: str, run: Path) -> None:
    browser.open(address)
    browser.wait("document.querySelectorAll('.slider').length === 2 && document.getElementById('picture').naturalWidth === 32")
    assert "token" not in browser.run("location.href")
    assert "old" in browser.run("document.getElementById('sliders').textContent")
    browser.wait(f"{SHOWN} === '/picture?seed=0&number=0&truncation=1'")
    browser.press("n", "n", "p")
    browser.wait(f"{SHOWN}.includes('number=1&')")
    browser.run("document.getElementById('slider-sefa-1').focus()")
    browser.press(*["ArrowRight"] * 5)
    browser.wait(f"{SHOWN} === '/picture?seed=0&number=1&truncation=1&sefa-1=0.5'")
    command = "document.getElementById('command').textContent"
    assert browser.run(command) == "pipeline generate robots --numbers 0:1 --move sefa-1=0.5"
    browser.press("o")  # the original beside the moved one
    browser.wait(f"{SHOWN} === '/picture?seed=0&number=1&truncation=1'")
    browser.press("o", "k")
    browser.wait("document.getElementById('about').textContent.startsWith('Kept 0:1')")
    assert favourites.read(run) == [favourites.Favourite(Pick(0, 1))]
    assert browser.run("document.getElementById('favourites').options.length") == 2
    browser.press("r")
    browser.wait(f"{SHOWN} === '/picture?seed=0&number=1&truncation=1'")
    assert browser.run("document.getElementById('slider-sefa-1').value") == "0"
    assert browser.run(UNNAMED) == 0
    assert browser.errors == []
