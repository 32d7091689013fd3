"""What the review desk does with keys in a real browser: none goes to the wrong item, and the next is there.

    python -m benchmarks.bench_review_desk            1,000 double presses, 20 other users
    python -m benchmarks.bench_review_desk --small    a tenth of it

Two questions, asked of the same served app in one run:

* Is a verdict ever stored for an item that was not on the screen, or one lost that was acknowledged?
  Double presses at random short distances and held keys are sent through the browser's own keyboard; what
  was on the screen is read off the drawn page frame by frame, not asked of the desk.
* How long is it from a key press until the next item is painted, held against a plain Streamlit fragment
  page that draws the same items (plain_fragment_page.py)? Alone, with other users at work, and with a
  record of 120 steps.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from playwright.sync_api import TimeoutError as BrowserTimeoutError
from playwright.sync_api import sync_playwright

from benchmarks.served_app import served
from tests.chromium import ARGUMENTS, find_chromium
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.flow import check_all
from xlam_backend.review.item_view import view_items
from xlam_backend.review.queues import create_queue
from xlam_backend.settings import person_name
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.verdicts import read_all_verdicts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEAD = Person("lead", "admin")
LONG_STEPS = 120
ASKED_SHARE = 1 / 3
FLAG_OF_KEY = {"a": "agree", "d": "disagree", "u": "unsure"}
MOST_TRIES = 5
ROUNDS = 4
WINDOW = {"width": 1280, "height": 900}
# Other users sit at other machines: what it takes to paint their screens is kept small on this one.
SMALL_WINDOW = {"width": 320, "height": 200}

# Notes every key press with what stood on the screen at that moment, and every entry the desk ever kept.
WATCH = """() => {
    window.presses = []; window.entries = {}; let drawn = "";
    const read = () => document.querySelector(".xd-trace .xs-task .xs-text")?.textContent ?? "";
    const look = () => { drawn = read(); requestAnimationFrame(look); };
    requestAnimationFrame(look);
    // `drawn` was in the page when the last frame was made: that is what a person sees when they press.
    window.addEventListener("keydown", (event) => {
        window.presses.push({ key: event.key, shown: drawn, held: event.repeat });
    }, true);
    const keep = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
        const entries = key.startsWith("xlam-desk:") ? JSON.parse(value) : [];
        for (const entry of entries) window.entries[entry.entry_id] = entry;
        return keep.call(this, key, value);
    };
}"""

# The time from a key press until the page shows another item's name, painted.
TIME_PRESSES = """(selector) => {
    window.times = []; let latest = 0;
    const read = () => document.querySelector(selector)?.textContent ?? "";
    window.addEventListener("keydown", (event) => {
        const begun = performance.now(), before = read(), own = latest += 1;
        const look = () => {
            if (own !== latest) return; // pressed again: this press was dropped
            if (read() === before) { requestAnimationFrame(look); return; }
            const channel = new MessageChannel(); // its message comes after this frame is painted
            channel.port1.onmessage = () => window.times.push(performance.now() - begun);
            channel.port2.postMessage(0);
        };
        requestAnimationFrame(look);
    }, true);
}"""

# Another user at work: a press every five to eight seconds, at a distance of their own.
WORK = """(pause) => {
    setInterval(() => document.dispatchEvent(
        new KeyboardEvent("keydown", { key: "a", code: "KeyA", bubbles: true })), pause);
}"""


class Figure(msgspec.Struct, frozen=True):
    """A figure asked for, what was reached, and whether that is enough."""

    name: str
    asked: str
    reached: str
    is_met: bool


class Browsers(NamedTuple):
    """The browser of the person who is timed, and that of all others: windows of one browser share the
    process that paints them, and twenty that only stand open there add a quarter to each other's time.
    """

    timed: Any
    of_others: Any


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured."""

    double_presses: int = 1_000
    held_keys: int = 60
    timed_presses: int = 80
    other_users: int = 20


SMALL = Sizes(100, 10, 15, 4)


def make_store(folder: Path, sizes: Sizes) -> dict[str, int]:
    """Fill a store with records of which each call has one wrong type; returns the queues by name."""
    tool = Tool(
        "get_forecast",
        "Tells the weather of a city.",
        {"city": {"type": "string"}, "days": {"type": "integer"}},
    )
    store = Store.open(folder)
    short = sizes.double_presses + sizes.held_keys + 40
    timed = 2 * sizes.timed_presses + 80 * sizes.other_users + 60  # each page is looked at twice
    datasets = {
        "pressed": [_record(tool, "pressed", number, 1) for number in range(short)],
        "timed": [_record(tool, "timed", number, 3) for number in range(timed)],
        "long": [_record(tool, "long", number, LONG_STEPS) for number in range(timed)],
    }
    queues = {}
    for name, records in datasets.items():
        builder = ChunkBuilder()
        for line, record in enumerate(records, 1):
            builder.add(record, f"{name}-{line}", "bench.jsonl", line, "")
        builder.record_count = len(builder)
        with Ingest(store, NewDataset(name, importer="bench"), now=NOW) as ingest:
            ingest.add(builder.build())
        check_all(store, person=LEAD, now=NOW)
        plan = QueuePlan(name, "finding", Filters(dataset=name), ("argument_type",))
        queues[name] = create_queue(store, plan, person=LEAD, now=NOW)
    store.close()
    return queues


def _record(tool: Tool, word: str, number: int, step_count: int) -> Trajectory:
    """Make a record with its own request; its last call gives a number as text."""
    steps = [
        Step(
            f"Look at place {place} of {number}.",
            (ToolCall(tool.name, {"city": "Oslo", "days": 3}),),
            (Observation({"place": place, "sky": "grey", "wind": [place, number]}),),
        )
        for place in range(step_count - 1)
    ]
    last = Step("Now the forecast.", (ToolCall(tool.name, {"city": "Oslo", "days": "3"}),))
    return Trajectory(f"{word} {number}: the forecast for Oslo, 3 days", (tool,), (*steps, last))


def press_fast(page: Any, address: str, queue_no: int, sizes: Sizes) -> dict[str, Any]:
    """Press keys faster than anybody can read; returns what was pressed and what the desk kept."""
    chance = random.Random(1)
    page.add_init_script(f"({WATCH})()")
    page.goto(f"{address}/desk?queue={queue_no}")
    page.wait_for_selector(".xd-desk[data-painted]", timeout=60_000)
    for _ in range(sizes.double_presses):
        key = chance.choice("adu")
        page.keyboard.press(key)
        page.wait_for_timeout(chance.choice((0, 0, 5, 20, 60, 120, 200)))
        page.keyboard.press(chance.choice("adu"))
        page.wait_for_timeout(chance.choice((0, 40, 150, 260, 320)))
    for _ in range(sizes.held_keys):
        key = chance.choice("adu")
        for _ in range(20):  # a key that is held down repeats
            page.keyboard.down(key)
        page.keyboard.up(key)
        page.wait_for_timeout(chance.choice((40, 260)))
    page.wait_for_function(
        "() => document.querySelector('.xd-saved').textContent.includes('all saved')", timeout=60_000
    )
    kept: dict[str, Any] = page.evaluate("() => ({ presses: window.presses, entries: window.entries })")
    return kept


def judge_presses(folder: Path, kept: dict[str, Any]) -> list[Figure]:
    """Hold what is stored against what was on the screen when keys were pressed."""
    store = Store.open(folder)
    stored = [row for row in read_all_verdicts(store) if row.person == person_name()]
    with store.cursor() as cursor:
        requests = dict(
            cursor.execute(
                "SELECT item_no, query FROM review_item JOIN trajectory USING (version_no)"
            ).fetchall()
        )
    store.close()
    allowed = {(press["shown"], FLAG_OF_KEY[press["key"]]) for press in kept["presses"] if not press["held"]}
    wrong = [row for row in stored if (requests[row.item_no], row.flag) not in allowed]
    doubled = len(stored) - len({row.item_no for row in stored})
    by_entry = {row.entry_id: row for row in stored}
    acknowledged = kept["entries"].values()
    lost = [
        entry
        for entry in acknowledged
        if entry["entry_id"] not in by_entry
        or (by_entry[entry["entry_id"]].item_no, by_entry[entry["entry_id"]].flag)
        != (entry["item_no"], entry["flag"])
    ]
    pressed = len(kept["presses"])
    return [
        Figure(
            "verdicts on an item that was not on the screen",
            "0",
            f"{len(wrong)} of {len(stored):,}",
            not wrong,
        ),
        Figure("items that were answered twice", "0", f"{doubled} of {len(stored):,}", doubled == 0),
        Figure("acknowledged verdicts that are lost", "0", f"{len(lost)} of {len(acknowledged):,}", not lost),
        Figure(
            "verdicts stored, of keys pressed", "some", f"{len(stored):,} of {pressed:,}", len(stored) > 0
        ),
    ]


def time_presses(page: Any, url: str, selector: str, count: int) -> list[float]:
    """Press a key on item after item, each when it has been seen; returns the times in milliseconds."""
    page.goto(url)
    page.wait_for_selector(selector, timeout=60_000)
    page.wait_for_timeout(1_500)
    page.evaluate(TIME_PRESSES, selector)
    for number in range(count + 3):
        _press_until_shown(page, number + 1)
        page.wait_for_timeout(420)
    times: list[float] = page.evaluate("() => window.times")
    return times[3:]  # the first presses warm both pages up


def _press_until_shown(page: Any, count: int) -> None:
    """Press until the next item is there: on a busy machine a press may come before the item was seen."""
    for _ in range(MOST_TRIES):
        page.keyboard.press("a")
        with suppress(BrowserTimeoutError):
            page.wait_for_function("(count) => window.times.length >= count", arg=count, timeout=8_000)
            return
    raise RuntimeError("No press brought another item.")


def compare(
    name: str,
    browsers: Browsers,
    urls: tuple[str, str],
    selectors: tuple[str, str],
    sizes: Sizes,
    others: int = 0,
) -> Figure:
    """Time the desk and the plain page, each with so many other users on the same page."""
    rounds = 1 if others else ROUNDS  # in turns: what else this machine does at a time slows both down
    times: dict[str, list[float]] = {url: [] for url in urls}
    for _ in range(rounds):
        for url, selector in zip(urls, selectors, strict=True):
            times[url] += _time_among(browsers, url, selector, sizes.timed_presses // rounds, others)
    medians = [statistics.median(times[url]) for url in urls]
    tails = [sorted(times[url])[int(0.95 * (len(times[url]) - 1))] for url in urls]
    share = medians[0] / medians[1]
    told = f"p50 {medians[0]:.0f} against {medians[1]:.0f} ms, p95 {tails[0]:.0f} against {tails[1]:.0f}"
    reached = f"{share:.2f} ({told})"
    return Figure(f"key press to next item painted, {name}", "at most 0.33", reached, share <= ASKED_SHARE)


def _time_among(browsers: Browsers, url: str, selector: str, count: int, others: int) -> list[float]:
    """Time presses on a page while so many other users work on it."""
    with ExitStack() as opened:
        seats = [opened.enter_context(_window(browsers.of_others)).new_page() for _ in range(others)]
        for place, seat in enumerate(seats):
            seat.goto(url)
            seat.wait_for_selector(selector, timeout=120_000)
            if "/desk" in url:
                _take_name(seat, f"user {place + 1}")
        for place, seat in enumerate(seats):  # all are seated: whoever came first has not used up the queue
            seat.set_viewport_size(SMALL_WINDOW)
            seat.evaluate(WORK, 5_000 + 167 * place)
        page = opened.enter_context(_window(browsers.timed)).new_page()
        return time_presses(page, url, selector, count)


def _take_name(page: Any, name: str) -> None:
    """Work under a name of one's own: the other users are other people."""
    page.get_by_role("button", name="Change name").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Use this name").click()
    page.locator(".xs-person b", has_text=name).wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector(".xd-desk[data-painted]", timeout=60_000)


def _window(browser: Any) -> Any:
    return _Closing(browser.new_context(viewport=WINDOW))


class _Closing:
    """A browser context that closes itself."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def __enter__(self) -> Any:
        return self.context

    def __exit__(self, *_: object) -> None:
        self.context.close()


def write_items(folder: Path, target: Path, queue_no: int) -> None:
    """Write the items of a queue as the desk would send them, for the plain page."""
    store = Store.open(folder)
    with store.cursor() as cursor:
        numbers = [
            row[0]
            for row in cursor.execute(
                "SELECT item_no FROM review_item WHERE queue_no = ? ORDER BY place LIMIT 100", [queue_no]
            ).fetchall()
        ]
    views = view_items(store, numbers, person=LEAD, now=NOW)
    store.close()
    target.write_text(json.dumps(msgspec.to_builtins(views)), encoding="utf-8")


def measure(folder: Path, browsers: Browsers, sizes: Sizes) -> list[Figure]:
    """Measure everything; returns the figures."""
    store_folder = folder / "store"
    queues = make_store(store_folder, sizes)
    files = {name: folder / f"{name}.json" for name in ("timed", "long")}
    for name, target in files.items():
        write_items(store_folder, target, queues[name])
    with served(store_folder, XLAM_DEMO="no") as address:
        context = browsers.timed.new_context(viewport=WINDOW)
        kept = press_fast(context.new_page(), address, queues["pressed"], sizes)
        context.close()
    figures = judge_presses(store_folder, kept)
    print(show(figures), flush=True)
    selectors = (".xd-which b", ".st-key-which")
    cases = (("alone", "timed", 0), (f"a record of {LONG_STEPS} steps", "long", 0))
    crowds = (
        (f"with {sizes.other_users} other users", "timed", sizes.other_users),
        (f"{LONG_STEPS} steps, with {sizes.other_users} other users", "long", sizes.other_users),
    )
    for name, queue, others in (*cases, *crowds):
        with (
            served(store_folder, XLAM_DEMO="no") as desk,
            served(folder, "benchmarks/plain_fragment_page.py", XLAM_BENCH_ITEMS=str(files[queue])) as plain,
        ):
            urls = (f"{desk}/desk?queue={queues[queue]}", plain)
            figures.append(compare(name, browsers, urls, selectors, sizes, others))
            print(figures[-1].name, figures[-1].reached, flush=True)
    return figures


def show(figures: Sequence[Figure]) -> str:
    """Return the table."""
    lines = [f"{'figure':<62}{'asked':<14}reached"]
    lines += [
        f"{figure.name:<62}{figure.asked:<14}{figure.reached}{'' if figure.is_met else '   MISSED'}"
        for figure in figures
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the presses, few other users")
    given = parser.parse_args()
    chromium = find_chromium()
    if not chromium:
        print("No Chromium was found: the desk can only be measured in a browser.")
        return 1
    with tempfile.TemporaryDirectory(prefix="xlam-bench-desk-") as folder, sync_playwright() as playwright:
        browsers = Browsers(
            *(playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS)) for _ in range(2))
        )
        figures = measure(Path(folder), browsers, SMALL if given.small else Sizes())
        for browser in browsers:
            browser.close()
    print(show(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
