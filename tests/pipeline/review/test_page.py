"""The review page in a browser: fifty thousand items, keys, thresholds, and nothing lost."""

from __future__ import annotations

import contextlib
import http.server
import re
import signal
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import stages, verdicts
from pipeline.dataset import Dataset
from pipeline.manifest import Manifest
from pipeline.review import snapshot, whatif

COUNT = 50_000
READY = "document.documentElement.dataset.ready === 'yes'"
STYLE = Path(snapshot.__file__).parent / "page" / "style.css"


@pytest.fixture(scope="module")
def many(browser: Any, make_dataset: Callable[..., Path]) -> Path:
    return make_dataset(COUNT, signatures=False)


@pytest.fixture(scope="module")
def few(browser: Any, make_dataset: Callable[..., Path]) -> Path:
    return make_dataset(60)


@pytest.fixture(scope="module")
def served_many(many: Path, serve: Callable[..., Any]) -> Any:
    return serve(many)


@pytest.fixture(scope="module")
def served(few: Path, serve: Callable[..., Any]) -> Any:
    return serve(few)


@pytest.fixture
def crowded(browser: Any, served_many: Any) -> Iterator[Any]:
    """The page of fifty thousand items, just opened; it ends without an error in the browser's console."""
    with opened(browser, served_many.url):
        yield browser


@pytest.fixture
def page(browser: Any, served: Any) -> Iterator[Any]:
    """The page of sixty."""
    with opened(browser, served.url):
        yield browser


@contextlib.contextmanager
def opened(browser: Any, url: str) -> Iterator[None]:
    browser.wait("!document.getElementById('saved') || document.getElementById('saved').textContent === 'all on disk'")
    browser.errors.clear()
    browser.open(url)
    browser.wait(f"location.pathname === '/' && {READY}")
    yield
    assert browser.errors == []


def rows(root: Path) -> list[str]:
    path = root / "review.csv"
    return path.read_text().splitlines()[1:] if path.exists() else []


def press_and_see(page: Any, root: Path, key: str, seconds: float = 5) -> float:
    """Press a key; how long until one more row is on the disk."""
    before, began = len(rows(root)), time.monotonic()
    page.press(key)
    while len(rows(root)) == before:
        assert time.monotonic() - began < seconds, page.run("document.getElementById('trouble').textContent")
        time.sleep(0.002)
    return time.monotonic() - began


def queue(page: Any, name: str) -> None:
    page.run(f"document.querySelector('[data-queue={name}]').click()")
    page.wait(f"document.querySelector('[data-queue={name}]').getAttribute('aria-pressed') === 'true'")


def status(page: Any) -> str:
    return str(page.run("document.getElementById('status').textContent"))


FLY = """new Promise((done) => {
  const grid = document.getElementById("grid"), times = [], cells = [];
  let last = performance.now(), left = 60;
  const step = (now) => {
    times.push(now - last); last = now; cells.push(grid.querySelectorAll(".cell").length);
    grid.scrollTop += (grid.scrollHeight - grid.clientHeight) / 60;
    if (left-- > 0) requestAnimationFrame(step); else done({ times: times.slice(1), cells: Math.max(...cells), top: grid.scrollTop });
  };
  requestAnimationFrame(step);
})"""
PICTURES = """(() => {
  const all = [...document.querySelectorAll("#grid img")];
  return all.length > 20 && all.every((one) => one.complete && one.naturalWidth);
})()"""


def test_fifty_thousand_items_scroll(crowded: Any, record_property: Callable[[str, object], None]) -> None:
    queue(crowded, "all")
    assert crowded.run("document.getElementById('grid').getAttribute('aria-rowcount')") == str(-(-COUNT // 7))
    flown = crowded.run(FLY)
    assert flown["cells"] < 100
    assert flown["top"] > 1_000_000
    median, worst = statistics.median(flown["times"]), max(flown["times"])
    began = time.monotonic()
    crowded.wait(PICTURES)
    shown = time.monotonic() - began
    record_property("frames", f"median {median:.0f} ms, worst {worst:.0f} ms; pictures after {shown * 1000:.0f} ms")
    print(f"{COUNT} items end to end in 60 frames: median {median:.0f} ms, worst {worst:.0f} ms; pictures {shown * 1000:.0f} ms after it")
    assert median < 100  # 17 on a machine with nothing else to do
    crowded.press("End")
    crowded.run("document.querySelector('#grid .cell[tabindex=\"0\"]').focus()")
    crowded.call("Input.dispatchKeyEvent", type="keyDown", key="End", windowsVirtualKeyCode=35, modifiers=2)
    assert f"{COUNT} of {COUNT}" in status(crowded).replace(",", "")


def test_two_hundred_verdicts_by_keyboard_undo_and_reload(crowded: Any, many: Path) -> None:
    before = verdicts.read(many / "review.csv").keep
    assert before == {}
    queue(crowded, "unsure")
    took = [press_and_see(crowded, many, "kd"[number % 2]) for number in range(200)]
    print(f"200 verdicts: on disk after {statistics.median(took) * 1000:.0f} ms, at most {max(took) * 1000:.0f} ms")
    assert max(took) < 1
    said = verdicts.read(many / "review.csv").keep
    assert len(said) == 200
    assert sorted(said.values()) == ["drop"] * 100 + ["keep"] * 100

    for _ in range(5):
        press_and_see(crowded, many, "u")
    assert "undone" in status(crowded)
    assert [row.split(",")[1:3] for row in rows(many)[-5:]] == [["keep", "clear"]] * 5
    crowded.wait("document.getElementById('saved').textContent === 'all on disk'")
    crowded.call("Page.reload")
    time.sleep(0.2)
    crowded.wait(READY)
    press_and_see(crowded, many, "u")  # undo goes on after a reload
    left = verdicts.read(many / "review.csv").keep
    assert left == dict(list(said.items())[:194])
    crowded.wait("document.querySelector('[data-queue=said]').textContent.startsWith('Verdicts')")
    queue(crowded, "said")
    assert crowded.run("document.querySelectorAll('#grid .cell.said').length") > 7


def test_same_facing_and_clear(page: Any, few: Path) -> None:
    queue(page, "clusters")
    first = page.run("document.activeElement.dataset.id")
    assert "keeper" in page.run("document.activeElement.getAttribute('aria-label')")
    page.press("s")
    assert "keeper of several" in status(page)
    page.press("n")
    member = page.run("document.activeElement.dataset.id")
    assert "exact" in page.run("document.activeElement.getAttribute('aria-label')")
    press_and_see(page, few, "x")
    assert verdicts.read(few / "review.csv").same == {(first, member): "no"}
    page.press("p")
    press_and_see(page, few, "s")
    assert verdicts.read(few / "review.csv").same == {(first, member): "yes"}
    press_and_see(page, few, "u")
    assert verdicts.read(few / "review.csv").same == {(first, member): "no"}
    queue(page, "facing")
    id = page.run("document.activeElement.dataset.id")
    press_and_see(page, few, "l")
    assert verdicts.read(few / "review.csv").facing == {id: "left"}
    page.press("p")
    press_and_see(page, few, "f")
    assert verdicts.read(few / "review.csv").facing == {}


def test_facing_is_suggested_and_the_doubtful_come_first(page: Any, few: Path) -> None:
    cell = "document.activeElement.getAttribute('aria-label')"
    try:
        queue(page, "facing")
        page.wait("document.getElementById('status').textContent.includes('more verdict')")
        for number in range(12):
            press_and_see(page, few, "lr"[number % 2])
        assert page.run("document.getElementById('progress').textContent").startswith("12 of ")
        queue(page, "facing")
        page.wait("document.getElementById('status').textContent.startsWith('Most doubtful first')")
        sure = page.run("[...document.querySelectorAll('#grid .cell')].map((one) => Number(one.textContent.match(/(\\d+)% sure/)[1]))")
        assert len(sure) > 10
        assert sure == sorted(sure)
        id, side = page.run("document.activeElement.dataset.id"), page.run(f"{cell}.match(/suggested (left|right)/)[1]")
        press_and_see(page, few, "a")
        assert verdicts.read(few / "review.csv").facing[id] == side
        press_and_see(page, few, "u")
        assert id not in verdicts.read(few / "review.csv").facing
    finally:
        (few / "review.csv").unlink(missing_ok=True)


def test_larger_pictures_stay_and_are_drawn_anew(page: Any) -> None:
    queue(page, "all")
    page.press("ArrowRight", "+")
    assert page.run("document.activeElement.dataset.position") == "1"
    page.wait("document.querySelector('#grid img').src.endsWith('?side=320') && document.querySelector('#grid img').naturalWidth")
    assert page.run("document.activeElement.getBoundingClientRect().width") == pytest.approx(248, abs=1)
    assert page.run("Number(document.getElementById('grid').getAttribute('aria-colcount'))") == 4
    page.call("Page.reload")
    time.sleep(0.2)
    page.wait(READY)
    assert page.run("document.getElementById('grid').dataset.size") == "medium"
    page.press("-")
    assert page.run("document.getElementById('grid').dataset.size") == "small"


def test_an_empty_queue_says_so_and_search_gives_the_way_back(page: Any) -> None:
    queue(page, "all")
    page.press("/")
    page.press(*"zz")
    assert page.run("document.getElementById('empty').textContent") == "Nothing in this queue has “zz” in its title or id."
    page.press("Escape")
    assert page.run("document.activeElement.dataset.position") == "0"
    assert page.run("document.getElementById('empty').textContent") == ""
    assert page.run("document.getElementById('progress').textContent").endswith("of 60 said")


def test_opened_pictures_and_help_by_keyboard(page: Any) -> None:
    queue(page, "all")
    loaded = "[...performance.getEntriesByType('resource')].filter((one) => one.name.includes('/image/')).length"
    assert page.run(loaded) == 0
    page.press("Enter")
    page.wait("document.querySelector('#detail[open] img')?.naturalWidth")
    assert page.run(loaded) == 1
    page.wait("document.getElementById('detail').textContent.includes('art.example/0.png')")
    page.press("ArrowRight", "ArrowRight")
    page.wait("document.getElementById('detail').textContent.includes('art.example/2.png')")
    page.press("Escape")
    page.wait("document.activeElement.dataset.position === '2'")
    page.press("?")
    page.wait("document.getElementById('help').open")
    page.press("Escape")
    page.wait("document.activeElement.dataset.position === '2'")


def test_scraped_text_stays_text(page: Any) -> None:
    queue(page, "all")
    page.press("ArrowRight", "ArrowRight", "ArrowRight")
    assert "</script><script>" in page.run("document.activeElement.textContent")
    page.press("Enter")
    page.wait("document.getElementById('detail').textContent.includes('javascript:')")
    assert page.run("document.querySelectorAll('#detail a[href^=javascript]').length") == 0
    assert page.run("document.title") == "many: review"
    assert page.run("document.querySelectorAll('#grid b img, #grid script').length") == 0
    blocked = page.run("(() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } })()")
    assert blocked, "the policy lets text become markup"
    assert [error for error in page.errors if "TrustedHTML" in error] == page.errors
    page.errors.clear()
    page.press("Escape")


EFFECT = "document.getElementById('effect').textContent"
PREVIEW = "document.documentElement.dataset.preview"


def to_the_left(page: Any, steps: int) -> None:
    """Move the slider of the photo filter by the keyboard."""
    page.press("t")
    page.wait(f"{PREVIEW} === 'exact'", 60)
    page.run(f"document.getElementById('slider-filter.photo.likeness').focus(); {PREVIEW} = ''")
    page.press(*["ArrowLeft"] * steps)


def test_thresholds_answer_while_the_hand_moves(crowded: Any) -> None:
    to_the_left(crowded, 1)
    began = time.monotonic()
    crowded.wait(f"{PREVIEW} !== ''", 60)
    print(f"a threshold moved among {COUNT}: answered after {(time.monotonic() - began) * 1000:.0f} ms")
    dropped = int(crowded.run(EFFECT).split("kept, ")[1].split(" ")[0].replace(",", ""))
    assert COUNT // 60 < dropped < COUNT // 20  # a hundredth of the range of 0.34


def test_thresholds_show_what_would_change_and_write_the_manifest(page: Any, few: Path) -> None:
    to_the_left(page, 5)
    page.wait(f"{PREVIEW} === 'exact'", 60)
    value = page.run("Number(document.getElementById('slider-filter.photo.likeness').value)")
    assert value == pytest.approx(0.25)
    found = snapshot.take(few)
    asked = whatif.Whatif(found, lambda: snapshot.all_measurements(few))
    said = verdicts.read(few / "review.csv").spread(found.twins)
    other = Manifest.parse(found.manifest.text.replace("likeness = 0.3", "likeness = 0.25"))
    truth = whatif.changes(asked.before(said), asked.after(other, said, exact=True))
    kept, dropped = len(truth["kept"]), len(truth["dropped"])
    assert dropped > 3
    assert page.run(EFFECT).startswith(f"{kept} picture")
    assert f"{dropped} dropped" in page.run(EFFECT)
    page.run("document.getElementById('show-changes').click()")
    assert f"1 of {kept + dropped}" in status(page)
    assert "would be" in page.run("document.querySelector('#grid .cell').getAttribute('aria-label')")
    assert "likeness = 0.3" in (few / "manifest.toml").read_text()
    page.run("document.getElementById('write').click()")
    page.wait(f"{EFFECT}.startsWith('Written to manifest.toml: filter.photo.likeness=0.25')")
    assert "likeness = 0.25" in (few / "manifest.toml").read_text()


def test_everything_that_takes_the_focus_has_a_name(page: Any) -> None:
    page.run("document.getElementById('show-sliders').click()")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles: dict[str, int] = {}
    for node in nodes:
        role = node.get("role", {}).get("value", "")
        if role in ("button", "gridcell", "slider", "spinbutton", "searchbox", "grid", "navigation", "complementary"):
            roles[role] = roles.get(role, 0) + 1
            assert node.get("name", {}).get("value"), node
    assert {"button", "gridcell", "slider", "spinbutton", "searchbox", "grid"} <= set(roles)
    assert roles["gridcell"] > 20
    assert page.run("document.querySelectorAll('#grid [tabindex=\"0\"]').length") == 1
    live = page.run("[...document.querySelectorAll('[role=status], [role=alert]')].map((one) => one.id).sort()")
    assert {"status", "trouble", "effect"} <= set(live)
    assert all(page.run("[...document.querySelectorAll('#grid img')].map((one) => one.alt)"))


def test_two_tabs_agree(page: Any, served: Any, few: Path) -> None:
    queue(page, "all")
    first = page.session
    page.tab()
    page.open(served.url)
    page.wait(READY)
    queue(page, "all")
    press_and_see(page, few, "r")
    page.session = first
    page.wait("document.querySelector('[data-position=\"0\"]').getAttribute('aria-label').includes('faces right')")
    press_and_see(page, few, "l")
    assert verdicts.read(few / "review.csv").facing[snapshot.take(few).ids[0]] == "left"


def test_a_command_beside_the_page_is_noticed(page: Any, few: Path) -> None:
    queue(page, "all")
    page.press("ArrowRight", "ArrowRight")
    assert "keep" in page.run("document.activeElement.getAttribute('aria-label')")
    dataset = Dataset(few)
    with dataset.writing("pipeline filter"):
        frame = dataset.catalog.decisions("filter").astype({"rule": object, "reason": object})
        frame.loc[2, ["decision", "rule", "reason"]] = ["drop", "size", "too small"]
        made_from = stages.parts(dataset, "filter")
        dataset.catalog.put_decisions("filter", frame)
        stages.finish(dataset, "filter", made_from, {})
    page.wait("document.querySelector('[data-position=\"2\"]').getAttribute('aria-label').includes('drop, filter: size')")
    assert page.run("document.getElementById('trouble').hidden")


EVIL = """<!doctype html><title>evil</title><iframe src="TARGET/"></iframe><script>
const got = {}, load = (tag, path, good) => new Promise((done) => {
  const one = document.createElement(tag);
  one.onload = () => { got[tag] = good(one); done(); };
  one.onerror = () => { got[tag] = ""; done(); };
  one.src = "TARGET" + path;
  document.head.append(one);
});
const post = { method: "POST", mode: "no-cors", credentials: "include" };
Promise.all([
  fetch("TARGET/api/items", { credentials: "include" }).then((answer) => answer.text())
    .then((text) => { got.read = text; }, () => { got.read = ""; }),
  fetch("TARGET/api/verdicts", { ...post, body: '{"verdicts": [{"id": "ITEM", "aspect": "keep", "value": "drop"}]}' }).catch(() => 0),
  load("img", "/thumb/ITEM", (one) => one.naturalWidth),
  load("script", "/page/dom.js", () => "ran"),
]).then(() => { window.got = got; });
</script>"""


class Foreign(http.server.BaseHTTPRequestHandler):
    """A page of another site that tries all it can."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"], ids=["another site", "another port"])
def test_a_page_of_another_origin_gets_nothing(browser: Any, served: Any, few: Path, name: str) -> None:
    before = rows(few)
    item = snapshot.take(few).ids[0]
    Foreign.body = EVIL.replace("TARGET", f"http://127.0.0.1:{served.port}").replace("ITEM", item).encode()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.tab()
        browser.open(f"http://{name}:{server.server_address[1]}/")
        got = browser.wait("window.got")
        server.shutdown()
    assert got == {"read": "", "img": "", "script": ""}
    assert rows(few) == before


def test_kill_and_restart_lose_nothing(browser: Any, many: Path, serve: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = verdicts.read(many / "review.csv").keep
    first = serve(many, port)
    browser.tab()
    browser.open(first.url)
    browser.wait(READY)
    queue(browser, "all")
    browser.press(*["d"] * 15)
    first.stop(signal.SIGKILL)
    browser.press(*["d"] * 15)  # said while nobody listens
    browser.wait("document.getElementById('trouble').textContent.includes('not saved')")
    assert "saving" in browser.run("document.getElementById('saved').textContent")
    second = serve(many, port)
    browser.open(second.url)
    browser.wait(READY)
    browser.wait("document.getElementById('saved').textContent === 'all on disk'")
    ids = snapshot.take(many).ids[:30]
    said = verdicts.read(many / "review.csv").keep
    assert [said.get(id) for id in ids] == ["drop"] * 30
    assert {id: word for id, word in said.items() if id not in ids} == {id: word for id, word in known.items() if id not in ids}
    queue(browser, "said")
    assert browser.run("document.querySelectorAll('#grid .cell.said').length") >= 30
    assert int(browser.run("document.querySelector('[data-queue=said]').textContent").split()[-1]) >= len(said)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_in_light_and_dark(scheme: int) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5."""
    blocks = re.findall(r":root \{([^}]*)\}", STYLE.read_text())
    colours = {
        name: "#" + "".join(letter * 2 for letter in code) if len(code) == 3 else f"#{code}"
        for name, code in re.findall(r"--([\w-]+): #(\w+)", blocks[scheme])
    }
    for ink, ground in [(ink, ground) for ink in ("ink", "soft", "keep", "drop") for ground in ("ground", "card", "mark")] + [
        ("on-accent", "accent"),
        ("ground", "drop"),
    ]:
        one, two = sorted((luminance(colours[ink]), luminance(colours[ground])))
        assert (two + 0.05) / (one + 0.05) >= 4.5, (ink, ground)
