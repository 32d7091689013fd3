"""How fast the pages' questions are on a large store, as shares of their limits.

    python -m benchmarks.bench_store --rows 1000000

A store with that many generated trajectories is made (or taken from --folder, where one was made before),
and every question of Overview, Explore, Errors and Trajectory is asked some times; the best time counts,
so that a busy machine disturbs little. Where there is a Chromium, the app itself is started on the store and
looked at in it: the time from when it serves until the numbers of its first page are drawn.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.big_store import SOURCES, fill_store
from benchmarks.served_app import served
from tests.chromium import ARGUMENTS, find_chromium
from xlam_backend.domain.filters import SORTS, Filters
from xlam_backend.explore.error_statistics import read_error_report
from xlam_backend.explore.families import find_families
from xlam_backend.explore.overview import read_overview
from xlam_backend.explore.search import find_around, find_trajectories, read_filter_choices
from xlam_backend.explore.tool_dossier import list_tools, open_tool
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.store.connection import Store

EXPLORE_SECONDS = 0.3
ERRORS_SECONDS = 0.3
OPEN_SECONDS = 0.05
TOOL_SECONDS = 1.0  # the values of 20,000 calls are read
FIRST_PAGE_SECONDS = 3.0
SECONDS_EACH = 0.5
MOST_ROUNDS = 15

DATASET = f"{SOURCES[1]}_1"
FILTERS: dict[str, Filters] = {
    "everything": Filters(),
    "a dataset": Filters(dataset=DATASET),
    "a source": Filters(source=SOURCES[1]),
    "a check": Filters(check="argument_type"),
    "flagged": Filters(level="flagged"),
    "clean": Filters(level="clean"),
    "a tool called": Filters(tool="tool_3"),
    "a check at a tool": Filters(check="argument_type", tool="tool_3"),
    "four steps or more": Filters(min_steps=4),
    "a rare text": Filters(text="city 777 "),
    "a text in every request": Filters(text="nearest"),
    "fixed": Filters(fixed="fixed"),
    "all of it at once": Filters(dataset=DATASET, check="argument_type", text="nearest", min_steps=2),
}


class Timing(msgspec.Struct, frozen=True):
    """The best time of one question, and its limit."""

    name: str
    seconds: float
    limit_seconds: float

    @property
    def share(self) -> float:
        """Return the share of the limit that was used."""
        return self.seconds / self.limit_seconds


def measure(store: Store, rounds: int) -> list[Timing]:
    """Ask every question of the pages and return the best times."""
    questions = [*_explore_questions(store), *_statistics_questions(store), *_trajectory_questions(store)]
    return [Timing(name, best_of(ask, rounds), limit) for name, ask, limit in questions]


def best_of(ask: Callable[[], object], rounds: int) -> float:
    """Return the shortest of some runs; short questions are asked more often: a disturbance weighs more."""
    times: list[float] = []
    while len(times) < rounds or (sum(times) < SECONDS_EACH and len(times) < MOST_ROUNDS):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return min(times)


Question = tuple[str, Callable[[], object], float]


def _explore_questions(store: Store) -> Iterator[Question]:
    for name, filters in FILTERS.items():
        yield (
            f"Explore: {name}",
            lambda filters=filters: find_trajectories(store, filters),  # type: ignore[misc]
            EXPLORE_SECONDS,
        )
    middle = find_trajectories(store, Filters()).page_count // 2
    for sort in SORTS:
        yield (
            f"Explore: in the middle, sorted by {sort}",
            lambda sort=sort: find_trajectories(store, Filters(), sort=sort, page=middle),  # type: ignore[misc]
            EXPLORE_SECONDS,
        )
    yield "Explore: what can be chosen", lambda: read_filter_choices(store), EXPLORE_SECONDS
    yield "Explore: families of a check", lambda: find_families(store, FILTERS["a check"]), EXPLORE_SECONDS


def _statistics_questions(store: Store) -> Iterator[Question]:
    yield "Overview", lambda: read_overview(store), ERRORS_SECONDS
    yield "Errors: the whole store", lambda: read_error_report(store), ERRORS_SECONDS
    yield "Errors: a dataset", lambda: read_error_report(store, DATASET), ERRORS_SECONDS
    yield "Tools: those called most", lambda: list_tools(store), ERRORS_SECONDS
    yield "Tools: a part of a name", lambda: list_tools(store, text="99", sort="share"), ERRORS_SECONDS
    yield "Tools: the one called most", lambda: open_tool(store, "tool_0"), TOOL_SECONDS


def _trajectory_questions(store: Store) -> Iterator[Question]:
    rows = find_trajectories(store, Filters(level="flagged"), page=500).rows
    fixed = find_trajectories(store, Filters(fixed="fixed")).rows
    for name, row in (("a flagged one", rows[0]), ("a fixed one", fixed[0])):
        yield (
            f"Trajectory: {name}",
            lambda row=row: open_trajectory_page(store, row.trajectory_id),  # type: ignore[misc]
            OPEN_SECONDS,
        )
    for name in ("everything", "flagged", "a text in every request"):
        yield (
            f"Trajectory: its neighbours among {name}",
            lambda name=name: find_around(store, FILTERS[name], rows[0].trajectory_no),  # type: ignore[misc]
            EXPLORE_SECONDS,
        )


def show(timings: Sequence[Timing], row_count: int) -> str:
    """Return the table."""
    lines = [f"{row_count:,} trajectories{'':<28}best ms   limit ms   share of the limit"]
    lines += [
        f"{timing.name:<48}{timing.seconds * 1000:>9.1f}{timing.limit_seconds * 1000:>11.0f}"
        f"{timing.share:>14.0%}{'' if timing.share <= 1 else '   MISSED'}"
        for timing in timings
    ]
    return "\n".join(lines)


@contextmanager
def _store_folder(given: str) -> Iterator[Path]:
    if given:
        yield Path(given)
    else:
        with tempfile.TemporaryDirectory(prefix="xlam-bench-") as folder:
            yield Path(folder)


def first_page(folder: Path, rounds: int) -> Timing:
    """Start the app on the store; time from when it serves until a browser shows its first numbers."""
    from playwright.sync_api import sync_playwright  # only this measurement needs a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        seconds = min(_first_numbers(browser.new_page(), folder) for _ in range(rounds))
        browser.close()
    return Timing("App: first numbers after it began to serve", seconds, FIRST_PAGE_SECONDS)


def _first_numbers(page: Any, folder: Path) -> float:
    started = time.perf_counter()
    with served(folder) as address:
        serving = time.perf_counter()
        page.goto(address)
        page.get_by_text("flagged trajectories").wait_for()
        drawn = time.perf_counter()
        page.close()
    print(f"app: serving after {serving - started:.1f} s, first numbers after {drawn - started:.1f} s")
    return drawn - serving


def main() -> int:
    """Measure and print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="", help="keep the store here, or use the one that is here")
    given = parser.parse_args()
    with _store_folder(given.folder) as folder:
        store = Store.open(folder)
        if not find_trajectories(store, Filters()).total:
            store.close()
            shutil.rmtree(folder)
            store = fill_store(folder, given.rows)
        timings = measure(store, given.rounds)
        store.close()
        if find_chromium():
            timings.append(first_page(folder, given.rounds))
    print(show(timings, given.rows))
    return 0 if all(timing.share <= 1 for timing in timings) else 1


if __name__ == "__main__":
    raise SystemExit(main())
